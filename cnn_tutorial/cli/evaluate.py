"""``evaluate``: how good a saved model is."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import click

from cnn_tutorial.cli._common import (
    device_option,
    examples,
    json_option,
    known_data,
    root_option,
    threads_option,
    user_errors,
)
from cnn_tutorial.cli._common import (
    threads as _threads,
)

__all__ = ["command"]


@click.command(
    "evaluate",
    epilog=examples(
        "evaluate runs/resnet8-fashion-sample",
        "evaluate runs/pets/model.pt --split validation --json",
        "evaluate runs/pets --data folder:pictures/other-pets",
    ),
)
@click.argument("checkpoint", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--data",
    metavar="NAME",
    help="A data set, or folder:PATH [what the model was trained on].",
)
@click.option(
    "--split",
    type=click.Choice(("train", "validation", "test")),
    default="test",
    show_default=True,
    help="Which images. Choose by validation; look at the test once.",
)
@device_option
@threads_option
@root_option
@json_option
@user_errors
def command(
    checkpoint: Path,
    data: str | None,
    split: str,
    device: str | None,
    threads: int | None,
    root: str | None,
    as_json: bool,
) -> None:
    """Judge the model in CHECKPOINT: accuracy, loss, accuracy of each class.

    CHECKPOINT is the folder of a run, its model.pt, or one of its checkpoints. The file
    knows the model, its classes, and how images are standardised.
    """
    from cnn_tutorial import classifiers, datasets, profiles

    classifier = classifiers.Classifier.load(checkpoint)
    name = known_data(data or classifier.data)
    loaded = datasets.load(name, size=classifier.info.size, root=root)
    with _threads(threads):
        judgement = classifiers.judge(
            classifier, getattr(loaded, split), device=device or profiles.device()
        )
    if as_json:
        facts = {"model": classifier.model, "data": name, "split": split}
        click.echo(json.dumps(facts | asdict(judgement), indent=2))
    else:
        click.echo(f"{classifier.model} on {name}, {split}: {judgement}")
