"""Exercise: cut an order into batches."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Batches = list[list[int]]


def cut(order: list[int], batch_size: int, drop_last: bool = False) -> list[list[int]]:
    """Cut a list into lists of batch_size; drop_last leaves a shorter last one out."""
    starts = range(0, len(order), batch_size)
    batches = [order[start : start + batch_size] for start in starts]
    if drop_last:
        batches = [batch for batch in batches if len(batch) == batch_size]
    return batches


def _never_dropped(
    order: list[int], batch_size: int, drop_last: bool = False
) -> Batches:
    return cut(order, batch_size)


def _always_dropped(
    order: list[int], batch_size: int, drop_last: bool = False
) -> Batches:
    return cut(order, batch_size, True)


def _other_way(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    return cut(order, batch_size, not drop_last)


def _last_always_goes(
    order: list[int], batch_size: int, drop_last: bool = False
) -> Batches:
    batches = cut(order, batch_size)
    return batches[:-1] if drop_last else batches


def _overlapping(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    found = [order[i : i + batch_size] for i in range(len(order))]
    return [batch for batch in found if len(batch) == batch_size or not drop_last]


def _empty_last(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    count = len(order) // batch_size + (not drop_last)
    return [order[k * batch_size : (k + 1) * batch_size] for k in range(count)]


def _as_many(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    size = -(-len(order) // batch_size)
    return cut(order, size, drop_last) if order else []


def _dealt(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    count = -(-len(order) // batch_size)
    found = [order[k::count] for k in range(count)]
    return [batch for batch in found if len(batch) == batch_size or not drop_last]


def _filled(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    batches = cut(order, batch_size, drop_last)
    return [(batch + order)[:batch_size] for batch in batches]


def _joined(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    batches = cut(order, batch_size)
    if len(batches) > 1 and len(batches[-1]) < batch_size and not drop_last:
        return [*batches[:-2], batches[-2] + batches[-1]]
    return cut(order, batch_size, drop_last)


def _sorted(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    return cut(sorted(order), batch_size, drop_last)


def _numbers(order: list[int], batch_size: int, drop_last: bool = False) -> Batches:
    return cut(list(range(len(order))), batch_size, drop_last)


MISTAKES = (
    Mistake(
        "a short last batch is never dropped",
        "With `drop_last`, a batch with fewer than `batch_size` entries is left out.",
        _never_dropped,
    ),
    Mistake(
        "a short last batch is always dropped",
        "Without `drop_last`, all entries must come: `len(order) // batch_size` counts "
        "only the full batches.",
        _always_dropped,
    ),
    Mistake(
        "drop_last does the opposite",
        "True leaves the short batch out, False keeps it.",
        _other_way,
    ),
    Mistake(
        "the last batch is dropped even when it is full",
        "Only a batch that is shorter than the others is left out.",
        _last_always_goes,
    ),
    Mistake(
        "there is an empty batch at the end",
        "When all batches are full, nothing is left for another one.",
        _empty_last,
    ),
    Mistake(
        "the batches overlap",
        "The next batch begins where this one ends: step by `batch_size`.",
        _overlapping,
    ),
    Mistake(
        "there are batch_size batches",
        "`batch_size` is how many entries a batch has, not how many batches there are.",
        _as_many,
    ),
    Mistake(
        "the entries are dealt like cards",
        "A batch is a piece of the order: neighbours stay together.",
        _dealt,
    ),
    Mistake(
        "the last batch is filled up from the beginning",
        "Then some entries come twice in an epoch. Leave the last batch short.",
        _filled,
    ),
    Mistake(
        "the rest is joined to the batch before",
        "The rest is a batch of its own; a batch larger than the others may not fit "
        "into memory.",
        _joined,
    ),
    Mistake(
        "the order is sorted",
        "Somebody has shuffled it for a reason: keep it.",
        _sorted,
    ),
    Mistake(
        "the batches hold places, not entries",
        "Return what stands in `order`, not where it stands.",
        _numbers,
    ),
)


def _case(name: str, order: list[int], batch_size: int, **more: bool) -> Case:
    return Case(name, lambda: {"order": list(order), "batch_size": batch_size, **more})


EXERCISE = Exercise(
    reference=cut,
    title="Cut an order into batches",
    lesson="10_tensors/45_loading",
    level="first steps",
    minutes=8,
    prompt="Cut a shuffled list of sample numbers into batches, in turn. The last one "
    "may be shorter, and is left out if `drop_last` says so.",
    observe=call_it(cut),
    cases=(
        _case("four samples in twos", [7, 2, 9, 4], 2),
        _case("five samples in twos", [7, 2, 9, 4, 8], 2),
        _case(
            "five samples in twos, the rest dropped", [7, 2, 9, 4, 8], 2, drop_last=True
        ),
        _case(
            "six in threes, drop_last set",
            [7, 2, 9, 4, 8, 5],
            3,
            drop_last=True,
        ),
        _case("fewer samples than a batch has", [6, 3], 5),
        _case("no samples", [], 3),
        _case("41 samples in sevens", [5 + 17 * k % 41 for k in range(41)], 7),
    ),
    mistakes=MISTAKES,
    hints=(
        "At which places of the order do batches begin?",
        "`range(0, len(order), batch_size)`; a slice may end beyond the list.",
        (
            "[order[s : s + batch_size] for s in range(0, len(order), batch_size)], "
            "and with `drop_last` only those of full length."
        ),
    ),
    next="How many batches does an epoch have, as a formula, with and without "
    "`drop_last`?",
)
