"""Cheaper mixing: between channels, between places, and both in turn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from torch import Tensor, nn

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.blocks.attention import SEBlock
from cnn_tutorial.blocks.conv import ConvNormAct

__all__ = ["ChannelMixer", "DepthwiseSeparableConv", "MBConv"]


class ChannelMixer(nn.Conv2d):
    """A 1x1 convolution: the same affine map of the channels at each place.

    Parameters
    ----------
    in_channels, out_channels
        At least 1.
    bias
        Whether to add a number to each output channel.

    Raises
    ------
    ValueError
        If a number of channels is out of its range.

    References
    ----------
    M. Lin, Q. Chen, S. Yan, "Network in network", ICLR 2014, section 3.1.

    Examples
    --------
    >>> mixer = ChannelMixer(256, 64)
    >>> sum(p.numel() for p in mixer.parameters())  # 256 * 64 + 64
    16448
    """

    def __init__(
        self, in_channels: int, out_channels: int, *, bias: bool = True
    ) -> None:
        integer("in_channels", in_channels, minimum=1)
        integer("out_channels", out_channels, minimum=1)
        super().__init__(in_channels, out_channels, kernel_size=1, bias=bias)


class DepthwiseSeparableConv(nn.Sequential):
    """A kernel for each channel, then a mix of the channels; norm and ReLU after each.

    Parameters
    ----------
    in_channels, out_channels
        At least 1.
    kernel_size
        Of the first convolution.
    stride
        Of the first convolution.

    Raises
    ------
    ValueError
        If a setting is out of its range.

    References
    ----------
    A. Howard and others, "MobileNets", 2017, arXiv:1704.04861, section 3.1 and Fig. 3.

    Examples
    --------
    >>> block = DepthwiseSeparableConv(64, 128)
    >>> sum(p.numel() for p in block.parameters() if p.ndim == 4)  # 64*9 + 64*128
    8768
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int = 3,
        *,
        stride: int = 1,
    ) -> None:
        super().__init__(
            ConvNormAct(
                in_channels,
                in_channels,
                kernel_size,
                stride=stride,
                groups=integer("in_channels", in_channels, minimum=1),
            ),
            ConvNormAct(in_channels, out_channels, 1),
        )


class MBConv(nn.Module):
    """Widen by 1x1, one kernel for each channel, gate, and narrow without activation.

    Parameters
    ----------
    in_channels, out_channels
        At least 1. Where they agree and the stride is 1, the input is added to the
        output.
    expansion
        How many times wider the middle is; 1 leaves the first 1x1 out.
    kernel_size
        Of the middle convolution; odd, so that its output can be added to the input.
    stride
        Of the middle convolution.
    se_reduction
        By how much the gate's middle is narrower; None for no gate (MobileNetV2).
    se_from
        Than what: ``"hidden"`` channels, or ``"input"`` ones as in EfficientNet.
    se_bias
        Whether the gate's affine maps have biases.
    act
        Makes the activation.

    Raises
    ------
    ValueError
        If a setting is out of its range, or the gate would have no channel.

    References
    ----------
    M. Sandler and others, "MobileNetV2", CVPR 2018, section 3.3 and Table 1. M. Tan,
    Q. Le, "EfficientNet", ICML 2019, section 4.

    Examples
    --------
    >>> block = MBConv(32, 32, expansion=4, se_reduction=4)
    >>> sum(p.numel() for p in block.parameters())
    18112
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        *,
        expansion: int = 6,
        kernel_size: int = 3,
        stride: int = 1,
        se_reduction: int | None = None,
        se_from: Literal["hidden", "input"] = "hidden",
        se_bias: bool = False,
        act: Callable[[], nn.Module] = nn.ReLU6,
    ) -> None:
        super().__init__()
        integer("stride", stride, minimum=1)
        if integer("kernel_size", kernel_size, minimum=1) % 2 == 0:
            raise ValueError(f"`kernel_size` (={kernel_size}) must be odd.")
        narrow = integer("in_channels", in_channels, minimum=1)
        hidden = narrow * integer("expansion", expansion, minimum=1)
        choice("se_from", se_from, ("hidden", "input"))
        layers: list[nn.Module] = []
        if expansion > 1:
            layers.append(ConvNormAct(in_channels, hidden, 1, act=act))
        layers.append(
            ConvNormAct(
                hidden, hidden, kernel_size, stride=stride, groups=hidden, act=act
            )
        )
        if se_reduction is not None:
            base = hidden if se_from == "hidden" else narrow
            middle = base // integer("se_reduction", se_reduction, minimum=1)
            if middle == 0:
                raise ValueError(
                    f"`se_reduction` (={se_reduction}) must be at most {base}, the "
                    f"number of {se_from} channels."
                )
            # The paper's program has the block's activation in the gate as well.
            layers.append(SEBlock(hidden, hidden=middle, bias=se_bias, act=act))
        layers.append(ConvNormAct(hidden, out_channels, 1, act=None))
        self.layers = nn.Sequential(*layers)
        self.adds_input = stride == 1 and in_channels == out_channels

    @property
    def last_norm(self) -> nn.BatchNorm2d:
        """The norm whose output is added to the input."""
        last = self.layers[-1]
        assert isinstance(last, ConvNormAct)
        norm = last[1]
        assert isinstance(norm, nn.BatchNorm2d)
        return norm

    def forward(self, x: Tensor) -> Tensor:
        """Return the block's output.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Feature maps.

        Returns
        -------
        float tensor, shape (N, out_channels, ceil(H/stride), ceil(W/stride))
            Of either sign.
        """
        out: Tensor = self.layers(x)
        return x + out if self.adds_input else out
