"""Splits and augmentation: a deviation, leaks, crops, labels that stay true."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "40_training/20_splits",
    parts=((3, 4), (4, 3), (6, 8), (8, 6), (5, 12), (12, 5)),
    middle=(20, 30, 50, 80),
)
def deviation_of_pixels(parts: tuple[int, int], middle: int) -> Posed:
    """Deviation that standardises two images."""
    within, between = parts
    pixels = torch.tensor([[-within, within]] * 2) + torch.tensor([[-1], [1]]) * between
    images = (pixels + middle).double()
    one, other = ((int(a), int(b)) for a, b in images)
    deviation = round(images.std(correction=0).item())
    squares = f"{within + between} and {abs(between - within)}"
    return Posed(
        f"There are two training images, each of two grey pixels: {one} and {other}. "
        "Each image is standardised by one mean and one deviation, those of all "
        "training pixels. By which number do we divide?",
        deviation,
        f"From the mean {middle} of all pixels the distances are {squares}, twice "
        f"each. The mean of their squares is {deviation**2}.",
        {
            within: "This is the deviation within each image. The images also differ "
            "from each other.",
            between: "This is the deviation of the images' means. The pixels also "
            "differ within an image.",
            within + between: "This is the largest distance from the mean. Square the "
            "four distances, and take the root of their mean.",
        },
    )


_LEAKS = {
    "the mean": "The mean is taken from training images alone.",
    "the copies": "Copies are made after dividing: all of one image are on one side.",
    "the rate": "The rate is chosen by validation images; that is what they are for.",
    "the last epoch": "When to stop is chosen by validation images, and may be.",
    "none of them": "Ask of each step which images it uses: are there some that must "
    "only measure?",
}
_LEAKY = {
    "the mean": "The mean was taken from all images, those to be judged by included.",
    "the copies": "Copies were divided at random: a test image has its sisters among "
    "the training images.",
    "the rate": "The rate was chosen by the test images, which then measure it.",
    "the last epoch": "When to stop was chosen by the images that then judge.",
    "none of them": "Training images teach, validation images choose, test images "
    "measure.",
}


@question(
    "40_training/20_splits",
    what=("birds", "shells", "leaves"),
    leak=tuple(_LEAKS),
    epoch_first=(True, False),
)
def what_leaks(what: str, leak: str, epoch_first: bool) -> Posed:
    """Find the step of a recipe that leaks."""
    source = "all" if leak == "the mean" else "the training"
    parts = "split at random into training, validation and test images"
    divided = f"get shifted copies, then all are {parts}"
    if leak != "the copies":
        divided = f"are {parts}, then each part gets shifted copies"
    rate, stop = (
        "test" if leak == name else "validation"
        for name in ("the rate", "the last epoch")
    )
    chosen = f"the rate by {rate} images, the last epoch by {stop} images"
    if epoch_first:
        chosen = f"the last epoch by {stop} images, the rate by {rate} images"
    wrong = {name: why for name, why in _LEAKS.items() if name != leak}
    likely = {"the copies", "the mean"} if leak == "none of them" else {"none of them"}
    order = sorted(wrong, key=lambda name: name not in likely)
    return Posed(
        f"Photographs of {what} {divided}. The mean that standardises comes from "
        f"{source} images. We choose {chosen}. Which step leaks?",
        leak,
        _LEAKY[leak],
        {name: wrong[name] for name in order},
    )


@question(
    "40_training/22_augmentation",
    padding=(2, 4),
    dot=((8, 20), (10, 24), (20, 12), (24, 9)),
    corner=((0, 1), (1, 3), (3, 4), (4, 0), (2, 1), (7, 5)),
    mirrored=(True, False),
)
def cropped_dot(
    padding: int, dot: tuple[int, int], corner: tuple[int, int], mirrored: bool
) -> Posed | None:
    """Place of a pixel after a crop."""
    if max(corner) > 2 * padding:
        return None
    (row, column), (top, left) = dot, corner
    image = torch.zeros(32, 32)
    image[dot] = 1
    out = F.pad(image, (padding,) * 4)[top : top + 32, left : left + 32]
    found = (out.flip(1) if mirrored else out).nonzero()[0].tolist()

    def seen(column: int) -> int:
        return 31 - column if mirrored else column

    then = ", and mirrored left to right" if mirrored else ""
    turned = f", mirrored 31 - {column + padding - left}" if mirrored else ""
    return Posed(
        f"A dot stands in row {row}, column {column} of a 32 x 32 image (both count "
        f"from 0). The image is padded by {padding} on each side; then 32 x 32 pixels "
        f"are cut out, from row {top}, column {left} of the padded one{then}. Where is "
        "the dot?",
        tuple(found),
        f"Row {row} + {padding} - {top}; column {column} + {padding} - {left}{turned}.",
        {
            (row - top, seen(column - left)): "The padding comes first, and it moves "
            "the dot down and to the right.",
            (row + top - padding, seen(column + left - padding)): "Cut further down "
            "and to the right, the dot comes up and to the left.",
            (row + padding - top, 31 - seen(column + padding - left)): "The place "
            "of the cut is right. Is the image mirrored here?",
        },
    )


_TRUE = {
    "mirror left and right": "Left and right change places, and the label does not "
    "ask for them.",
    "mirror above and below": "Above and below change places, and the label does not "
    "ask for them.",
    "change the hue": "The colours change, and the label does not ask for them.",
    "enlarge up to twice": "The size changes, and the label does not ask for it.",
    "move by two pixels": "Moved a little, it is still the same thing.",
}
_MIRROR, _UPSIDE, _HUE, _SIZE, _ = _TRUE
_FALSE = {
    _MIRROR: "Mirrored, the one kind becomes the other and keeps its old label.",
    _UPSIDE: "Mirrored, the one kind becomes the other and keeps its old label.",
    _HUE: "Red may become green, and keeps the label of red.",
    _SIZE: "A small one becomes a large one, and keeps its old label.",
}
_TASKS = {
    "arrows that point left from those that point right": _MIRROR,
    "faces that look left from those that look right": _MIRROR,
    "snails whose head is on the left from those with it on the right": _MIRROR,
    "arrows that point up from those that point down": _UPSIDE,
    "hourglasses with sand above from those with sand below": _UPSIDE,
    "red lamps from green ones": _HUE,
    "ripe tomatoes from green ones": _HUE,
    "large cells from small ones, all seen from one distance": _SIZE,
    "large coins from small ones, all seen from one distance": _SIZE,
}


@question(
    "40_training/22_augmentation",
    task=tuple(_TASKS),
    left_out=tuple(_TRUE),
)
def false_labels(task: str, left_out: str) -> Posed | None:
    """Find the change that makes labels false."""
    false = _TASKS[task]
    if left_out == false:
        return None
    return Posed(
        f"A network learns to tell {task}. Which augmentation makes labels false?",
        false,
        _FALSE[false],
        {
            change: why
            for change, why in _TRUE.items()
            if change not in {false, left_out}
        },
    )


QUESTIONS = (deviation_of_pixels, what_leaks, cropped_dot, false_labels)
