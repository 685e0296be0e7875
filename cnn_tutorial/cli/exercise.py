"""``exercise``: list, start, check; hints and solutions."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from cnn_tutorial.cli._common import examples, json_option, known, user_errors

if TYPE_CHECKING:
    from cnn_tutorial.exercises import Exercise
    from cnn_tutorial.exercises.apart import Checked, Limits

__all__ = ["command", "facts", "limits_options"]

F = TypeVar("F", bound=Callable[..., Any])

_LEVELS = ("first steps", "core", "deeper")
_SIGNS = {"right": "✓", "wrong": "✗", "not attempted": "○"}


def limits_options(function: F) -> F:
    """Add the limits on a learner's code."""
    seconds = click.option(
        "--seconds",
        type=click.FloatRange(min=0, min_open=True),
        default=20.0,
        show_default=True,
        help="Time limit for each exercise.",
    )
    memory = click.option(
        "--memory",
        type=click.IntRange(min=1),
        default=2000,
        show_default=True,
        help="Megabytes beside what PyTorch takes; kept on Linux only.",
    )
    return seconds(memory(function))


def _exercise(name: str) -> Exercise:
    from cnn_tutorial import exercises

    every = [each.name for each in exercises.list_exercises()]
    return exercises.get(known("NAME", name, every))


@click.group("exercise")
def command() -> None:
    """List the exercises, start one, check it, ask for a hint."""


@command.command(
    "list",
    epilog=examples(
        "exercise list",
        "exercise list --level core --lesson convolution",
        "exercise list --json",
    ),
)
@click.option("--level", type=click.Choice(_LEVELS), help="Only those of this level.")
@click.option("--lesson", default="", help="Only those of lessons with this in a name.")
@json_option
def list_command(level: str | None, lesson: str, as_json: bool) -> None:
    """List the exercises in the order of the lessons."""
    from cnn_tutorial import exercises

    found = [
        each
        for each in exercises.list_exercises()
        if lesson in each.lesson and level in (None, each.level)
    ]
    if as_json:
        fields = ("name", "title", "lesson", "level", "minutes", "prompt")
        facts = [{key: getattr(each, key) for key in fields} for each in found]
        click.echo(json.dumps(facts, indent=2))
    elif found:
        click.echo(repr(exercises.ExerciseList(found)))
    else:
        click.echo("There is none.")


@command.command(
    "start",
    epilog=examples("exercise start mean_loss", "exercise start mean_loss --into work"),
)
@click.argument("name")
@click.option(
    "--into",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(),
    help="Folder for the file [this one].",
)
@user_errors
def start_command(name: str, into: Path) -> None:
    """Write NAME.py with what the exercise NAME starts from.

    A file that is there already is left alone (exit code 1).
    """
    task = _exercise(name)
    into.mkdir(parents=True, exist_ok=True)
    path = into / f"{task.name}.py"
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(_start(task))
    except FileExistsError:
        raise click.ClickException(
            f"{path} is there already, and stays as it is."
        ) from None
    click.echo(f"{path} is yours to complete. Then:")
    click.echo(f"  python -m cnn_tutorial exercise check {path}")


def _start(task: Exercise) -> str:
    from textwrap import fill

    words = f"{task.title} ({task.level}, {task.minutes} min)\n\n{task.prompt}"
    paragraphs = (fill(text, 86) for text in words.replace("\\", "\\\\").split("\n\n"))
    text = "\n\n".join(paragraphs).replace('"""', "'''")
    gap = "\n" if task.imports else "\n\n"
    return f'"""{text}\n"""\n{gap}{task.stub.rstrip()}\n'


@command.command(
    "check",
    epilog=examples(
        "exercise check mean_loss.py",
        "exercise check homework.ipynb --watch",
        "exercise check mean_loss.py --json",
    ),
)
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option(
    "--watch", is_flag=True, help="Check again whenever the file changes; Ctrl+C ends."
)
@limits_options
@json_option
@user_errors
def check_command(
    file: Path,
    names: tuple[str, ...],
    watch: bool,
    seconds: float,
    memory: int,
    as_json: bool,
) -> None:
    """Check the exercises in FILE, a script or a notebook; or only those NAMEd.

    Only the definitions that an exercise needs are run, in a process of its own, within
    limits. The exit code is 0 if all are right, 1 if one is not.
    """
    from cnn_tutorial.exercises.apart import Limits

    if watch and as_json:
        raise click.UsageError("--watch is for people, --json for programs.")
    limits = Limits(seconds, memory)
    wanted = [_exercise(name).name for name in names] or None
    right = _check(file, wanted, limits, as_json)
    while watch:
        _wait_for_change(file)
        click.clear()
        right = _check(file, wanted, limits, as_json)
    if not right:
        raise click.exceptions.Exit(1)


def _check(file: Path, names: list[str] | None, limits: Limits, as_json: bool) -> bool:
    from cnn_tutorial.exercises.apart import check_file

    checked = check_file(file, names, limits)
    if as_json:
        click.echo(json.dumps([facts(one) for one in checked], indent=2))
    elif not checked:
        click.echo(f"{file} defines nothing that is asked for in an exercise.")
    for one in checked if not as_json else ():
        click.echo(f"{_SIGNS[one.feedback.status]} {one.exercise}")
        click.echo(f"{_for_terminals(one)}\n")
    return bool(checked) and all(one.feedback.status == "right" for one in checked)


def _for_terminals(one: Checked) -> str:
    """Feedback as text; the words on hints name the command."""
    command = f"`python -m cnn_tutorial exercise hint {one.exercise} 1`"
    said = str(one.feedback).replace(f"`hint({one.exercise!r}, 1)`", command)
    printed = f"\nIt printed:\n{one.printed.rstrip()}" if one.printed else ""
    return said + printed


def facts(one: Checked) -> dict[str, object]:
    """Return what a program may want to know of a check."""
    from dataclasses import asdict

    return {
        "exercise": one.exercise,
        **asdict(one.feedback),
        "seconds": round(one.seconds, 3),
        "printed": one.printed,
    }


def _wait_for_change(file: Path) -> None:
    """Return once a file is another one; an editor may replace it as a whole."""

    def state() -> tuple[int, int] | None:
        try:
            found = file.stat()
        except FileNotFoundError:
            return None
        return found.st_mtime_ns, found.st_size

    before = state()
    while state() in (before, None):
        time.sleep(0.3)


@command.command("hint", epilog=examples("exercise hint mean_loss 2"))
@click.argument("name")
@click.argument("number", type=click.IntRange(1, 3), default=1)
def hint_command(name: str, number: int) -> None:
    """Give hint NUMBER for the exercise NAME: 1 gives the least away, 3 the most."""
    click.echo(repr(_exercise(name).hint(number)))


@command.command("solution", epilog=examples("exercise solution mean_loss"))
@click.argument("name")
def solution_command(name: str) -> None:
    """Print the function that answers to the exercise NAME are compared with."""
    click.echo(_exercise(name).solution.rstrip())
