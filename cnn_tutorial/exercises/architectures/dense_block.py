"""Exercise: the loop of a dense block."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor, nn

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.faults import Explained, Fault
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case

__all__ = ["EXERCISE"]

Layers = Sequence[Callable[[Tensor], Tensor]]


def dense_block(x: Tensor, layers: Layers) -> Tensor:
    """Return x (N, C, H, W) and, behind it, what each of the layers adds."""
    for layer in layers:
        x = torch.cat([x, layer(x)], dim=1)
    return x


def _chain(x: Tensor, layers: Layers) -> Tensor:
    for layer in layers:
        x = layer(x)
    return x


def _kept_chain(x: Tensor, layers: Layers) -> Tensor:
    parts = [x]
    for layer in layers:
        parts.append(layer(parts[-1]))
    return torch.cat(parts, dim=1)


def _read_the_input(x: Tensor, layers: Layers) -> Tensor:
    return torch.cat([x, *(layer(x) for layer in layers)], dim=1)


def _without_input(x: Tensor, layers: Layers) -> Tensor:
    return dense_block(x, layers)[:, x.shape[1] :]


def _last_only(x: Tensor, layers: Layers) -> Tensor:
    return layers[-1](dense_block(x, layers[:-1]))


def _new_in_front(x: Tensor, layers: Layers) -> Tensor:
    for layer in layers:
        x = torch.cat([layer(x), x], dim=1)
    return x


def _added(x: Tensor, layers: Layers) -> Tensor:
    for layer in layers:
        x = x + layer(x)
    return x


def _along(axis: int) -> Attempt:
    def attempt(x: Tensor, layers: Layers) -> Tensor:
        for layer in layers:
            x = torch.cat([x, layer(x)], dim=axis)
        return x

    return attempt


def _beside_a_chain(x: Tensor, layers: Layers) -> Tensor:
    return torch.cat([x, _chain(x, layers)], dim=1)


def _kept_twice(x: Tensor, layers: Layers) -> Tensor:
    parts = [x]
    for layer in layers:
        x = torch.cat([x, layer(x)], dim=1)
        parts.append(x)
    return torch.cat(parts, dim=1)


def _first_only(x: Tensor, layers: Layers) -> Tensor:
    return dense_block(x, layers[:1])


def _stacked(x: Tensor, layers: Layers) -> Tensor:
    for layer in layers:
        x = torch.stack([x, layer(x)], dim=1)
    return x


def _one_too_few(x: Tensor, layers: Layers) -> Tensor:
    return dense_block(x, layers[:-1])


MISTAKES = (
    Mistake(
        "each layer reads the last one only",
        "That is a chain. Lay what a layer makes beside all that it read, with "
        "`torch.cat(..., dim=1)`.",
        _chain,
    ),
    Mistake(
        "everything is kept, but layers read the last output only",
        "What comes out is right for the first layer. The second one must read the "
        "input as well: give each layer all channels so far.",
        _kept_chain,
    ),
    Mistake(
        "each layer reads the input only",
        "The second layer reads what the first one made, too: let x grow in the loop.",
        _read_the_input,
    ),
    Mistake(
        "the input does not come out",
        "A dense block hands on its input, in front of what its layers made.",
        _without_input,
    ),
    Mistake(
        "only what the last layer made comes out",
        "Everything comes out: the input and what each layer made.",
        _last_only,
    ),
    Mistake(
        "new channels come in front",
        "Old channels first: `torch.cat([x, new], dim=1)`. Layers know channels by "
        "their place.",
        _new_in_front,
    ),
    Mistake(
        "outputs are added",
        "That is a residual block. A dense one lays them side by side: `torch.cat`.",
        _added,
    ),
    Mistake(
        "maps are laid below each other",
        "Channels are axis 1: `dim=1`. Axis 2 are rows.",
        _along(2),
    ),
    Mistake(
        "maps are laid side by side",
        "Channels are axis 1: `dim=1`. Axis 3, or -1, are columns.",
        _along(3),
    ),
    Mistake(
        "only the end of a chain is laid beside the input",
        "Layers in a row, as in `nn.Sequential`, forget what they read. Join after "
        "each layer, and give the next one all of it.",
        _beside_a_chain,
    ),
    Mistake(
        "channels come out twice",
        "x holds all channels so far, the input too. Return it as it is after the last "
        "layer, or join the new parts alone.",
        _kept_twice,
    ),
    Mistake(
        "outputs become further images",
        "Channels are axis 1: `dim=1`. Axis 0 are images.",
        _along(0),
    ),
    Mistake(
        "only the first layer runs",
        "Does the `return` stand inside the loop? It ends the function in the first "
        "turn: move it to the left.",
        _first_only,
    ),
    Mistake(
        "a new axis is made",
        "`torch.stack` lays tensors along an axis of its own. `torch.cat` lengthens "
        "one that is there: the channels, `dim=1`.",
        _stacked,
    ),
    Mistake(
        "the last layer does not run",
        "All layers run, the last one too.",
        _one_too_few,
    ),
)


class _Layer(nn.Module):
    """A function of maps that shows itself as what it does."""

    def __init__(self, does: str, rule: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.does, self.rule = does, rule

    def __repr__(self) -> str:
        return f"<{self.does}>"

    def forward(self, x: object) -> Tensor:
        if not isinstance(x, Tensor):
            what = f"A layer reads one tensor, and was given a {type(x).__name__}."
            hint = "Join what was made so far: `torch.cat(parts, dim=1)`."
            raise Explained(Fault(what, "", hint, "a layer reads maps, and no list"))
        return self.rule(x)


_SUM = _Layer("sum of all channels", lambda x: x.sum(1, keepdim=True))
_LAST = _Layer("twice the last channel", lambda x: 2 * x[:, -1:])
_BOTH = _Layer(
    "first channel, and the mean",
    lambda x: torch.cat([x[:, :1], x.mean(1, keepdim=True)], dim=1),
)


def _case(name: str, x: list[list[list[list[float]]]], *layers: _Layer) -> Case:
    return Case(name, lambda: {"x": torch.tensor(x), "layers": list(layers)})


def _many() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(3, 5, 7, 2, generator=generator)
    return {"x": x, "layers": [_SUM, _BOTH, _LAST, _SUM]}


EXERCISE = Exercise(
    reference=dense_block,
    title="The loop of a dense block",
    lesson="50_architectures/50_dense",
    level="core",
    minutes=6,
    prompt="Each of `layers` is a function that reads maps and makes some new ones. "
    "Let each of them read all channels so far, and return the input with all that was "
    "made behind it.",
    observe=call_it(dense_block),
    cases=(
        # 3, and 3 again.
        _case("one layer, one channel", [[[[3.0]]]], _SUM),
        # 1 and 2, 1 + 2 = 3, 1 + 2 + 3 = 6.
        _case("two layers, two channels", [[[[1.0]], [[2.0]]]], _SUM, _SUM),
        # 1, 2 * 1 = 2, then the first one, 1, and the mean of 1 and 2.
        _case("layers that make one map and two", [[[[1.0]]]], _LAST, _BOTH),
        Case("three images, four layers", _many),
    ),
    mistakes=MISTAKES,
    hints=(
        "Which channels does the third layer read? Write them down, in order.",
        "`torch.cat([x, layer(x)], dim=1)` is x with the new channels behind it.",
        "In a loop over the layers, replace x by that. Return x at the end.",
    ),
    imports="import torch",
    next="Write it with a list of parts that is concatenated for each layer anew. "
    "Which of the two copies more?",
)
