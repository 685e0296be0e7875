"""The result of a trace, and how it looks."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from cnn_tutorial.hooks.layers import text_table
from cnn_tutorial.receptive_field import Field
from cnn_tutorial.summary._html import table_html
from cnn_tutorial.summary._row import Row, as_bytes, as_time, by
from cnn_tutorial.summary._stages import joined_rows
from cnn_tutorial.summary._wiring import Graph, Step, graph_of

__all__ = ["Trace"]

_HEADER = ("layer", "type", "output", "parameters", "MACs", "memory", "field")
_NOTE = "Functions without a module (F.relu, flatten, +) have no row."


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
    types
        Name of each module's class, by the module's name.
    fields
        The pixels that one output number of a module depends on, by its name.
    steps
        The functions that led from the input to the output, for `graph`.
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
    types: dict[str, str] = field(default_factory=dict, repr=False)
    fields: dict[str, Field | None] = field(default_factory=dict, repr=False)
    steps: tuple[Step, ...] = field(default=(), repr=False)

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

    def stages(self, depth: int = 2) -> Trace:
        """Return the trace with a row for each part of the model, not for each layer.

        Parameters
        ----------
        depth
            How many parts of the names count: at 1 all of ``stages.0.conv1`` is
            ``stages``, at 2 ``stages.0``. A part that holds nothing but layers, such as
            a convolution with its norm, stays whole.

        Returns
        -------
        Trace
            With the same totals. A row has the sums of its layers, and the shape and
            the field of what comes out of the part.

        Raises
        ------
        ValueError
            If `depth` is less than 1.

        Examples
        --------
        >>> from torch import nn
        >>> from cnn_tutorial.summary import trace
        >>> pair = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU())
        >>> net = nn.Sequential(
        ...     pair, nn.Sequential(nn.MaxPool2d(2), nn.Conv2d(1, 1, 3))
        ... )
        >>> [(row.name, row.parameters) for row in trace(net, (1, 8, 8)).stages().rows]
        [('0', 10), ('1', 10)]
        """
        return replace(self, rows=joined_rows(self, depth))

    def graph(self, depth: int = 1) -> Graph:
        """Return which part read what another one made, ways past layers included.

        Parameters
        ----------
        depth
            How many modules are taken apart on the way to a node: at 1 the model, at 2
            also the modules that it calls.

        Returns
        -------
        Graph
            Its nodes are modules, and functions that stand between them.

        Raises
        ------
        ValueError
            If `depth` is less than 1.

        Examples
        --------
        >>> from cnn_tutorial.blocks import BasicBlock
        >>> from cnn_tutorial.summary import trace
        >>> found = trace(BasicBlock(8, 8), (8, 5, 5)).graph()
        >>> [node.name for node in found.nodes]
        ['input', 'conv1', 'conv2', '+', 'relu']
        >>> found.edges  # the input goes to the sum as well
        ((0, 1), (1, 2), (2, 3), (0, 3), (3, 4))
        """
        return graph_of(self.steps, self.types, self.input_shape, depth)

    def table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]], tuple[str, ...]]:
        """Return what the table says, as text: its head, its rows, its last line."""
        given = ("input", "", by(self.input_shape), "", "", "", "")
        totals = (f"{self.parameters:,}", f"{self.macs:,}", as_bytes(self.memory))
        total = ("total", "", "", *totals, "")
        rows = [given, *(row.cells() for row in self.rows)]
        if not self.timed:
            return _HEADER, rows, total
        whole = sum(row.seconds or 0.0 for row in self.rows)
        shares = [f"{(row.seconds or 0.0) / whole:.0%}" for row in self.rows]
        timed = [(*row, share) for row, share in zip(rows, ["", *shares], strict=True)]
        return (*_HEADER, "time"), timed, (*total, as_time(whole))

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
        fields = {name: _plain(found) for name, found in self.fields.items()}
        content = asdict(replace(self, rows=(), fields={}))
        content |= {"rows": rows, "fields": fields}
        return json.dumps(content | {"memory": self.memory}, indent=2)

    def _repr_html_(self) -> str:
        """Return a table."""
        title = (
            f"{self.model}: {self.parameters:,} parameters, {self.macs:,} MACs "
            f"for an input of {by(self.input_shape)}"
        )
        return table_html(title, *self.table(), self.notes())


def _plain(field: Field | None) -> dict[str, Any] | None:
    """Return what JSON can hold; a stride may be a fraction."""
    if field is None:
        return None
    stride = [str(step) if step.denominator > 1 else int(step) for step in field.stride]
    return {"size": field.size, "stride": stride, "offset": field.offset}
