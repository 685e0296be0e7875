"""Exercise: the dense weight that a grouped convolution stands for."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.convolution._numbers import varied
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]


def grouped_weight(weight: Tensor, groups: int) -> Tensor:
    """Return the dense weight of a grouped one (C_out, C_in/groups, kh, kw)."""
    c_out, share, kh, kw = weight.shape
    rows = c_out // groups  # outputs in a group
    dense = weight.new_zeros(c_out, groups * share, kh, kw)
    for g in range(groups):
        outputs = slice(g * rows, (g + 1) * rows)
        inputs = slice(g * share, (g + 1) * share)
        dense[outputs, inputs] = weight[outputs]
    return dense


def _everywhere(weight: Tensor, groups: int) -> Tensor:
    return weight.repeat(1, groups, 1, 1)


def _first_inputs(weight: Tensor, groups: int) -> Tensor:
    dense = torch.zeros_like(_everywhere(weight, groups))
    dense[:, : weight.shape[1]] = weight
    return dense


def _kept(weight: Tensor, groups: int, kept: Tensor) -> Tensor:
    """Keep some kernels of the repeated weight; `kept` is (C_out, C_in)."""
    return _everywhere(weight, groups) * kept[:, :, None, None]


def _group_of(count: int, groups: int) -> Tensor:
    return torch.arange(count) // (count // groups)


def _backwards(weight: Tensor, groups: int) -> Tensor:
    ours = _group_of(weight.shape[0], groups)
    theirs = groups - 1 - _group_of(weight.shape[1] * groups, groups)
    return _kept(weight, groups, ours[:, None] == theirs)


def _interleaved(weight: Tensor, groups: int) -> Tensor:
    dense = torch.zeros_like(_everywhere(weight, groups))
    rows = len(weight) // groups
    for g in range(groups):
        outputs = slice(g * rows, (g + 1) * rows)
        dense[outputs, g::groups] = weight[outputs]
    return dense


def _outputs_in_turn(weight: Tensor, groups: int) -> Tensor:
    ours = torch.arange(len(weight)) % groups
    theirs = _group_of(weight.shape[1] * groups, groups)
    return _kept(weight, groups, ours[:, None] == theirs)


def _diagonal(weight: Tensor, groups: int) -> Tensor:
    c_out, c_in = len(weight), weight.shape[1] * groups
    return _kept(weight, groups, torch.eye(c_out, c_in, dtype=torch.bool))


def _first_kernel(weight: Tensor, groups: int) -> Tensor:
    blocks = grouped_weight(torch.ones_like(weight), groups)
    return weight[:, :1] * blocks


def _averaged(weight: Tensor, groups: int) -> Tensor:
    return grouped_weight(weight, groups) / groups


def _detached(weight: Tensor, groups: int) -> Tensor:
    return grouped_weight(weight, groups).detach()


MISTAKES = (
    Mistake(
        "every group reads all inputs",
        "Repeated kernels connect each output to all inputs. Outside its own group an "
        "output has kernels of zeros.",
        _everywhere,
    ),
    Mistake(
        "every group reads the first inputs",
        "Group g reads the inputs from g * C_in/groups on. Only group 0 begins at "
        "input 0.",
        _first_inputs,
    ),
    Mistake(
        "the groups read the inputs from the end",
        "The first outputs read the first inputs: the blocks run from the upper left "
        "to the lower right.",
        _backwards,
    ),
    Mistake(
        "the inputs are dealt out in turns",
        "A group reads neighbours: inputs g * C_in/groups up to (g + 1) * C_in/groups, "
        "not every groups-th.",
        _interleaved,
    ),
    Mistake(
        "the outputs are dealt out in turns",
        "The first C_out/groups outputs belong to group 0, the next ones to group 1.",
        _outputs_in_turn,
    ),
    Mistake(
        "only the diagonal is filled",
        "That fits a depthwise convolution. In general a block has C_out/groups rows "
        "and C_in/groups columns.",
        _diagonal,
    ),
    Mistake(
        "a group uses one kernel for all its inputs",
        "Within its group an output has a kernel of its own for each input: "
        "`weight[o, i]`.",
        _first_kernel,
    ),
    Mistake(
        "the weights are divided by the groups",
        "The kernels keep their numbers; the rest is zero.",
        _averaged,
    ),
    Mistake(
        "the gradient is lost",
        "Autograd must be able to follow: no `detach`, no `.data`, no `.tolist()`.",
        _detached,
    ),
)


def _case(name: str, shape: tuple[int, int, int, int], groups: int) -> Case:
    return Case(name, lambda: {"weight": varied(*shape), "groups": groups})


def _gradient_case() -> dict[str, object]:
    return {"weight": varied(2, 1, 1, 1).requires_grad_(), "groups": 2}


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    seen = dict(call_it(grouped_weight)(attempt, inputs))
    weight, result = inputs["weight"], seen["result"]
    wanted = isinstance(weight, Tensor) and weight.requires_grad
    if wanted and isinstance(result, Tensor):
        seen["the result can be differentiated"] = result.requires_grad
    return seen


EXERCISE = Exercise(
    reference=grouped_weight,
    title="The dense weight of a grouped convolution",
    lesson="20_convolution/55_cheaper",
    level="core",
    minutes=10,
    prompt="Return the weight `(C_out, C_in, kh, kw)` that makes an ordinary "
    "convolution do what `weight` does with `groups`.",
    observe=_observe,
    cases=(
        _case("4 outputs, 4 inputs, 2 groups, 1 x 1", (4, 2, 1, 1), 2),
        _case("3 outputs, 6 inputs, 3 groups, 1 x 1", (3, 2, 1, 1), 3),
        _case("6 outputs, 3 inputs, 3 groups, 1 x 2", (6, 1, 1, 2), 3),
        _case("one group", (2, 3, 2, 2), 1),
        _case("10 outputs, 15 inputs, 5 groups, 3 x 2", (10, 3, 3, 2), 5),
        Case("a weight that wants a gradient", _gradient_case),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Draw the table of kernels, outputs down and inputs across. Which places "
            "does group 0 fill, and which group 1?"
        ),
        (
            "Start from zeros of shape (C_out, groups * C_in/groups, kh, kw), and copy "
            "a block for each group."
        ),
        (
            "Group g has the rows from g * C_out/groups and the columns from g * "
            "C_in/groups: `dense[outputs, inputs] = weight[outputs]` with two slices."
        ),
    ),
    next="Which permutation of the channels between two grouped layers lets every "
    "input reach every output?",
)
