"""Exercise: the picture of a receptive field by gradients, with nothing hidden."""

# ruff: noqa: ARG001 - a wrong answer may forget an argument
from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Size = tuple[int, int, int]
Place = tuple[int, int]


def field_picture(
    net: nn.Sequential, size: tuple[int, int, int], position: tuple[int, int]
) -> Tensor:
    """Return a mask (H, W) of what net's output depends on; size is (C, H, W)."""
    layers = []
    for layer in copy.deepcopy(net):
        if isinstance(layer, nn.MaxPool2d):
            layer = nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding)
        for parameter in layer.parameters():
            positive = 1.0 if parameter.ndim == 4 else 0.0  # weights 1, biases 0
            nn.init.constant_(parameter, positive)
        layers.append(layer)
    x = torch.ones(size, requires_grad=True)  # C, H, W
    row, column = position
    output = nn.Sequential(*layers)(x)[:, row, column]
    (gradient,) = torch.autograd.grad(output.sum(), x)  # C, H, W
    return torch.any(gradient != 0, dim=0)


def _gradient(net: nn.Module, x: Tensor, position: Place) -> Tensor:
    x = x.requires_grad_()
    net(x)[0, :, position[0], position[1]].sum().backward()
    return torch.zeros_like(x[0]) if x.grad is None else x.grad[0]


def _as_it_is(value: float) -> Attempt:
    """Return an attempt that takes the gradient of the network as it is."""

    def attempt(net: nn.Sequential, size: Size, position: Place) -> Tensor:
        x = torch.full((1, *size), value)
        return (_gradient(copy.deepcopy(net), x, position) != 0).any(dim=0)

    return attempt


def _changed(*, pools: bool, weights: bool, biases: bool) -> Attempt:
    """Return an attempt that makes only some of the network linear."""

    def attempt(net: nn.Sequential, size: Size, position: Place) -> Tensor:
        layers = list(copy.deepcopy(net))
        for k, layer in enumerate(layers):
            if pools and isinstance(layer, nn.MaxPool2d):
                layers[k] = nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding)
            for parameter in layer.parameters():
                if weights and parameter.ndim == 4:
                    nn.init.constant_(parameter, 1.0)
                if biases and parameter.ndim == 1:
                    nn.init.constant_(parameter, 0.0)
        found = _gradient(nn.Sequential(*layers), torch.ones(1, *size), position)
        return (found != 0).any(dim=0)

    return attempt


def _swapped(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    return field_picture(net, size, position[::-1])


def _transposed(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    return field_picture(net, size, position).mT


def _first_output(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    return field_picture(net, size, (0, 0))


def _middle(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    height, width = net(torch.ones(1, *size)).shape[2:]
    return field_picture(net, size, (height // 2, width // 2))


def _all_outputs(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    height, width = net(torch.ones(1, *size)).shape[2:]
    places = [(i, j) for i in range(height) for j in range(width)]
    masks = [field_picture(net, size, place) for place in places]
    return torch.stack(masks).any(dim=0)


def _box(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    mask = field_picture(net, size, position)
    rows, columns = mask.any(dim=1), mask.any(dim=0)
    for line in (rows, columns):
        places = line.nonzero().flatten()
        line[places.min() : places.max() + 1] = True
    return rows[:, None] & columns


def _numbers(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    return field_picture(net, size, position).float()


def _batch(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    return field_picture(net, size, position)[None]


def _four_axes(net: nn.Sequential, size: Size, position: Place) -> Tensor:
    return field_picture(net, size, position).expand(1, size[0], -1, -1)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    seen = dict(call_it(field_picture)(attempt, inputs))
    mask = seen["result"]
    if isinstance(mask, Tensor):  # random weights are right, and give other numbers
        seen["result"] = mask != 0
        seen["each pixel is True or False"] = mask.dtype == torch.bool
    return seen


MISTAKES = (
    Mistake(
        "the network is as it is",
        "A ReLU that is off and a maximum that another element won hide pixels. "
        "Measure a copy with positive weights and averages for maxima.",
        _as_it_is(1.0),
    ),
    Mistake(
        "the image is zero and the network is as it is",
        "On an even image all elements of a pooling window tie, and the first one gets "
        "the whole gradient; and a ReLU may be off everywhere. Measure a copy with "
        "positive weights and averages for maxima.",
        _as_it_is(0.0),
    ),
    Mistake(
        "max pooling stays",
        "A maximum hands its gradient to one element. `nn.AvgPool2d` with the same "
        "kernel, stride and padding reads all of them.",
        _changed(pools=False, weights=True, biases=True),
    ),
    Mistake(
        "the weights stay",
        "Where positive and negative weights meet, a ReLU can be off and two ways can "
        "cancel. Make all weights of the copy positive.",
        _changed(pools=True, weights=False, biases=True),
    ),
    Mistake(
        "the biases stay",
        "A negative bias can switch a ReLU off, however positive the weights are. Set "
        "the biases of the copy to zero.",
        _changed(pools=True, weights=True, biases=False),
    ),
    Mistake(
        "row and column are swapped",
        "A position is (row, column): the first number goes down.",
        _swapped,
    ),
    Mistake(
        "the mask is transposed",
        "The mask has the image's shape, (height, width).",
        _transposed,
    ),
    Mistake(
        "the position is ignored: output (0, 0)",
        "Take the output at `position` before you go backward.",
        _first_output,
    ),
    Mistake(
        "the position is ignored: the middle",
        "The middle is one of many: take the output at `position`.",
        _middle,
    ),
    Mistake(
        "all outputs at once",
        "`net(x).sum()` asks every output. Pick one position, all its channels, and "
        "then sum.",
        _all_outputs,
    ),
    Mistake(
        "the box around the field is filled",
        "Dilation leaves pixels out. Mark each pixel whose gradient is not zero.",
        _box,
    ),
    Mistake(
        "the mask has numbers",
        "The answer for a pixel is yes or no: compare the gradient with zero.",
        _numbers,
    ),
    Mistake(
        "the mask has the four axes of the gradient",
        "Return (H, W): take the only image, and let a pixel count if any of its "
        "channels does, `.any(dim=0)`.",
        _four_axes,
    ),
    Mistake(
        "the mask has one axis too many",
        "Return (H, W): take the only image, and a pixel counts if any of its channels "
        "does.",
        _batch,
    ),
)


def _net(*layers: nn.Module, bias: float = 0.0) -> nn.Sequential:
    """Return layers whose weights have both signs, always the same."""
    for number, layer in enumerate(layers):
        for parameter in layer.parameters():
            if parameter.ndim == 4:
                places = torch.arange(parameter.numel()) * 7 + 3 * number
                values = (places % 11 - 5.0).reshape(parameter.shape)
                parameter.data.copy_(values / 10)
            else:
                nn.init.constant_(parameter, bias)
    return nn.Sequential(*layers)


def _one() -> dict[str, object]:
    net = _net(nn.Conv2d(1, 1, (1, 2)))
    return {"net": net, "size": (1, 3, 4), "position": (1, 0)}


def _off() -> dict[str, object]:
    net = _net(nn.Conv2d(1, 2, 2), nn.ReLU(), nn.Conv2d(2, 1, 2), bias=-99.0)
    return {"net": net, "size": (1, 5, 6), "position": (0, 2)}


def _signs() -> dict[str, object]:
    net = _net(nn.Conv2d(1, 1, 3), nn.ReLU(), nn.Conv2d(1, 1, (2, 1)), nn.ReLU())
    return {"net": net, "size": (1, 6, 7), "position": (1, 3)}


def _pool() -> dict[str, object]:
    net = _net(nn.Conv2d(1, 1, 1), nn.MaxPool2d((2, 3), stride=2, padding=(1, 0)))
    return {"net": net, "size": (1, 7, 9), "position": (2, 1)}


def _grid() -> dict[str, object]:
    net = _net(nn.Conv2d(2, 2, 2, dilation=2, groups=2), nn.Conv2d(2, 1, 2, dilation=2))
    return {"net": net, "size": (2, 7, 8), "position": (1, 2)}


def _recipe() -> dict[str, object]:
    net = _net(
        *(nn.Conv2d(1, 3, 3), nn.ReLU(), nn.Conv2d(3, 3, 3), nn.ReLU()),
        *(nn.MaxPool2d(2), nn.Conv2d(3, 2, 3)),
        bias=0.1,
    )
    return {"net": net, "size": (1, 24, 26), "position": (4, 5)}


EXERCISE = Exercise(
    reference=field_picture,
    title="The picture of a field",
    lesson="20_convolution/75_what_one_number_sees",
    level="deeper",
    minutes=20,
    prompt="Which pixels can change one output? `net` holds layers of the types "
    "`nn.Conv2d`, `nn.ReLU` and `nn.MaxPool2d`, `size` is the shape (C, H, W) of the "
    "image and `position` is (row, column) of the output. Return a mask by gradients "
    "in which no pixel is hidden, and leave `net` as it is.",
    observe=_observe,
    cases=(
        Case("one 1 x 2 kernel, position (1, 0)", _one),
        Case("a network whose ReLU is off everywhere", _off),
        Case("weights of both signs", _signs),
        Case("max pooling, 2 x 3 windows, stride 2, padding (1, 0)", _pool),
        Case("two 2 x 2 kernels with dilation 2, two groups", _grid),
        Case("the lesson's recipe: 100 pixels", _recipe),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "The gradient of a network as it is misses pixels. What in it can turn a "
            "gradient to zero? Take that out of a copy."
        ),
        (
            "Copy the layers. Replace `nn.MaxPool2d` by `nn.AvgPool2d` with the same "
            "settings, set all weights to a positive number and all biases to zero."
        ),
        (
            "Let an image of ones require a gradient, call `.sum().backward()` on "
            "`copied(x)[0, :, row, column]`, and return "
            "`(x.grad[0] != 0).any(dim=0)`."
        ),
    ),
    next="Networks with sigmoids, batch norms and branches: `gradient_footprint` of "
    "the package takes them too. Read how.",
    imports="import copy\n\nimport torch\nfrom torch import nn",
)
