"""The building blocks of convolutional networks, one idea each."""

from __future__ import annotations

from cnn_tutorial.blocks.conv import ConvNormAct
from cnn_tutorial.blocks.residual import BasicBlock, Bottleneck, ResidualBlock

__all__ = ["BasicBlock", "Bottleneck", "ConvNormAct", "ResidualBlock"]
