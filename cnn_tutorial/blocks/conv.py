"""Convolution, normalisation, activation: the triple that most networks repeat."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from cnn_tutorial._validation import integer, pair

__all__ = ["ConvNormAct"]


class ConvNormAct(nn.Sequential):
    """A convolution that keeps the size at stride 1, then a norm, then an activation.

    Parameters
    ----------
    in_channels, out_channels
        At least 1.
    kernel_size
        A number or (vertical, horizontal), at least 1.
    stride, dilation
        Likewise.
    groups
        Divides both numbers of channels.
    norm
        Makes the norm from its number of channels; None for none.
    act
        Makes the activation; None for none.
    bias
        Whether the convolution has one. None: exactly where no norm follows, since a
        norm with a shift of its own takes any bias away again.

    Raises
    ------
    ValueError
        If a setting is out of its range, or `groups` does not divide the channels.

    Notes
    -----
    Padding is (K - 1) // 2 * D on each side: with an odd kernel and stride 1 the output
    is as large as the input.

    References
    ----------
    S. Ioffe, C. Szegedy, "Batch normalization", ICML 2015, section 3.2: no bias before
    the norm.

    Examples
    --------
    >>> import torch
    >>> block = ConvNormAct(3, 5, kernel_size=3, stride=2)
    >>> block(torch.zeros(2, 3, 7, 9)).shape  # (7 + 2 - 3) // 2 + 1 = 4
    torch.Size([2, 5, 4, 5])
    >>> sum(p.numel() for p in block.parameters())  # 5*3*3*3 weights, 2*5 of the norm
    145
    """

    def __init__(
        self,
        in_channels: int,
        out_channels: int,
        kernel_size: int | tuple[int, int] = 3,
        *,
        stride: int | tuple[int, int] = 1,
        dilation: int | tuple[int, int] = 1,
        groups: int = 1,
        norm: Callable[[int], nn.Module] | None = nn.BatchNorm2d,
        act: Callable[[], nn.Module] | None = nn.ReLU,
        bias: bool | None = None,
    ) -> None:
        integer("groups", groups, minimum=1)
        for name, channels in (
            ("in_channels", in_channels),
            ("out_channels", out_channels),
        ):
            if integer(name, channels, minimum=1) % groups:
                raise ValueError(
                    f"`{name}` (={channels}) must be divisible by `groups` (={groups})."
                )
        kh, kw = pair("kernel_size", kernel_size, minimum=1)
        dh, dw = pair("dilation", dilation, minimum=1)
        conv = nn.Conv2d(
            in_channels,
            out_channels,
            (kh, kw),
            stride=pair("stride", stride, minimum=1),
            padding=((kh - 1) // 2 * dh, (kw - 1) // 2 * dw),
            dilation=(dh, dw),
            groups=groups,
            bias=norm is None if bias is None else bias,
        )
        layers: list[nn.Module] = [conv]
        if norm is not None:
            layers.append(norm(out_channels))
        if act is not None:
            layers.append(act())
        super().__init__(*layers)
