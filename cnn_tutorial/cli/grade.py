"""``grade``: check the files of a class."""

from __future__ import annotations

import csv
import io
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnn_tutorial.cli._common import examples, json_option, known, user_errors
from cnn_tutorial.cli.exercise import facts, limits_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cnn_tutorial.exercises.apart import Limits

__all__ = ["command"]

Row = dict[str, object]

_SIGNS = {"right": "✓", "wrong": "✗", "not attempted": "○", "missing": "-"}
_COLUMNS = ("file", "exercise", "status", "mistake", "summary", "seconds")


@click.command(
    "grade",
    epilog=examples(
        "grade homework",
        "grade homework --exercise mean_loss --exercise output_size",
        "grade homework --csv grades.csv --jobs 4",
    ),
)
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--exercise",
    "names",
    multiple=True,
    help="Ask each file for this one; may be given several times [what the files "
    "attempt].",
)
@click.option(
    "--csv",
    "table",
    type=click.Path(path_type=Path, dir_okay=False, allow_dash=True),
    help="Write a row for each file and exercise to this file, or to - for the "
    "terminal.",
)
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="How many files at the same time.",
)
@limits_options
@json_option
@user_errors
def command(
    folder: Path,
    names: tuple[str, ...],
    table: Path | None,
    jobs: int,
    seconds: float,
    memory: int,
    as_json: bool,
) -> None:
    """Check every script and notebook in FOLDER and below, each in its own process.

    The code of a class runs with your rights: the limits on time and memory are against
    accidents. For code that you do not trust, use a machine or a container that you can
    throw away.
    """
    from cnn_tutorial import exercises
    from cnn_tutorial.exercises.apart import Limits

    every = [each.name for each in exercises.list_exercises()]
    wanted = [known("--exercise", name, every) for name in names]
    files = _files(folder)
    if not files:
        raise click.ClickException(f"There is no .py or .ipynb file in {folder}.")
    limits = Limits(seconds, memory)
    rows: list[Row] = []
    with ThreadPoolExecutor(jobs) as pool:
        answers = pool.map(lambda path: _of_file(path, wanted, limits), files)
        for path, answer in zip(files, answers, strict=True):
            name = path.relative_to(folder).as_posix()
            rows += [{"file": name, **each} for each in answer]
            if table is None and not as_json:
                click.echo(_line(name, answer))
    if as_json:
        click.echo(json.dumps(rows, indent=2))
    if table is not None:
        _write(table, rows)


def _files(folder: Path) -> list[Path]:
    found = (path for path in folder.rglob("*") if path.suffix in {".py", ".ipynb"})
    return sorted(
        path
        for path in found
        if path.is_file()
        and not any(
            part.startswith((".", "__")) for part in path.relative_to(folder).parts
        )
    )


def _of_file(path: Path, names: Sequence[str], limits: Limits) -> list[Row]:
    """Return a row for each exercise; one that is not in the file is missing."""
    from cnn_tutorial.exercises.apart import check_file, exercises_in

    try:
        there = exercises_in(path)
        checked = check_file(path, [n for n in names or there if n in there], limits)
    except ValueError as error:
        return [_empty("", "wrong", str(error))]
    rows = {one.exercise: facts(one) for one in checked}
    if not names and not rows:
        return [_empty("", "missing", "there is no exercise in this file")]
    for name in names:
        rows.setdefault(name, _empty(name, "missing", "it is not in this file"))
    return list(rows.values())


def _empty(name: str, status: str, summary: str) -> Row:
    return {
        "exercise": name,
        "status": status,
        "mistake": "",
        "summary": summary,
        "seconds": 0.0,
    }


def _line(name: str, rows: Sequence[Row]) -> str:
    right = sum(row["status"] == "right" for row in rows)
    details = ", ".join(
        f"{_SIGNS[str(row['status'])]} {row['exercise'] or row['summary']}"
        + (f" ({row['mistake']})" if row["mistake"] else "")
        for row in rows
    )
    return f"{name}: {right} of {len(rows)} right: {details}"


def _write(table: Path, rows: Sequence[Row]) -> None:
    text = io.StringIO()
    writer = csv.DictWriter(text, _COLUMNS, extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    if str(table) == "-":
        click.echo(text.getvalue(), nl=False)
        return
    table.write_text(text.getvalue(), encoding="utf-8", newline="\n")
    click.echo(f"{len(rows)} rows: {table}")
