"""``data``: list, get and verify data sets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from cnn_tutorial.datasets import DatasetInfo

__all__ = ["command"]

_COLUMNS = ("NAME", "IMAGES", "CLASSES", "TRAIN", "VALIDATION", "TEST", "WHERE")
_root_option = click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of downloaded data sets [CNN_TUTORIAL_DATA, else the user's cache].",
)


def _examples(*commands: str) -> str:
    """Return examples for the end of a help text, one a line."""
    lines = (f"  python -m cnn_tutorial {command}" for command in commands)
    # The mark tells Click not to join the lines.
    return "\n".join(["\b", "Examples:", *lines])


@click.group("data")
def command() -> None:
    """List, get and verify data sets."""


@command.command(
    "list",
    epilog=_examples(
        "data list",
        "data list --json",
    ),
)
@click.option(
    "--json", "as_json", is_flag=True, help="For programs: all facts, as JSON."
)
@_root_option
def list_command(as_json: bool, root: Path | None) -> None:
    """List the data sets: what they hold and where they are."""
    from cnn_tutorial import datasets

    infos = [datasets.describe(name) for name in datasets.list_datasets()]
    if as_json:
        facts = [_facts(info, root) for info in infos]
        click.echo(json.dumps(facts, indent=2, ensure_ascii=True))
        return
    click.echo(_table([_COLUMNS, *(_row(info, root) for info in infos)]))
    click.echo(f"\nFolder of downloads: {root or datasets.data_root()}")
    click.echo(_roles())


@command.command(
    "get",
    epilog=_examples(
        "data get mnist",
        "data get cifar10 --root /data",
    ),
)
@click.argument("name")
@_root_option
def get_command(name: str, root: Path | None) -> None:
    """Download the data set NAME, unless it is there already.

    Every file is checked. It is safe to run this again: what is right is not downloaded
    a second time, and what is damaged is replaced.
    """
    from cnn_tutorial.datasets import downloads
    from cnn_tutorial.datasets.archives import ARCHIVES

    _known(name)
    if name not in ARCHIVES:
        click.echo(f"{name} comes with the installation: there is nothing to download.")
        return
    folder = downloads.fetch(name, root=root, progress=True)
    click.echo(f"{name} is in {folder}: every file is right.")


@command.command(
    "verify",
    epilog=_examples(
        "data verify fashion-sample",
        "data verify folder:pictures/pets",
    ),
)
@click.argument("name")
@_root_option
def verify_command(name: str, root: Path | None) -> None:
    """Check every file of the data set NAME, or every image of folder:PATH."""
    from cnn_tutorial import datasets

    if not name.startswith("folder:"):
        _known(name)
    for path in datasets.verify(name, root=root):
        click.echo(f"right: {path}")


def _known(name: str) -> None:
    """Refuse a name that is none, as a mistake in the command (exit code 2)."""
    from cnn_tutorial import datasets
    from cnn_tutorial._validation import choice

    try:
        choice("NAME", name, datasets.list_datasets())
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _where(info: DatasetInfo, root: Path | None) -> str | None:
    """Return the folder of a data set, "" if it is bundled, None if it is not there."""
    from cnn_tutorial.datasets.archives import ARCHIVES
    from cnn_tutorial.datasets.integrity import present

    if info.name not in ARCHIVES:
        return ""
    folder = present(info.name, root=root)
    return None if folder is None else str(folder)


def _row(info: DatasetInfo, root: Path | None) -> tuple[str, ...]:
    where = _where(info, root)
    if where is None:
        where = f"not here; python -m cnn_tutorial data get {info.name}"
    return (
        info.name,
        "x".join(map(str, info.input_size)),
        str(info.num_classes),
        *(f"{info.splits[split]:,}" for split in ("train", "validation", "test")),
        where or "comes with the installation",
    )


def _table(rows: list[tuple[str, ...]]) -> str:
    """Return rows as text: names and places to the left, numbers to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    left = (0, len(widths) - 1)
    lines = (
        "  ".join(
            cell.ljust(width) if i in left else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def _roles() -> str:
    """Say which data set plays which role at the moment."""
    from cnn_tutorial import profiles

    profile = profiles.current()
    roles = ", ".join(f"{role} = {profile.dataset(role)}" for role in profiles.ROLES)
    return f"Profile {profile.name}: {roles}"


def _facts(info: DatasetInfo, root: Path | None) -> dict[str, Any]:
    where = _where(info, root)
    return {
        "name": info.name,
        "title": info.title,
        "classes": info.classes,
        "channels": info.channels,
        "size": info.size,
        "mean": info.mean,
        "std": info.std,
        "splits": dict(info.splits),
        "source": info.source,
        "licence": info.licence,
        "note": info.note,
        "credits": info.credits,
        "available": where is not None,
        "folder": where or None,
    }
