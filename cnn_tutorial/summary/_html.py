"""A trace as a table of a page; colours come from the page, by class."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["table_html"]


def table_html(
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[str]],
    total: Sequence[str],
    notes: Iterable[str],
) -> str:
    """Return a table; on a narrow page its rows become blocks that name their cells.

    Parameters
    ----------
    title
        Stands above it.
    head
        Names of the columns.
    rows
        Of texts; the first one is the input.
    total
        The last row.
    notes
        Stand below it.
    """
    given, *layers = rows
    body = [_row(head, given, "cnn-trace__input")]
    body += [_row(head, row, "cnn-trace__layer") for row in layers]
    columns = "".join(f'<th scope="col">{name}</th>' for name in head)
    return (
        f'<div class="cnn-trace" style="overflow-x: auto" role="group"'
        f' tabindex="0" aria-label="{html.escape(title)}">'
        f'<table class="cnn-trace__table">'
        f"<caption>{html.escape(title)}</caption><thead><tr>{columns}</tr></thead>"
        f"<tbody>{''.join(body)}</tbody>"
        f"<tfoot>{_row(head, total, 'cnn-trace__total')}</tfoot></table>"
        f'<p class="cnn-trace__note">{html.escape(" ".join(notes))}</p></div>'
    )


def _row(head: Sequence[str], cells: Iterable[str], kind: str) -> str:
    name, layer, shape, *numbers = map(html.escape, cells)
    rest = "".join(
        f'<td class="cnn-trace__number" data-label="{label}">{text}</td>'
        for label, text in zip(head[3:], numbers, strict=True)
    )
    return (
        f'<tr class="{kind}"><th scope="row">{name}</th><td>{layer}</td>'
        f'<td class="cnn-trace__shape">{shape}</td>{rest}</tr>'
    )
