"""Exercise: a batch from images in the order of files."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]


def to_batch(images: list[Tensor]) -> Tensor:
    """Turn uint8 images (H, W, C) of one size into float32 (N, C, H, W), 0-1."""
    batch = torch.stack(images)  # (N, H, W, C)
    return batch.permute(0, 3, 1, 2) / 255


def _reshaped(images: list[Tensor]) -> Tensor:
    height, width, channels = images[0].shape
    return torch.stack(images).reshape(-1, channels, height, width) / 255


def _file_order(images: list[Tensor]) -> Tensor:
    return torch.stack(images) / 255


def _turned(images: list[Tensor]) -> Tensor:
    return torch.stack(images).permute(0, 3, 2, 1) / 255


def _bytes(images: list[Tensor]) -> Tensor:
    return torch.stack(images).permute(0, 3, 1, 2)


def _unscaled(images: list[Tensor]) -> Tensor:
    return torch.stack(images).permute(0, 3, 1, 2).float()


def _whole_numbers(images: list[Tensor]) -> Tensor:
    return (torch.stack(images).permute(0, 3, 1, 2) // 255).float()


def _whole_bytes(images: list[Tensor]) -> Tensor:
    return torch.stack(images).permute(0, 3, 1, 2) // 255


def _by_256(images: list[Tensor]) -> Tensor:
    return torch.stack(images).permute(0, 3, 1, 2) / 256


def _by_largest(images: list[Tensor]) -> Tensor:
    scaled = [image.permute(2, 0, 1) / image.max() for image in images]
    return torch.stack(scaled)


def _by_largest_of_all(images: list[Tensor]) -> Tensor:
    batch = torch.stack(images).permute(0, 3, 1, 2)
    return batch / batch.max()


def _by_16(images: list[Tensor]) -> Tensor:
    return torch.stack(images).permute(0, 3, 1, 2) / 16


def _joined(images: list[Tensor]) -> Tensor:
    return torch.cat([image.permute(2, 0, 1) for image in images]) / 255


def _one(images: list[Tensor]) -> Tensor:
    return to_batch(images[:1])


def _blue_first(images: list[Tensor]) -> Tensor:
    return to_batch(images).flip(1)


def _double(images: list[Tensor]) -> Tensor:
    return to_batch(images).double()


MISTAKES = (
    Mistake(
        "the pixels are dealt anew",
        "`reshape` gives the right shape and the wrong picture. Axes are moved by "
        "`permute`.",
        _reshaped,
    ),
    Mistake(
        "the channels are still last",
        "Files have H x W x C; a layer wants N x C x H x W. Move the channels to the "
        "front.",
        _file_order,
    ),
    Mistake(
        "rows and columns are swapped",
        "Height stays before width: in `permute(0, 3, 1, 2)`, 1 is H and 2 is W. `.T` "
        "turns all axes round.",
        _turned,
    ),
    Mistake(
        "the batch still holds bytes",
        "Dividing by 255 with `/` makes floats of bytes.",
        _bytes,
    ),
    Mistake(
        "the pixels are not scaled",
        "They are floats, but still reach up to 255: divide.",
        _unscaled,
    ),
    Mistake(
        "the pixels are divided as whole numbers",
        "`//` drops what comes after the point, and all but the brightest pixels are "
        "0. Use `/`.",
        _whole_numbers,
    ),
    Mistake(
        "the pixels are divided as whole numbers, and stay bytes",
        "`//` drops what comes after the point and keeps the dtype. Use `/`, which "
        "makes floats.",
        _whole_bytes,
    ),
    Mistake(
        "the pixels are divided by 256",
        "A byte has 256 values, and the largest is 255: that one should become 1.",
        _by_256,
    ),
    Mistake(
        "each image is divided by its own largest pixel",
        "Then a dark image and a bright one look the same. Divide by the largest "
        "possible value.",
        _by_largest,
    ),
    Mistake(
        "the batch is divided by its own largest pixel",
        "Then an image depends on its neighbours in the batch. Divide by the largest "
        "possible value.",
        _by_largest_of_all,
    ),
    Mistake(
        "the pixels are divided by 16",
        "That was the scale of scikit-learn's digits. These are bytes.",
        _by_16,
    ),
    Mistake(
        "the images are joined, not stacked",
        "`cat` makes an axis longer: the batch becomes one image with many channels. "
        "`stack` makes a new axis.",
        _joined,
    ),
    Mistake(
        "only the first image is there",
        "The batch needs all images, along its first axis.",
        _one,
    ),
    Mistake(
        "the channels are in the opposite order",
        "Channel 0 of the batch is channel 0 of the image: move the axis, do not turn "
        "it round.",
        _blue_first,
    ),
    Mistake(
        "the numbers are float64",
        "Layers compute in float32. Are there NumPy arrays or `double` on the way?",
        _double,
    ),
)


def _case(name: str, *images: list[list[list[int]]]) -> Case:
    def make() -> dict[str, object]:
        return {"images": [torch.tensor(i, dtype=torch.uint8) for i in images]}

    return Case(name, make)


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    whole = torch.randint(0, 240, (3, 5, 7, 3), generator=generator)
    return {"images": list(whole.to(torch.uint8))}


EXERCISE = Exercise(
    reference=to_batch,
    title="A batch from files",
    lesson="10_tensors/40_images",
    level="first steps",
    minutes=8,
    prompt="Turn a list of images, bytes in the order H x W x C, into one batch of "
    "floats from 0 to 1 in the order N x C x H x W.",
    observe=call_it(to_batch),
    cases=(
        # One row of two pixels with one channel: 0/255 and 51/255.
        _case("a grey image of 1 x 2 pixels", [[[0], [51]]]),
        _case("a colour image of 1 x 2 pixels", [[[255, 0, 51], [0, 102, 204]]]),
        _case("two images of 2 x 1 pixels", [[[9, 8]], [[7, 6]]], [[[5, 4]], [[3, 2]]]),
        _case("two images, one dark", [[[51], [255]]], [[[0], [51]]]),
        Case("three colour images of 5 x 7 pixels", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Three things have to change: one tensor instead of a list, the order of "
            "the axes, and the scale."
        ),
        (
            "`torch.stack` makes (N, H, W, C) of the list; `permute` moves the last "
            "axis to the second place."
        ),
        "`torch.stack(images).permute(0, 3, 1, 2) / 255`",
    ),
    next="Is your batch contiguous? Print its strides, and say what they are called.",
    imports="import torch",
)
