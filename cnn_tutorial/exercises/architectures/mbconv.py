"""Exercise: widen, look around in each channel, narrow without a bend."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.architectures import _wrong_mbconvs as wrong
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def mbconv(
    x: Tensor, widen: Tensor | None, look: Tensor, narrow: Tensor, stride: int = 1
) -> Tensor:
    """Widen (hidden, C) or None, look (hidden, k, k), narrow (C_out, hidden)."""
    wide = x
    if widen is not None:
        wide = F.relu6(torch.einsum("oc,nchw->nohw", widen, x))
    hidden, k = look.shape[:2]
    wide = F.conv2d(wide, look[:, None], stride=stride, padding=k // 2, groups=hidden)
    out = torch.einsum("oc,nchw->nohw", narrow, F.relu6(wide))
    return x + out if stride == 1 and out.shape == x.shape else out


MISTAKES = (
    Mistake(
        "a ReLU6 at the thin end",
        "The last step is linear: no activation behind `narrow`. What it returns may "
        "be negative.",
        wrong.Other(third=F.relu6),
    ),
    Mistake(
        "a ReLU6 after the sum",
        "What leaves the block is not bent, neither before the sum nor after it.",
        wrong.Other(join=wrong.bent),
    ),
    Mistake(
        "the input is never added",
        "At stride 1 and equal channels the block returns x + out.",
        wrong.Other(join=lambda _, out, __: out),
    ),
    Mistake(
        "the input is overwritten before it is added",
        "Under the name x stand the widened maps by then. Give them a name of their "
        "own, and keep the input for the sum.",
        wrong.Other(overwritten=True),
    ),
    Mistake(
        "the input is added at stride 2",
        "With a stride there is no shortcut, even if channels and sizes fit: "
        "`stride == 1` is a condition of its own.",
        wrong.Other(join=wrong.at_equal_channels),
    ),
    Mistake(
        "the input is added to other channels",
        "Where the numbers of channels differ, nothing is added.",
        wrong.Other(join=wrong.always),
    ),
    Mistake(
        "the input is added at every stride of 1",
        "Compare the channels, too: a single one would be added to all that come out.",
        wrong.Other(join=lambda x, out, stride: x + out if stride == 1 else out),
    ),
    Mistake(
        "no activation after widening",
        "ReLU6 after `widen` and after `look`.",
        wrong.Other(first=wrong.identity),
    ),
    Mistake(
        "no activation after looking",
        "ReLU6 after `widen` and after `look`, before `narrow`.",
        wrong.Other(second=wrong.identity),
    ),
    Mistake(
        "ReLU in place of ReLU6",
        "The activation of this block ends at 6: `F.relu6`.",
        wrong.Other(first=F.relu, second=F.relu),
    ),
    Mistake(
        "the input is bent though nothing widens it",
        "Where `widen` is None, the first step is left out with its activation.",
        wrong.Other(bends_anyway=True),
    ),
    Mistake(
        "the stride is forgotten",
        "The window of the middle step moves by `stride` pixels.",
        wrong.Other(strides=False),
    ),
    Mistake(
        "the first step has the stride",
        "Widen every place; the window in the middle moves in strides and still sees "
        "the pixels between.",
        wrong.Other(stride_first=True),
    ),
)


def _case(
    name: str,
    x: list[list[list[float]]],
    widen: list[list[float]] | None,
    look: list[list[list[float]]],
    narrow: list[list[float]],
    **more: int,
) -> Case:
    def make() -> dict[str, object]:
        return {
            "x": torch.tensor([x]),
            "widen": None if widen is None else torch.tensor(widen),
            "look": torch.tensor(look),
            "narrow": torch.tensor(narrow),
            **more,
        }

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    return {
        "x": torch.randn(2, 3, 7, 5, generator=generator),
        "widen": torch.randn(6, 3, generator=generator),
        "look": torch.randn(6, 5, 5, generator=generator),
        "narrow": torch.randn(3, 6, generator=generator),
    }


#: Takes the left neighbour.
_LEFT = [[0.0, 0.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]]

EXERCISE = Exercise(
    reference=mbconv,
    title="Widen, look, narrow",
    lesson="50_architectures/62_mbconv",
    level="deeper",
    minutes=15,
    prompt="Return what MBConv gives without norms and gate: mix by `widen` and ReLU6 "
    "(left out where `widen` is None); filter each hidden channel by its own kernel in "
    "`look`, with zeros around, and ReLU6; mix by `narrow`. Add the input at stride 1 "
    "and equal channels.",
    observe=call_it(mbconv),
    cases=(
        # Widened: 2 and -2 -> 0; looked: 3 * 2 = 6, 0; narrowed: -6; 2 - 6.
        _case(
            "one pixel, hidden channels 2, windows of 1 x 1",
            [[[2.0]]],
            [[1.0], [-1.0]],
            [[[3.0]], [[1.0]]],
            [[-1.0, 1.0]],
        ),
        # Widened: 10 -> 6; looked: -6 -> 0 and 12 -> 6; narrowed to two channels:
        # 6 and -6, which one input channel cannot be added to.
        _case(
            "one pixel, one channel becomes two",
            [[[5.0]]],
            [[2.0], [2.0]],
            [[[-1.0]], [[2.0]]],
            [[1.0, 1.0], [0.0, -1.0]],
        ),
        # Left neighbours of -1, 2, -3 are 0, -1, 2; times -1 and bent: 0, 1, 0.
        _case(
            "nothing widened, a row of three pixels",
            [[[-1.0, 2.0, -3.0]]],
            None,
            [[[-v for v in row] for row in _LEFT]],
            [[1.0]],
        ),
        # Windows at columns 0, 2 and 4 of 1 .. 5: left neighbours 0, 2, 4.
        _case(
            "stride 2, equal channels",
            [[[1.0, 2.0, 3.0, 4.0, 5.0]]],
            [[1.0]],
            [_LEFT],
            [[1.0]],
            stride=2,
        ),
        # 5, and nothing added, although the shapes agree.
        _case("one pixel, stride 2", [[[5.0]]], [[1.0]], [[[1.0]]], [[1.0]], stride=2),
        Case("two images, three channels, hidden 6, windows of 5 x 5", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Three steps, of which two end in an activation; then a sum, if it fits.",
        (
            "1 x 1 mixing is einsum or `F.conv2d` with weight[:, :, None, None]; the "
            "middle step has groups=hidden, the stride and padding k // 2."
        ),
        (
            "wide = x or relu6(widen x); wide = relu6(conv2d(wide, look[:, None], "
            "stride=..., padding=..., groups=...)); out = narrow wide; x + out if "
            "stride == 1 and the shapes agree."
        ),
    ),
    imports="import torch\nimport torch.nn.functional as F",
    next="Where would a squeeze-and-excitation gate stand, and what would it be given?",
)
