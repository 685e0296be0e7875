"""A right answer to the exercise on traces, written differently."""

from __future__ import annotations

from torch import nn

from cnn_tutorial import summary
from cnn_tutorial.exercises import Status, check


def test_rows_of_a_trace():
    def rows(channels, side, layers):
        modules, before = [], channels
        for out, k, s, p in layers:
            if out is None:
                modules.append(nn.MaxPool2d(k, s))
            else:
                modules.append(nn.Conv2d(before, out, k, s, p))
                before = out
        found = summary.trace(nn.Sequential(*modules), (channels, side, side)).rows
        return [
            (*row.output_shape[1:3], row.parameters, row.macs, row.field.size[0])
            for row in found
            if row.name  # an empty stack has a row of its own
        ]

    assert check("trace_rows", rows).status == Status.RIGHT


def test_backwards():
    """The field of each layer, from what it reads back to the image."""

    def rows(channels, side, layers):
        found = []
        for k, (out, kernel, stride, padding) in enumerate(layers):
            side = (side + 2 * padding - kernel) // stride + 1
            seen = 1
            for _, size, step, _ in reversed(layers[: k + 1]):
                seen = (seen - 1) * step + size
            weights = 0 if out is None else channels * out * kernel * kernel
            channels = channels if out is None else out
            bias = 0 if out is None else out
            found.append([channels, side, weights + bias, weights * side * side, seen])
        return found

    assert check("trace_rows", rows).status == Status.RIGHT
