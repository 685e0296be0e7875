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


def _left_over(step: int, images: int, batch_size: int) -> tuple[int, int]:
    epochs, batches = place_of(step, images, batch_size)
    return epochs, -(-images // batch_size) - batches


def _not_rounded(step: int, images: int, batch_size: int) -> tuple[int, int]:
    epochs, batches = divmod(step, images / batch_size)
    return int(epochs), int(batches)


def _only_epochs(step: int, images: int, batch_size: int) -> tuple[int, int]:
    return place_of(step, images, batch_size)[0]  # type: ignore[return-value]


def _only_steps(step: int, images: int, batch_size: int) -> tuple[int, int]:
    return place_of(step, images, batch_size)[0], step


def _never_finished(step: int, images: int, batch_size: int) -> tuple[int, int]:
    epochs, batches = place_of(step, images, batch_size)
    full = epochs > 0 and batches == 0
    return (epochs - 1, -(-images // batch_size)) if full else (epochs, batches)


MISTAKES = (
    Mistake(
        "the short batch is forgotten",
        "It is a step as well: 10 images by 4 are batches of 4, 4 and 2, three steps "
        "an epoch. Divide images by batch size and round *up*.",
        _short_batch_forgotten,
    ),
    Mistake(
        "there is always one more batch",
        "12 images by 4 are three batches, and no short one is left. One more than "
        "the quotient is right only where something remains.",
        _one_too_many,
    ),
    Mistake(
        "epochs are counted from one",
        "Asked for are the *finished* ones: before the first step there are none.",
        _from_one,
    ),
    Mistake(
        "the wrong way round",
        "Epochs come first, batches second: `divmod` returns them in that order.",
        _swapped,
    ),
    Mistake(
        "images are counted as if no batch were short",
        "The last batch of an epoch holds fewer images. Count steps, not images.",
        _images_seen,
    ),
    Mistake(
        "images instead of batches",
        "The second number counts batches of the unfinished epoch: a step is a batch, "
        "so it needs no batch size.",
        _rest_in_images,
    ),
    Mistake(
        "batches that are left instead of those done",
        "Asked for is how many batches the next epoch has *behind* it: what remains "
        "when the steps are divided by the steps of an epoch.",
        _left_over,
    ),
    Mistake(
        "an epoch has a broken number of steps",
        "10 images by 4 are not 2.5 steps: the last batch is short, but it is a whole "
        "step. Round up before you divide the steps by it.",
        _not_rounded,
    ),
    Mistake(
        "one of the two numbers is missing",
        "Return both, as a pair: finished epochs, and batches of the next one.",
        _only_epochs,
    ),
    Mistake(
        "batches are counted from the first epoch on",
        "With every new epoch the count of batches begins at 0: take away the steps "
        "of the epochs that are finished.",
        _only_steps,
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
