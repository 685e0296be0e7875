"""Other right answers to the exercises on modules, written differently."""

from __future__ import annotations

import torch
from torch import nn

from cnn_tutorial.exercises import Status, check


def test_part_of_state_by_steps_of_the_path():
    def part(entries, path):
        steps, found = path.split("."), {}
        for name in entries:
            *walk, last = name.split(".")
            if walk[: len(steps)] == steps:
                found[".".join([*walk[len(steps) :], last])] = entries[name]
        return found

    assert check("part_of_state", part).status == Status.RIGHT


def test_part_of_state_by_cutting():
    def part(entries, path):
        cut = len(path) + 1
        pairs = [(k[:cut], k[cut:], v) for k, v in entries.items()]
        return {rest: value for head, rest, value in pairs if head == f"{path}."}

    assert check("part_of_state", part).status == Status.RIGHT


def test_he_deviation_by_counting():
    def deviation(sides):
        out, *rest = sides
        weights = out
        for side in rest:
            weights *= side
        return (2 * out / weights) ** 0.5

    assert check("he_deviation", deviation).status == Status.RIGHT


def test_he_deviation_by_pytorch():
    def deviation(shape):
        fan_in = torch.empty(shape)[0].numel()
        return nn.init.calculate_gain("relu") / torch.tensor(fan_in).sqrt().item()

    assert check("he_deviation", deviation).status == Status.RIGHT
