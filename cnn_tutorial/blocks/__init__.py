"""The building blocks of convolutional networks, one idea each."""

from __future__ import annotations

from cnn_tutorial.blocks.attention import SEBlock
from cnn_tutorial.blocks.bottleneck import Bottleneck
from cnn_tutorial.blocks.conv import ConvNormAct
from cnn_tutorial.blocks.dense import DenseBlock, DenseLayer, Transition
from cnn_tutorial.blocks.efficient import (
    ChannelMixer,
    DepthwiseSeparableConv,
    MBConv,
)
from cnn_tutorial.blocks.preactivation import PreActBlock
from cnn_tutorial.blocks.residual import (
    BasicBlock,
    PlainBlock,
    ResidualBlock,
    SEBasicBlock,
)

__all__ = [
    "BasicBlock",
    "Bottleneck",
    "ChannelMixer",
    "ConvNormAct",
    "DenseBlock",
    "DenseLayer",
    "DepthwiseSeparableConv",
    "MBConv",
    "PlainBlock",
    "PreActBlock",
    "ResidualBlock",
    "SEBasicBlock",
    "SEBlock",
    "Transition",
]
