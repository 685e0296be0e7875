"""Exercise: look around in each channel, bend, mix the channels."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def separable_conv(x: Tensor, look: Tensor, mix: Tensor, stride: int = 1) -> Tensor:
    """Look with (C, k, k), ReLU, mix with (C_out, C); x is (N, C, H, W), k odd."""
    channels, k = look.shape[:2]
    x = F.conv2d(x, look[:, None], stride=stride, padding=k // 2, groups=channels)
    return torch.einsum("oc,nchw->nohw", mix, F.relu(x))


@dataclass(frozen=True)
class _Other:
    """An answer that differs from the reference in one respect."""

    padded: bool = True
    bend: bool = True
    bend_last: bool = False
    mix_first: bool = False
    strides: bool = True
    summed: bool = False
    flipped: bool = False
    turned: bool = False

    def __call__(self, x: Tensor, look: Tensor, mix: Tensor, stride: int = 1) -> Tensor:
        channels, k = look.shape[:2]
        if self.turned and mix.shape[0] == channels:
            mix = mix.T
        kernels = look.flip(1, 2)[:, None] if self.flipped else look[:, None]
        padding = k // 2 if self.padded else 0
        step = stride if self.strides else 1
        if self.mix_first and mix.shape[0] == channels:
            x = torch.einsum("oc,nchw->nohw", mix, x)
        if self.summed:
            both = F.conv2d(x, kernels.transpose(0, 1), None, step, padding)
            x = both.expand(-1, channels, -1, -1)
        else:
            x = F.conv2d(x, kernels, None, step, padding, groups=channels)
        x = F.relu(x) if self.bend else x
        if not (self.mix_first and mix.shape[0] == channels):
            x = torch.einsum("oc,nchw->nohw", mix, x)
        return F.relu(x) if self.bend_last else x


def _strided_twice(x: Tensor, look: Tensor, mix: Tensor, stride: int = 1) -> Tensor:
    return _Other()(x, look, mix, stride)[:, :, ::stride, ::stride]


def _one_around(x: Tensor, look: Tensor, mix: Tensor, stride: int = 1) -> Tensor:
    x = F.conv2d(x, look[:, None], None, stride, 1, groups=look.shape[0])
    return torch.einsum("oc,nchw->nohw", mix, F.relu(x))


def _bent_between(x: Tensor, look: Tensor, mix: Tensor, stride: int = 1) -> Tensor:
    """Mix, bend, look; all outputs share the first kernels where they are more."""
    x = F.relu(torch.einsum("oc,nchw->nohw", mix, x))
    kernels = look[torch.arange(len(mix)) % len(look), None]
    padding = look.shape[1] // 2
    return F.conv2d(x, kernels, None, stride, padding, groups=len(mix))


MISTAKES = (
    Mistake(
        "there is no ReLU between",
        "What was looked for is bent before it is mixed: ReLU on the result of the "
        "first step.",
        _Other(bend=False),
    ),
    Mistake(
        "the ReLU comes after the mixing",
        "The ReLU stands between the two steps. The result may be negative.",
        _Other(bend=False, bend_last=True),
    ),
    Mistake(
        "a second ReLU after the mixing",
        "One ReLU, between the steps. The result may be negative.",
        _Other(bend_last=True),
    ),
    Mistake(
        "mixed first, looked afterwards",
        "Look around in each channel of the input; mix what comes of it.",
        _Other(mix_first=True),
    ),
    Mistake(
        "mixed and bent first, looked afterwards",
        "The other way round: each channel of the input has its kernel in `look`, and "
        "`mix` makes the channels of the output.",
        _bent_between,
    ),
    Mistake(
        "rows and columns of `mix` are exchanged",
        "`mix` is (C_out, C): a row for each output. As a kernel it is "
        "`mix[:, :, None, None]`, not its transpose.",
        _Other(turned=True),
    ),
    Mistake(
        "the first step adds the channels up",
        "Each channel is filtered alone: `groups` is the number of channels.",
        _Other(summed=True),
    ),
    Mistake(
        "the border is lost",
        "Pad with k // 2 zeros on each side, so that the size stays at stride 1.",
        _Other(padded=False),
    ),
    Mistake(
        "one row of zeros around, whatever the window",
        "A padding of 1 fits 3 x 3. For a window of k x k it is k // 2.",
        _one_around,
    ),
    Mistake(
        "the stride is forgotten",
        "The window of the first step moves by `stride` pixels.",
        _Other(strides=False),
    ),
    Mistake(
        "both steps have the stride",
        "Only the window moves in strides; the mixing meets every place that is left.",
        _strided_twice,
    ),
    Mistake(
        "the kernel is flipped",
        "A convolution layer does not flip its kernel: element (0, 0) meets the upper "
        "left pixel.",
        _Other(flipped=True),
    ),
)


def _case(
    name: str,
    x: list[list[list[float]]],
    look: list[list[list[float]]],
    mix: list[list[float]],
    **more: int,
) -> Case:
    def make() -> dict[str, object]:
        tensors = {"look": torch.tensor(look), "mix": torch.tensor(mix)}
        return {"x": torch.tensor([x]), **tensors, **more}

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    return {
        "x": torch.randn(2, 3, 11, 7, generator=generator),
        "look": torch.randn(3, 5, 5, generator=generator),
        "mix": torch.randn(4, 3, generator=generator),
        "stride": 2,
    }


#: Takes the left neighbour.
_LEFT = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]

EXERCISE = Exercise(
    reference=separable_conv,
    title="Look, bend, mix",
    lesson="50_architectures/60_mixing",
    level="core",
    minutes=10,
    prompt="Return what a depthwise separable convolution without norms and biases "
    "gives: filter each channel of `x` by its own kernel in `look`, with zeros around "
    "so that stride 1 keeps the size; ReLU; then mix the channels of each place by the "
    "matrix `mix`.",
    observe=call_it(separable_conv),
    cases=(
        # Looked: 2 * 3 = 6 and -1 * 5 -> 0; mixed: 10 * 6 + 1 * 0, and -6.
        _case(
            "one pixel, two channels, windows of 1 x 1",
            [[[3.0]], [[5.0]]],
            [[[2.0]], [[-1.0]]],
            [[10.0, 1.0], [-1.0, 1.0]],
        ),
        # The left neighbours of 1, 2, 3 are 0, 1, 2; times 1 and times -2.
        _case(
            "a row of three pixels, a window of 3 x 3",
            [[[1.0, 2.0, 3.0]]],
            [_LEFT],
            [[1.0], [-2.0]],
        ),
        # Windows at columns 0, 2 and 4 of 1 .. 5: left neighbours 0, 2, 4.
        _case(
            "a row of five pixels, stride 2",
            [[[1.0, 2.0, 3.0, 4.0, 5.0]]],
            [_LEFT],
            [[1.0]],
            stride=2,
        ),
        Case("two images, three channels, windows of 5 x 5, stride 2", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two steps with a ReLU between: one that looks, with groups, one that mixes.",
        (
            "`F.conv2d` wants a kernel of shape (C, 1, k, k) and groups=C for the "
            "first step, and (C_out, C, 1, 1) for the second."
        ),
        (
            "x = F.conv2d(x, look[:, None], stride=stride, padding=k // 2, groups=C); "
            "then F.relu; then F.conv2d with mix[:, :, None, None]."
        ),
    ),
    imports="import torch\nimport torch.nn.functional as F",
    next="Which full kernel does the same where the ReLU is left out? And why is there "
    "none with the ReLU?",
)
