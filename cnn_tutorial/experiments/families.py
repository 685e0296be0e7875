"""The families of networks by one set of names, for experiments that compare them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from cnn_tutorial.models import DenseNet, create_model

if TYPE_CHECKING:
    from cnn_tutorial.datasets import DatasetInfo
    from cnn_tutorial.experiments.recipe import Recipe

__all__ = ["build"]

#: What those networks call the size of their images that must know it.
SIZED = {"lenet": "input_size", "simple": "size"}


def build(recipe: Recipe, info: DatasetInfo) -> nn.Module:
    """Return the network that a recipe names, for the images of a data set.

    Parameters
    ----------
    recipe
        Its ``model`` has a ``name``: ``"densenet"``, with the ``depths`` of
        `cnn_tutorial.models.DenseNet`, or one that `cnn_tutorial.models.create_model`
        knows. The rest are settings of that network.
    info
        Of the images.

    Examples
    --------
    >>> from cnn_tutorial import datasets
    >>> from cnn_tutorial.experiments.recipe import Recipe
    >>> clothes = datasets.describe("fashion-sample")
    >>> lenet = Recipe(data=clothes.name, epochs=1, model={"name": "lenet"})
    >>> build(lenet, clothes).fc1.in_features  # 16 channels of (28 / 2 - 2) / 2 = 5
    400
    """
    settings = dict(recipe.model)
    name = settings.pop("name")
    settings |= {"in_channels": info.channels, "num_classes": info.num_classes}
    if name in SIZED:
        settings[SIZED[name]] = info.size
    net: nn.Module
    if name == "densenet":
        net = DenseNet(settings.pop("depths"), **settings)
    else:
        net = create_model(name, **settings)
    # On a processor a third less time: the numbers of one pixel lie side by side.
    return net.to(memory_format=torch.channels_last)
