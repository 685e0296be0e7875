"""``worksheet``: a lesson's questions on paper, and the key."""

from __future__ import annotations

from pathlib import Path

import click

from cnn_tutorial.cli._common import examples, user_errors

__all__ = ["command"]


@click.command(
    "worksheet",
    epilog=examples(
        "worksheet 30_unfold.py",
        "worksheet 30_unfold.py --seed 12 --out sheet-12.md",
        "worksheet 30_unfold.py --seed 12 --key --out key-12.md",
    ),
)
@click.argument("lesson", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", is_flag=True, help="With the answers.")
@click.option(
    "--seed",
    type=click.IntRange(0),
    default=1,
    show_default=True,
    help="Of the questions with choices: each learner can have other numbers.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Write to this file, in place of the terminal.",
)
@user_errors
def command(lesson: Path, key: bool, seed: int, out: Path | None) -> None:
    """Print the questions and exercises of LESSON, a downloaded script or notebook.

    The lesson is run, so that the key has its answers as they come out here. The sheet
    is Markdown.
    """
    from cnn_tutorial.exercises.worksheet import read_lesson

    text = read_lesson(lesson).markdown(key=key, seed=seed)
    if out is None:
        click.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8", newline="\n")
    click.echo(f"{out} is written.")
