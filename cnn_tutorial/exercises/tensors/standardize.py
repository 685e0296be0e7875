"""Exercise: standardise images by the statistics of the training images."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Both = tuple[Tensor, Tensor]


def standardize(train: Tensor, test: Tensor) -> tuple[Tensor, Tensor]:
    """Standardise (N, C, H, W) per channel by train's mean and deviation (over N)."""
    mean = train.mean(dim=(0, 2, 3), keepdim=True)  # (1, C, 1, 1)
    std = train.std(dim=(0, 2, 3), keepdim=True, correction=0)
    return (train - mean) / std, (test - mean) / std


def _over(*axes: int) -> Attempt:
    """Return an answer that averages over other axes."""

    def attempt(train: Tensor, test: Tensor) -> Both:
        mean = train.mean(dim=axes, keepdim=True)
        std = train.std(dim=axes, keepdim=True, correction=0)
        return (train - mean) / std, (test - mean) / std

    return attempt


def _each_its_own(train: Tensor, test: Tensor) -> Both:
    return standardize(train, train)[0], standardize(test, test)[0]


def _together(train: Tensor, test: Tensor) -> Both:
    found = standardize(torch.cat([train, test]), test)[0]
    return found[: len(train)], found[len(train) :]


def _per_image(train: Tensor, test: Tensor) -> Both:
    first, second = (
        (x - x.mean(dim=(2, 3), keepdim=True))
        / x.std(dim=(2, 3), keepdim=True, correction=0)
        for x in (train, test)
    )
    return first, second


def _variance(train: Tensor, test: Tensor) -> Both:
    mean = train.mean(dim=(0, 2, 3), keepdim=True)
    variance = train.var(dim=(0, 2, 3), keepdim=True, correction=0)
    return (train - mean) / variance, (test - mean) / variance


def _centred(train: Tensor, test: Tensor) -> Both:
    mean = train.mean(dim=(0, 2, 3), keepdim=True)
    return train - mean, test - mean


def _divided(train: Tensor, test: Tensor) -> Both:
    std = train.std(dim=(0, 2, 3), keepdim=True, correction=0)
    return train / std, test / std


def _divided_first(train: Tensor, test: Tensor) -> Both:
    mean = train.mean(dim=(0, 2, 3), keepdim=True)
    std = train.std(dim=(0, 2, 3), keepdim=True, correction=0)
    return train / std - mean, test / std - mean


def _one_less(train: Tensor, test: Tensor) -> Both:
    mean = train.mean(dim=(0, 2, 3), keepdim=True)
    std = train.std(dim=(0, 2, 3), keepdim=True)
    return (train - mean) / std, (test - mean) / std


def _test_untouched(train: Tensor, test: Tensor) -> Both:
    return standardize(train, test)[0], test.clone()


def _swapped(train: Tensor, test: Tensor) -> Both:
    first, second = standardize(test, train)
    return second, first


MISTAKES = (
    Mistake(
        "the test images are standardised by their own statistics",
        "Mean and deviation belong to the model: take those of `train` for both.",
        _each_its_own,
    ),
    Mistake(
        "training and test images are measured together",
        "That is leakage: what the test images are like must not be known before the "
        "test.",
        _together,
    ),
    Mistake(
        "the statistics are those of the test images",
        "The other way round: measure `train`, apply to both.",
        _swapped,
    ),
    Mistake(
        "the test images are left as they were",
        "The model has learned on standardised images: it must read such.",
        _test_untouched,
    ),
    Mistake(
        "all channels share one mean",
        "Each channel has its own mean and deviation: average over N, H and W, not "
        "over C.",
        _over(0, 1, 2, 3),
    ),
    Mistake(
        "each pixel has its own mean",
        "Average over rows and columns too: a channel has one mean, wherever it is.",
        _over(0),
    ),
    Mistake(
        "each image is standardised by itself",
        "Then bright and dark images become alike. Average over the images as well.",
        _per_image,
    ),
    Mistake(
        "the mean is taken over the channels",
        "In (N, C, H, W) the channels are axis 1: that is the one axis that stays.",
        _over(0, 1),
    ),
    Mistake(
        "the variance is taken for the deviation",
        "The deviation is the square root of the variance, in the units of the pixels.",
        _variance,
    ),
    Mistake(
        "the images are centred only",
        "After the mean is subtracted, divide by the deviation.",
        _centred,
    ),
    Mistake(
        "the images are divided only",
        "Subtract the mean first: it is the part that changes the hill.",
        _divided,
    ),
    Mistake(
        "the division comes before the subtraction",
        "(x - mean) / std, not x / std - mean: the parentheses matter.",
        _divided_first,
    ),
    Mistake(
        "the deviation is divided by N - 1",
        "Divide by N here: `std(..., correction=0)`. For many images it makes no "
        "difference; these are few.",
        _one_less,
    ),
)


def _case(
    name: str, train: list[list[list[list[float]]]], test: list[list[list[list[float]]]]
) -> Case:
    return Case(
        name, lambda: {"train": torch.tensor(train), "test": torch.tensor(test)}
    )


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    scale = torch.tensor([0.1, 0.2, 0.4]).reshape(3, 1, 1)
    train = 0.3 + scale * torch.rand(5, 3, 7, 11, generator=generator)
    test = 0.2 + 0.5 * torch.rand(2, 3, 7, 11, generator=generator)
    return {"train": train, "test": test}


EXERCISE = Exercise(
    reference=standardize,
    title="Standardise by training statistics",
    lesson="10_tensors/47_normalising",
    level="core",
    minutes=10,
    prompt="Standardise training and test images, channel by channel, with the mean "
    "and the standard deviation of the training images. Divide by N, not N - 1.",
    observe=call_it(standardize),
    cases=(
        # Mean 2, deviation 1, in one channel.
        _case(
            "two grey images of 1 x 2 pixels",
            [[[[1.0, 3.0]]], [[[1.0, 3.0]]]],
            [[[[2.0, 5.0]]]],
        ),
        # Channel 0: mean 2, deviation 2; channel 1: mean 10, deviation 5.
        _case(
            "two images with two channels",
            [[[[0.0, 0.0]], [[5.0, 15.0]]], [[[4.0, 4.0]], [[15.0, 5.0]]]],
            [[[[2.0, 6.0]], [[10.0, 0.0]]]],
        ),
        # Mean 3, deviation 2: the test image is as dark as the darkest pixel.
        _case(
            "a dark test image",
            [[[[1.0, 5.0], [5.0, 1.0]]]],
            [[[[1.0, 1.0], [1.0, 1.0]]]],
        ),
        Case("five colour images of 7 x 11 pixels", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "How many means are there for (N, C, H, W)? Over which axes is each one taken?",
        (
            "`train.mean(dim=(0, 2, 3), keepdim=True)` has shape (1, C, 1, 1) and "
            "meets both batches by broadcasting."
        ),
        (
            "mean and std over dim=(0, 2, 3) of `train`, std with correction=0; return "
            "(train - mean) / std, (test - mean) / std."
        ),
    ),
    next="Which of your numbers would you save with a trained network, and why?",
)
