"""Exercises on receptive fields: right answers written in other ways."""

from __future__ import annotations

import math

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises import Status, check
from cnn_tutorial.receptive_field import gradient_footprint, receptive_field


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
        def field(layers):
            found = receptive_field(layers)
            return found.size[0], found.stride[0], found.interval((0, 0))[0][0]

        assert check("receptive_field", field).status == Status.RIGHT


class TestFieldPicture:
    def test_by_the_library(self):
        def picture(net, size, position):
            return gradient_footprint(net, size, position=position).mask

        assert check("field_picture", picture).status == Status.RIGHT

    def test_by_spreading_the_output_over_its_windows(self):
        """Backward by hand: spread the output over the windows it reads."""

        def picture(net, size, position):
            sizes = [size[1:]]
            for layer in net:
                shape = layer(
                    torch.zeros(1, channels(net, layer, size), *sizes[-1])
                ).shape
                sizes.append(shape[2:])
            seen = torch.zeros(sizes[-1])
            seen[position] = 1
            for layer, (height, width) in zip(
                reversed(net), sizes[-2::-1], strict=True
            ):
                if isinstance(layer, nn.ReLU):
                    continue
                (kh, kw), (sh, sw) = pair(layer.kernel_size), pair(layer.stride)
                (ph, pw), (dh, dw) = pair(layer.padding), pair(layer.dilation)
                below = torch.zeros(height, width)
                for i, j in seen.nonzero().tolist():
                    for u in range(kh):
                        for v in range(kw):
                            row, column = i * sh - ph + u * dh, j * sw - pw + v * dw
                            if 0 <= row < height and 0 <= column < width:
                                below[row, column] = 1
                seen = below
            return seen > 0

        assert check("field_picture", picture).status == Status.RIGHT


class TestCountWays:
    def test_by_the_gradient(self):
        def ways(layers):
            x = torch.zeros(
                1, 1, receptive_field([(k, s, 0, d) for k, s, d in layers]).size[0]
            )
            x.requires_grad_()
            out = x
            for k, s, d in layers:
                out = F.conv1d(out, torch.ones(1, 1, k), stride=s, dilation=d)
            out.sum().backward()
            return x.grad[0, 0].int().tolist()

        assert check("count_ways", ways).status == Status.RIGHT

    def test_by_products_of_polynomials(self):
        def ways(layers):
            found, step = np.ones(1, int), 1
            for k, s, d in layers:
                window = np.zeros((k - 1) * d * step + 1, int)
                window[:: d * step] = 1
                found, step = np.convolve(found, window), step * s
            return found.tolist()

        assert check("count_ways", ways).status == Status.RIGHT


def pair(value):
    return value if isinstance(value, tuple) else (value, value)


def channels(net, layer, size):
    """Channels that a layer of a sequence takes."""
    count = size[0]
    for other in net:
        if other is layer:
            return count
        count = getattr(other, "out_channels", count)
    raise AssertionError
