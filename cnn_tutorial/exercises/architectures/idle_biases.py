"""Exercise: biases that the norm behind them takes away."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Layers = Sequence[tuple[str, int, bool]]


def idle_biases(layers: Layers) -> int:
    """Return how many biases a batch norm directly behind their layer takes away."""
    count = 0
    for (kind, channels, bias), (behind, *_) in itertools.pairwise(layers):
        if kind in ("conv", "linear") and bias and behind == "batch norm":
            count += channels
    return count


def _of_layers(layers: Layers) -> int:
    return idle_biases([(kind, 1, bias) for kind, _, bias in layers])


def _all_of_them(layers: Layers) -> int:
    return sum(n for kind, n, bias in layers if kind in ("conv", "linear") and bias)


def _with_or_without(layers: Layers) -> int:
    return idle_biases([(kind, n, True) for kind, n, _ in layers])


def _anywhere_behind(layers: Layers) -> int:
    kinds = [kind for kind, *_ in layers]
    return sum(
        n
        for k, (kind, n, bias) in enumerate(layers)
        if kind in ("conv", "linear") and bias and "batch norm" in kinds[k + 1 :]
    )


def _in_front(layers: Layers) -> int:
    return idle_biases(list(reversed(layers)))


def _any_norm(layers: Layers) -> int:
    return idle_biases([(k.replace("group", "batch"), n, b) for k, n, b in layers])


def _only_convolutions(layers: Layers) -> int:
    return idle_biases([(kind.replace("linear", ""), n, b) for kind, n, b in layers])


def _of_the_norms(layers: Layers) -> int:
    return sum(n for kind, n, _ in layers if kind == "batch norm")


def _past_a_relu(layers: Layers) -> int:
    return idle_biases([layer for layer in layers if layer[0] != "relu"])


MISTAKES = (
    Mistake(
        "layers are counted, not biases",
        "A layer has one bias for each output channel: add up the channels.",
        _of_layers,
    ),
    Mistake(
        "every bias is counted",
        "Only a batch norm directly behind the layer takes a bias away.",
        _all_of_them,
    ),
    Mistake(
        "layers without a bias are counted",
        "The third entry says whether the layer has a bias at all.",
        _with_or_without,
    ),
    Mistake(
        "a ReLU between is passed over",
        "Behind a ReLU the bias no longer moves all numbers alike: the layer and the "
        "norm must be neighbours.",
        _past_a_relu,
    ),
    Mistake(
        "a norm anywhere behind is enough",
        "It must stand *directly* behind the layer.",
        _anywhere_behind,
    ),
    Mistake(
        "the norm in front counts",
        "The norm must come *after* the bias to subtract it.",
        _in_front,
    ),
    Mistake(
        "group norm counts, too",
        "A group norm takes one mean over several channels; what one channel has more "
        "than the others stays.",
        _any_norm,
    ),
    Mistake(
        "only convolutions are looked at",
        "A linear layer has a bias for each output, and a batch norm takes it away "
        "as well.",
        _only_convolutions,
    ),
    Mistake(
        "channels of the norms are counted",
        "A norm may follow a layer without a bias, or no such layer at all.",
        _of_the_norms,
    ),
)

NORM, GROUPS, RELU = "batch norm", "group norm", "relu"


def _case(name: str, layers: list[tuple[str, int, bool]]) -> Case:
    return Case(name, lambda: {"layers": list(layers)})


EXERCISE = Exercise(
    reference=idle_biases,
    title="Idle biases",
    lesson="50_architectures/24_without_bias",
    level="core",
    minutes=10,
    prompt="A network is a list of layers, each `(kind, channels, has a bias)`, with "
    'the kinds `"conv"`, `"linear"`, `"relu"`, `"batch norm"` and `"group norm"`. '
    "Return how many biases of convolutions and linear layers do nothing.",
    observe=call_it(idle_biases),
    # By hand: 5; 7, where 5 have a ReLU between; 2, the linear one, besides none of 3.
    cases=(
        _case(
            "two convolutions, one with a norm",
            [("conv", 5, True), (NORM, 5, True), (RELU, 5, False), ("conv", 3, True)],
        ),
        _case(
            "a ReLU between, and none between",
            [
                ("conv", 5, True),
                (RELU, 5, False),
                (NORM, 5, True),
                ("conv", 7, True),
                (NORM, 7, True),
            ],
        ),
        _case(
            "no bias, another norm, a linear layer",
            [
                ("conv", 4, False),
                (NORM, 4, True),
                ("conv", 3, True),
                (GROUPS, 3, True),
                ("linear", 2, True),
                (NORM, 2, True),
            ],
        ),
        _case(
            "the network of the lesson",
            [
                layer
                for n in (64, 64, 128, 128, 256, 256, 256)
                for layer in (("conv", n, True), (NORM, n, True), (RELU, n, False))
            ]
            + [("linear", 256, True), (RELU, 256, False), ("linear", 10, True)],
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        "Look at neighbours: a layer and the one behind it.",
        (
            "Three things must hold: the layer is a convolution or linear, it has a "
            "bias, and the kind behind it is a batch norm."
        ),
        (
            "`itertools.pairwise(layers)` gives the neighbours; add up the channels of "
            "the first of each pair that qualifies."
        ),
    ),
    next="And where a batch norm is used in evaluation mode: which of them are idle?",
    imports="import itertools",
)
