"""Weights that torchvision's networks were saved with, for ours.

The networks are the same where they have a common paper; the names of their modules are
not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from torch import Tensor, nn

from cnn_tutorial._validation import choice
from cnn_tutorial.models.alexnet import AlexNet
from cnn_tutorial.models.densenet import densenet121, densenet169
from cnn_tutorial.models.mobile import efficientnet_b0, mobilenet_v2
from cnn_tutorial.models.resnet import resnet18, resnet34, resnet50, resnet101
from cnn_tutorial.models.torchvision_names import torchvision_names
from cnn_tutorial.models.vgg import vgg11, vgg16

__all__ = ["from_torchvision", "like_torchvision"]

_LARGE: dict[str, Any] = {"stem": "large"}
_FLAT: dict[str, Any] = {"head": "flat", "hidden": 4096}
# Their batch-norm versions keep the biases that the norms cancel.
_BARE, _NORM = _FLAT | {"norm": False}, _FLAT | {"bias": True}
_ALEXNET: dict[str, Any] = {"channels": (64, 192, 384, 256, 256), "padding": 2}

_BUILDERS: dict[str, Callable[..., nn.Module]] = {
    "alexnet": partial(AlexNet, **_LARGE, **_ALEXNET),
    "vgg11": partial(vgg11, **_BARE),
    "vgg11_bn": partial(vgg11, **_NORM),
    "vgg16": partial(vgg16, **_BARE),
    "vgg16_bn": partial(vgg16, **_NORM),
    "resnet18": partial(resnet18, **_LARGE),
    "resnet34": partial(resnet34, **_LARGE),
    "resnet50": partial(resnet50, **_LARGE),
    "resnet101": partial(resnet101, **_LARGE),
    "densenet121": partial(densenet121, **_LARGE),
    "densenet169": partial(densenet169, **_LARGE),
    "mobilenet_v2": partial(mobilenet_v2, **_LARGE),
    "efficientnet_b0": partial(efficientnet_b0, **_LARGE),
}


def like_torchvision(name: str, *, num_classes: int = 1000) -> nn.Module:
    """Build the network of this package that has the shape of torchvision's.

    Parameters
    ----------
    name
        As in ``torchvision.models``.
    num_classes
        How many scores come out for each image; ImageNet has 1,000 classes.

    Returns
    -------
    module
        Untrained, for images with three channels.

    Raises
    ------
    ValueError
        If none of ours has this shape.

    Examples
    --------
    >>> import torch
    >>> with torch.device("meta"):
    ...     net = like_torchvision("resnet18")
    >>> sum(p.numel() for p in net.parameters())  # as its page there says
    11689512
    """
    build = _BUILDERS[choice("name", name, _BUILDERS)]
    return build(in_channels=3, num_classes=num_classes)


def from_torchvision(
    model: nn.Module, weights: Mapping[str, Tensor]
) -> dict[str, Tensor]:
    """Return torchvision's weights under our names.

    Parameters
    ----------
    model
        One of ours, in the shape of theirs, as `like_torchvision` builds it.
    weights
        The ``state_dict`` of one of theirs.

    Returns
    -------
    dict of str to tensor
        For ``model.load_state_dict``. The tensors are not copied.

    Raises
    ------
    ValueError
        If the networks differ: the message names the first weight that does not fit.

    Examples
    --------
    >>> import torchvision
    >>> theirs = torchvision.models.mobilenet_v2()
    >>> ours = like_torchvision("mobilenet_v2")
    >>> ours.load_state_dict(from_torchvision(ours, theirs.state_dict()))
    <All keys matched successfully>
    """
    names, found = torchvision_names(model), {}
    for key, wanted in model.state_dict().items():
        module, _, kind = key.rpartition(".")
        theirs = f"{names[module]}.{kind}"
        if theirs not in weights:
            raise ValueError(f"`weights` has no {theirs!r}, which would be {key!r}.")
        if (shape := tuple(weights[theirs].shape)) != tuple(wanted.shape):
            raise ValueError(
                f"`weights` has {theirs!r} of shape {shape}, but {key!r} is of shape "
                f"{tuple(wanted.shape)}: build the model by `like_torchvision`."
            )
        found[key] = weights[theirs]
    if more := len(weights) - len(found):
        raise ValueError(f"`weights` holds {more} tensors that the model has not.")
    return found
