"""Modules as objects: what belongs to them, what a call runs, what hooks keep."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


class _Times(nn.Module):
    def __init__(self, factor: int) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.factor * x


class _Around(nn.Module):
    """Runs its layer, by a call or through its ``forward``."""

    def __init__(self, called: bool) -> None:
        super().__init__()
        self.layer, self.called = nn.Identity(), called

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        run: Callable[[torch.Tensor], torch.Tensor] = self.layer
        return run(x) if self.called else self.layer.forward(x)


def _note(log: list[str], letter: str) -> Callable[..., None]:
    def hook(*_: object) -> None:
        log.append(letter)

    return hook


@question(
    "30_modules/10_anatomy",
    bias=(True, False),
    norms=(0, 1, 2),
    linear=(1, 2, 3),
    asked=("entries has its state dict", "tensors has `net.parameters()`"),
)
def tensors_of_a_model(bias: bool, norms: int, linear: int, asked: str) -> Posed:
    """Count what a model keeps, or what of it is trained."""
    layers = [nn.Conv2d(1, 2, 3, bias=bias, device="meta"), nn.ReLU()]
    layers += [nn.BatchNorm2d(2) for _ in range(norms)]
    layers += [nn.Linear(2, 2, device="meta") for _ in range(linear)]
    net, keeps = nn.Sequential(*layers), "state" in asked
    kept, trained = len(net.state_dict()), len(list(net.parameters()))
    found, each = (kept, 5) if keeps else (trained, 2)
    named = f"{norms} batch norm{'s' * (norms > 1)}, " if norms else ""
    sums = [str(1 + bias), *[f"{norms} * {each}"] * (norms > 0), f"{linear} * 2"]
    return Posed(
        f"`net`: a convolution with{'' if bias else 'out'} bias, {named}a ReLU, "
        f"{linear} linear layer{'s' * (linear > 1)} with bias. How many {asked}?",
        found,
        f"Layer by layer: {' + '.join(sums)} = {found}.",
        {
            trained: "A batch norm also keeps what no gradient changes: its buffers.",
            found + (not bias): "This convolution has one tensor, not two.",
            kept: "Buffers are in the state dict, but they are no parameters.",
            kept - norms: "Besides its running mean and variance, a batch norm keeps "
            "one more number: what does it count?"
            if keeps
            else "Running mean and variance are tensors, but no gradient trains them.",
            found + 2: "A ReLU has no numbers of its own.",
            1 + norms + linear: "A layer with a weight and a bias has two tensors.",
        },
    )


def _changed(mode: str, frozen: int | None, step: bool) -> tuple[bool, bool]:
    """Whether the weight and the running mean change."""
    linear = nn.Linear(2, 3, bias=False, device="meta")
    linear.weight = nn.Parameter(torch.ones(3, 2))
    net = nn.Sequential(linear, nn.BatchNorm1d(3)).train(mode == "train")
    if frozen is not None:
        net[frozen].requires_grad_(False)
    before = {name: kept.clone() for name, kept in net.state_dict().items()}
    with torch.enable_grad():
        out = net(torch.tensor([[1.0, 2.0], [3.0, 5.0], [4.0, 0.0]]))
        if step:
            F.mse_loss(out, torch.eye(3)).backward()
    with torch.no_grad():
        for parameter in net.parameters():
            if parameter.grad is not None:
                parameter.sub_(parameter.grad)
    moved = {name for name, x in net.state_dict().items() if not x.equal(before[name])}
    return "0.weight" in moved, "1.running_mean" in moved


_WHICH = {
    (True, True): "both",
    (True, False): "the weight alone",
    (False, True): "the running mean alone",
    (False, False): "neither",
}


@question(
    "30_modules/10_anatomy",
    mode=("train", "eval"),
    frozen=(None, 0, 1),
    step=(True, True, False),
)
def changed_by_a_call(mode: str, frozen: int | None, step: bool) -> Posed:
    """Tell what mode, freezing and a step change."""
    weight, mean = _changed(mode, frozen, step)
    lines = [f"`net.{mode}()`"]
    if frozen is not None:
        lines.append(f"`net[{frozen}].requires_grad_(False)`")
    after = "`backward` and a step of SGD" if step else "no `backward`, no step"
    lines.append(f"one call on a batch, {after}")
    why = "The weight is frozen" if step else "Without a step the weight stays"
    why = "A step moves the weight" if weight else why
    hints = {
        (not weight, mean): "The weight: does a gradient reach it, and does a step "
        "follow?",
        (weight, not mean): "The running mean: `forward` itself updates it, in one of "
        "the two modes, gradient or not.",
        (not weight, not mean): "Ask for each of them what changes it: a step of the "
        "optimiser, or `forward` itself.",
    }
    return Posed(
        "`net = nn.Sequential(nn.Linear(2, 3), nn.BatchNorm1d(3))`. Then: "
        f"{', '.join(lines)}. Which changes, the weight of `net[0]` or the running "
        "mean of `net[1]`?",
        _WHICH[weight, mean],
        f"{why}. In `{mode}` mode the norm {'updates' if mean else 'only reads'} its "
        "running mean, whatever is frozen.",
        {_WHICH[case]: hint for case, hint in hints.items()},
    )


def _ran(names: str, door: str, inner: str) -> str:
    log: list[str] = []
    net = _Around(called=inner == "self.layer(x)")
    net.register_forward_hook(_note(log, names[1]))
    net.layer.register_forward_hook(_note(log, names[3]))
    net.register_forward_pre_hook(_note(log, names[0]))
    net.layer.register_forward_pre_hook(_note(log, names[2]))
    run: Callable[[torch.Tensor], torch.Tensor] = net
    (run if door == "net(x)" else net.forward)(torch.ones(1))
    return ", then ".join(log) or "none of them"


_DOORS = ("net(x)", "net.forward(x)")
_INNER = ("self.layer(x)", "self.layer.forward(x)")


@question(
    "30_modules/20_call",
    names=("ABCD", "BADC", "CADB", "DCBA", "BDAC", "ACBD"),
    door=_DOORS,
    inner=_INNER,
)
def hooks_that_run(names: str, door: str, inner: str) -> Posed:
    """Tell which hooks run, and in which order."""
    called = "called: its hooks run"
    if door == _DOORS[1]:
        called = "not called: its hooks are silent"
    inside = "runs the layer's" if inner == _INNER[0] else "bypasses its hooks"
    wrong: dict[object, str] = {}
    if (door, inner) == (_DOORS[0], _INNER[0]):
        aside = ", then ".join(names[k] for k in (0, 2, 1, 3))
        wrong[aside] = "The layer runs within `forward`: between the hooks of `net`."
    for other in product(_DOORS, _INNER):
        asks = ["Is `net` itself called?"] * (other[0] != door)
        asks += ["Does `forward` call the layer?"] * (other[1] != inner)
        wrong[_ran(names, *other)] = (
            f"`{other[0]}`, with `{other[1]}` inside, runs these. {' '.join(asks)}"
        )
    return Posed(
        f"Hooks: {names[0]} before and {names[1]} after `net`, {names[2]} before and "
        f"{names[3]} after `net.layer`. The `forward` of `net` runs `{inner}`. Which "
        f"hooks does `{door}` run, and in which order?",
        _ran(names, door, inner),
        f"`net` is {called}. Inside, `{inner}` {inside}.",
        wrong,
    )


@question(
    "30_modules/20_call",
    door=("module(x)", "module.forward(x)"),
    x=(5, 10),
    factor=(2, 3),
    more=(1, 2, 4),
    less=(1, 3, 5),
    returns=(True, False),
)
def number_after_hooks(
    door: str, x: int, factor: int, more: int, less: int, returns: bool
) -> Posed | None:
    """Work out what two hooks make of a number."""
    module = _Times(factor)
    module.register_forward_pre_hook(lambda _, args: (args[0] + more,))
    module.register_forward_hook(lambda *given: given[2] - less if returns else None)
    run: Callable[[torch.Tensor], torch.Tensor] = module
    called = door == "module(x)"
    given = (x + more) * factor
    if called and returns and more * factor == less:
        return None  # as if no hook had run
    less_is = f"the output minus {less}"
    last = f"returns {less_is}" if returns else f"prints {less_is}, returns nothing"
    return Posed(
        f"`module` multiplies by {factor}. Its forward pre-hook returns the argument "
        f"plus {more}; its forward hook {last}. With `x = {x}`, what is `{door}`?",
        int((run if called else module.forward)(torch.tensor(x))),
        f"({x} + {more}) * {factor} = {given}"
        + (
            f", and {given} - {less} = {given - less}."
            if returns
            else ", and it stays."
        )
        if called
        else f"No hook runs: {x} * {factor} = {x * factor}.",
        {
            given - less: "To print is not to return. What comes out when a forward "
            "hook returns nothing?"
            if called
            else "Hooks belong to the call of a module. Is it called here?",
            x * factor + more - less * returns: "A pre-hook changes the argument, "
            "before anything is multiplied."
            if called
            else "Who runs the hooks: `forward`, or the call around it?",
            x * factor: "The module is called, so that its hooks run.",
            given: "What a forward hook returns replaces the output."
            if called
            else "A pre-hook belongs to the call, too. Is the module called here?",
        },
    )


QUESTIONS = (
    tensors_of_a_model,
    changed_by_a_call,
    hooks_that_run,
    number_after_hooks,
)
