"""Trainings that a page cannot afford: recipes as data, and what they gave.

An *experiment* is a file of this folder: recipes that are compared, what builds the
model, and the seeds. ``python -m cnn_tutorial record NAME`` runs all of it and keeps
curves and scores with their provenance in ``records/NAME.json``; `recorded` reads that
back, and says whether a recipe or its code has changed since.
"""

from __future__ import annotations

from cnn_tutorial.experiments.carrying_out import carry_out
from cnn_tutorial.experiments.digest import digest
from cnn_tutorial.experiments.experiment import (
    Experiment,
    get_experiment,
    list_experiments,
)
from cnn_tutorial.experiments.keeping import load, recorded, save
from cnn_tutorial.experiments.recipe import Recipe, Run, train
from cnn_tutorial.experiments.recording import Recording
from cnn_tutorial.experiments.small_nets import small_net

__all__ = [
    "Experiment",
    "Recipe",
    "Recording",
    "Run",
    "carry_out",
    "digest",
    "get_experiment",
    "list_experiments",
    "load",
    "recorded",
    "save",
    "small_net",
    "train",
]
