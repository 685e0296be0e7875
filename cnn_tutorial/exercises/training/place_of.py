"""Exercise: where in the data a training is after so many steps."""

from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def place_of(step: int, images: int, batch_size: int) -> tuple[int, int]:
    """Return how many epochs are finished, and how many batches of the next one.

    An epoch takes all images; its last batch may be short.
    """
    per_epoch = -(-images // batch_size)
    return divmod(step, per_epoch)


def _short_batch_forgotten(step: int, images: int, batch_size: int) -> tuple[int, int]:
    return divmod(step, max(images // batch_size, 1))


def _one_too_many(step: int, images: int, batch_size: int) -> tuple[int, int]:
    return divmod(step, images // batch_size + 1)


def _from_one(step: int, images: int, batch_size: int) -> tuple[int, int]:
    epochs, batches = place_of(step, images, batch_size)
    return epochs + 1, batches


def _swapped(step: int, images: int, batch_size: int) -> tuple[int, int]:
    epochs, batches = place_of(step, images, batch_size)
    return batches, epochs


def _images_seen(step: int, images: int, batch_size: int) -> tuple[int, int]:
    return divmod(step * batch_size, images)


def _rest_in_images(step: int, images: int, batch_size: int) -> tuple[int, int]:
    epochs, batches = place_of(step, images, batch_size)
    return epochs, batches * batch_size


def _never_finished(step: int, images: int, batch_size: int) -> tuple[int, int]:
    epochs, batches = place_of(step, images, batch_size)
    full = epochs > 0 and batches == 0
    return (epochs - 1, -(-images // batch_size)) if full else (epochs, batches)


MISTAKES = (
    Mistake(
        "the short batch is forgotten",
        "It is a step as well: divide images by batch size and round up.",
        _short_batch_forgotten,
    ),
    Mistake(
        "there is always one more batch",
        "Where the batch size divides the number of images, no short batch is left.",
        _one_too_many,
    ),
    Mistake(
        "epochs are counted from one",
        "Asked for are the *finished* ones: before the first step there are none.",
        _from_one,
    ),
    Mistake(
        "the wrong way round",
        "Epochs come first, batches second.",
        _swapped,
    ),
    Mistake(
        "images are counted as if no batch were short",
        "The last batch of an epoch holds fewer images. Count steps, not images.",
        _images_seen,
    ),
    Mistake(
        "images instead of batches",
        "The second number is in batches.",
        _rest_in_images,
    ),
    Mistake(
        "an epoch never ends",
        "After its last batch an epoch is finished, and nothing of the next one is "
        "done.",
        _never_finished,
    ),
)


def _case(name: str, step: int, images: int, batch_size: int) -> Case:
    return Case(
        name, lambda: {"step": step, "images": images, "batch_size": batch_size}
    )


EXERCISE = Exercise(
    reference=place_of,
    title="Where a training stands",
    lesson="40_training/15_resume",
    level="first steps",
    minutes=5,
    prompt="Return how many epochs are finished after `step` steps, and how many "
    "batches of the next epoch are done.",
    observe=call_it(place_of),
    cases=(
        # 10 images in batches of 4: 4, 4, 2, so three steps an epoch; 7 = 2 * 3 + 1.
        _case("a short last batch", 7, 10, 4),
        _case("no short batch", 5, 12, 4),
        _case("an epoch has just ended", 6, 10, 4),
        _case("before the first step", 0, 10, 4),
        _case("one batch holds all", 3, 5, 8),
    ),
    mistakes=MISTAKES,
    hints=(
        "How many steps does one epoch take? Draw the batches of 10 images by 4.",
        "The quotient, rounded up: `-(-images // batch_size)`, or `math.ceil`.",
        "`divmod(step, per_epoch)` gives both numbers, in the right order.",
    ),
    next="What else must be restored so that the *same* batches are skipped?",
)
