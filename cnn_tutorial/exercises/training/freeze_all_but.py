"""Exercise: freeze a model, all but one of its parts."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import nn

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


def freeze_all_but(model: nn.Module, part: str) -> int:
    """Freeze all parameters outside `part`, a module; return how many numbers train."""
    model.requires_grad_(False)
    module = model.get_submodule(part)
    module.requires_grad_(True)
    return sum(p.numel() for p in module.parameters())


def _choosing(chosen: Callable[[str, str], bool]) -> Attempt:
    """Return an answer that trains the parameters whose names are chosen."""

    def freeze(model: nn.Module, part: str) -> int:
        for name, parameter in model.named_parameters():
            parameter.requires_grad_(chosen(name, part))
        return _trained(model)

    return freeze


def _trained(model: nn.Module) -> int:
    return sum(p.numel() for p in model.parameters() if p.requires_grad)


def _tensors(model: nn.Module, part: str) -> int:
    freeze_all_but(model, part)
    return len(list(model.get_submodule(part).parameters()))


def _frozen_count(model: nn.Module, part: str) -> int:
    return sum(p.numel() for p in model.parameters()) - freeze_all_but(model, part)


def _every_number(model: nn.Module, part: str) -> int:
    freeze_all_but(model, part)
    return sum(p.numel() for p in model.parameters())


def _left_frozen(model: nn.Module, part: str) -> int:
    for name, parameter in model.named_parameters():
        if not name.startswith(f"{part}."):
            parameter.requires_grad_(False)
    return _trained(model)


def _only_counted(model: nn.Module, part: str) -> int:
    return sum(p.numel() for p in model.get_submodule(part).parameters())


def _all_frozen(model: nn.Module, part: str) -> int:
    model.requires_grad_(False)
    return _only_counted(model, part)


def _with_buffers(model: nn.Module, part: str) -> int:
    freeze_all_but(model, part)
    return sum(v.numel() for v in model.get_submodule(part).state_dict().values())


MISTAKES = (
    Mistake(
        "the part is frozen and the rest is trained",
        "It is the other way round: the part trains, everything else is frozen.",
        _choosing(lambda name, part: not name.startswith(f"{part}.")),
    ),
    Mistake(
        "parts with a longer name train, too",
        "`head2.weight` begins with `head`, too. Compare with the path and a dot, or "
        "ask the model: `get_submodule`.",
        _choosing(lambda name, part: name.startswith(part)),
    ),
    Mistake(
        "the name is searched anywhere",
        "`body.head.weight` is not in `head`. The path must begin the name.",
        _choosing(lambda name, part: part in name),
    ),
    Mistake(
        "tensors are counted, not numbers",
        "A weight of shape (5, 3) is one tensor and 15 numbers: add up `numel()`.",
        _tensors,
    ),
    Mistake(
        "the frozen numbers are counted",
        "Asked for are the numbers that still train.",
        _frozen_count,
    ),
    Mistake(
        "all numbers are counted",
        "Most of them are frozen. Count those of the part.",
        _every_number,
    ),
    Mistake(
        "what was frozen before stays frozen",
        "The part may have been frozen by somebody else: switch its gradients on.",
        _left_frozen,
    ),
    Mistake(
        "nothing is frozen",
        "Set `requires_grad` of the parameters; counting leaves them as they are.",
        _only_counted,
    ),
    Mistake(
        "the part is frozen with the rest",
        "Switch the gradients of the part on again.",
        _all_frozen,
    ),
    Mistake(
        "buffers are counted",
        "Running statistics are in the `state_dict`, but nothing trains them: count "
        "`parameters()`.",
        _with_buffers,
    ),
)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> Mapping[str, object]:
    model = inputs["model"]
    assert isinstance(model, nn.Module)
    result = ask(attempt, model, inputs["part"])
    trained = [name for name, p in model.named_parameters() if p.requires_grad]
    return {"result": result, "parameters that train": trained}


def _model(**parts: nn.Module) -> nn.Module:
    """Return a model with these parts and the same numbers each time."""
    model = nn.ModuleDict(parts)
    for parameter in model.parameters():
        nn.init.ones_(parameter)
    return model


def _case(name: str, part: str, build: Callable[[], nn.Module]) -> Case:
    return Case(name, lambda: {"model": build(), "part": part})


EXERCISE = Exercise(
    reference=freeze_all_but,
    title="A trunk that stays as it is",
    lesson="40_training/60_transfer",
    level="core",
    minutes=8,
    prompt="Freeze all parameters of `model` but those inside its module `part` (a "
    "path, as in `named_modules`). The part must be able to train, whatever was "
    "frozen before. Return how many numbers train.",
    observe=_observe,
    # By hand: 3*2 + 2 = 8; 2*2 = 4 (a norm's two rows of 2); 5*3 = 15.
    cases=(
        _case(
            "a body and a head",
            "head",
            lambda: _model(body=nn.Linear(2, 3), head=nn.Linear(3, 2)),
        ),
        _case(
            "a part with a longer name",
            "head",
            lambda: _model(head2=nn.Linear(2, 2), head=nn.Linear(5, 3, bias=False)),
        ),
        _case(
            "a part inside another part",
            "body.head",
            lambda: _model(
                body=_model(head=nn.BatchNorm2d(2), neck=nn.Linear(1, 3)),
                head=nn.Linear(2, 2),
            ),
        ),
        _case(
            "the name of the part inside another one",
            "head",
            lambda: _model(body=_model(head=nn.Linear(1, 2)), head=nn.Linear(2, 1)),
        ),
        _case(
            "a model that was frozen before",
            "head",
            lambda: _model(body=nn.Linear(2, 3), head=nn.Linear(3, 2)).requires_grad_(
                False
            ),
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        "A parameter that needs no gradient gets none. Which attribute says so?",
        "`requires_grad_` works on whole modules, also on `model.get_submodule(part)`.",
        "Freeze the model, thaw the part, and add up `p.numel()` of its parameters.",
    ),
    next="Batch norms in the frozen part still learn their running statistics in "
    "training mode. Write a function that keeps those still, too.",
)
