"""Other right answers to the exercises on modules, written differently."""

from __future__ import annotations

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
