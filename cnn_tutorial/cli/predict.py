"""``predict``: what a saved model says about images."""

from __future__ import annotations

import json
from pathlib import Path

import click

from cnn_tutorial.cli._common import examples, json_option, user_errors

__all__ = ["command"]


@click.command(
    "predict",
    epilog=examples(
        "predict runs/pets cat.jpg",
        "predict runs/pets/model.pt pictures/*.png --top 1",
        "predict runs/pets cat.jpg --json",
    ),
)
@click.argument("checkpoint", type=click.Path(path_type=Path, exists=True))
@click.argument(
    "images",
    nargs=-1,
    required=True,
    metavar="IMAGE...",
    type=click.Path(exists=True, dir_okay=False),
)
@click.option(
    "--top",
    type=click.IntRange(min=1),
    default=3,
    show_default=True,
    help="How many classes to tell of.",
)
@json_option
@user_errors
def command(checkpoint: Path, images: tuple[str, ...], top: int, as_json: bool) -> None:
    """Let the model in CHECKPOINT read image files, of any size.

    Shares are those of the softmax. The model knows its own classes and no others: it
    gives a picture of something else a class, too, and may sound sure of it.
    """
    from cnn_tutorial import classifiers

    classifier = classifiers.Classifier.load(checkpoint)
    readings = classifiers.read_images(classifier, images, top=top)
    if as_json:
        facts = [{"image": r.path, "shares": r.shares} for r in readings]
        click.echo(json.dumps(facts, indent=2))
        return
    for reading in readings:
        click.echo(reading)
