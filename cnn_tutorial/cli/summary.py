"""``summary``: shapes, parameters and multiplications of a model, layer by layer."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cnn_tutorial.cli._common import (
    examples,
    json_option,
    known,
    model_settings,
    settings_option,
    user_errors,
)

if TYPE_CHECKING:
    from torch import nn

__all__ = ["command"]


@click.command(
    "summary",
    epilog=examples(
        "summary lenet",
        "summary resnet18 --channels 3 --size 224 --classes 1000 --set stem=large",
        "summary runs/pets/model.pt",
    ),
)
@click.argument("model")
@click.option("--channels", type=click.IntRange(min=1), help="Of an image [1].")
@click.option(
    "--size", type=click.IntRange(min=1), help="Height and width, in pixels [32]."
)
@click.option(
    "--classes", type=click.IntRange(min=1), help="Scores that come out [10]."
)
@settings_option
@json_option
@user_errors
def command(
    model: str,
    channels: int | None,
    size: int | None,
    classes: int | None,
    pairs: tuple[str, ...],
    as_json: bool,
) -> None:
    """Follow one image through MODEL: a name, or a file that `train` wrote."""
    from cnn_tutorial import summary

    if Path(model).exists():
        if (channels, classes, pairs) != (None, None, ()):
            raise click.UsageError(
                "A file knows its channels, classes and settings: leave out "
                "--channels, --classes and --set."
            )
        network, image = _saved(Path(model))
    else:
        network, image = _built(model, channels or 1, size or 32, classes or 10, pairs)
    trace = summary.trace(network, (image[0], size or image[1], size or image[2]))
    click.echo(trace.to_json() if as_json else trace)


def _saved(path: Path) -> tuple[nn.Module, tuple[int, int, int]]:
    from cnn_tutorial.classifiers import Classifier

    classifier = Classifier.load(path)
    return classifier.network, classifier.info.input_size


def _built(
    name: str, channels: int, size: int, classes: int, pairs: tuple[str, ...]
) -> tuple[nn.Module, tuple[int, int, int]]:
    from cnn_tutorial import models
    from cnn_tutorial.classifiers import build

    known("MODEL", name, models.list_models())
    network = build(
        name,
        channels=channels,
        classes=classes,
        size=(size, size),
        settings=model_settings(pairs),
    )
    return network, (channels, size, size)
