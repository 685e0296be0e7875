"""Other right answers to the exercises on residual networks."""

from __future__ import annotations

import torch

from cnn_tutorial import blocks
from cnn_tutorial.exercises import Status, check


def test_bottleneck_parameters_by_building_it():
    def built(wide, narrow, step=1):
        with torch.device("meta"):
            block = blocks.Bottleneck(wide, narrow, stride=step)
        return sum(p.numel() for p in block.parameters())

    assert check("bottleneck_parameters", built).status == Status.RIGHT
