"""All families on the same images, with the same recipe, for the same epochs.

The networks are small: a page about them should count in seconds. Sizes were chosen by
counting, so that the cheapest and the dearest are far apart, and not by trying; the
learning rate was set once, for all of them. Two families are here in two widths.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnn_tutorial.experiments.experiment import Experiment
from cnn_tutorial.experiments.families import build
from cnn_tutorial.experiments.recipe import Recipe

__all__ = ["EXPERIMENT"]

SAME = Recipe(
    data="fashion-sample",
    images=3000,
    epochs=5,
    batch_size=50,
    optimizer="adamw",
    lr=2e-3,
    weight_decay=0.01,
    schedule="one-cycle",
    flip=True,
)
NETS: dict[str, dict[str, Any]] = {
    "LeNet": {"name": "lenet"},
    "SimpleCNN": {"name": "simple", "width": 16},
    "AlexNet": {"name": "alexnet", "width": 12},
    "VGG": {"name": "vgg_small", "width": 8, "hidden": 64},
    "VGG x2": {"name": "vgg_small", "width": 16, "hidden": 64},
    "plain-20": {"name": "plain20", "width": 8},
    "ResNet-8": {"name": "resnet8", "width": 8},
    "ResNet-8 x2": {"name": "resnet8", "width": 16},
    "ResNet-20": {"name": "resnet20", "width": 8},
    "SE-ResNet": {"name": "se_resnet18", "width": 8, "reduction": 4},
    "DenseNet-22": {"name": "densenet", "depths": [3, 3, 3], "width": 8},
    "MobileNetV2": {"name": "mobilenet_v2", "width": 8},
    "EfficientNet": {"name": "efficientnet_b0", "width": 4},
}

EXPERIMENT = Experiment(
    name="comparison",
    title="Which family does most with little data, little work, little time?",
    recipes={name: replace(SAME, model=model) for name, model in NETS.items()},
    build=build,
)
