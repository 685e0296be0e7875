"""Common errors lead to a hint of their own, with the messages that really come."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises.errors import hint_for
from cnn_tutorial.exercises.faults import explain

x = torch.tensor([1.0, 2.0])


def two(first, second):
    return first + second


def unassigned(items):
    for item in items:
        last = item
    return last


def twice():
    leaf = torch.ones(2, requires_grad=True)
    loss = leaf.square().sum()
    loss.backward()
    loss.backward()


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        (lambda: x * torch.ones(3), "Number by number works"),
        (lambda: x @ torch.ones(3), "matrix product"),
        (lambda: torch.ones(2, 3) @ torch.ones(2, 3), "matrix product"),
        (lambda: torch.cat([torch.ones(2, 3), torch.ones(3, 2)]), "meant to grow"),
        (lambda: torch.stack([x, x[:1]]), "hang over the end"),
        (lambda: x.sum().backward(), "none was recorded"),
        (twice, "used up by one `backward`"),
        (lambda: x if x > 0 else -x, "ask one question"),
        (lambda: x[2], "n - 1"),
        (lambda: list("a")[2], "n - 1"),
        (lambda: {}["a"], "print its keys"),
        (lambda: torch.zeros(4 / 2), "`//` divides"),
        (lambda: torch.zeros(2, 4 / 2), "`//` divides"),
        (lambda: x.reshape(4 / 2), "`//` divides"),
        (lambda: range(2.0), "`//` divides"),
        (lambda: x[: 4 / 2], "`//` divides"),
        (lambda: F.pad(x, (0.5, 1)), "`//` divides"),
        (lambda: torch.ones(1, (2, 3)), "`*size`"),
        (lambda: two(1), "too few arguments"),
        (lambda: two(1, 2, 3), "too many"),
        (lambda: two(one=1), "of this name"),
        (lambda: [a for a, b in [(1, 2, 3)]], "names on the left"),
        (lambda: [a for a, b in [(1,)]], "names on the left"),
        (lambda: None + x, "Something is None"),
        (lambda: x.unfold(0, 1, None), "Something is None"),
        (lambda: unassigned([]), "another path"),
        (lambda: getattr(nn.Sequential(), "0.1"), "get_submodule"),
        (lambda: x.no_such_name, "`type(...)`"),
        (lambda: F.conv2d(x, torch.ones(1, 1, 1, 1)), "(N, C, H, W)"),
        (lambda: F.max_pool2d(x, 2), "(N, C, H, W)"),
        (lambda: nn.Linear(2, 2).double()(x), "Two kinds of numbers meet"),
        (
            lambda: nn.Conv2d(1, 1, 1).double()(x[None, None]),
            "Two kinds of numbers meet",
        ),
        (lambda: x @ x.double(), "Two kinds of numbers meet"),
        (lambda: torch.zeros(4).__setitem__(slice(0, 0), x), "another: print both"),
        (lambda: F.fold(torch.ones(1, 2, 12), (2, 2), (2, 1)), "as `F.unfold` had"),
        (lambda: torch.exp(1.0), "wants a tensor"),
        (lambda: F.relu([1.0]), "wants a tensor"),
        (lambda: compile("x = (1", "", "exec"), "bracket is opened"),
        (lambda: compile("if x: = 2", "", "exec"), "cannot read that line"),
        (lambda: compile("if 1:\nx = 2", "", "exec"), "in the same column"),
        (lambda: __import__("no_such_module"), "what the page imports"),
        (lambda: self.layer(x), "no `self`"),  # noqa: F821
        (lambda: 1 / 0, "divided by is 0"),
        (lambda: torch.ones(2, 3).T.view(6), "use `reshape`"),
        (lambda: next(iter(())), "The error says what went wrong"),
    ],
)
def test_hint(code, phrase):
    with pytest.raises(Exception) as caught:  # noqa: PT011 - many of them
        code()
    assert phrase in explain(caught.value).hint, caught.value


def test_an_unknown_message():
    assert hint_for("OddError: odd").startswith("The error says")
