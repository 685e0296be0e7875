"""A row of a trace, and how its numbers are written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cnn_tutorial.receptive_field import Field

__all__ = ["Row", "as_bytes", "as_time", "by"]


def by(shape: Iterable[int]) -> str:
    """Return a shape as it is read: 6 × 30 × 30."""
    return " × ".join(map(str, shape))


def as_bytes(count: int) -> str:
    """Return bytes as a table shows them: 2.0 kB, 2.0 MB, 2,000.0 MB."""
    return f"{count / 1e6:,.1f} MB" if count >= 1e6 else f"{count / 1e3:,.1f} kB"


def as_time(seconds: float) -> str:
    """Return seconds as a table shows them: 0.123 ms, 1.2 s."""
    return f"{seconds:,.1f} s" if seconds >= 0.9995 else f"{1e3 * seconds:.3g} ms"


@dataclass(frozen=True)
class Row:
    """One call of one layer.

    Parameters
    ----------
    name
        As in ``model.named_modules()``; ``""`` is the model itself.
    type
        Name of the layer's class.
    output_shapes
        Shape of each tensor that the call returned.
    parameters
        Numbers that the layer itself holds, without those of layers inside it and those
        that an earlier row has counted.
    macs
        Multiplications with an addition in this call's convolutions and matrix
        products, without those of layers inside it.
    repeated
        Whether the layer had run before.
    memory
        Bytes of the outputs; 0 for a view of the input, and where the layer works in
        place.
    field
        The input pixels that one output number depends on; None where that is not
        known, for instance since the input is no image.
    seconds
        Of this call, without those of layers inside it; None if it was not timed.
    """

    name: str
    type: str
    output_shapes: tuple[tuple[int, ...], ...]
    parameters: int
    macs: int
    repeated: bool = False
    memory: int = 0
    field: Field | None = None
    seconds: float | None = None

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first tensor that the call returned; () if there is none."""
        return self.output_shapes[0] if self.output_shapes else ()

    def cells(self) -> tuple[str, ...]:
        """Return the row as text: name, type, output, parameters, MACs, ..."""
        return (
            self.name or "(the model)",
            self.type,
            ", ".join(map(by, self.output_shapes)) or "nothing",
            "shared"
            if self.repeated and not self.parameters
            else f"{self.parameters:,}",
            f"{self.macs:,}",
            as_bytes(self.memory),
            "" if self.field is None else self.field.cells()[0],
        )
