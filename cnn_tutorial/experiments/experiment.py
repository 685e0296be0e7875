"""An experiment: recipes that are compared, from several seeds each."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from cnn_tutorial._validation import choice
from cnn_tutorial.experiments.digest import digest
from cnn_tutorial.experiments.recipe import Build, Recipe, Run, train

if TYPE_CHECKING:
    from cnn_tutorial.datasets import Dataset

__all__ = ["Experiment", "get_experiment", "list_experiments"]

# Name -> file of this folder.
_FILES = {
    "comparison": "comparison",
    "degradation": "degradation",
    "fashion": "fashion",
    "leave-one-out": "leave_one_out",
    "resnet18-cifar10": "resnet18_cifar10",
}


@dataclass(frozen=True)
class Experiment:
    """Recipes to compare.

    Parameters
    ----------
    name
        What `get_experiment` knows it by.
    title
        What is asked, in one line.
    recipes
        Recipes by name; the first one is what the others are compared with.
    build
        Builds the model for a recipe.
    seeds
        From which each recipe is carried out: at least three, one is an anecdote.

    Raises
    ------
    ValueError
        If there is no recipe, or there are fewer than three seeds.
    """

    name: str
    title: str
    recipes: Mapping[str, Recipe]
    build: Build
    seeds: tuple[int, ...] = (0, 1, 2)

    def __post_init__(self) -> None:
        """Check that there is something to compare."""
        if not self.recipes:
            raise ValueError("`recipes` must hold at least one recipe.")
        if len(set(self.seeds)) < 3:
            raise ValueError(f"`seeds` (={self.seeds!r}) must be at least three.")

    def run(
        self,
        recipe: str | Recipe,
        seed: int,
        *,
        data: Dataset | None = None,
        device: torch.device | str | None = None,
    ) -> Run:
        """Carry out one recipe from one seed.

        Parameters
        ----------
        recipe
            A name out of `recipes`, or a recipe, for instance a shorter variant.
        seed
            Any; those of a recording are `seeds`.
        data
            Other images than those that the recipe names.
        device
            Where to compute; None: on the processor.

        Returns
        -------
        Run
            What came out.

        Raises
        ------
        ValueError
            If there is no such recipe.
        """
        if not isinstance(recipe, Recipe):
            recipe = self.recipes[choice("recipe", recipe, self.recipes)]
        return train(recipe, self.build, seed, data=data, device=device)

    def digests(self) -> dict[str, str]:
        """Return today's digest of each recipe and its code."""
        return {name: digest(r, self.build) for name, r in self.recipes.items()}

    def needs(self) -> Iterable[str]:
        """Return the names of the data sets that the recipes ask for."""
        return sorted({recipe.data for recipe in self.recipes.values()})


def list_experiments() -> list[str]:
    """Return the names that `get_experiment` knows.

    Examples
    --------
    >>> "leave-one-out" in list_experiments()
    True
    """
    return list(_FILES)


def get_experiment(name: str) -> Experiment:
    """Return an experiment by name.

    Parameters
    ----------
    name
        One of `list_experiments`.

    Raises
    ------
    ValueError
        If there is no such experiment.

    Examples
    --------
    >>> get_experiment("resnet18-cifar10").recipes["paper"].epochs
    20
    """
    file = _FILES[choice("name", name, _FILES)]
    module = importlib.import_module(f"cnn_tutorial.experiments.{file}")
    found: Experiment = module.EXPERIMENT
    return found
