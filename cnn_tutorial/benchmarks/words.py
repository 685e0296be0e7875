"""Times and ratios as people write them, and tables in the look of the course."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["html_table", "number", "time"]

_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


def time(seconds: float) -> str:
    """Return a time in the unit that suits it.

    Examples
    --------
    >>> time(0.00125), time(2.5e-6), time(12.0)
    ('1.25 ms', '2.5 µs', '12 s')
    """
    scale, unit = next((u for u in _UNITS if seconds >= u[0]), _UNITS[-1])
    return f"{number(seconds / scale)} {unit}"


def number(value: float) -> str:
    """Return three digits of a number, without an exponent.

    Examples
    --------
    >>> number(0.01234), number(1.005), number(987.6), number(12345.6)
    ('0.0123', '1', '988', '12,346')
    """
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"


def html_table(
    title: str, header: Sequence[str], rows: Iterable[Sequence[str]], note: str
) -> str:
    """Return a table in the look of the course, numbers flush right.

    Parameters
    ----------
    title
        Its caption.
    header
        Names of the columns.
    rows
        Cells; the first is the name of the row.
    note
        What stands below.
    """
    right = ' class="cnn-trace__number"'
    first, *others = map(html.escape, header)
    head = f'<th scope="col">{first}</th>' + "".join(
        f'<th scope="col"{right}>{name}</th>' for name in others
    )
    body = ""
    for name, *cells in rows:
        numbers = "".join(f"<td{right}>{html.escape(cell)}</td>" for cell in cells)
        body += f'<tr><th scope="row">{html.escape(name)}</th>{numbers}</tr>'
    # A table that is too wide for a phone scrolls by itself, also by keyboard.
    return (
        '<div class="cnn-trace" style="overflow-x: auto" role="group" tabindex="0"'
        f' aria-label="{html.escape(title)}"><table class="cnn-trace__table">'
        f"<caption>{html.escape(title)}</caption><thead><tr>{head}</tr></thead>"
        f'<tbody>{body}</tbody></table><p class="cnn-trace__note">{html.escape(note)}'
        "</p></div>"
    )
