"""``bench``: compare ways to do the same thing, and report which targets are met."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, TextIO

import click

if TYPE_CHECKING:
    from cnn_tutorial.benchmarks import Comparison

__all__ = ["command"]


@click.command(
    "bench",
    # The mark tells Click not to join the lines.
    epilog="""\b
Examples:
  python -m cnn_tutorial bench
  python -m cnn_tutorial bench layers filters --quick
  python -m cnn_tutorial bench --threads 4 --json bench.json""",
)
@click.argument("suites", nargs=-1, metavar="[SUITE]...")
@click.option("--list", "only_list", is_flag=True, help="Name the suites, and stop.")
@click.option("--quick", is_flag=True, help="Less of everything: about a minute.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    default=1,
    show_default=True,
    help="Threads of PyTorch; the filters of SciPy and scikit-image have one.",
)
@click.option(
    "--json",
    "file",
    type=click.File("w", encoding="utf-8", lazy=True),
    help="Write all times to FILE, or to - for the terminal, in place of the tables.",
)
def command(
    suites: tuple[str, ...],
    only_list: bool,
    quick: bool,
    threads: int,
    file: TextIO | None,
) -> None:
    """Time the SUITEs, or all of them: who is faster, and by how much.

    All candidates take turns in one run, are first compared in what they return, and
    are judged by ratios, not by seconds. The exit code is 1 if a target is missed.
    """
    from cnn_tutorial import benchmarks, records
    from cnn_tutorial._validation import choice

    known = benchmarks.list_suites()
    if only_list:
        for name in known:
            click.echo(f"{name:12} {benchmarks.get_suite(name).title}")
        return
    try:
        chosen = [choice("SUITE", name, known) for name in suites] or known
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    reports = {}
    with benchmarks.quiet(threads):
        facts = records.environment()
        for name in chosen:
            suite = benchmarks.get_suite(name)
            click.echo(f"{suite.title}\n", err=file is not None)
            show = _later if file else _now
            reports[name] = report = suite.run(quick=quick, progress=show)
            click.echo(f"{report}\n", err=file is not None)
    if file:
        found = {name: report.to_dict() for name, report in reports.items()}
        json.dump({**facts, "quick": quick, "suites": found}, file, indent=2)
        file.write("\n")
    if any(report.missed for report in reports.values()):
        raise click.exceptions.Exit(1)


def _now(comparison: Comparison) -> None:
    """Print a comparison as soon as it is there."""
    click.echo(f"{comparison}\n")


def _later(comparison: Comparison) -> None:
    """Print only that it is done: the file will have the rest."""
    click.echo(comparison.title, err=True)
