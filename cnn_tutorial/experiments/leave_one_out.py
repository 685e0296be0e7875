"""Which ingredient of a recipe earns its place? Leave out one at a time.

The learning rate and the length were set for the whole recipe, once, and not again for
each variant: what is left out could do better with settings of its own.
"""

from __future__ import annotations

from dataclasses import replace

from cnn_tutorial.experiments.experiment import Experiment
from cnn_tutorial.experiments.recipe import Recipe
from cnn_tutorial.experiments.small_nets import build

__all__ = ["EXPERIMENT"]

WHOLE = Recipe(
    data="fashion-sample",
    images=2500,
    epochs=8,
    batch_size=64,
    optimizer="sgd",
    lr=0.1,
    momentum=0.9,
    weight_decay=5e-4,
    schedule="one-cycle",
    crop=2,
    flip=True,
    label_smoothing=0.1,
    model={"width": 16, "norm": True, "dropout": 0.0},
)

EXPERIMENT = Experiment(
    name="leave-one-out",
    title="Which ingredient of a recipe earns its place?",
    recipes={
        "all of it": WHOLE,
        "no batch norm": replace(WHOLE, model={**WHOLE.model, "norm": False}),
        "no momentum": replace(WHOLE, momentum=0.0),
        "no schedule": replace(WHOLE, schedule="constant"),
        "no weight decay": replace(WHOLE, weight_decay=0.0),
        "no label smoothing": replace(WHOLE, label_smoothing=0.0),
        "no crop and flip": replace(WHOLE, crop=0, flip=False),
        "dropout 0.3 besides": replace(WHOLE, model={**WHOLE.model, "dropout": 0.3}),
    },
    build=build,
)
