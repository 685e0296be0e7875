"""The fields of a model, layer by layer, and how they look."""

from __future__ import annotations

import difflib
import html
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import torch
from torch import nn
from torch.nn.parameter import is_lazy

from cnn_tutorial.hooks.layers import eagerly, tensors_in, text_table, uncompiled
from cnn_tutorial.hooks.shapes_only import without_numbers
from cnn_tutorial.receptive_field._field import Field
from cnn_tutorial.receptive_field._output import checked_size
from cnn_tutorial.receptive_field._sight import Unknown
from cnn_tutorial.receptive_field._watch import FieldRow, Watch

__all__ = ["FieldTrace", "trace_fields"]

_HEADER = ("layer", "type", "output", "field", "stride", "centre of the first")
_NOTE = (
    "Fields, strides and centres in pixels of the input; 0 is the centre of pixel 0."
)


@dataclass(frozen=True)
class FieldTrace:
    """What each layer of a model sees.

    Shown as a table in notebooks, as text by ``print``. ``trace["name"]`` is the field
    of a module by its name, also of one with layers inside.

    Parameters
    ----------
    model
        Name of the model's class.
    input_shape
        Shape of the input, with the batch axis.
    rows
        A row for each layer without children, and for each function between layers
        that changes what is seen, in the order in which they ran.
    outputs
        The field of each tensor that the model returned.
    named
        A row for each module, also those with children; the last call counts.
    """

    model: str
    input_shape: tuple[int, ...]
    rows: tuple[FieldRow, ...]
    outputs: tuple[Field, ...]
    named: dict[str, FieldRow] = field(default_factory=dict, repr=False)

    @property
    def output(self) -> Field:
        """The field of the first tensor that the model returned."""
        return self.outputs[0]

    def __getitem__(self, name: str) -> Field:
        if name not in self.named:
            near = difflib.get_close_matches(name, self.named, n=1)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            raise KeyError(f"no module {name!r} ran and saw the image.{hint}")
        return self.named[name].field

    def cells(self) -> list[list[str]]:
        """Return the table's rows as text."""
        return [_cells(row) for row in self.rows]

    def __str__(self) -> str:
        given = ["input", "", _by(self.input_shape), "1", "1", "0"]
        table = text_table(_HEADER, [given, *self.cells()], right=(3, 4, 5))
        return f"{table}\n\n{_NOTE}"

    def _repr_html_(self) -> str:
        """Return a table; colours come from the page, by class."""
        title = (
            f"{self.model}: what each layer sees of {_by(self.input_shape[2:])} pixels"
        )
        given = ("input", "", _by(self.input_shape), "1", "1", "0")
        body = [_html_row(given, "cnn-trace__input")]
        body += [_html_row(cells, "cnn-trace__layer") for cells in self.cells()]
        head = "".join(f'<th scope="col">{name}</th>' for name in _HEADER)
        # A table that is too wide for a phone scrolls by itself, also by keyboard.
        return (
            f'<div class="cnn-trace" style="overflow-x: auto" role="group"'
            f' tabindex="0" aria-label="{html.escape(title)}">'
            f'<table class="cnn-trace__table">'
            f"<caption>{html.escape(title)}</caption><thead><tr>{head}</tr></thead>"
            f"<tbody>{''.join(body)}</tbody></table>"
            f'<p class="cnn-trace__note">{html.escape(_NOTE)}</p></div>'
        )


def trace_fields(model: nn.Module, input_size: Sequence[int]) -> FieldTrace:
    """Follow an image through a model: what each layer's outputs see of it.

    A copy of the model without numbers (PyTorch's *meta* device) is run in evaluation
    mode, and each function that it calls says how it moves information between pixels.
    So the model may be written in any way: ``if`` and ``for`` in ``forward`` are
    followed as they run. Branches that meet see the union of what they saw. Global
    pooling, ``flatten`` with ``nn.Linear``, gates and norms over the image make the
    field the whole image; attention counts as such.

    Parameters
    ----------
    model
        Any module whose ``forward`` takes one tensor.
    input_size
        Shape of one sample: channels, then the axes of the image, (C, H, W).

    Returns
    -------
    FieldTrace
        Size, stride and offset of each layer's field, and of the model's outputs.

    Raises
    ------
    ValueError
        If the model does not take such an input, does not depend on it, or calls what
        cannot be followed: a function that is not known, branches whose strides
        disagree, a decision that depends on pixels (``if x.max() > 0``), pixels that
        change places (``flip``, circular padding). The message names function and
        layer.

    See Also
    --------
    receptive_field : The same for a list of layers, by the recursion.
    gradient_footprint : The same measured, by the gradient.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(1, 6, 3), nn.MaxPool2d(2), nn.Conv2d(6, 16, 3))
    >>> print(trace_fields(net, (1, 32, 32)))  # 3, then 3 + 1, then 4 + 2*2
    layer  type       output            field  stride  centre of the first
    -----  ---------  ----------------  -----  ------  -------------------
    input             1 × 1 × 32 × 32       1       1                    0
    0      Conv2d     1 × 6 × 30 × 30       3       1                    1
    1      MaxPool2d  1 × 6 × 15 × 15       4       2                  1.5
    2      Conv2d     1 × 16 × 13 × 13      8       2                  3.5
    <BLANKLINE>
    Fields, strides and centres in pixels of the input; 0 is the centre of pixel 0.
    """
    shape = (1, *checked_size(input_size))
    inner = uncompiled(model)
    if any(is_lazy(parameter) for parameter in inner.parameters()):
        raise ValueError(
            f"`model` ({type(inner).__name__}) has lazy layers that do not know their "
            "sizes yet; call it once before."
        )
    name, watch = type(inner).__name__, Watch(without_numbers(inner))
    with eagerly(model):
        output = _run(watch, name, shape, _dtype(inner))
        seen = [watch.sight(tensor) for _, tensor in tensors_in(output)]
    outputs = tuple(sight.field() for sight in seen if sight is not None)
    if not outputs:
        raise ValueError(f"`model` ({name}) returns nothing that depends on its input.")
    return FieldTrace(name, shape, tuple(watch.rows), outputs, watch.named)


def _run(watch: Watch, name: str, shape: tuple[int, ...], dtype: torch.dtype) -> object:
    try:
        return watch.on(shape, dtype)
    except Unknown:
        raise ValueError(
            f"`model` ({name}) cannot be followed: {watch.refusal}"
        ) from None
    except (RuntimeError, ValueError, IndexError, NotImplementedError) as error:
        raise ValueError(
            f"`model` ({name}) does not run on an input of shape {shape} without "
            f"numbers: {error}"
        ) from error


def _dtype(model: nn.Module) -> torch.dtype:
    kinds = (p.dtype for p in model.parameters() if p.is_floating_point())
    return next(kinds, torch.get_default_dtype())


def _by(shape: Iterable[int]) -> str:
    return " × ".join(map(str, shape))


def _cells(row: FieldRow) -> list[str]:
    name = row.name or "in forward"
    return [name, row.type, _by(row.output_shape), *row.field.cells()]


def _html_row(cells: Iterable[str], kind: str) -> str:
    name, layer, shape, *numbers = map(html.escape, cells)
    rest = "".join(f'<td class="cnn-trace__number">{text}</td>' for text in numbers)
    return (
        f'<tr class="{kind}"><th scope="row">{name}</th><td>{layer}</td>'
        f'<td class="cnn-trace__shape">{shape}</td>{rest}</tr>'
    )
