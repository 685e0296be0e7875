"""The result of a trace, and how it looks."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from cnn_tutorial.hooks.layers import text_table

__all__ = ["Row", "Trace"]

_HEADER = ("layer", "type", "output", "parameters", "MACs")
_NOTE = "Functions without a module (F.relu, flatten, +) have no row."


def by(shape: Iterable[int]) -> str:
    """Return a shape as it is read: 6 × 30 × 30."""
    return " × ".join(map(str, shape))


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
    """

    name: str
    type: str
    output_shapes: tuple[tuple[int, ...], ...]
    parameters: int
    macs: int
    repeated: bool = False

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first tensor that the call returned; () if there is none."""
        return self.output_shapes[0] if self.output_shapes else ()

    def cells(self) -> tuple[str, str, str, str, str]:
        """Return the row as text: name, type, output, parameters, MACs."""
        return (
            self.name or "(the model)",
            self.type,
            ", ".join(map(by, self.output_shapes)) or "nothing",
            "shared"
            if self.repeated and not self.parameters
            else f"{self.parameters:,}",
            f"{self.macs:,}",
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
    """

    model: str
    input_shape: tuple[int, ...]
    rows: tuple[Row, ...]
    parameters: int
    trainable: int
    macs: int
    output_shapes: tuple[tuple[int, ...], ...]
    not_called: tuple[str, ...] = ()

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the first tensor that the model returned; () if there is none."""
        return self.output_shapes[0] if self.output_shapes else ()

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
        rows = [
            ["input", "", by(self.input_shape), "", ""],
            *(list(row.cells()) for row in self.rows),
            ["total", "", "", f"{self.parameters:,}", f"{self.macs:,}"],
        ]
        return "\n".join([text_table(_HEADER, rows, right=(3, 4)), "", *self.notes()])

    def to_json(self) -> str:
        """Return the trace as JSON.

        Returns
        -------
        str
            An object with the fields of `Trace`; each row has those of `Row`.
        """
        return json.dumps(asdict(self), indent=2)

    def _repr_html_(self) -> str:
        """Return a table; colours come from the page, by class."""
        title = (
            f"{self.model}: {self.parameters:,} parameters, {self.macs:,} MACs "
            f"for an input of {by(self.input_shape)}"
        )
        given = ("input", "", by(self.input_shape), "", "")
        body = [_html_row(given, "cnn-trace__input")]
        body += [_html_row(row.cells(), "cnn-trace__layer") for row in self.rows]
        total = ("total", "", "", f"{self.parameters:,}", f"{self.macs:,}")
        head = "".join(f'<th scope="col">{name}</th>' for name in _HEADER)
        notes = " ".join(self.notes())
        # A table that is too wide for a phone scrolls by itself, also by keyboard.
        return (
            f'<div class="cnn-trace" style="overflow-x: auto" role="group"'
            f' tabindex="0" aria-label="{html.escape(title)}">'
            f'<table class="cnn-trace__table">'
            f"<caption>{html.escape(title)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody>"
            f"<tfoot>{_html_row(total, 'cnn-trace__total')}</tfoot></table>"
            f'<p class="cnn-trace__note">{html.escape(notes)}</p></div>'
        )


def _html_row(cells: Iterable[str], kind: str) -> str:
    name, layer, shape, parameters, macs = map(html.escape, cells)
    return (
        f'<tr class="{kind}"><th scope="row">{name}</th><td>{layer}</td>'
        f'<td class="cnn-trace__shape">{shape}</td>'
        f'<td class="cnn-trace__number">{parameters}</td>'
        f'<td class="cnn-trace__number">{macs}</td></tr>'
    )
