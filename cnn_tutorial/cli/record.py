"""``record``: run what lessons cannot afford, and keep it with its provenance."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from cnn_tutorial.experiments import Experiment, Run

__all__ = ["command"]


@click.command(
    "record",
    # The mark tells Click not to join the lines.
    epilog="""\b
Examples:
  python -m cnn_tutorial record --check
  python -m cnn_tutorial record leave-one-out
  python -m cnn_tutorial record resnet18-cifar10 --device cuda --into runs""",
)
@click.argument("experiments", nargs=-1, metavar="[EXPERIMENT]...")
@click.option(
    "--check", is_flag=True, help="Run nothing; say which recordings still hold."
)
@click.option("--device", default="cpu", show_default=True, help="Where to compute.")
@click.option(
    "--threads",
    type=click.IntRange(min=1),
    help="Threads of PyTorch; without it as many as it takes.",
)
@click.option(
    "--into",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the files, in place of the one in the package.",
)
@click.option("--json", "as_json", is_flag=True, help="With --check: for programs.")
def command(
    experiments: tuple[str, ...],
    check: bool,
    device: str,
    threads: int | None,
    into: Path | None,
    as_json: bool,
) -> None:
    """Run the EXPERIMENTs from all seeds, and keep curves, scores and provenance.

    Without a name: those that are recorded already. Stopped, and called again with the
    same words, it goes on after the last run that ended. With --check the exit code is
    1 if a recording does not hold any more.
    """
    from cnn_tutorial._validation import choice
    from cnn_tutorial.experiments import get_experiment, list_experiments
    from cnn_tutorial.experiments.recording import RECORDS

    folder, known = into or RECORDS, list_experiments()
    try:
        chosen = [choice("EXPERIMENT", name, known) for name in experiments]
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    there = [name for name in known if (folder / f"{name}.json").is_file()]
    if check:
        _check(folder, chosen or there, as_json=as_json)
        return
    folder.mkdir(parents=True, exist_ok=True)
    typed = _typed(chosen or there, device, threads)
    for name in chosen or there:
        _record(get_experiment(name), folder, device, threads, typed)


def _typed(names: list[str], device: str, threads: int | None) -> str:
    """Return the command that does the same again, wherever the files go."""
    words = ["python", "-m", "cnn_tutorial", "record", *names]
    words += [] if device == "cpu" else ["--device", device]
    words += [] if threads is None else ["--threads", str(threads)]
    return shlex.join(words)


def _check(folder: Path, names: list[str], *, as_json: bool) -> None:
    """Say which recordings hold, and end with 1 if one does not."""
    from cnn_tutorial.experiments import load

    found = {}
    for name in names:
        path = folder / f"{name}.json"
        if not path.is_file():
            raise click.ClickException(f"{name} has not been recorded yet.")
        recording = load(path)
        created, changed = recording.created, recording.changed
        found[name] = {"created": created, "changed": changed}
        if not as_json:
            state = f"STALE: {', '.join(changed)}" if changed else "holds"
            click.echo(f"{name:20} {created[:10]}  {state}")
    if as_json:
        click.echo(json.dumps(found, indent=2))
    if any(facts["changed"] for facts in found.values()):
        raise click.exceptions.Exit(1)


def _record(
    experiment: Experiment,
    folder: Path,
    device: str,
    threads: int | None,
    typed: str,
) -> None:
    """Run an experiment and write its file."""
    import torch

    from cnn_tutorial.experiments import carry_out, load, save

    def tell(name: str, run: Run) -> None:
        click.echo(
            f"{name:24} seed {run.seed}: validation {run.validation_accuracy:.1%}, "
            f"{run.record.seconds:.0f} s"
        )

    click.echo(f"{experiment.name}: {experiment.title}")
    part = folder / f"{experiment.name}.part"
    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        recording = carry_out(
            experiment,
            command=typed,
            device=device,
            progress=tell,
            keep=lambda found: save(found, part),
            known=load(part) if part.is_file() else None,
        )
    finally:
        torch.set_num_threads(before)
    path = folder / f"{experiment.name}.json"
    save(recording, path)
    part.unlink(missing_ok=True)
    click.echo(f"{recording}\nkept in {path}")
