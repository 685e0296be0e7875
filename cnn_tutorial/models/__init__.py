"""Networks by name, one readable file for each family."""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from cnn_tutorial._validation import choice
from cnn_tutorial.models import lenet
from cnn_tutorial.models.alexnet import AlexNet, alexnet
from cnn_tutorial.models.densenet import (
    DenseNet,
    densenet121,
    densenet169,
    densenet_bc100,
)
from cnn_tutorial.models.lenet import LeNet, LeNet5
from cnn_tutorial.models.mobile import MobileNet, efficientnet_b0, mobilenet_v2
from cnn_tutorial.models.resnet import (
    ResNet,
    plain20,
    preact_resnet18,
    resnet8,
    resnet18,
    resnet20,
    resnet34,
    resnet50,
    resnet101,
    se_resnet18,
)
from cnn_tutorial.models.simple import SimpleCNN
from cnn_tutorial.models.torchvision_names import torchvision_names
from cnn_tutorial.models.torchvision_weights import from_torchvision, like_torchvision
from cnn_tutorial.models.vgg import VGG, vgg11, vgg16, vgg_small

__all__ = [
    "VGG",
    "AlexNet",
    "DenseNet",
    "LeNet",
    "LeNet5",
    "MobileNet",
    "ResNet",
    "SimpleCNN",
    "alexnet",
    "builder",
    "create_model",
    "densenet121",
    "densenet169",
    "densenet_bc100",
    "efficientnet_b0",
    "from_torchvision",
    "lenet",
    "like_torchvision",
    "list_models",
    "mobilenet_v2",
    "plain20",
    "preact_resnet18",
    "resnet8",
    "resnet18",
    "resnet20",
    "resnet34",
    "resnet50",
    "resnet101",
    "se_resnet18",
    "torchvision_names",
    "vgg11",
    "vgg16",
    "vgg_small",
]

_BUILDERS: dict[str, Callable[..., nn.Module]] = {
    "lenet": LeNet,
    "lenet5": LeNet5,
    "simple": SimpleCNN,
    "alexnet": alexnet,
    "vgg_small": vgg_small,
    "vgg11": vgg11,
    "vgg16": vgg16,
    "plain20": plain20,
    "resnet8": resnet8,
    "resnet18": resnet18,
    "resnet20": resnet20,
    "resnet34": resnet34,
    "resnet50": resnet50,
    "resnet101": resnet101,
    "preact_resnet18": preact_resnet18,
    "se_resnet18": se_resnet18,
    "densenet121": densenet121,
    "densenet169": densenet169,
    "densenet_bc100": densenet_bc100,
    "mobilenet_v2": mobilenet_v2,
    "efficientnet_b0": efficientnet_b0,
}


def list_models() -> list[str]:
    """Return the names that `create_model` knows.

    Examples
    --------
    >>> "lenet" in list_models()
    True
    """
    return sorted(_BUILDERS)


def builder(name: str) -> Callable[..., nn.Module]:
    """Return the class or function that builds a model.

    Parameters
    ----------
    name
        One of `list_models`.

    Raises
    ------
    ValueError
        If there is no such model.

    Examples
    --------
    >>> builder("lenet").__name__
    'LeNet'
    """
    return _BUILDERS[choice("name", name, list_models())]


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
    ValueError: `name` (='lenet6') must be one of 'lenet', 'lenet5', ...
    """
    build = builder(name)
    return build(in_channels=in_channels, num_classes=num_classes, **settings)
