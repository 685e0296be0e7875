"""Exercise: what a module's call does around its forward."""

# ruff: noqa: ANN401, ARG001, ARG005 - a hook takes anything, a wrong answer forgets some
from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]

Hook = Callable[..., Any]
Hooks = list[Hook]


def call_with_hooks(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    """Run the hooks in `before` on x, then forward, then the hooks in `after`."""
    args = (x,)
    for hook in before:
        changed = hook(forward, args)
        args = args if changed is None else changed
    output = forward(*args)
    for hook in after:
        changed = hook(forward, args, output)
        output = output if changed is None else changed
    return output


def _forward_only(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    return forward(x)


def _before_ignored(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    for hook in before:
        hook(forward, (x,))
    return call_with_hooks(forward, [], after, x)


def _after_ignored(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    output = call_with_hooks(forward, before, [], x)
    for hook in after:
        hook(forward, (x,), output)
    return output


def _none_replaces(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    output = call_with_hooks(forward, before, [], x)
    for hook in after:
        output = hook(forward, (x,), output)
    return output


def _none_for_args(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    args: Any = (x,)
    for hook in before:
        args = hook(forward, args)
    output = forward(*args)
    for hook in after:
        output = hook(forward, args, output)
    return output


def _truth(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    args: Any = (x,)
    for hook in before:
        args = hook(forward, args) or args
    output = forward(*args)
    for hook in after:
        output = hook(forward, args, output) or output
    return output


def _bare_x(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    for hook in before:
        changed = hook(forward, x)
        x = x if changed is None else changed
    return call_with_hooks(forward, [], after, x)


def _not_unpacked(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    return call_with_hooks(lambda *args: forward(args), before, after, x)


def _old_args(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    output = call_with_hooks(forward, before, [], x)
    for hook in after:
        changed = hook(forward, (x,), output)
        output = output if changed is None else changed
    return output


def _each_from_the_start(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    output = first = call_with_hooks(forward, before, [], x)
    for hook in after:
        changed = hook(forward, (x,), first)
        output = output if changed is None else changed
    return output


def _each_from_x(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    args: Any = (x,)
    for hook in before:
        changed = hook(forward, (x,))
        args = args if changed is None else changed
    return call_with_hooks(forward, [], after, *args)


def _first_answer(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    output = call_with_hooks(forward, before, [], x)
    for hook in after:
        changed = hook(forward, (x,), output)
        if changed is not None:
            return changed
    return output


def _one_argument(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    for hook in before:
        x = hook(x)
    output = forward(x)
    for hook in after:
        output = hook(output)
    return output


def _backwards(forward: Hook, before: Hooks, after: Hooks, x: Any) -> Any:
    return call_with_hooks(forward, before[::-1], after[::-1], x)


MISTAKES = (
    Mistake(
        "the hooks do not run",
        "That is `forward` alone. Call each hook in `before` first, and each in "
        "`after` at the end.",
        _forward_only,
    ),
    Mistake(
        "what a hook before returns is ignored",
        "A hook before may return new arguments: from there on they are the arguments.",
        _before_ignored,
    ),
    Mistake(
        "what a hook after returns is ignored",
        "A hook after may return another output: from there on it is the output.",
        _after_ignored,
    ),
    Mistake(
        "None replaces the output",
        "A hook that returns None leaves the output as it is. Test `is None` before "
        "you replace.",
        _none_replaces,
    ),
    Mistake(
        "None replaces the arguments",
        "A hook that returns None leaves the arguments as they are. Test `is None` "
        "before you replace.",
        _none_for_args,
    ),
    Mistake(
        "a zero is taken for no answer",
        "`or` and `if changed` treat 0, an empty list and False like None, and fail on "
        "tensors. Test `is None`.",
        _truth,
    ),
    Mistake(
        "the hooks get x and not a tuple of arguments",
        "A hook before receives all arguments in a tuple, here `(x,)`, because a "
        "module may have several.",
        _bare_x,
    ),
    Mistake(
        "forward gets the tuple",
        "Unpack it: `forward(*args)`.",
        _not_unpacked,
    ),
    Mistake(
        "the hooks after see the old arguments",
        "When a hook before has replaced the arguments, a hook after sees the new "
        "ones: those that `forward` got.",
        _old_args,
    ),
    Mistake(
        "each hook after starts from the first output",
        "A hook sees what the hook before it has left.",
        _each_from_the_start,
    ),
    Mistake(
        "each hook before starts from x",
        "The second hook before sees what the first has left: hand `args` on, not "
        "`(x,)`.",
        _each_from_x,
    ),
    Mistake(
        "the first answer ends the call",
        "A hook that replaces the output is not the last one: store its answer, and "
        "let the others run. Is there a `return` in the loop?",
        _first_answer,
    ),
    Mistake(
        "the hooks get one argument",
        "A hook before is called with two, `hook(forward, args)`, and a hook after "
        "with three, `hook(forward, args, output)`.",
        _one_argument,
    ),
    Mistake(
        "the hooks run in reverse",
        "First in the list, first to run.",
        _backwards,
    ),
)


@dataclass(frozen=True)
class _Rule:
    """A function that shows itself as the rule it applies."""

    rule: str
    apply: Callable[..., Any]

    def __repr__(self) -> str:
        return f"<{self.rule}>"


_DOUBLE = _Rule("forward: a -> 2*a", lambda a: 2 * a)
_LOOK = _Rule("only looks", lambda *_: None)
_ADD = _Rule("args -> (args[0] + 1,)", lambda _, args: (args[0] + 1,))
_NEGATE = _Rule("args -> (-args[0],)", lambda _, args: (-args[0],))
_LESS = _Rule("output -> output - 3", lambda _, args, output: output - 3)
_SQUARE = _Rule("output -> output*output", lambda _, args, output: output * output)
_RESIDUAL = _Rule(
    "args, output -> output + args[0]", lambda _, args, output: output + args[0]
)


def _observe(attempt: Attempt, inputs: dict[str, Any]) -> dict[str, object]:
    order: list[str] = []

    def noted(rule: _Rule) -> Hook:
        def call(*args: Any) -> Any:
            order.append(rule.rule)
            return rule.apply(*args)

        return call

    result = ask(
        attempt,
        noted(inputs["forward"]),
        [noted(hook) for hook in inputs["before"]],
        [noted(hook) for hook in inputs["after"]],
        inputs["x"],
    )
    return {"result": result, "what ran, in order": order}


def _case(
    name: str,
    x: int,
    before: tuple[_Rule, ...] = (),
    after: tuple[_Rule, ...] = (),
) -> Case:
    def make() -> dict[str, object]:
        arguments = {"before": list(before), "after": list(after), "x": x}
        return {"forward": _DOUBLE, **arguments}

    return Case(name, make)


EXERCISE = Exercise(
    reference=call_with_hooks,
    title="What a call does around forward",
    lesson="30_modules/20_call",
    level="core",
    minutes=10,
    prompt="Run the hooks in `before`, then `forward`, then the hooks in `after`. A "
    "hook before is called as `hook(forward, args)` with a tuple and may return a new "
    "tuple; a hook after is called as `hook(forward, args, output)` and may return a "
    "new output. `None` means: leave it.",
    observe=_observe,
    cases=(
        _case("no hooks", 5),
        _case("one hook before that replaces", 5, before=(_ADD,)),
        _case("one hook after that replaces", 5, after=(_LESS,)),
        _case("a hook before that only looks", 5, before=(_LOOK,)),
        _case("a hook after that only looks", 5, after=(_LOOK,)),
        _case("two hooks before", 5, before=(_ADD, _NEGATE)),
        _case("two hooks after", 5, after=(_LESS, _SQUARE)),
        _case("a hook after makes a 0", 2, after=(_Rule("-> 0", lambda *_: 0),)),
        _case("a hook after that uses new arguments", 5, (_ADD,), (_RESIDUAL,)),
        _case("all of them", 5, (_LOOK, _ADD, _NEGATE), (_RESIDUAL, _LOOK, _LESS)),
    ),
    mistakes=MISTAKES,
    hints=(
        "Keep two variables that hooks may replace: `args`, a tuple, and `output`.",
        (
            "`args = (x,)`. For each hook before: `changed = hook(forward, args)`, and "
            "if it is not None it becomes `args`. Then `output = forward(*args)`."
        ),
        (
            "After `forward`, for each hook after: `changed = hook(forward, args, "
            "output)`, and if it is not None it becomes `output`. Return `output`."
        ),
    ),
    next="Add keyword arguments for hooks that ask for them (`with_kwargs`). Then "
    "hooks that run even when `forward` raises (`always_call`).",
)
