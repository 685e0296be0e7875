"""Exercise: the mean loss per sample from those of batches."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def mean_loss(losses: list[float], sizes: list[int]) -> float:
    """Return the mean loss per sample from each batch's mean loss and size."""
    total = sum(loss * size for loss, size in zip(losses, sizes, strict=True))
    return total / sum(sizes)


def _mean_of_means(losses: list[float], sizes: list[int]) -> float:
    return sum(losses) / len(losses)


def _sum(losses: list[float], sizes: list[int]) -> float:
    return sum(loss * size for loss, size in zip(losses, sizes, strict=True))


def _sum_of_means(losses: list[float], sizes: list[int]) -> float:
    return sum(losses)


def _unweighted(losses: list[float], sizes: list[int]) -> float:
    return sum(losses) / sum(sizes)


def _per_batch(losses: list[float], sizes: list[int]) -> float:
    return _sum(losses, sizes) / len(losses)


def _first_size(losses: list[float], sizes: list[int]) -> float:
    return sum(losses) * sizes[0] / sum(sizes)


def _last_dropped(losses: list[float], sizes: list[int]) -> float:
    return mean_loss(losses[:-1] or losses, sizes[:-1] or sizes)


def _rounded(losses: list[float], sizes: list[int]) -> float:
    return float(_sum(losses, sizes) // sum(sizes))


MISTAKES = (
    Mistake(
        "the mean of the batch means",
        "A batch of one sample then counts as much as one of three. Multiply each loss "
        "by the size of its batch first.",
        _mean_of_means,
    ),
    Mistake(
        "a sum, not a mean",
        "That is the loss of all samples together: divide by how many there are.",
        _sum,
    ),
    Mistake(
        "a sum of means",
        "Each loss is a mean already. Weigh it by the size of its batch, and divide by "
        "the number of samples.",
        _sum_of_means,
    ),
    Mistake(
        "the losses are not weighted",
        "You divide by the number of samples, but add means: multiply each by the size "
        "of its batch.",
        _unweighted,
    ),
    Mistake(
        "divided by the number of batches",
        "The weighted sum runs over samples: divide it by `sum(sizes)`.",
        _per_batch,
    ),
    Mistake(
        "all batches are taken to be as large as the first",
        "The last batch is short. Multiply each loss by its own size.",
        _first_size,
    ),
    Mistake(
        "the last batch is dropped",
        "Its samples count too, few as they are.",
        _last_dropped,
    ),
    Mistake(
        "the result is rounded down",
        "`//` throws away the fraction: divide with `/`.",
        _rounded,
    ),
)


def _case(name: str, losses: list[float], sizes: list[int]) -> Case:
    return Case(name, lambda: {"losses": list(losses), "sizes": list(sizes)})


EXERCISE = Exercise(
    reference=mean_loss,
    title="A mean over samples",
    lesson="30_modules/35_lenet_training",
    level="first steps",
    minutes=5,
    prompt="Return the mean loss per sample from the mean loss and the size of every "
    "batch. The last batch may be short.",
    observe=call_it(mean_loss),
    cases=(
        _case("a batch of 3 and a batch of 1", [1.0, 4.0], [3, 1]),
        _case("one batch", [2.5], [4]),
        _case("three batches, the last one short", [0.5, 1.0, 2.0], [4, 4, 2]),
        _case("sizes that all differ", [0.25, 0.75, 1.5, 3.0], [7, 5, 3, 2]),
    ),
    mistakes=MISTAKES,
    hints=(
        "Imagine the loss of every single sample. What would their sum be?",
        "A batch of n samples with mean m adds n * m to the sum over samples.",
        "Divide the sum of `loss * size` by the sum of `sizes`.",
    ),
    next="Do the same for the accuracy of an epoch. Then ask what a loss that falls "
    "while it is being measured means for the training curve.",
)
