"""The result of a trace, and how it looks."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cnn_tutorial.hooks.layers import text_table
from cnn_tutorial.receptive_field import Field

__all__ = ["Row", "Trace"]

_HEADER = ("layer", "type", "output", "parameters", "MACs", "memory", "field")
_NOTE = "Functions without a module (F.relu, flatten, +) have no row."


def by(shape: Iterable[int]) -> str:
    """Return a shape as it is read: 6 × 30 × 30."""
    return " × ".join(map(str, shape))


def as_kilobytes(count: int) -> str:
    """Return bytes as a table shows them."""
    return f"{count / 1e3:,.1f} kB"


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
            as_kilobytes(self.memory),
            "" if self.field is None else self.field.cells()[0],
        )


@dataclass(frozen=True)
class Trace:
    """What a model did with an input, layer by layer.

    Shown as a table in notebooks, as text by ``print``.

    Parameters
    ----------
    model
        Name of the model's class.
    input_shape
        Shape of the input, with the batch axis.
    rows
        A row for each call of a layer, in the order in which the calls ended.
    parameters
        Numbers in all parameters of the model, also of layers that were not called.
    trainable
        Those among them that gradients are computed for.
    macs
        Multiplications with an addition in convolutions and matrix products.
    output_shapes
        Shape of each tensor that the model returned.
    not_called
        Names of parameters in layers that were not called: never used, or read by
        another layer.
    shapes
        Shape of the first tensor that each module returned, by name, also of those with
        layers inside; the last call counts.
    """

    model: str
    input_shape: tuple[int, ...]
    rows: tuple[Row, ...]
    parameters: int
    trainable: int
    macs: int
    output_shapes: tuple[tuple[int, ...], ...]
    not_called: tuple[str, ...] = ()
    shapes: dict[str, tuple[int, ...]] = field(default_factory=dict, repr=False)

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first tensor that the model returned; () if there is none."""
        return self.output_shapes[0] if self.output_shapes else ()

    @property
    def memory(self) -> int:
        """Bytes of all outputs together, as a pass with gradients may have to keep."""
        return sum(row.memory for row in self.rows)

    @property
    def timed(self) -> bool:
        """Whether the layers' seconds were taken."""
        return any(row.seconds is not None for row in self.rows)

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]], tuple[str, ...]]:
        """Return what the table says, as text: its head, its rows, its last line."""
        given = ("input", "", by(self.input_shape), "", "", "", "")
        totals = (f"{self.parameters:,}", f"{self.macs:,}", as_kilobytes(self.memory))
        total = ("total", "", "", *totals, "")
        rows = [given, *(row.cells() for row in self.rows)]
        if not self.timed:
            return _HEADER, rows, total
        whole = sum(row.seconds or 0.0 for row in self.rows)
        shares = [f"{(row.seconds or 0.0) / whole:.0%}" for row in self.rows]
        timed = [(*row, share) for row, share in zip(rows, ["", *shares], strict=True)]
        return (*_HEADER, "time"), timed, (*total, f"{1e3 * whole:.3g} ms")

    def notes(self) -> list[str]:
        """Return what to know when reading the table."""
        frozen = self.parameters - self.trainable
        return [
            _NOTE,
            *([f"{frozen:,} of the parameters are not trained."] if frozen else []),
            *(
                [f"In layers that were not called: {', '.join(self.not_called)}."]
                if self.not_called
                else []
            ),
        ]

    def __str__(self) -> str:
        head, rows, total = self.table()
        lines = [list(row) for row in (*rows, total)]
        table = text_table(head, lines, right=range(3, len(head)))
        return "\n".join([table, "", *self.notes()])

    def to_json(self) -> str:
        """Return the trace as JSON.

        Returns
        -------
        str
            An object with the fields of `Trace`; each row has those of `Row`, where a
            field is its size, stride and offset along each axis.
        """
        rows = [
            asdict(replace(row, field=None)) | {"field": _plain(row.field)}
            for row in self.rows
        ]
        content = asdict(replace(self, rows=())) | {"rows": rows}
        return json.dumps(content | {"memory": self.memory}, indent=2)

    def _repr_html_(self) -> str:
        """Return a table; colours come from the page, by class."""
        title = (
            f"{self.model}: {self.parameters:,} parameters, {self.macs:,} MACs "
            f"for an input of {by(self.input_shape)}"
        )
        columns, (given, *rows), last = self.table()
        body = [_html_row(given, "cnn-trace__input")]
        body += [_html_row(row, "cnn-trace__layer") for row in rows]
        head = "".join(f'<th scope="col">{name}</th>' for name in columns)
        notes = " ".join(self.notes())
        # A table that is too wide for a phone scrolls by itself, also by keyboard.
        return (
            f'<div class="cnn-trace" style="overflow-x: auto" role="group"'
            f' tabindex="0" aria-label="{html.escape(title)}">'
            f'<table class="cnn-trace__table">'
            f"<caption>{html.escape(title)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody>"
            f"<tfoot>{_html_row(last, 'cnn-trace__total')}</tfoot></table>"
            f'<p class="cnn-trace__note">{html.escape(notes)}</p></div>'
        )


def _html_row(cells: Iterable[str], kind: str) -> str:
    name, layer, shape, *numbers = map(html.escape, cells)
    rest = "".join(f'<td class="cnn-trace__number">{text}</td>' for text in numbers)
    return (
        f'<tr class="{kind}"><th scope="row">{name}</th><td>{layer}</td>'
        f'<td class="cnn-trace__shape">{shape}</td>{rest}</tr>'
    )


def _plain(field: Field | None) -> dict[str, Any] | None:
    """Return what JSON can hold; a stride may be a fraction."""
    if field is None:
        return None
    stride = [str(step) if step.denominator > 1 else int(step) for step in field.stride]
    return {"size": field.size, "stride": stride, "offset": field.offset}
