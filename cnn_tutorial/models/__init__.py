"""Networks by name, one readable file for each family."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from cnn_tutorial._validation import choice
from cnn_tutorial.models import lenet
from cnn_tutorial.models.lenet import LeNet, LeNet5

__all__ = ["LeNet", "LeNet5", "create_model", "lenet", "list_models"]

_BUILDERS: dict[str, Callable[..., nn.Module]] = {"lenet": LeNet, "lenet5": LeNet5}


def list_models() -> list[str]:
    """Return the names that `create_model` knows.

    Examples
    --------
    >>> "lenet" in list_models()
    True
    """
    return sorted(_BUILDERS)


def create_model(
    name: str, *, in_channels: int = 1, num_classes: int = 10, **settings: object
) -> nn.Module:
    """Build an untrained network.

    Parameters
    ----------
    name
        One of `list_models`.
    in_channels
        Channels of the images: 1 for grey ones, 3 for colour.
    num_classes
        How many scores come out for each image.
    settings
        What else the model's class takes.

    Raises
    ------
    ValueError
        If there is no such model, or the model refuses an argument's value.
    TypeError
        If the model does not know a setting.

    Examples
    --------
    >>> model = create_model("lenet", num_classes=7)
    >>> model.fc3.out_features
    7
    >>> create_model("lenet6")
    Traceback (most recent call last):
    ValueError: `name` (='lenet6') must be one of 'lenet', 'lenet5'. Did you mean ...
    """
    builder = _BUILDERS[choice("name", name, list_models())]
    return builder(in_channels=in_channels, num_classes=num_classes, **settings)
