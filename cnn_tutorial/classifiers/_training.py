"""Train a classifier by a recipe, with checkpoints that say what they are of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import torch

from cnn_tutorial.classifiers._classifier import Classifier
from cnn_tutorial.classifiers._recipe import Recipe
from cnn_tutorial.datasets import Dataset
from cnn_tutorial.records import RunRecord
from cnn_tutorial.training import Callback, Checkpoints, Precision, fit

__all__ = ["Passport", "train"]


class Passport(Callback):
    """Puts into each checkpoint what it is a model of, and by which recipe.

    Parameters
    ----------
    classifier
        What is trained.
    recipe
        How; a training that goes on must have the same.
    """

    def __init__(self, classifier: Classifier, recipe: Recipe) -> None:
        self.facts = classifier.facts() | {"recipe": asdict(recipe)}

    def state_dict(self) -> dict[str, Any]:
        """Return the facts."""
        return self.facts

    def load_state_dict(self, state: dict[str, Any]) -> None:
        """Compare the facts with those of a checkpoint.

        Raises
        ------
        ValueError
            If the checkpoint is of another model, other data or another recipe.
        """
        before, now = _flat(state), _flat(self.facts)
        for name in sorted(before.keys() | now.keys()):
            if before.get(name) != now.get(name):
                raise ValueError(
                    f"The run was begun with {name} = {before.get(name)!r}; now it is "
                    f"{now.get(name)!r}. Go on with the same settings."
                )


def train(
    classifier: Classifier,
    data: Dataset,
    recipe: Recipe | None = None,
    *,
    seed: int = 0,
    device: torch.device | str | None = None,
    precision: Precision | str = "float32",
    checkpoints: Checkpoints | None = None,
    resume: bool = False,
    callbacks: Sequence[Callback] = (),
) -> RunRecord:
    """Train a classifier; validation images judge it after each epoch.

    Parameters
    ----------
    classifier
        Is trained in place.
    data
        Standardised with the figures of the classifier, which are those of the data it
        was made for.
    recipe
        How to train. None: the defaults.
    seed, device, precision, checkpoints, resume, callbacks
        As for `cnn_tutorial.training.fit`. `seed` also starts orders and augmentations.

    Returns
    -------
    RunRecord
        Curves and settings.

    Raises
    ------
    ValueError
        If the data have other classes, channels or size than the classifier, or what
        `fit` refuses.

    Examples
    --------
    >>> from cnn_tutorial import datasets
    >>> digits = datasets.load("digits").limited(40)
    >>> classifier = Classifier.create("lenet", digits.info)
    >>> record = train(classifier, digits, Recipe(epochs=2, rate=0.05, flip=False))
    >>> len(record.curves["validation_accuracy"])
    2
    """
    recipe = recipe or Recipe()
    classifier.check(data.info)
    batches = recipe.batches(classifier.standardised(data.train), seed=seed)
    validation = classifier.standardised(data.validation).batches(256)
    optimizer = recipe.optimizer(classifier.network)
    return fit(
        classifier.network,
        batches,
        validation,
        optimizer=optimizer,
        scheduler=recipe.schedule(optimizer, batches),
        epochs=recipe.epochs,
        loss=recipe.loss,
        device=device,
        seed=seed,
        precision=precision,
        checkpoints=checkpoints,
        resume=resume,
        callbacks=[Passport(classifier, recipe), *callbacks],
        config={
            "model": classifier.model,
            "settings": classifier.facts()["settings"],
            "data": classifier.data,
            "recipe": asdict(recipe),
        },
    )


def _flat(facts: dict[str, Any], before: str = "") -> dict[str, Any]:
    """Return nested dictionaries as one, with dots in its names."""
    found: dict[str, Any] = {}
    for name, value in facts.items():
        if isinstance(value, dict):
            found |= _flat(value, f"{before}{name}.")
        else:
            found[before + name] = value
    return found
