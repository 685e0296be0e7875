"""The command line: a group of commands that say what went wrong in one sentence."""

from __future__ import annotations

import importlib
from importlib import metadata

import click

__all__ = ["CourseGroup", "main"]

# Command -> module of this package that has it, imported when it is asked for.
_COMMANDS = {
    "bench": "cnn_tutorial.cli.bench",
    "data": "cnn_tutorial.cli.data",
    "doctor": "cnn_tutorial.cli.doctor",
    "evaluate": "cnn_tutorial.cli.evaluate",
    "exercise": "cnn_tutorial.cli.exercise",
    "grade": "cnn_tutorial.cli.grade",
    "predict": "cnn_tutorial.cli.predict",
    "quiz": "cnn_tutorial.cli.quiz",
    "record": "cnn_tutorial.cli.record",
    "summary": "cnn_tutorial.cli.summary",
    "train": "cnn_tutorial.cli.train",
    "worksheet": "cnn_tutorial.cli.worksheet",
}


class CourseGroup(click.Group):
    """A group whose commands are imported late and whose errors are sentences.

    `ValueError` (a wrong argument or setting) and `RuntimeError` (something of this
    machine is missing) carry messages that are meant for people: they are shown without
    a traceback, and the exit code is 1. Anything else is a defect and keeps its
    traceback.
    """

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of the commands."""
        return sorted({*super().list_commands(ctx), *_COMMANDS})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a command, importing it if need be."""
        if cmd_name in _COMMANDS:
            module = importlib.import_module(_COMMANDS[cmd_name])
            command: click.Command = module.command
            return command
        return super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> object:
        """Run a command; turn errors that have a message into that message."""
        try:
            return super().invoke(ctx)
        except (click.exceptions.Exit, click.Abort):
            # Click's ways out are RuntimeErrors too.
            raise
        except (ValueError, RuntimeError) as error:
            raise click.ClickException(str(error)) from None


@click.group(cls=CourseGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(metadata.version("cnn-tutorial"), prog_name="cnn-tutorial")
def main() -> None:
    """Convolutional networks, explained in code that runs."""
