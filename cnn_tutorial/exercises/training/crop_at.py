"""Exercise: cut each image of a batch at its own place."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def crop_at(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    """Pad (N, C, H, W) by zeros; cut (H, W) out of image i at row top[i], left[i]."""
    height, width = images.shape[2:]
    padded = F.pad(images, (padding, padding, padding, padding))
    cut = [
        image[:, y : y + height, x : x + width]
        for image, y, x in zip(padded, top.tolist(), left.tolist(), strict=True)
    ]
    return torch.stack(cut)


def _one_place(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    same = top[:1].expand_as(top), left[:1].expand_as(left)
    return crop_at(images, *same, padding)


def _swapped(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    return crop_at(images, left, top, padding)


def _other_way(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    return crop_at(images, 2 * padding - top, 2 * padding - left, padding)


def _from_the_image(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    wider = F.pad(images, (padding,) * 4)
    inner = slice(padding, -padding)
    return crop_at(wider, top + padding, left + padding, padding)[:, :, inner, inner]


def _rolled(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    shifts = zip((padding - top).tolist(), (padding - left).tolist(), strict=True)
    moved = [x.roll(shift, (1, 2)) for x, shift in zip(images, shifts, strict=True)]
    return torch.stack(moved)


def _edges(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    padded = F.pad(images.float(), (padding,) * 4, mode="replicate").to(images.dtype)
    height, width = images.shape[2:]
    rows, columns = top.tolist(), left.tolist()
    cut = [
        image[:, y : y + height, x : x + width]
        for image, y, x in zip(padded, rows, columns, strict=True)
    ]
    return torch.stack(cut)


def _no_margin(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    height, width = images.shape[2:]
    cut = [
        image[:, y : y + height, x : x + width]
        for image, y, x in zip(images, top.tolist(), left.tolist(), strict=True)
    ]
    return torch.stack(cut)


def _ends_as_lengths(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    padded = F.pad(images, (padding,) * 4)
    height, width = images.shape[2:]
    cut = [
        image[:, y:height, x:width]
        for image, y, x in zip(padded, top.tolist(), left.tolist(), strict=True)
    ]
    return torch.stack(cut)


def _one_side(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    padded = F.pad(images, (padding, padding))
    height, width = images.shape[2:]
    cut = [
        image[:, y : y + height, x : x + width]
        for image, y, x in zip(padded, top.tolist(), left.tolist(), strict=True)
    ]
    return torch.stack(cut)


def _not_cut(images: Tensor, top: Tensor, left: Tensor, padding: int) -> Tensor:
    return F.pad(images, (padding,) * 4)


MISTAKES = (
    Mistake(
        "all images are cut at one place",
        "Here every image is cut where the first one is. Image i has a place of its "
        "own: `top[i]` and `left[i]`, in a loop or by an index.",
        _one_place,
    ),
    Mistake(
        "rows and columns are swapped",
        "`top` counts rows, axis 2 of the batch; `left` counts columns, axis 3.",
        _swapped,
    ),
    Mistake(
        "the images move the other way",
        "A larger `top` begins the cut further down, so that what it holds moves up. "
        "Do not subtract: row `top[i]` of the padded image is row 0 of the answer.",
        _other_way,
    ),
    Mistake(
        "places are counted from the image",
        "Count from the corner of the *padded* image: there `top = padding` cuts the "
        "old image out again, so nothing has to be added to `top`.",
        _from_the_image,
    ),
    Mistake(
        "pixels come back on the other side",
        "`roll` goes around in a circle. What leaves is gone, and zeros come in.",
        _rolled,
    ),
    Mistake(
        "the border is repeated",
        "The margin is zeros, which `F.pad` does unless told otherwise.",
        _edges,
    ),
    Mistake(
        "nothing was padded",
        "Pad first, then cut: with `images` in the place of the padded ones a cut that "
        "begins further down runs out of rows and comes out short.",
        _no_margin,
    ),
    Mistake(
        "a slice ends at a length",
        "The second number of a slice is where it ends, not how long it is: rows run "
        "from `top[i]` to `top[i] + H`.",
        _ends_as_lengths,
    ),
    Mistake(
        "only left and right were padded",
        "`F.pad` counts axes from the last one, with two numbers for each: columns "
        "first, then rows. Four numbers pad both.",
        _one_side,
    ),
    Mistake(
        "the padded images are returned whole",
        "They are larger than before, by `2 * padding` each way. Cut the old height "
        "and width out of each.",
        _not_cut,
    ),
)


def _case(
    name: str, shape: tuple[int, ...], top: list[int], left: list[int], padding: int
) -> Case:
    def make() -> dict[str, object]:
        count = torch.Size(shape).numel()
        images = torch.arange(1.0, count + 1).reshape(shape)
        places = {"top": torch.tensor(top), "left": torch.tensor(left)}
        return {"images": images, **places, "padding": padding}

    return Case(name, make)


EXERCISE = Exercise(
    reference=crop_at,
    title="Crops, each at its own place",
    lesson="40_training/22_augmentation",
    level="core",
    minutes=10,
    prompt="Pad a batch (N, C, H, W) by zeros on all sides. Cut height and width of "
    "the old size out of image i, at row `top[i]` and column `left[i]` of the padded "
    "image.",
    observe=call_it(crop_at),
    cases=(
        _case("one image, at the upper left corner", (1, 1, 2, 2), [0], [0], 1),
        _case("one image, one row down", (1, 1, 2, 3), [2], [1], 1),
        _case("two images, two places", (2, 1, 2, 2), [0, 2], [1, 0], 1),
        _case("two channels", (1, 2, 3, 2), [1], [2], 1),
        _case("a margin of two", (3, 2, 5, 3), [4, 0, 1], [3, 2, 0], 2),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Pad the whole batch first. Then the pixel in row `top[i]` and column "
            "`left[i]` of padded image i is the upper left pixel of the answer."
        ),
        (
            "`F.pad(images, (p, p, p, p))`, then for each image a slice of rows and "
            "one of columns, as long as before."
        ),
        (
            "`padded[i, :, top[i] : top[i] + H, left[i] : left[i] + W]` for each i, "
            "then `torch.stack`."
        ),
    ),
    imports="import torch\nimport torch.nn.functional as F",
    next="Without a loop: `padded.unfold(2, H, 1).unfold(3, W, 1)` holds all crops as "
    "a view. Which index picks one for each image?",
)
