"""What torchvision calls the modules of our networks: the mapping, rule by rule."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import partial

from torch import nn

from cnn_tutorial.blocks import ConvNormAct, MBConv, PlainBlock, PreActBlock, SEBlock
from cnn_tutorial.models.alexnet import AlexNet
from cnn_tutorial.models.densenet import DenseNet
from cnn_tutorial.models.mobile import MobileNet
from cnn_tutorial.models.resnet import ResNet
from cnn_tutorial.models.vgg import VGG

__all__ = ["torchvision_names"]


def torchvision_names(model: nn.Module) -> dict[str, str]:
    """Return what torchvision calls the modules that hold weights.

    Parameters
    ----------
    model
        An `AlexNet`, `VGG`, `ResNet`, `DenseNet` or `MobileNet`.

    Returns
    -------
    dict of str to str
        Our names to theirs, in our order.

    Raises
    ------
    ValueError
        If torchvision has no such network.

    Examples
    --------
    >>> from cnn_tutorial.models.resnet import resnet18
    >>> names = torchvision_names(resnet18(width=1))
    >>> names["stem.0"], names["stages.1.0.conv2.1"], names["head"]
    ('conv1', 'layer2.0.bn2', 'fc')
    """
    kinds = {type(module) for module in model.modules()}
    for kind, rules in _RULES.items():
        if isinstance(model, kind) and (kind is MobileNet or not kinds & _UNKNOWN):
            ours = [n for n, m in model.named_modules() if [*m.parameters(False)]]
            return {name: _renamed(name, rules(model)) for name in ours}
    raise ValueError(
        f"`model` ({type(model).__name__}) must be of a kind that torchvision has: "
        f"{', '.join(kind.__name__ for kind in _RULES)}, without our own additions."
    )


Rule = tuple[str, str | Callable[[re.Match[str]], str]]


def _renamed(name: str, rules: list[Rule]) -> str:
    for pattern, theirs in rules:
        name, changed = re.subn(f"^{pattern}$", theirs, name)
        if changed:
            break
    return name


def _alexnet(_model: nn.Module) -> list[Rule]:
    return []  # the same names


def _blocks_of(stage: nn.Module) -> nn.Sequential:
    assert isinstance(stage, nn.Sequential)
    return stage


def _vgg(model: nn.Module) -> list[Rule]:
    """Count on: there, all convolutions, norms, ReLUs and poolings are one list."""
    assert isinstance(model, VGG)
    layers = [
        f"stages.{s}.{k}.{part}"
        for s, stage in enumerate(model.stages)
        for k, block in enumerate(_blocks_of(stage))
        for part in range(len(block) if isinstance(block, ConvNormAct) else 1)
    ]
    places: list[Rule] = [
        (re.escape(name), f"features.{n}") for n, name in enumerate(layers)
    ]
    return [*places, (r"head\.(\d)", r"classifier.\1")]


def _resnet(_model: nn.Module) -> list[Rule]:
    """Stages count from 1; convolution and norm have a name each."""

    def stage(match: re.Match[str]) -> str:
        number, rest = int(match[1]) + 1, match[2]
        rest = re.sub(r"conv(\d)\.0", r"conv\1", rest)
        rest = re.sub(r"conv(\d)\.1", r"bn\1", rest)
        return f"layer{number}.{rest.replace('shortcut', 'downsample')}"

    return [
        *[(r"stem\.0", "conv1"), (r"stem\.1", "bn1"), ("head", "fc")],
        (r"stages\.(\d)\.(.+)", stage),
    ]


def _densenet(_model: nn.Module) -> list[Rule]:
    """Blocks and transitions count from 1, each for itself."""

    def layer(match: re.Match[str]) -> str:
        block, number = int(match[1]) // 2 + 1, int(match[2]) + 1
        return f"features.denseblock{block}.denselayer{number}.{match[3]}"

    def transition(match: re.Match[str]) -> str:
        part = {"0": "norm", "2": "conv"}[match[2]]
        return f"features.transition{(int(match[1]) + 1) // 2}.{part}"

    return [
        *[(r"stem\.0", "features.conv0"), (r"stem\.1", "features.norm0")],
        *[("norm", "features.norm5"), ("head", "classifier")],
        (r"stages\.(\d)\.layers\.(\d+)\.(.+)", layer),
        (r"stages\.(\d)\.(\d)", transition),
    ]


def _mobile(model: nn.Module) -> list[Rule]:
    """All blocks are one list in MobileNetV2, whose last 1x1 and norm are bare."""
    assert isinstance(model, MobileNet)
    gated = any(isinstance(module, SEBlock) for module in model.modules())
    rules = list(_gated_blocks() if gated else _blocks(model))
    end = 1 + len(model.stages if gated else rules)
    return [
        *rules,
        (r"stem\.(\d)", r"features.0.\1"),
        (r"last\.(\d)", rf"features.{end}.\1"),
        ("head", "classifier.1"),
    ]


def _gated_blocks() -> Iterator[Rule]:
    def block(match: re.Match[str]) -> str:
        rest = match[3].replace("squeeze", "fc1").replace("excite", "fc2")
        return f"features.{int(match[1]) + 1}.{match[2]}.block.{rest}"

    yield r"stages\.(\d)\.(\d)\.layers\.(.+)", block


def _blocks(model: MobileNet) -> Iterator[Rule]:
    number = 0
    for s, stage in enumerate(model.stages):
        for k, block in enumerate(_blocks_of(stage)):
            assert isinstance(block, MBConv)
            number += 1
            yield (
                rf"stages\.{s}\.{k}\.layers\.(\d)\.(\d)",
                partial(_bare_last, number, len(block.layers) - 1),
            )


def _bare_last(number: int, last: int, match: re.Match[str]) -> str:
    layer, part = int(match[1]), int(match[2])
    inside = f"{layer + part}" if layer == last else f"{layer}.{part}"
    return f"features.{number}.conv.{inside}"


_RULES: dict[type[nn.Module], Callable[[nn.Module], list[Rule]]] = {
    AlexNet: _alexnet,
    VGG: _vgg,
    ResNet: _resnet,
    DenseNet: _densenet,
    MobileNet: _mobile,
}
_UNKNOWN: set[type[nn.Module]] = {SEBlock, PreActBlock, PlainBlock}
