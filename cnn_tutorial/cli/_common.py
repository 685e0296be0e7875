"""What the commands on models share: options, words, and errors without traceback."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import click

__all__ = [
    "device_option",
    "examples",
    "json_option",
    "known",
    "known_data",
    "model_settings",
    "root_option",
    "settings_option",
    "threads",
    "threads_option",
    "user_errors",
]

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option(
    "--json", "as_json", is_flag=True, help="For programs: the result as JSON."
)
device_option = click.option(
    "--device",
    help="Where to compute, for instance cpu or cuda [CNN_TUTORIAL_DEVICE, else the "
    "best there is].",
)
threads_option = click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads of PyTorch on the processor [its own choice].",
)
root_option = click.option(
    "--root",
    type=click.Path(file_okay=False),
    help="Folder of downloaded data sets [CNN_TUTORIAL_DATA, else the user's cache].",
)
settings_option = click.option(
    "--set",
    "pairs",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the model, for instance width=32; may be given several times.",
)


def examples(*commands: str) -> str:
    """Return examples for the end of a help text, one a line."""
    lines = (f"  python -m cnn_tutorial {command}" for command in commands)
    # The mark tells Click not to join the lines.
    return "\n".join(["\b", "Examples:", *lines])


def user_errors(function: F) -> F:
    """Say in a sentence what the group does not know: it imports neither of them."""

    @functools.wraps(function)
    def wrapped(*args: object, **kwargs: object) -> object:
        from cnn_tutorial.training import CheckpointError

        try:
            return function(*args, **kwargs)
        except (CheckpointError, FloatingPointError) as error:
            raise click.ClickException(str(error)) from None
        except OSError as error:
            where = f"{error.filename}: " if error.filename else ""
            raise click.ClickException(f"{where}{error.strerror or error}.") from None

    return wrapped  # type: ignore[return-value]


def known(name: str, value: str, choices: Iterable[str]) -> str:
    """Return a name, or refuse it as a mistake in the command (exit code 2)."""
    from cnn_tutorial._validation import choice

    try:
        return choice(name, value, choices)
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def known_data(value: str) -> str:
    """Return the name of a data set, or refuse it (exit code 2)."""
    from cnn_tutorial import datasets

    if value.startswith("folder:"):
        return value
    return known("--data", value, [*datasets.list_datasets(), "folder:PATH"])


@contextmanager
def threads(count: int | None) -> Iterator[None]:
    """Let PyTorch compute with so many threads, and then with as many as before."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def model_settings(pairs: Iterable[str]) -> dict[str, Any]:
    """Return KEY=VALUE pairs as a dictionary; what is no JSON is a word.

    Raises
    ------
    UsageError
        If a pair is none.

    Examples
    --------
    >>> model_settings(["width=32", "stem=large", "zero_last_norm=true"])
    {'width': 32, 'stem': 'large', 'zero_last_norm': True}
    """
    settings = {}
    for given in pairs:
        key, equals, value = given.partition("=")
        if not equals or not key.isidentifier():
            raise click.UsageError(f"--set {given!r} must look like width=32.")
        try:
            settings[key] = json.loads(value)
        except ValueError:
            settings[key] = value
    return settings
