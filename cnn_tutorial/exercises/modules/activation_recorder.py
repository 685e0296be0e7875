"""Exercise: record what layers put out, and leave nothing behind."""

# ruff: noqa: ANN401 - a hook takes anything
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


def activation_recorder(
    model: nn.Module, names: list[str], x: Tensor
) -> dict[str, Tensor]:
    """Run model(x) and return {name: output} for the named sub-modules."""
    outputs, handles = {}, []
    try:
        for name in names:

            def keep(
                _module: Any, _args: Any, output: Tensor, name: str = name
            ) -> None:
                outputs[name] = output.detach().clone()

            layer = model.get_submodule(name)
            handles.append(layer.register_forward_hook(keep))
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return outputs


@dataclass(frozen=True)
class _Variant:
    """A recorder with one thing wrong."""

    keep: Callable[[Tensor], Tensor] = lambda output: output.detach().clone()
    reply: Callable[[Tensor], Tensor | None] = lambda _: None
    call: Callable[[nn.Module, Tensor], object] = lambda model, x: model(x)
    choose: Callable[[nn.Module, list[str]], list[str]] = lambda _, names: names
    last_name: bool = False
    remove: bool = True
    remove_after_error: bool = True
    swallow: bool = False

    def __call__(
        self, model: nn.Module, names: list[str], x: Tensor
    ) -> dict[str, Tensor]:
        outputs: dict[str, Tensor] = {}
        chosen = self.choose(model, names)

        def hook(name: str) -> Callable[..., Tensor | None]:
            def store(*arrived: Any) -> Tensor | None:
                key = chosen[-1] if self.last_name else name
                outputs[key] = self.keep(arrived[-1])
                return self.reply(arrived[-1])

            return store

        layers = [(name, model.get_submodule(name)) for name in chosen]
        handles = [layer.register_forward_hook(hook(name)) for name, layer in layers]
        failed = True
        try:
            self.call(model, x)
            failed = False
        except ValueError:
            if not self.swallow:
                raise
        finally:
            if self.remove and (self.remove_after_error or not failed):
                for handle in handles:
                    handle.remove()
        return outputs


def _all_layers(model: nn.Module, _names: list[str]) -> list[str]:
    leaves = [name for name, layer in model.named_modules() if not [*layer.children()]]
    return [name for name in leaves if name]


def _in_eval_mode(model: nn.Module, x: Tensor) -> object:
    return model.eval()(x)


def _inputs_instead(model: nn.Module, names: list[str], x: Tensor) -> dict[str, Tensor]:
    inputs: dict[str, Tensor] = {}

    def hook(name: str) -> Callable[..., None]:
        return lambda _, args: inputs.update({name: args[0].detach().clone()})

    layers = [(name, model.get_submodule(name)) for name in names]
    handles = [layer.register_forward_pre_hook(hook(name)) for name, layer in layers]
    try:
        model(x)
    finally:
        for handle in handles:
            handle.remove()
    return inputs


def _hooks_cleared(model: nn.Module, names: list[str], x: Tensor) -> dict[str, Tensor]:
    try:
        return _Variant(remove=False)(model, names, x)
    finally:
        for layer in model.modules():
            layer._forward_hooks.clear()


def _in_a_list(model: nn.Module, names: list[str], x: Tensor) -> list[Tensor]:
    return list(activation_recorder(model, names, x).values())


def _by_getattr(model: nn.Module, names: list[str], x: Tensor) -> dict[str, Tensor]:
    for name in names:
        getattr(model, name)
    return activation_recorder(model, names, x)


MISTAKES = (
    Mistake(
        "the inputs are recorded",
        "A pre-hook runs before the layer and sees what goes in: register a forward "
        "hook, and keep its third argument.",
        _inputs_instead,
    ),
    Mistake(
        "the hooks are left behind",
        "Each `register_forward_hook` returns a handle. Keep the handles and call "
        "`remove()` on each.",
        _Variant(remove=False),
    ),
    Mistake(
        "hooks of others are removed, too",
        "There may be hooks on the model that are not yours. Remove your own, each by "
        "its handle.",
        _hooks_cleared,
    ),
    Mistake(
        "the outputs are in a list",
        "Who called you asks by name: store `found[name] = ...` in a dictionary.",
        _in_a_list,
    ),
    Mistake(
        "names with dots are not followed",
        "'0.1' is layer 1 inside layer 0, and `getattr` goes one step only. "
        "`model.get_submodule(name)` goes all of them.",
        _by_getattr,
    ),
    Mistake(
        "the records hold on to the graph",
        "A stored output keeps everything that autograd remembers about it alive. "
        "Store `output.detach()`, and a copy of that.",
        _Variant(keep=lambda output: output.clone()),
    ),
    Mistake(
        "only the name of the last layer is known",
        "A function made in a loop looks `name` up when it *runs*, and by then the "
        "loop is over. Give it as a default argument (`name=name`), or use "
        "`functools.partial`.",
        _Variant(last_name=True),
    ),
    Mistake(
        "every layer is recorded",
        "Only those in `names` were asked for.",
        _Variant(choose=_all_layers),
    ),
    Mistake(
        "the records share memory with the network",
        "The layer behind writes in place, into the very memory that you stored. A "
        "record is a copy: `output.detach().clone()`.",
        _Variant(keep=lambda output: output.detach()),
    ),
    Mistake(
        "forward is called directly",
        "`model.forward(x)`, and a loop over its layers likewise, skip the hooks that "
        "hang on the model itself. Call `model(x)`.",
        _Variant(call=lambda model, x: model.forward(x)),
    ),
    Mistake(
        "the hook replaces the output",
        "What a hook returns becomes the layer's output. Let yours return nothing.",
        _Variant(reply=lambda output: output.detach().abs()),
    ),
    Mistake(
        "the hooks stay when the network raises",
        "What comes after the call is not run when the call raises: remove the handles "
        "in `finally`.",
        _Variant(remove_after_error=False),
    ),
    Mistake(
        "the error of the network is swallowed",
        "Who called you must learn that the network failed: clean up in `finally`, and "
        "let the error pass.",
        _Variant(swallow=True),
    ),
    Mistake(
        "the network is put in another mode",
        "Recording must not change the model: leave `train` and `eval` to the caller.",
        _Variant(call=_in_eval_mode),
    ),
)


def _linear(*rows: tuple[float, ...]) -> nn.Linear:
    """Return an affine map with a weight that one can compute with in one's head."""
    layer = nn.Linear(len(rows[0]), len(rows), bias=False)
    layer.weight = nn.Parameter(torch.tensor(rows))
    return layer


class _Fails(nn.Module):
    """Raises when it is called."""

    def forward(self, _x: Tensor) -> Tensor:
        """Raise, as a layer does that does not like its input."""
        raise ValueError("This layer always fails.")


@dataclass
class _Witness:
    """A hook that somebody else hung on the model; it counts its runs."""

    runs: int = 0
    seen: list[Tensor] = field(default_factory=list)

    def __call__(self, _module: nn.Module, _args: Any, output: Tensor) -> None:
        self.runs += 1
        self.seen.append(output.detach().clone())


def _two() -> nn.Sequential:
    return nn.Sequential(_linear((1.0, 2.0), (-3.0, 4.0)), _linear((1.0, -1.0)))


def _rectified() -> nn.Sequential:
    return nn.Sequential(_linear((1.0, 2.0), (-3.0, -4.0)), nn.ReLU(inplace=True))


def _nested() -> nn.Sequential:
    return nn.Sequential(_two(), nn.ReLU())


def _failing() -> nn.Sequential:
    return nn.Sequential(_linear((1.0, 2.0)), _Fails())


def _case(name: str, model: Callable[[], nn.Module], *names: str) -> Case:
    def make() -> dict[str, object]:
        return {"model": model(), "names": list(names), "x": torch.tensor([[1.0, 2.0]])}

    return Case(name, make)


def _observe(attempt: Attempt, inputs: dict[str, Any]) -> dict[str, object]:
    model, others = inputs["model"], _Witness()
    model.register_forward_hook(others)
    seen: dict[str, object] = {}
    try:
        records = ask(attempt, model, inputs["names"], inputs["x"])
    except ValueError as error:
        if "always fails" not in str(error):
            raise
        seen["what came out"] = "the error of the network"
    else:
        seen["what came out"] = records
        if isinstance(records, dict):
            found = [value for value in records.values() if isinstance(value, Tensor)]
            attached = any(value.requires_grad for value in found)
            seen["some record holds on to the graph"] = attached
    hooks = [len(layer._forward_hooks) for layer in model.modules()]
    pre_hooks = [len(layer._forward_pre_hooks) for layer in model.modules()]
    seen["hooks left behind"] = sum(hooks) + sum(pre_hooks) - 1
    seen["runs of a hook that was on the model before"] = others.runs
    seen["what that hook saw"] = list(others.seen)
    return seen


EXERCISE = Exercise(
    reference=activation_recorder,
    title="A recorder that leaves nothing behind",
    lesson="30_modules/25_hooks",
    level="deeper",
    minutes=15,
    prompt="Run `model(x)` and return the outputs of the sub-modules in `names`, as a "
    "dictionary: without a graph, safe from later changes, and with no hook left on "
    "the model, whatever happens.",
    observe=_observe,
    cases=(
        _case("one layer", lambda: _two()[:1], "0"),
        _case("one of two layers", _two, "0"),
        _case("two layers", _two, "0", "1"),
        _case("a layer inside a layer", _nested, "0.1"),
        _case("a ReLU that works in place", _rectified, "0"),
        _case("a network that raises", _failing, "0"),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "`model.get_submodule(name)` finds a layer by its dotted name, and "
            "`layer.register_forward_hook(f)` calls `f(module, args, output)` after it."
        ),
        (
            "Keep every handle in a list. Call `model(x)` inside `try`, and remove the "
            "handles in `finally`."
        ),
        (
            "In the hook: `outputs[name] = output.detach().clone()`, with `name=name` "
            "as a default argument, so that each hook has its own."
        ),
    ),
    next="Make it a context manager, and record the gradients too: "
    "`output.register_hook` hangs one on a tensor.",
)
