"""The parts of a model that a tower shows, from the rows of its trace."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cnn_tutorial.summary import Row, Trace

__all__ = ["Part", "parts_of", "shape_of"]

#: More parts are joined.
MOST = 14


@dataclass(frozen=True)
class Part:
    """Layers in a row whose names begin alike."""

    name: str
    shape: tuple[int, ...]
    """Of what comes out, without the batch axis."""
    parameters: int
    macs: int

    @property
    def side(self) -> int:
        """Columns of the maps; 1 where there are none."""
        return self.shape[-1] if len(self.shape) > 2 else 1

    @property
    def channels(self) -> int:
        """How many maps, or numbers."""
        return self.shape[0] if self.shape else 1


def parts_of(trace: Trace, depth: int | None) -> list[Part]:
    """Return the layers of a model, joined as far as their names agree."""
    if depth is not None:
        return _joined(trace, depth)
    deepest = max(row.name.count(".") + 1 for row in trace.rows)
    tries = (_joined(trace, d) for d in range(deepest, 0, -1))
    return next((parts for parts in tries if len(parts) <= MOST), _joined(trace, 1))


def _joined(trace: Trace, depth: int) -> list[Part]:
    """Join neighbours of the same name; what only passes on joins its predecessor."""
    parts: list[Part] = []
    for row in trace.rows:
        name = ".".join(row.name.split(".")[:depth])
        # A part that was called as a whole tells its shape; a list of layers does not.
        # A layer may be called again with another shape: each call has its own row.
        called = {} if row.name == name else trace.shapes
        shape = called.get(name, row.output_shape)[1:]
        name = name or "the model"
        last = parts[-1] if parts else None
        if last is not None and (last.name == name or _passes(row, last)):
            parts[-1] = replace(
                last,
                shape=shape if last.name == name else last.shape,
                parameters=last.parameters + row.parameters,
                macs=last.macs + row.macs,
            )
        else:
            parts.append(Part(name, shape, row.parameters, row.macs))
    return _shortly_named(parts, trace)


def _shortly_named(parts: Sequence[Part], trace: Trace) -> list[Part]:
    """Name a part after what is around it, if that holds nothing else.

    It then has the shape of that, too: a dense block returns more than its last layer.
    """

    def short(name: str) -> str:
        outer = name.rpartition(".")[0]
        alone = sum(part.name.startswith(f"{outer}.") for part in parts) == 1
        return short(outer) if outer and alone else name

    names = [short(part.name) for part in parts]
    return [
        part
        if name == part.name
        else replace(
            part, name=name, shape=trace.shapes.get(name, (0, *part.shape))[1:]
        )
        for name, part in zip(names, parts, strict=True)
    ]


def _passes(row: Row, before: Part) -> bool:
    """Whether a layer hands on as many numbers as it got, without products."""
    return not row.macs and math.prod(row.output_shape[1:]) == math.prod(before.shape)


def shape_of(part: Part) -> str:
    """Write the shape of a part: ``8 × 5 × 5``."""
    return " × ".join(map(str, part.shape))
