"""Exercise: judge a network, and leave each of its parts in its mode."""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


def scores_of(net: nn.Module, x: Tensor) -> Tensor:
    """Return net(x) in evaluation mode, without a graph; leave all modes as before."""
    modes = [(part, part.training) for part in net.modules()]
    net.eval()
    with torch.no_grad():
        scores: Tensor = net(x)
    for part, mode in modes:
        part.training = mode
    return scores


def _as_it_is(net: nn.Module, x: Tensor) -> Tensor:
    with torch.no_grad():
        scores: Tensor = net(x)
    return scores


def _stays(net: nn.Module, x: Tensor) -> Tensor:
    net.eval()
    return _as_it_is(net, x)


def _all_train(net: nn.Module, x: Tensor) -> Tensor:
    scores = _stays(net, x)
    net.train()
    return scores


def _one_mode(net: nn.Module, x: Tensor) -> Tensor:
    mode = net.training
    scores = _stays(net, x)
    net.train(mode)
    return scores


def _with_graph(net: nn.Module, x: Tensor) -> Tensor:
    modes = [(part, part.training) for part in net.modules()]
    scores: Tensor = net.eval()(x)
    for part, mode in modes:
        part.training = mode
    return scores


def _one_level(net: nn.Module, x: Tensor) -> Tensor:
    mode, parts = net.training, [(part, part.training) for part in net.children()]
    scores = _stays(net, x)
    net.training = mode
    for part, before in parts:
        part.train(before)
    return scores


def _recording_off(net: nn.Module, x: Tensor) -> Tensor:
    torch.set_grad_enabled(False)
    return scores_of(net, x)


def _wrong_way(net: nn.Module, x: Tensor) -> Tensor:
    modes = [(part, part.training) for part in net.modules()]
    net.train()
    scores = _as_it_is(net, x)
    for part, mode in modes:
        part.training = mode
    return scores


MISTAKES = (
    Mistake(
        "the network is asked in the mode it is in",
        "Call `net.eval()` first: batch norm and dropout have to be told.",
        _as_it_is,
    ),
    Mistake(
        "the network stays in evaluation mode",
        "The next epoch would train without dropout and with old statistics. Note the "
        "modes before, and put them back.",
        _stays,
    ),
    Mistake(
        "everything ends in training mode",
        "Parts may have been in evaluation mode, because somebody froze them. Note "
        "`part.training` for each of `net.modules()`.",
        _all_train,
    ),
    Mistake(
        "all parts get the mode of the whole",
        "`net.train(mode)` sets every part below. Note and restore them one by one.",
        _one_mode,
    ),
    Mistake(
        "parts within parts get the mode of what is around them",
        "`children()` goes one level down, and `train(mode)` sets all that is below. "
        "Note the mode of each of `net.modules()`, and set `part.training` alone.",
        _one_level,
    ),
    Mistake(
        "gradients stay switched off",
        "`torch.set_grad_enabled(False)` holds until somebody turns it back, and the "
        "next `backward` fails. `with torch.no_grad():` ends by itself.",
        _recording_off,
    ),
    Mistake(
        "the scores hold a graph",
        "`eval()` does not stop the recording: ask inside `torch.no_grad()`.",
        _with_graph,
    ),
    Mistake(
        "the switch is the wrong way round",
        "`net.eval()` to judge; `net.train()` is for learning.",
        _wrong_way,
    ),
)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    net = copy.deepcopy(inputs["net"])
    assert isinstance(net, nn.Module)
    torch.manual_seed(0)  # dropout of an answer that forgets the switch
    with torch.enable_grad():
        scores = ask(attempt, net, inputs["x"])
        recorded = torch.is_grad_enabled()
    return {
        "scores": scores,
        "scores hold a graph": bool(getattr(scores, "requires_grad", False)),
        "in training mode afterwards": [part.training for part in net.modules()],
        "gradients are recorded afterwards": recorded,
    }


def _net(kind: str, *, frozen: bool, learns: bool) -> nn.Module:
    """Return a small net, its first part in evaluation mode where it is frozen."""
    parts: dict[str, list[nn.Module]] = {
        "norm": [nn.BatchNorm1d(2)],
        "dropout": [nn.Linear(2, 1), nn.Dropout(0.5)],
        "both": [nn.BatchNorm1d(2), nn.Dropout(0.5), nn.Linear(2, 1)],
    }
    parts["nested"] = [nn.Sequential(*parts["both"][:2]), parts["both"][2]]
    net = nn.Sequential(*parts[kind])
    for parameter in net.parameters():
        nn.init.ones_(parameter)
    net.train(learns)
    if frozen:
        first = parts[kind][0]
        (first[0] if isinstance(first, nn.Sequential) else first).eval()
    return net


def _case(
    name: str,
    kind: str,
    x: list[list[float]],
    *,
    frozen: bool = False,
    learns: bool = True,
) -> Case:
    def make() -> dict[str, object]:
        net = _net(kind, frozen=frozen, learns=learns)
        return {"net": net, "x": torch.tensor(x)}

    return Case(name, make)


EXERCISE = Exercise(
    reference=scores_of,
    title="Judge and leave no trace",
    lesson="40_training/33_train_or_eval",
    level="core",
    minutes=8,
    prompt="Return what the network gives in evaluation mode, without a graph. "
    "Afterwards each part is in the mode that it was in before.",
    observe=_observe,
    cases=(
        # Memory is mean 0 and variance 1: x * 1 + 1.
        _case("batch norm that has seen nothing", "norm", [[1.0, 2.0], [3.0, 6.0]]),
        # 1*1 + 2*1 + 1, and nothing dropped.
        _case("dropout", "dropout", [[1.0, 2.0], [0.0, -1.0]]),
        _case("a network in evaluation mode", "norm", [[1.0, 2.0]], learns=False),
        _case("a frozen part", "both", [[1.0, 2.0], [3.0, 6.0]], frozen=True),
        _case("a frozen part of a part", "nested", [[1.0, 2.0]], frozen=True),
    ),
    mistakes=MISTAKES,
    hints=(
        "Three things: the mode of the layers, the graph, and what you leave behind.",
        "A list of pairs `(part, part.training)` for `net.modules()` remembers it all.",
        (
            "net.eval(), then net(x) inside torch.no_grad(), then part.training = mode "
            "for each pair."
        ),
    ),
    imports="import torch",
    next="What if net(x) raises? Put the modes back then, too, with try and finally.",
)
