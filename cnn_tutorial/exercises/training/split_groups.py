"""Exercise: divide samples so that no group is on both sides."""

from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Sides = tuple[list[int], list[int]]


def split_groups(groups: list[str], share: float) -> tuple[list[int], list[int]]:
    """Return indices to train on and to test on; no group (a list entry) in both.

    Whole groups, in order of first appearance, go to the test until it holds at least
    `share` (0-1) of all samples.
    """
    test: list[int] = []
    for group in dict.fromkeys(groups):  # each once, in order of first appearance
        if len(test) >= share * len(groups):
            break
        test += [i for i, other in enumerate(groups) if other == group]
    train = [i for i in range(len(groups)) if i not in test]
    return train, sorted(test)


def _by_sample(groups: list[str], share: float) -> Sides:
    count = -int(-share * len(groups) // 1)
    everyone = list(range(len(groups)))
    return everyone[count:], everyone[:count]


def _share_of_groups(groups: list[str], share: float) -> Sides:
    names = list(dict.fromkeys(groups))
    chosen = names[: -int(-share * len(names) // 1)]
    test = [i for i, group in enumerate(groups) if group in chosen]
    return [i for i in range(len(groups)) if i not in test], test


def _too_few(groups: list[str], share: float) -> Sides:
    test: list[int] = []
    for group in dict.fromkeys(groups):
        members = [i for i, other in enumerate(groups) if other == group]
        if len(test) + len(members) > share * len(groups):
            break
        test += members
    return [i for i in range(len(groups)) if i not in test], sorted(test)


def _one_more(groups: list[str], share: float) -> Sides:
    test: list[int] = []
    for group in dict.fromkeys(groups):
        if len(test) > share * len(groups):
            break
        test += [i for i, other in enumerate(groups) if other == group]
    return [i for i in range(len(groups)) if i not in test], sorted(test)


def _swapped(groups: list[str], share: float) -> Sides:
    train, test = split_groups(groups, share)
    return test, train


def _runs_only(groups: list[str], share: float) -> Sides:
    cut = 0
    while cut < len(groups) and (
        cut < share * len(groups) or groups[cut] == groups[cut - 1]
    ):
        cut += 1
    return list(range(cut, len(groups))), list(range(cut))


def _alphabetical(groups: list[str], share: float) -> Sides:
    test: list[int] = []
    for group in sorted(set(groups)):
        if len(test) >= share * len(groups):
            break
        test += [i for i, other in enumerate(groups) if other == group]
    return [i for i in range(len(groups)) if i not in test], sorted(test)


def _names(groups: list[str], share: float) -> tuple[list[str], list[str]]:
    train, test = split_groups(groups, share)
    return [groups[i] for i in train], [groups[i] for i in test]


def _unsorted(groups: list[str], share: float) -> Sides:
    train, test = split_groups(groups, share)
    return train, sorted(test, key=lambda i: (groups.index(groups[i]), i))


MISTAKES = (
    Mistake(
        "samples are divided, not groups",
        "A group that lies across the cut is on both sides: decide for whole groups.",
        _by_sample,
    ),
    Mistake(
        "a share of the groups is taken",
        "Groups differ in size: count samples, `len(test) >= share * len(groups)`.",
        _share_of_groups,
    ),
    Mistake(
        "the test has fewer samples than asked for",
        "Take the next group as long as the test is below its share, even if it then "
        "holds more.",
        _too_few,
    ),
    Mistake(
        "a group too many",
        "When the test holds exactly its share it is full: `>=`, not `>`.",
        _one_more,
    ),
    Mistake(
        "the two sides are swapped",
        "Return the samples to train on first.",
        _swapped,
    ),
    Mistake(
        "members that stand apart are forgotten",
        "A group need not stand together in the list: search all samples for its name.",
        _runs_only,
    ),
    Mistake(
        "the groups come in another order",
        "`set` and `sorted` lose the order of first appearance; "
        "`dict.fromkeys(groups)` keeps it.",
        _alphabetical,
    ),
    Mistake(
        "names of groups are returned",
        "Return where the samples stand in the list, not their groups.",
        _names,
    ),
    Mistake(
        "the indices are not in order",
        "Sort them: samples keep the order of the list on both sides.",
        _unsorted,
    ),
)


def _case(name: str, groups: str, share: float) -> Case:
    return Case(name, lambda: {"groups": list(groups), "share": share})


EXERCISE = Exercise(
    reference=split_groups,
    title="No group on both sides",
    lesson="40_training/20_splits",
    level="core",
    minutes=12,
    prompt="Divide samples so that no group is on both sides. Whole groups, in order "
    "of first appearance, go to the test until it holds at least `share` of all "
    "samples; the rest trains. Return the indices of both sides, ascending.",
    observe=call_it(split_groups),
    cases=(
        _case("two groups of two, half to the test", "aabb", 0.5),
        _case("groups that are mixed", "abab", 0.5),
        _case("a group that lies across the cut", "aaab", 0.5),
        _case("groups of different size", "abbbbccc", 0.25),
        _case("names out of order", "cabcab", 0.3),
        _case("a first group larger than its share", "xxxxy", 0.2),
        _case("three groups to the test", "dbdacbaecf", 0.6),
    ),
    mistakes=MISTAKES,
    hints=(
        "Go through the groups, not through the samples.",
        (
            "`dict.fromkeys(groups)` has each group once, in order of first "
            "appearance. Which samples belong to one?"
        ),
        (
            "For each group, stop if `len(test) >= share * len(groups)`, else add all "
            "`i` with `groups[i] == group`. Train on indices that are not in `test`."
        ),
    ),
    next="Make it random: shuffle the groups first. Then look up scikit-learn's "
    "`StratifiedGroupKFold`, which also keeps the proportions of the classes.",
)
