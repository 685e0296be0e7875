"""The record of a run, and its file."""

from __future__ import annotations

import json
import math
import os
import secrets
from dataclasses import asdict, dataclass, field, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

__all__ = ["RunRecord"]

SCHEMA = 1
_FORMAT = "cnn_tutorial run record"


@dataclass(frozen=True)
class RunRecord:
    """A run: what was asked for, on what it ran, and what came out epoch by epoch.

    Parameters
    ----------
    config
        What was asked for: model, optimiser, epochs, ...; anything that JSON takes.
    curves
        One number per epoch under each name, for instance ``"validation_accuracy"``.
    seed
        The seed that was set at the beginning; None if none was.
    versions
        Of Python and packages, by name.
    hardware
        System, processor and device.
    seconds
        From the first batch to the last.
    peak_memory
        Most memory that was in use, in bytes: on the GPU, or of the whole process.
    created
        When the run ended, in ISO 8601, UTC.

    Examples
    --------
    >>> record = RunRecord(config={"epochs": 2}, curves={"train_loss": [0.5, 0.25]})
    >>> record.curves["train_loss"][-1]
    0.25
    """

    config: dict[str, Any] = field(default_factory=dict)
    curves: dict[str, list[float]] = field(default_factory=dict)
    seed: int | None = None
    versions: dict[str, str] = field(default_factory=dict)
    hardware: dict[str, Any] = field(default_factory=dict)
    seconds: float = 0.0
    peak_memory: int | None = None
    created: str = field(
        default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds")
    )

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the record as JSON: all of it or, if that fails, nothing.

        Parameters
        ----------
        path
            File; one that is there is replaced. Its folder must exist.

        Raises
        ------
        OSError
            If the file cannot be written; an older file is then as it was.
        TypeError
            If `config` holds something that JSON does not know.
        """
        content = {"format": _FORMAT, "schema": SCHEMA, **asdict(self)}
        content["curves"] = {
            name: [_to_json(value) for value in curve]
            for name, curve in self.curves.items()
        }
        _write(Path(path), json.dumps(content, indent=2, allow_nan=False) + "\n")

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Self:
        """Read what `save` wrote.

        Parameters
        ----------
        path
            File.

        Raises
        ------
        OSError
            If the file cannot be read.
        ValueError
            If it is no record, is damaged, or was written by a later version.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"`path` (={str(path)!r}) is no JSON: {error}") from error
        try:
            return cls(**_checked(content))
        except ValueError as error:
            message = f"`path` (={str(path)!r}) is no run record: {error}"
            raise ValueError(message) from error


def _to_json(value: float) -> float | str:
    """JSON has no "not a number"."""
    return value if math.isfinite(value) else str(value)


def _write(path: Path, text: str) -> None:
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _checked(content: object) -> dict[str, Any]:
    """Return the fields of a record, or say what is wrong with them."""
    if not isinstance(content, dict) or content.pop("format", None) != _FORMAT:
        raise ValueError(f'it does not say "format": "{_FORMAT}".')
    schema = content.pop("schema", None)
    if schema != SCHEMA:
        raise ValueError(f"its schema is {schema!r}; this version reads {SCHEMA}.")
    known = {f.name for f in fields(RunRecord)}
    if wrong := known ^ content.keys():
        raise ValueError(f"missing or unknown: {', '.join(sorted(wrong))}.")
    for name in ("config", "curves", "versions", "hardware"):
        if not isinstance(content[name], dict):
            raise ValueError(f"`{name}` must be an object.")
    try:
        content["curves"] = {
            name: [float(value) for value in curve]
            for name, curve in content["curves"].items()
        }
        content["seconds"] = float(content["seconds"])
    except (TypeError, ValueError) as error:
        raise ValueError(f"`curves` and `seconds` hold numbers: {error}.") from error
    return content
