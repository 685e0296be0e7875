"""Training: `fit` as it chooses, the loop of many tutorials, and a bare loop."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.data import DataLoader, Dataset

from cnn_tutorial import datasets, models, training
from cnn_tutorial.benchmarks.clock import Method
from cnn_tutorial.benchmarks.comparing import compare
from cnn_tutorial.benchmarks.comparison import Comparison
from cnn_tutorial.benchmarks.suite import Suite
from cnn_tutorial.benchmarks.targets import Target
from cnn_tutorial.datasets import RandomCrop, RandomFlip, Split
from cnn_tutorial.datasets.augmentation import Augmentation

__all__ = ["SUITE", "Pictures", "bare_candidates", "plain_candidates", "plain_loop"]

PLAIN, BARE, FIT = "plain loop", "bare loop", "fit"
RESNET = "ResNet-18, 32 x 32, batch 128"
BATCH = 128
PADDING = 4


class Pictures(Dataset[tuple[Tensor, int]]):
    """Images one by one, as torchvision's data sets give them: by way of PIL.

    Parameters
    ----------
    split
        Images of one or three channels.
    """

    def __init__(self, split: Split) -> None:
        # A cost of the loop that this is part of; who only imports us need not wait.
        from torchvision import transforms

        self.arrays = split.images.permute(0, 2, 3, 1).numpy()  # (N, H, W, C)
        self.labels = split.labels.tolist()
        self.transform: Callable[[object], Tensor] = transforms.Compose(
            [
                transforms.RandomCrop(split.info.size, padding=PADDING),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(split.info.mean, split.info.std),
            ]
        )

    def __len__(self) -> int:
        """Return the number of images."""
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Tensor, int]:
        """Return an image, changed at random and standardised, and its label."""
        from PIL import Image

        array = self.arrays[index]
        picture = Image.fromarray(array if array.shape[-1] == 3 else array[..., 0])
        return self.transform(picture), self.labels[index]


def _sgd(model: nn.Module) -> torch.optim.Optimizer:
    return torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)


def plain_loop(
    model: nn.Module,
    batches: Iterable[Any],
    optimizer: torch.optim.Optimizer,
) -> tuple[float, float]:
    """Train for one epoch as tutorials do, and return mean loss and accuracy.

    Parameters
    ----------
    model, batches, optimizer
        As for `cnn_tutorial.training.train_epoch`.

    Examples
    --------
    >>> model = nn.Linear(1, 2)
    >>> _ = nn.init.zeros_(model.weight), nn.init.zeros_(model.bias)
    >>> batch = torch.tensor([[1.0]]), torch.tensor([0])
    >>> loss, right = plain_loop(model, [batch], _sgd(model))
    >>> round(loss, 4), right  # ln 2: both classes equally likely, the first one taken
    (0.6931, 1.0)
    """
    model.train()
    total, correct, count = 0.0, 0, 0
    for images, labels in batches:
        scores = model(images)
        loss = F.cross_entropy(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        correct += int((scores.argmax(dim=1) == labels).sum().item())
        count += len(labels)
    return total / count, correct / count


def plain_candidates(
    model: nn.Module, split: Split, *, batch_size: int = BATCH
) -> dict[str, Method]:
    """Return one epoch of the plain loop and of `fit`, ready to be called.

    Both train a copy of the model on random crops and mirror images. The plain loop
    computes in float32 and PyTorch's order and takes its batches from a ``DataLoader``
    with torchvision's transforms of PIL images; `fit` takes them from memory, and
    computes as ``precision="auto"`` found fastest, once, before anything is timed.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes).
    split
        What to train on.
    batch_size
        Images in a batch.
    """
    changes: list[Augmentation] = [RandomCrop(PADDING), RandomFlip()]
    images, _ = next(iter(split.batches(batch_size)))
    precision, _ = training.choose_precision(model, images)
    loader = DataLoader(Pictures(split), batch_size=batch_size, shuffle=True)
    batches = split.batches(batch_size, shuffle=True, augment=changes)

    def plain() -> object:
        twin = copy.deepcopy(model)
        return plain_loop(twin, loader, _sgd(twin))

    def fit() -> object:
        twin = copy.deepcopy(model)
        return training.fit(
            twin, batches, optimizer=_sgd(twin), epochs=1, precision=precision
        )

    return {PLAIN: plain, FIT: fit}


def bare_candidates(
    model: nn.Module, split: Split, *, batch_size: int = BATCH
) -> dict[str, Method]:
    """Return one epoch of a bare loop and of `fit` with the same settings.

    Both return the trained parameters in one row, which must agree to the last bit.

    Parameters
    ----------
    model, split, batch_size
        As for `plain_candidates`.
    """
    batches = list(split.batches(batch_size))

    def trained(twin: nn.Module) -> Tensor:
        return torch.cat([p.detach().flatten() for p in twin.parameters()])

    def bare() -> Tensor:
        twin = copy.deepcopy(model)
        plain_loop(twin, batches, _sgd(twin))
        return trained(twin)

    def fit() -> Tensor:
        twin = copy.deepcopy(model)
        training.fit(twin, batches, optimizer=_sgd(twin), epochs=1)
        return trained(twin)

    return {BARE: bare, FIT: fit}


def _some(split: Split, batches: int) -> Split:
    return split.subset(slice(batches * BATCH))


def _measure(quick: bool) -> Iterator[Comparison]:
    train = datasets.load("photo-patches").train
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        small = models.resnet20(in_channels=3)
        net = small if quick else models.resnet18(in_channels=3)
        yield compare(
            plain_candidates(net, _some(train, 4 if quick else 3)),
            baseline=FIT,
            title="ResNet-20, 32 x 32, batch 128" if quick else RESNET,
            rounds=3 if quick else 7,
            seconds=0 if quick else 3600,
            tolerance=None,  # other random crops, and numbers of other precision
        )
        yield compare(
            bare_candidates(small, _some(train, 8 if quick else 16)),
            baseline=BARE,
            title="Overhead: ResNet-20, the same batches and settings",
            rounds=5 if quick else 9,
            seconds=0 if quick else 3600,
            tolerance=0,
        )


SUITE = Suite(
    title="Training: fit against the loop of many tutorials, and against a bare loop",
    measure=_measure,
    targets=(
        Target(
            "fit trains ResNet-18 at least 2 times as fast as the plain loop",
            name=PLAIN,
            to=FIT,
            at_least=2,
            where=RESNET,
        ),
        Target(
            "fit is never slower than the plain loop", name=FIT, to=PLAIN, at_most=1
        ),
        Target(
            "fit takes at most 5 % longer than a bare loop of the same settings",
            name=FIT,
            to=BARE,
            at_most=1.05,
        ),
    ),
)
