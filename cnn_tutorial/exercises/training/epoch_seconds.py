"""Exercise: the time of an epoch whose batches are prepared ahead."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def epoch_seconds(
    count: int, prepare: float, compute: float, workers: int = 0
) -> float:
    """Return the time for `count` batches; `prepare` and `compute` are for each batch.

    With workers, number i % workers prepares batch i, one after the other and without
    limit; without, the loop prepares each batch itself.
    """
    if workers == 0:
        return count * (prepare + compute)
    done = 0.0
    for i in range(count):
        ready = (i // workers + 1) * prepare
        done = max(done, ready) + compute
    return done


def _always_the_sum(
    count: int, prepare: float, compute: float, workers: int = 0
) -> float:
    return count * (prepare + compute)


def _the_larger(count: int, prepare: float, compute: float, workers: int = 0) -> float:
    if workers == 0:
        return count * (prepare + compute)
    return count * max(prepare / workers, compute)


def _never_waits(count: int, prepare: float, compute: float, workers: int = 0) -> float:
    if workers == 0:
        return count * (prepare + compute)
    return prepare + count * compute


def _one_worker(count: int, prepare: float, compute: float, workers: int = 0) -> float:
    return epoch_seconds(count, prepare, compute, min(workers, 1))


def _shared_batch(
    count: int, prepare: float, compute: float, workers: int = 0
) -> float:
    if workers == 0:
        return count * (prepare + compute)
    return epoch_seconds(count, prepare / workers, compute, 1)


def _split_all(count: int, prepare: float, compute: float, workers: int = 0) -> float:
    return count * (prepare / max(workers, 1) + compute)


def _ready_at_once(
    count: int, prepare: float, compute: float, workers: int = 0
) -> float:
    if workers == 0:
        return count * (prepare + compute)
    done = 0.0
    for i in range(count):
        done = max(done, i // workers * prepare) + compute
    return done


def _zero_is_one(count: int, prepare: float, compute: float, workers: int = 0) -> float:
    return epoch_seconds(count, prepare, compute, max(workers, 1))


MISTAKES = (
    Mistake(
        "one after the other, whatever the workers",
        "With workers, the next batches are prepared while the loop computes.",
        _always_the_sum,
    ),
    Mistake(
        "only the slower side counts",
        "That is the pace in the middle. The first batch must be prepared before "
        "anything is computed, and the last one computed after it.",
        _the_larger,
    ),
    Mistake(
        "the loop waits for the first batch alone",
        "Where preparing is slower, it waits for others too: a batch begins when it is "
        "ready *and* the last one is done.",
        _never_waits,
    ),
    Mistake(
        "all workers count as one",
        "Batches i and i + 1 are prepared at the same time by two workers: batch i is "
        "the (i // workers + 1)th of its worker.",
        _one_worker,
    ),
    Mistake(
        "workers share each batch",
        "A worker prepares a whole batch, in the same time as before; batches come in "
        "bunches.",
        _shared_batch,
    ),
    Mistake(
        "preparing is faster, but nobody works ahead",
        "The loop need not wait while the next batches are prepared: do not add both.",
        _split_all,
    ),
    Mistake(
        "batches are ready when they are begun",
        "Batch i is ready when its worker has *finished* it: `(i // workers + 1) * "
        "prepare`.",
        _ready_at_once,
    ),
    Mistake(
        "no worker counts as one",
        "Without workers the loop prepares each batch itself, and nobody computes "
        "meanwhile.",
        _zero_is_one,
    ),
)


def _case(name: str, count: int, prepare: float, compute: float, *workers: int) -> Case:
    numbers: dict[str, object] = {"count": count, "prepare": prepare}
    numbers |= {"compute": compute} | dict(zip(["workers"], workers, strict=False))
    return Case(name, lambda: dict(numbers))


EXERCISE = Exercise(
    reference=epoch_seconds,
    title="The time of an epoch",
    lesson="40_training/25_workers",
    level="core",
    minutes=12,
    prompt="Return how long `count` batches take. Each needs `prepare` seconds and "
    "then `compute` seconds of the training loop. Without workers the loop does both. "
    "With workers, number `i % workers` prepares batch `i`, in order and without a "
    "limit on how far ahead.",
    observe=call_it(epoch_seconds),
    cases=(
        _case("two batches, workers not mentioned", 2, 3.0, 1.0),
        _case("two batches, zero workers", 2, 2.0, 5.0, 0),
        _case("one batch, one worker", 1, 3.0, 1.0, 1),
        _case("two batches, one worker", 2, 3.0, 1.0, 1),
        _case("preparing is faster", 3, 1.0, 4.0, 1),
        _case("four batches, two workers", 4, 3.0, 1.0, 2),
        _case("six batches, two workers", 6, 30.0, 12.0, 2),
        _case("seven batches, three workers", 7, 10.0, 4.0, 3),
    ),
    mistakes=MISTAKES,
    hints=(
        "Draw a lane for each worker and one for the loop, as in the lesson.",
        "When is batch i ready? Its worker has made `i // workers` before it.",
        (
            "Go through the batches: `done = max(done, ready) + compute` with `ready = "
            "(i // workers + 1) * prepare`."
        ),
    ),
    next="From how many workers on does another one no longer help? Compare `prepare / "
    "compute` with your answer.",
)
