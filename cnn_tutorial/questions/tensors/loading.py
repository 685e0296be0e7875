"""Who brings the images, and in which units."""

from __future__ import annotations

from collections.abc import Callable
from copy import copy
from typing import Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset, TensorDataset, random_split

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "10_tensors/45_loading",
    batch=(10, 20, 50),
    full=(4, 7, 9),
    rest=(3, 5, 8),
    epochs=(2, 3),
    drop_last=(True, False),
)
def updates(batch: int, full: int, rest: int, epochs: int, drop_last: bool) -> Posed:
    """How many steps a few epochs take."""
    samples = full * batch + rest
    loader = DataLoader(TensorDataset(torch.zeros(samples)), batch, drop_last=drop_last)
    each, other = len(loader), full + drop_last
    return Posed(
        f"{samples} images come in batches of {batch}. A shorter last batch is "
        f"{'left out' if drop_last else 'used, too'}. A step comes after each batch. "
        f"How many steps are {epochs} epochs?",
        epochs * each,
        f"{samples} = {full} * {batch} + {rest}: {each} batches an epoch, and "
        f"{epochs} * {each}.",
        {
            epochs * other: "Does the shorter last batch bring a step here?",
            each: "That is one epoch.",
            epochs * samples: "Batches are counted here, not images.",
            epochs
            * batch: "A batch has so many images. How many batches has an epoch?",
        },
    )


class _Digits(Dataset[int]):
    """Ten images that are 0, and 1 when they are noisy."""

    transform: Callable[[int], int] | None = None

    def __len__(self) -> int:
        return 10

    def __getitem__(self, i: int) -> int:
        return self.transform(0) if self.transform is not None else 0


def _noisy(image: int) -> int:
    return image + 1


_PARTS = {
    (1, 1): "the images of both parts",
    (1, 0): "those of training alone",
    (0, 1): "those held out alone",
    (0, 0): "no images at all",
}


@question(
    "10_tensors/45_loading",
    own=("", "", "training", "held_out"),
    target=("training", "training.dataset", "held_out.dataset", "digits", "digits"),
)
def noise_reaches(own: str, target: str) -> Posed:
    """Images that a transform reaches after a split."""
    digits = _Digits()
    seeded = torch.Generator().manual_seed(0)
    training, held_out = random_split(digits, [0.8, 0.2], seeded)
    names: dict[str, Any] = {"training": training, "held_out": held_out}
    if own:
        names[own].dataset = copy(digits)
    names |= {f"{name}.dataset": part.dataset for name, part in names.items()}
    (names | {"digits": digits})[target].transform = _noisy
    copied = f"`{own}.dataset = copy(digits)`, then " if own else ""
    kept = f"; {own.replace('_', ' ')} images come from a copy" if own else ""
    return Posed(
        "First `training, held_out = random_split(digits, [0.8, 0.2])`, then "
        f"{copied}`{target}.transform = noisy`. Which images come noisy?",
        _PARTS[training[0], held_out[0]],
        "Nobody asks a part for its `transform`: the data set behind it makes images."
        if target in ("training", "held_out")
        else f"A data set applies its transform for all parts that share it{kept}.",
        {
            _PARTS[1, 1]: "For that, both parts must read from the data set whose "
            "transform is set.",
            _PARTS[1, 0]: "For that, `training` must read from the data set whose "
            "transform is set, and `held_out` from another.",
            _PARTS[0, 1]: "For that, `held_out` must read from the data set whose "
            "transform is set, and `training` from another.",
            _PARTS[0, 0]: "Some data set has the transform now. Who reads from it?",
        },
    )


@question(
    "10_tensors/47_normalising",
    mean=(0.2, 0.3, 0.4),
    deviation=(0.2, 0.4, 0.5),
    other_mean=(0.5, 0.6),
    other_deviation=(0.1, 0.25),
    pixel=(0.0, 0.8, 1.0),
)
def standardised_pixel(
    mean: float,
    deviation: float,
    other_mean: float,
    other_deviation: float,
    pixel: float,
) -> Posed:
    """Value that a network reads for a pixel of a test image."""

    def value(m: float, s: float) -> str:
        x = (torch.tensor(pixel, dtype=torch.float64) - m) / s
        return f"{x.item():.2f}"

    return Posed(
        f"Training images have mean {mean:g} and standard deviation {deviation:g}, "
        f"test images {other_mean:g} and {other_deviation:g}. A network was trained on "
        f"standardised images. Which number should it get for a test pixel of "
        f"{pixel:g}?",
        value(mean, deviation),
        "The training images' statistics are part of the model: "
        f"({pixel:g} - {mean:g}) / {deviation:g}.",
        {
            value(other_mean, other_deviation): "The network learned in other units. "
            "Whose statistics made them?",
            value(mean, 1): "Subtracted, and not yet divided.",
            value(0, deviation): "Divided, and nothing was subtracted.",
            f"{pixel / deviation - mean:.2f}": "First subtract, then divide.",
        },
    )


@question(
    "10_tensors/47_normalising",
    factor=(2, 5, 10),
    rate=(0.4, 0.5, 1.0, 2.0),
    larger=(True, False),
)
def matching_rate(factor: int, rate: float, larger: bool) -> Posed:
    """Learning rate that takes the same steps in other units."""
    unit = factor if larger else 1 / factor
    x, goal = torch.tensor([3.0, 1.0], dtype=torch.float64), 2.0

    def slope(w: Tensor, x: Tensor) -> Tensor:
        w = w.clone().requires_grad_()
        return torch.autograd.grad((w @ x - goal) ** 2, w)[0]

    w = torch.tensor([0.5, 0.25], dtype=torch.float64)
    step = rate * slope(w, x) / unit  # in the weights of the other units
    found = (step / slope(w / unit, unit * x)).mean().item()
    return Posed(
        f"A linear classifier learns well with rate {rate:g}. Now all pixels are "
        f"{'multiplied' if larger else 'divided'} by {factor}. With which rate of its "
        "weights do its predictions change by the same steps as before?",
        f"{found:g}",
        f"The weights are {factor} times {'smaller' if larger else 'larger'}, their "
        f"slopes {factor} times {'larger' if larger else 'smaller'}: the rate is "
        f"{'divided' if larger else 'multiplied'} by {factor} * {factor}.",
        {
            f"{rate / unit:g}": "Two things change: the size of the weights, and that "
            "of their slopes.",
            f"{rate:g}": "A pixel multiplies its weight, and the slope of its weight.",
            f"{rate * unit**2:g}": "Do larger pixels make larger slopes, or smaller?",
            f"{rate * unit:g}": "Do larger pixels make larger slopes, or smaller?",
        },
    )


QUESTIONS = (updates, noise_reaches, standardised_pixel, matching_rate)
