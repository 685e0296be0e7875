"""Exercise: the residual block, with a shortcut that fits."""

from __future__ import annotations

from collections.abc import Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial.exercises.architectures._modules import as_module
from cnn_tutorial.exercises.architectures._wrong_blocks import Other
from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with norms, and the input added before the last ReLU."""

    def __init__(self, in_channels: int, channels: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False),
                nn.BatchNorm2d(channels),
            )

    def forward(self, x: Tensor) -> Tensor:
        """Return the output, shape (N, channels, ceil(H/stride), ceil(W/stride))."""
        inner = F.relu(self.norm1(self.conv1(x)))
        inner = self.norm2(self.conv2(inner))
        return F.relu(inner + self.shortcut(x))


MISTAKES = (
    Mistake(
        "nothing goes past the convolutions",
        "A plain stack forgets its input. Add `self.shortcut(x)` to what the second "
        "norm returns.",
        Other(end="nothing added"),
    ),
    Mistake(
        "the ReLU comes before the sum",
        "Add first: `F.relu(inner + past)`. With the ReLU first, a block could only "
        "ever add, never take away.",
        Other(end="relu before the sum"),
    ),
    Mistake(
        "the last ReLU is missing",
        "In this block the sum goes through a ReLU, too.",
        Other(end="no relu"),
    ),
    Mistake(
        "there is no ReLU between the convolutions",
        "Two linear maps in a row are one: put a ReLU behind the first norm.",
        Other(between=False),
    ),
    Mistake(
        "convolutions have biases",
        "A norm takes any bias away again: `bias=False` in all convolutions.",
        Other(bias=True),
    ),
    Mistake(
        "the norms are missing",
        "Each 3x3 convolution is followed by `nn.BatchNorm2d(channels)`.",
        Other(norms=False),
    ),
    Mistake(
        "one norm serves both convolutions",
        "Each convolution has a norm of its own: they remember different numbers.",
        Other(one_norm=True),
    ),
    Mistake(
        "the shortcut is always a convolution",
        "Where shapes agree, the input itself is added. Project only if the stride is "
        "not 1 or the channels differ.",
        Other(past="always"),
    ),
    Mistake(
        "the shortcut is never a convolution",
        "Maps of other sides or other channels cannot be added. (One channel can, by "
        "broadcasting, and means something else.) Project by a 1x1 convolution with "
        "the block's stride, and a norm.",
        Other(past="never"),
    ),
    Mistake(
        "the shortcut looks at the stride only",
        "Channels may differ at stride 1, too: then the sum fails, or broadcasts.",
        Other(past="by stride only"),
    ),
    Mistake(
        "the shortcut looks at the channels only",
        "A stride of 2 makes maps smaller even where the channels stay.",
        Other(past="by channels only"),
    ),
    Mistake(
        "the shortcut has no stride",
        "The 1x1 convolution must leave out the same places: give it `stride`.",
        Other(past_stride=False),
    ),
    Mistake(
        "the shortcut has no norm",
        "A projection is a 1x1 convolution *and* a batch norm, like what it is added "
        "to.",
        Other(past_norm=False),
    ),
    Mistake(
        "the shortcut looks around",
        "What goes past the convolutions only has to fit: a 1x1 convolution, without "
        "padding, does that with a ninth of the weights of a 3x3.",
        Other(past_size=3),
    ),
    Mistake(
        "the channels change in the second convolution",
        "The first one leads from `in_channels` to `channels`, the second one from "
        "`channels` to `channels`.",
        Other(grows_late=True),
    ),
    Mistake(
        "the stride is on the second convolution",
        "The first convolution shrinks the maps: the second one has less to do then.",
        Other(strides=(False, True)),
    ),
    Mistake(
        "the stride is on both convolutions",
        "Only the first one has the block's stride; two of them shrink four times.",
        Other(strides=(True, True)),
    ),
    Mistake(
        "the convolutions have no padding",
        "3x3 without padding eats a border: `padding=1` keeps the size.",
        Other(padding=0),
    ),
)


def _fill(block: nn.Module, value: float | None) -> None:
    """Give weights of equal shape equal numbers, whatever their names and order."""
    for tensor in (*block.parameters(), *block.buffers()):
        if not tensor.is_floating_point():
            continue
        if value is not None and tensor.ndim == 4:
            tensor.data.fill_(value)
        elif value is None:
            wave = torch.arange(tensor.numel(), dtype=torch.float32).mul(1.7).sin()
            tensor.data.copy_(wave.reshape(tensor.shape) + (tensor.ndim == 1))
    for module in block.modules():
        if isinstance(module, nn.BatchNorm2d):
            assert module.running_var is not None
            if value is None:
                module.running_var.data.abs_().add_(0.5)
            else:  # with epsilon it is 1, and numbers stay those of the head
                module.running_var.data.fill_(1 - module.eps)
        elif (
            isinstance(module, nn.Conv2d)
            and value is not None
            and module.bias is not None
        ):
            module.bias.data.zero_()


def _observe(attempt: Attempt, inputs: dict[str, object]) -> Mapping[str, object]:
    x, value = inputs["x"], inputs["every weight"]
    named = ("in_channels", "channels", "stride")
    given = [inputs[name] for name in named if name in inputs]
    block = as_module(ask(attempt, *given))
    assert value is None or isinstance(value, float)
    _fill(block, value)
    with torch.no_grad():
        out = ask(block.eval(), x)
    numbers = sum(p.numel() for p in block.parameters())
    return {"output": out, "parameters": numbers}


def _case(
    name: str, numbers: list[list[float]], channels: int, weight: float, **more: int
) -> Case:
    def make() -> dict[str, object]:
        x = torch.tensor([[numbers]])  # one image, one channel
        settings = {"in_channels": 1, "channels": channels, **more}
        return {**settings, "x": x, "every weight": weight}

    return Case(name, make)


def _many(in_channels: int, channels: int, stride: int) -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(2, in_channels, 7, 10, generator=generator)
    settings = {"in_channels": in_channels, "channels": channels, "stride": stride}
    return {**settings, "x": x, "every weight": None}


EXERCISE = Exercise(
    reference=BasicBlock,
    title="The residual block",
    lesson="50_architectures/30_residual",
    level="deeper",
    minutes=15,
    prompt="Write the block as a module. Convolution, norm, ReLU, convolution, norm; "
    "add the shortcut; ReLU. The stride is on the first convolution. The shortcut is "
    "the identity where shapes agree, else a 1x1 convolution with the stride, and a "
    "norm. No convolution has a bias.",
    observe=_observe,
    cases=(
        # Inner layers return 0: relu(0 + x).
        _case("all weights 0", [[1.0, 2.0]], 1, 0.0),
        # Under the window lie both pixels: -2, behind the ReLU 0; relu(0 + x).
        _case("all weights 1", [[-3.0, 1.0]], 1, 1.0),
        # -3 each, behind the ReLU 0, and 0 + x. Without that ReLU 6 + x.
        _case("all weights -1", [[1.0, 2.0]], 1, -1.0),
        # 3 each, then 6 each; the shortcut 1x1 gives x: 6 + 1, 6 + 2, twice.
        _case("from one channel to two", [[1.0, 2.0]], 2, 1.0),
        # Windows around the first and third pixel: 3 and 7; then 10 and 10; + 1, + 3.
        _case("stride 2", [[1.0, 2.0, 3.0, 4.0]], 1, 1.0, stride=2),
        Case("5 channels, stride 2", lambda: _many(5, 5, 2)),
        Case("from 3 channels to 5, stride 2", lambda: _many(3, 5, 2)),
        Case("5 channels, stride 1", lambda: _many(5, 5, 1)),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two paths lead from the input to the sum. When do their shapes agree?",
        (
            "Make the layers in `__init__`: two 3x3 convolutions with `padding=1`, two "
            "norms, and a shortcut that is `nn.Identity()` or, if the stride is not 1 "
            "or the channels differ, `nn.Sequential(conv1x1, norm)`."
        ),
        (
            "In `forward`: `inner = F.relu(norm1(conv1(x)))`, then `inner = "
            "norm2(conv2(inner))`, and `return F.relu(inner + self.shortcut(x))`."
        ),
    ),
    imports="import torch.nn.functional as F\nfrom torch import nn",
    next="Write the bottleneck: 1x1 to few channels, 3x3 among them, 1x1 to four times "
    "as many.",
)
