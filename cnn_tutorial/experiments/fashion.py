"""Three families on all of Fashion-MNIST, beside the figures that others published.

Rate, schedule and batch are those of a short training: some epochs, not hundreds. The
last tenth of the training images judges; the test images are looked at once, at the
end of each run.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnn_tutorial.experiments.experiment import Experiment
from cnn_tutorial.experiments.families import build
from cnn_tutorial.experiments.recipe import Recipe

__all__ = ["EXPERIMENT"]

SAME = Recipe(
    data="fashion-mnist",
    epochs=2,
    batch_size=100,
    optimizer="adamw",
    lr=3e-3,
    weight_decay=0.01,
    schedule="one-cycle",
    flip=True,
)
NETS: dict[str, dict[str, Any]] = {
    "SimpleCNN": {"name": "simple", "width": 32},
    "ResNet-8": {"name": "resnet8", "width": 16},
    "DenseNet-22": {"name": "densenet", "depths": [3, 3, 3], "width": 8},
}

EXPERIMENT = Experiment(
    name="fashion",
    title="How near do a few epochs on a processor get to published figures?",
    recipes={name: replace(SAME, model=model) for name, model in NETS.items()},
    build=build,
)
