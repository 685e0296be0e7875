"""Exercises on receptive fields: right answers written in other ways."""

from __future__ import annotations

import math

from cnn_tutorial.exercises import Status, check


class TestReceptiveField:
    def test_by_intervals_from_the_output(self):
        def field(layers):
            first, last, second = 0, 0, 1
            for k, s, p, d in reversed(layers):
                first, last = first * s - p, last * s - p + (k - 1) * d
                second = second * s - p
            return last - first + 1, second - first, first

        assert check("receptive_field", field).status == Status.RIGHT

    def test_by_sums_of_products(self):
        def field(layers):
            steps = [
                math.prod(s for _, s, _, _ in layers[:n])
                for n in range(len(layers) + 1)
            ]
            both = list(zip(layers, steps, strict=False))
            size = 1 + sum((k - 1) * d * j for (k, _, _, d), j in both)
            return size, steps[-1], -sum(p * j for (_, _, p, _), j in both)

        assert check("receptive_field", field).status == Status.RIGHT

    def test_by_the_library(self):
        from cnn_tutorial import receptive_field as fields

        def field(layers):
            found = fields.receptive_field(layers)
            return found.size[0], found.stride[0], found.interval((0, 0))[0][0]

        assert check("receptive_field", field).status == Status.RIGHT
