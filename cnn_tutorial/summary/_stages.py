"""A trace with a line for each part of a model, in place of one for each layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from cnn_tutorial._validation import integer

if TYPE_CHECKING:
    from cnn_tutorial.summary._row import Row
    from cnn_tutorial.summary._trace import Trace

__all__ = ["joined_rows"]


def with_parts(names: Iterable[str]) -> set[str]:
    """Return those modules that hold more than layers: some of theirs hold others.

    Parameters
    ----------
    names
        Of all modules of a model.

    Examples
    --------
    >>> with_parts(["", "stem", "stem.0", "body", "body.0", "body.0.conv"])
    {'body'}
    """
    pieces = (name.split(".") for name in names)
    return {".".join(piece[:k]) for piece in pieces for k in range(1, len(piece) - 1)}


def part_of(name: str, opened: set[str], depth: int) -> str:
    """Return which part of a model a layer belongs to.

    Parameters
    ----------
    name
        The layer's, as in ``model.named_modules()``.
    opened
        Modules that may be taken apart.
    depth
        How many parts of the name count.

    Examples
    --------
    >>> [part_of(name, {"body"}, 2) for name in ("stem.0", "body.0.conv", "body.1")]
    ['stem', 'body.0', 'body.1']
    """
    pieces = name.split(".")
    for k in range(1, depth):
        if (start := ".".join(pieces[:k])) not in opened:
            return start
    return ".".join(pieces[:depth])


def joined_rows(trace: Trace, depth: int) -> tuple[Row, ...]:
    """Return a row for each part: sums, and what came out of it.

    Parameters
    ----------
    trace
        Of a whole model.
    depth
        How many parts of names count, at least 1.
    """
    integer("depth", depth, minimum=1)
    opened = with_parts(trace.types)
    parts = {row.name: part_of(row.name, opened, depth) for row in trace.rows}
    groups = groupby(trace.rows, key=lambda row: parts[row.name])
    return tuple(_joined(trace, part, list(rows)) for part, rows in groups)


def _joined(trace: Trace, part: str, rows: list[Row]) -> Row:
    last = rows[-1]
    shape: Mapping[str, tuple[int, ...]] = trace.shapes
    return replace(
        last,
        name=part,
        type=trace.types.get(part, last.type),
        # A list of layers is not called, and has no output of its own.
        output_shapes=(shape[part],) if part in shape else last.output_shapes,
        parameters=sum(row.parameters for row in rows),
        macs=sum(row.macs for row in rows),
        repeated=all(row.repeated for row in rows),
        memory=sum(row.memory for row in rows),
        field=trace.fields.get(part, last.field),
        seconds=sum(row.seconds or 0.0 for row in rows) if trace.timed else None,
    )
