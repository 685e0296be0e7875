"""Exercise: the entries of one part in the state dict of a larger model."""

from __future__ import annotations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

State = dict[str, int]


def part_of_state(state: State, part: str) -> State:
    """Return the entries of the module at the path `part`, named as it names them."""
    prefix = part + "."
    return {
        name.removeprefix(prefix): value
        for name, value in state.items()
        if name.startswith(prefix)
    }


def _names_kept(state: State, part: str) -> State:
    return {name: value for name, value in state.items() if name.startswith(part + ".")}


def _dot_left(state: State, part: str) -> State:
    return {"." + name: value for name, value in part_of_state(state, part).items()}


def _no_dot(state: State, part: str) -> State:
    chosen = {name: value for name, value in state.items() if name.startswith(part)}
    return {name[len(part) + 1 :]: value for name, value in chosen.items()}


def _anywhere(state: State, part: str) -> State:
    return {
        name.split(part + ".")[-1]: value
        for name, value in state.items()
        if part + "." in name
    }


def _found_anywhere(state: State, part: str) -> State:
    return {
        name.removeprefix(part + "."): value
        for name, value in state.items()
        if part + "." in name
    }


def _replaced(state: State, part: str) -> State:
    return {
        name.replace(part + ".", ""): value
        for name, value in state.items()
        if name.startswith(part + ".")
    }


def _stripped(state: State, part: str) -> State:
    return {
        name.lstrip(part + "."): value
        for name, value in state.items()
        if name.startswith(part + ".")
    }


def _last_name(state: State, part: str) -> State:
    return {
        name.split(".")[-1]: value
        for name, value in state.items()
        if name.startswith(part + ".")
    }


def _first_step(state: State, part: str) -> State:
    found = {}
    for name, value in state.items():
        first, _, rest = name.partition(".")
        if first == part:
            found[rest] = value
    return found


def _everything(state: State, part: str) -> State:
    return {name.removeprefix(part + "."): value for name, value in state.items()}


def _in_tree_only(state: State, part: str) -> State:
    entries = part_of_state(state, part)
    return {name: value for name, value in entries.items() if "." not in name}


MISTAKES = (
    Mistake(
        "the names still begin with the path",
        "The part knows nothing of the model around it: take the path and its dot off "
        "each name.",
        _names_kept,
    ),
    Mistake(
        "the dot is left",
        "`.weight` is no name: what comes off is the path *and* the dot behind it.",
        _dot_left,
    ),
    Mistake(
        "parts with a longer name are taken too",
        "`body2.weight` begins with `body`, too. Compare with the path and the dot: "
        "`name.startswith(part + '.')`.",
        _no_dot,
    ),
    Mistake(
        "the part is searched in the middle of names",
        "`tail.body.weight` belongs to `tail`: the path must be the *beginning* of the "
        "name.",
        _anywhere,
    ),
    Mistake(
        "entries of other parts are kept under their old names",
        "`in` finds the path anywhere. It must be the beginning of the name: "
        "`startswith`.",
        _found_anywhere,
    ),
    Mistake(
        "the path is removed wherever it occurs",
        "A part may hold a module with its own name: `conv.conv.weight` becomes "
        "`conv.weight`. `replace` takes both away, `removeprefix` the first.",
        _replaced,
    ),
    Mistake(
        "lstrip eats letters",
        "`lstrip` takes a *set of letters*, not a word, and goes on as long as it "
        "finds any of them. Use `removeprefix`.",
        _stripped,
    ),
    Mistake(
        "only the last word of each name is left",
        "The part has modules inside: what comes behind its path may still have dots.",
        _last_name,
    ),
    Mistake(
        "only the first step of the path is compared",
        "A path may have several steps, such as `net.body`.",
        _first_step,
    ),
    Mistake(
        "entries of the other parts stay",
        "Leave out all entries that do not begin with the path.",
        _everything,
    ),
    Mistake(
        "the modules inside the part are lost",
        "The part has modules inside: keep their entries, dots and all.",
        _in_tree_only,
    ),
)


def _case(name: str, part: str, *names: str) -> Case:
    """Give the entries the values 1, 2, 3, ... where a model has tensors."""

    def make() -> dict[str, object]:
        state = {name: value for value, name in enumerate(names, start=1)}
        return {"state": state, "part": part}

    return Case(name, make)


EXERCISE = Exercise(
    reference=part_of_state,
    title="A backbone out of a larger model",
    lesson="30_modules/10_anatomy",
    level="core",
    minutes=8,
    prompt="Return the entries of `state` that belong to the module at the path "
    "`part`, under the names that this module itself uses: `body.conv.weight` becomes "
    "`conv.weight` for the part `body`. Numbers stand for the tensors.",
    observe=call_it(part_of_state),
    cases=(
        _case("one of two parts", "body", "body.weight", "head.weight"),
        _case("a part with modules inside", "body", "body.conv.bias", "body.scale"),
        _case("a part with a longer name", "body", "body2.weight", "body.bias"),
        _case("a path of two steps", "net.body", "net.body.bias", "net.head.bias"),
        _case(
            "a name that comes again", "conv", "conv.conv.weight", "conv.last.conv.bias"
        ),
        _case("the name of a part elsewhere", "body", "tail.body.bias", "body.bias"),
        _case("letters of the path in the name", "net", "net.tensor", "net.end"),
        _case("a part that is not there", "neck", "body.weight"),
    ),
    mistakes=MISTAKES,
    hints=(
        "All names of the part begin in the same way. With what exactly?",
        (
            "They begin with `part + '.'`: test with `name.startswith(...)`, and take "
            "it off with `name.removeprefix(...)`."
        ),
        (
            "A dictionary comprehension: `{name.removeprefix(prefix): value for name, "
            "value in state.items() if name.startswith(prefix)}`."
        ),
    ),
    next="The other way round: put the entries of a backbone under the path that they "
    "have in a new model. Then let `load_state_dict(..., strict=False)` say what is "
    "missing.",
)
