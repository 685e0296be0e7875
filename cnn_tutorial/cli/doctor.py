"""``doctor``: look at this machine, and say what to do about what is wrong."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cnn_tutorial.cli._health import Finding

__all__ = ["command"]

#: At the beginning of a line, and what a script reads.
_MARKS = {"good": "ok", "hint": "hint", "problem": "PROBLEM"}


@click.command(
    "doctor",
    # The mark tells Click not to join the lines.
    epilog="""\b
Examples:
  python -m cnn_tutorial doctor
  python -m cnn_tutorial doctor --seconds 0
  python -m cnn_tutorial doctor --json > doctor.json""",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=0),
    default=5.0,
    show_default=True,
    help="How long to train for a check; 0 leaves training and speed out.",
)
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of downloaded data sets [CNN_TUTORIAL_DATA, else the user's cache].",
)
@click.option(
    "--json", "as_json", is_flag=True, help="For programs: all findings, as JSON."
)
def command(seconds: float, root: Path | None, *, as_json: bool) -> None:
    """Check versions, device, data and write access, and train for a few seconds.

    Nothing is downloaded, and no file stays. The exit code is 0 if lessons can run here
    (a hint may still say how they would run better), and 1 if there is a problem; each
    problem comes with what to do about it.
    """
    from cnn_tutorial.cli import _health

    findings = []
    for finding in _health.examine(seconds=seconds, root=root):
        findings.append(finding)
        if not as_json:
            click.echo(_line(finding))
    problems = sum(finding.kind == "problem" for finding in findings)
    if as_json:
        facts = {"healthy": not problems, "findings": [asdict(f) for f in findings]}
        click.echo(json.dumps(facts, indent=2))
    else:
        click.echo(f"\n{_summary(problems)}")
    if problems:
        raise click.exceptions.Exit(1)


def _line(finding: Finding) -> str:
    """Return a finding as text, the advice below it."""
    lines = f"{_MARKS[finding.kind]:8}{finding.subject:11}{finding.found}"
    return f"{lines}\n{'':19}{finding.advice}" if finding.advice else lines


def _summary(problems: int) -> str:
    if not problems:
        return "Everything that the lessons need is here."
    return f"{problems} problem{'s' * (problems > 1)}: see what is said below each."
