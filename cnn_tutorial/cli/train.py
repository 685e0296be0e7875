"""``train``: from a data set, or a folder of images, to a saved model."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cnn_tutorial.cli._common import (
    device_option,
    examples,
    json_option,
    known,
    known_data,
    model_settings,
    root_option,
    settings_option,
    threads,
    threads_option,
    user_errors,
)

if TYPE_CHECKING:
    from cnn_tutorial.classifiers import Recipe
    from cnn_tutorial.records import RunRecord
    from cnn_tutorial.training import Callback, Checkpoints

__all__ = ["command"]

_PRECISIONS = ("auto", "float32", "bfloat16", "float16")
# A mirrored 3 is no digit.
_NOT_MIRRORED = ("digits", "mnist")
# Options that are settings of the recipe, under the same name.
_RECIPE = (
    *("epochs", "batch_size", "rate", "weight_decay", "label_smoothing"),
    *("crop", "flip"),
)


@click.command(
    "train",
    epilog=examples(
        "train resnet8 --data fashion-sample",
        "train lenet --data digits --epochs 20 --rate 0.05 --crop 2",
        "train resnet20 --data folder:pictures/pets --size 64 --out runs/pets",
        "train resnet20 --data folder:pictures/pets --size 64 --out runs/pets --resume",
    ),
)
@click.argument("model")
@click.option(
    "--data", required=True, metavar="NAME", help="A data set, or folder:PATH."
)
@click.option(
    "--size",
    type=click.IntRange(min=1),
    help="Height and width of the images, in pixels [their own; a folder's: 32].",
)
@settings_option
@click.option("--epochs", type=click.IntRange(min=1), help="Passes over the images.")
@click.option("--batch-size", type=click.IntRange(min=1), help="Images of a step.")
@click.option("--rate", type=float, help="Highest learning rate of the cycle.")
@click.option("--weight-decay", type=float, help="Pull of all weights to zero.")
@click.option("--label-smoothing", type=float, help="Share for all classes, 0-1.")
@click.option("--crop", type=click.IntRange(min=0), help="Pixels to move by, at most.")
@click.option(
    "--flip/--no-flip",
    default=None,
    help="Mirror every other image [yes, but for digits].",
)
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True)
@click.option(
    "--precision",
    type=click.Choice(_PRECISIONS),
    default="auto",
    show_default=True,
    help="Numbers to compute in; auto is what is fastest here, as measured.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the run [runs/MODEL-DATA].",
)
@click.option(
    "--every",
    type=click.IntRange(min=1),
    help="Steps between two checkpoints; one is written after each epoch anyway.",
)
@click.option("--resume", is_flag=True, help="Go on where the run in --out stopped.")
@device_option
@threads_option
@root_option
@json_option
@user_errors
def command(model: str, data: str, **options: Any) -> None:  # noqa: ANN401
    """Train MODEL on a data set; keep checkpoints, the model and a record.

    The folder of the run gets model.pt, which `evaluate` and `predict` take,
    record.json, and the checkpoints. Test images are not looked at.
    """
    from cnn_tutorial import models, training

    known("MODEL", model, models.list_models())
    known_data(data)
    out = options["out"] or Path("runs", f"{model}-{_words(data)}")
    checkpoints = training.Checkpoints(out / "checkpoints", every=options["every"])
    if checkpoints.list() and not options["resume"]:
        raise click.UsageError(
            f"{out} holds a run already: go on with it (--resume), or choose another "
            "folder (--out)."
        )
    with threads(options["threads"]):
        record = _run(model, data, out, checkpoints, options)
    _report(out, record, as_json=options["as_json"])


def _run(
    model: str, data: str, out: Path, checkpoints: Checkpoints, options: dict[str, Any]
) -> RunRecord:
    """Load, train, save."""
    from cnn_tutorial import classifiers, datasets, profiles, training

    loaded = datasets.load(data, size=options["size"], root=options["root"])
    training.seed_everything(options["seed"])
    classifier = classifiers.Classifier.create(
        model, loaded.info, settings=model_settings(options["pairs"]), data=data
    )
    click.echo(f"{loaded!r}\nThe run is kept in {out}.", err=True)
    record = classifiers.train(
        classifier,
        loaded,
        _recipe(options, mirror=data not in _NOT_MIRRORED),
        seed=options["seed"],
        device=options["device"] or profiles.device(),
        precision=options["precision"],
        checkpoints=checkpoints,
        resume=options["resume"],
        callbacks=[_progress()],
    )
    classifier.save(out / "model.pt")
    record.save(out / "record.json")
    return record


def _words(data: str) -> str:
    """Return the name of a data set as part of a folder's name."""
    return Path(data.removeprefix("folder:")).name or "images"


def _recipe(options: dict[str, Any], *, mirror: bool) -> Recipe:
    from cnn_tutorial.classifiers import Recipe

    given = {name: options[name] for name in _RECIPE if options[name] is not None}
    return replace(Recipe(flip=mirror), **given)


def _progress() -> Callback:
    """Return a bar where somebody watches, else a line for each epoch."""
    from cnn_tutorial.training import Callback, ProgressBar, Run

    class Lines(Callback):
        def on_epoch_end(self, run: Run) -> None:
            newest = ", ".join(f"{k} {v[-1]:.4g}" for k, v in run.curves.items())
            click.echo(f"epoch {run.epoch}/{run.epochs}: {newest}", err=True)

    return ProgressBar() if sys.stderr.isatty() else Lines()


def _report(out: Path, record: RunRecord, *, as_json: bool) -> None:
    last = {name: values[-1] for name, values in record.curves.items()}
    if as_json:
        facts = {
            "folder": str(out),
            "model": str(out / "model.pt"),
            "seconds": record.seconds,
            "precision": record.config["precision"],
            "last_epoch": last,
        }
        click.echo(json.dumps(facts, indent=2))
        return
    click.echo(
        f"Validation accuracy {last['validation_accuracy']:.2%} after "
        f"{len(record.curves['seconds'])} epochs and {record.seconds:.0f} s "
        f"({record.config['precision']}).\nNow: python -m cnn_tutorial evaluate {out}"
    )
