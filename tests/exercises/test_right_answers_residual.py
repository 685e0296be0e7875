"""Other right answers to the exercises on residual networks."""

from __future__ import annotations

import itertools

import numpy as np
import torch
import torchvision
from torch import nn

from cnn_tutorial import blocks
from cnn_tutorial.exercises import Status, check


def test_basic_block_of_the_package():
    def build(wide, out, step=1):
        return blocks.BasicBlock(wide, out, stride=step)

    assert check("BasicBlock", build).status == Status.RIGHT


def test_basic_block_by_torchvision_with_the_shortcut_first():
    class Block(nn.Module):
        def __init__(self, inputs, outputs, step=1):
            super().__init__()
            self.past = None
            if (inputs, step) != (outputs, 1):
                conv = nn.Conv2d(inputs, outputs, 1, step, bias=False)
                self.past = nn.Sequential(conv, nn.BatchNorm2d(outputs))
            self.block = torchvision.models.resnet.BasicBlock(
                inputs, outputs, step, self.past
            )

        def forward(self, image):
            return self.block(image)

    assert check("BasicBlock", Block).status == Status.RIGHT


def test_bottleneck_parameters_by_building_it():
    def built(wide, narrow, step=1):
        with torch.device("meta"):
            block = blocks.Bottleneck(wide, narrow, stride=step)
        return sum(p.numel() for p in block.parameters())

    assert check("bottleneck_parameters", built).status == Status.RIGHT


def test_gradient_by_paths_as_the_coefficients_of_a_polynomial():
    """The product of 1 + a t has them in front of the powers of t."""

    def multiplied(list_of_slopes):
        product = np.polynomial.Polynomial([1.0])
        for slope in list_of_slopes:
            product *= np.polynomial.Polynomial([1.0, slope])
        return [float(c) for c in np.append(product.coef, [0.0])][
            : len(list_of_slopes) + 1
        ]

    assert check("gradient_by_paths", multiplied).status == Status.RIGHT


def test_weights_at_end_by_accumulating():
    def accumulated(scales):
        back = itertools.accumulate(scales[::-1], lambda a, b: a * b, initial=1.0)
        return list(back)[::-1]

    assert check("weights_at_end", accumulated).status == Status.RIGHT
