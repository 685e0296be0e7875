"""``quiz``: questions with numbers of their own, asked and answered in the terminal."""

from __future__ import annotations

import json
import random
from typing import TYPE_CHECKING

import click

from cnn_tutorial.cli._common import examples, json_option, user_errors

if TYPE_CHECKING:
    from cnn_tutorial.questions import Asked

__all__ = ["command"]

_SEEDS = 10**6


@click.command(
    "quiz",
    epilog=examples(
        "quiz",
        "quiz 20_convolution --count 10",
        "quiz unfold --seed 7",
        "quiz unfold --seed 7 --json",
    ),
)
@click.argument("lesson", default="")
@click.option(
    "--count",
    type=click.IntRange(1),
    default=5,
    show_default=True,
    help="How many questions.",
)
@click.option(
    "--seed",
    type=click.IntRange(0),
    help="Draws questions and numbers [another each time].",
)
@json_option
@user_errors
def command(lesson: str, count: int, seed: int | None, as_json: bool) -> None:
    """Ask questions of the lessons that have LESSON in their names; of all without it.

    The same seed asks the same. With --json the questions are printed with their
    answers, and none is asked.
    """
    if seed is None:
        seed = random.randrange(_SEEDS)
    asked = _draw(lesson, count, seed)
    if as_json:
        click.echo(json.dumps([_facts(one) for one in asked], indent=2))
        return
    click.echo(f"These are the questions of --seed {seed}. Ctrl+C ends.\n")
    right = sum(_ask(one) for one in asked)
    click.echo(f"{right} of {len(asked)} right at the first try.")


def _draw(lesson: str, count: int, seed: int) -> list[Asked]:
    from cnn_tutorial.questions import list_questions

    known = list_questions(lesson)
    if not known:
        raise click.BadParameter(f"no lesson has {lesson!r} in its name.")
    chance = random.Random(seed)
    chosen: list[Asked] = []
    while len(chosen) < count:
        # Each question once before one comes again.
        some = chance.sample(known, min(len(known), count - len(chosen)))
        chosen += [one.draw(chance.randrange(_SEEDS)) for one in some]
    return chosen


def _ask(asked: Asked) -> bool:
    """Ask until the answer is right; return whether the first one was."""
    # The last line is for a notebook.
    click.echo("\n".join(repr(asked).splitlines()[:-1]))
    letters = click.Choice(tuple(asked.letters), case_sensitive=False)
    tries = 0
    while True:
        reply = asked.answer(click.prompt("Answer", type=letters, show_choices=False))
        tries += 1
        click.echo(f"{reply}\n")
        if reply.right:
            return tries == 1


def _facts(asked: Asked) -> dict[str, object]:
    choices = zip(asked.letters, asked.choices, strict=True)
    return {
        "question": asked.name,
        "seed": asked.seed,
        "text": asked.text,
        "choices": {letter: each.text for letter, each in choices},
        "key": asked.key,
        "why": asked.choices[asked.letters.index(asked.key)].why,
    }
