"""What strikes in a wrong value, and that nothing strikes where nothing should."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tutorial.exercises.remarks import remark

RIGHT = torch.tensor([[3.0, -1.0, 4.0], [1.0, -5.0, 9.0]])
ZERO_AND_ONE = torch.tensor([True, False, True])
PAIR = (RIGHT, torch.tensor([7.0]))
TABLE = {"a": RIGHT, "b": 2}


@pytest.mark.parametrize(
    ("expected", "got", "phrase"),
    [
        (RIGHT, RIGHT.numpy(), "an array was returned"),
        (RIGHT, RIGHT[..., None].max(dim=2), "values and their places"),
        (RIGHT, (RIGHT, 2), "more was returned"),
        (RIGHT, RIGHT.tolist(), "a list was returned, not a tensor"),
        (RIGHT, 3.0, "a plain number was returned"),
        (RIGHT, RIGHT[None], "their shape is not"),
        (RIGHT, RIGHT.flatten(), "their shape is not"),
        (RIGHT, RIGHT.T, "the axes are in another order"),
        (RIGHT, RIGHT.expand(4, 2, 3), "right, and repeated"),
        (RIGHT[:1], RIGHT[:1].expand(4, 3), "right, and repeated"),
        (RIGHT[:, :2], RIGHT[:1, :1], "some are missing"),
        (RIGHT, RIGHT.sum(), "one number is returned for all"),
        (RIGHT, RIGHT[:, :2], "some are missing"),
        (RIGHT, torch.cat([RIGHT, RIGHT]), "then there are too many"),
        (RIGHT, RIGHT.double(), "the dtype is not"),
        (ZERO_AND_ONE, ZERO_AND_ONE.float(), "the dtype is not"),
        (RIGHT, RIGHT / 0 * 0, "there is a nan"),
        (RIGHT, RIGHT.T.reshape(2, 3), "in the wrong places"),
        (RIGHT[:, :2], RIGHT[:, :2].T, "the axes are in another order"),
        (RIGHT, -RIGHT, "every sign is turned round"),
        (RIGHT, RIGHT / 4, "every number is 0.25 times"),
        (RIGHT, 0.7 * RIGHT, "every number is 0.7 times"),
        (RIGHT[0, :2], 3 * RIGHT[0, :2], "every number is 3 times"),
        (RIGHT, RIGHT + 2, "every number is 2 too large"),
        (RIGHT, RIGHT - 2, "every number is 2 too small"),
        (RIGHT, RIGHT * torch.tensor([[1.0], [0.0]]), "and 0 from there on"),
        (PAIR, RIGHT, "one result of several was returned"),
        (PAIR, 3, "several were asked for"),
        (PAIR, PAIR[::-1], "the results are in another order"),
        (PAIR, (RIGHT, torch.tensor([[7.0]])), "their shape is not"),
        ([1, 2], 5, "several were asked for"),
        (TABLE, [RIGHT], "a dictionary was asked for"),
        (TABLE, {"a": -RIGHT, "b": 2}, "every sign is turned round"),
        (3, (3, 1), "more was returned"),
        (3, (4, 1), "several were returned"),
        (3, 3.0, "it is a float"),
        (3, torch.tensor(3), "not a whole number"),
        (2.5, RIGHT, "not a number"),
    ],
)
def test_what_strikes(expected, got, phrase):
    said = remark(expected, got)
    assert said is not None
    assert phrase in said.summary
    assert said.hint.endswith((".", "?"))


@pytest.mark.parametrize(
    ("expected", "got"),
    [
        (RIGHT, RIGHT.square()),
        (RIGHT, torch.ones(4, 5)),
        (RIGHT, torch.ones(2)),
        (RIGHT, RIGHT.round().int() + 1),
        (RIGHT, torch.zeros(2, 3)),
        (torch.zeros(3), torch.ones(3)),
        (torch.ones(3), 2 * torch.ones(3)),
        (torch.tensor([float("nan"), 1.0]), torch.tensor([float("nan"), 2.0])),
        (torch.ones(2, device="meta"), torch.ones(3, device="meta")),
        (torch.ones(2) * 1j, torch.ones(2)),
        (torch.zeros(0), torch.zeros(3)),
        (RIGHT[0, :2], 0.7 * RIGHT[0, :2]),
        (torch.tensor([0.0, 2.0]), torch.tensor([0.0, 4.0])),
        ([[1.0, 0.0], [0.0, 1.0]], [[0.0, 1.0], [0.0, 1.0]]),
        (RIGHT, object()),
        (PAIR, (RIGHT,)),
        (TABLE, {"a": RIGHT}),
        ("text", 3),
        (True, 1),
        (3, 4),
        (2.5, 3.5),
        (np.ones(2), torch.ones(2)),
    ],
)
def test_where_nothing_strikes(expected, got):
    assert remark(expected, got) is None


@settings(max_examples=60, deadline=None)
@given(st.permutations(range(5)), st.lists(st.integers(-9, 9), min_size=5, max_size=5))
def test_places_are_remarked_when_the_numbers_are_the_same(order, numbers):
    right = torch.tensor([float(number) for number in numbers])
    moved = right[list(order)]
    said = remark(right, moved)
    if not torch.equal(right, moved):
        assert said is not None
        assert "in the wrong places" in said.summary
