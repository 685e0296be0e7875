"""The same comparison for many sizes: a table of tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import nan
from typing import Any

from cnn_tutorial.benchmarks.clock import Method
from cnn_tutorial.benchmarks.comparing import compare
from cnn_tutorial.benchmarks.comparison import Comparison
from cnn_tutorial.benchmarks.words import html_table, number
from cnn_tutorial.hooks.layers import text_table

__all__ = ["Grid", "compare_grid"]


@dataclass(frozen=True)
class Grid:
    """A comparison for each row and column; made by :func:`compare_grid`.

    Shown as a table of the fastest in notebooks, as text by ``print``.

    Parameters
    ----------
    rows, columns
        Sizes.
    cells
        For each row, a comparison for each column; None where there was nothing to
        compare.
    row_name, column_name
        What the sizes are.
    """

    rows: tuple[int, ...]
    columns: tuple[int, ...]
    cells: tuple[tuple[Comparison | None, ...], ...]
    row_name: str = "row"
    column_name: str = "column"

    @property
    def comparisons(self) -> list[Comparison]:
        """All comparisons, row by row."""
        return [cell for row in self.cells for cell in row if cell is not None]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of all candidates, in the order in which they first appear."""
        return tuple(
            dict.fromkeys(n for found in self.comparisons for n in found.names)
        )

    def ratio(self, name: str, *, to: str | None = None) -> list[list[float]]:
        """Return a candidate's ratio for each row and column; NaN where it was not.

        Parameters
        ----------
        name
            A candidate.
        to
            Another; None: each comparison's baseline.

        Returns
        -------
        list of lists of float
            A list for each row.
        """
        return [
            [
                cell.ratio(name, to=to)
                if cell and name in cell and (to is None or to in cell)
                else nan
                for cell in row
            ]
            for row in self.cells
        ]

    def fastest(self) -> list[list[str]]:
        """Return the name of the fastest for each row and column; "" for none.

        Returns
        -------
        list of lists of str
            A list for each row.
        """
        return [[cell.fastest if cell else "" for cell in row] for row in self.cells]

    def wins(self) -> dict[str, int]:
        """Return how often each candidate was the fastest, the most frequent first.

        Returns
        -------
        dict of str to int
            Only those that were at least once.
        """
        return dict(Counter(found.fastest for found in self.comparisons).most_common())

    def _table(self) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
        """Return header and rows: who is fastest, and its ratio to the baseline."""
        header = (f"{self.row_name} / {self.column_name}", *map(str, self.columns))
        rows = [
            (str(size), *(_said(cell) for cell in row))
            for size, row in zip(self.rows, self.cells, strict=True)
        ]
        return header, rows

    def _note(self) -> str:
        baselines = sorted({found.baseline for found in self.comparisons})
        return (
            f"The fastest of {', '.join(self.names)}; in brackets its time over that "
            f"of {', '.join(baselines)}."
        )

    def __str__(self) -> str:
        header, rows = self._table()
        right = range(1, len(header))
        return "\n".join([text_table(header, rows, right=right), self._note()])

    def _repr_html_(self) -> str:
        header, rows = self._table()
        title = f"The fastest by {self.row_name} and {self.column_name}"
        return html_table(title, header, rows, self._note())

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON.

        Returns
        -------
        dict
            ``row_name``, ``column_name``, ``rows``, ``columns`` and ``cells``.
        """
        return {
            "row_name": self.row_name,
            "column_name": self.column_name,
            "rows": self.rows,
            "columns": self.columns,
            "cells": [[cell and cell.to_dict() for cell in row] for row in self.cells],
        }


def _said(cell: Comparison | None) -> str:
    return f"{cell.fastest} ({number(cell.ratio(cell.fastest))})" if cell else ""


def compare_grid(
    candidates: Callable[[int, int], Mapping[str, Method]],
    rows: Sequence[int],
    columns: Sequence[int],
    *,
    baseline: str,
    row_name: str = "row",
    column_name: str = "column",
    **settings: Any,  # noqa: ANN401 - those of `compare`
) -> Grid:
    """Compare for each pair of sizes.

    Parameters
    ----------
    candidates
        Takes a row's and a column's size and returns the candidates, or nothing where
        the sizes do not go together.
    rows, columns
        Sizes.
    baseline
        The candidate that the others are compared with.
    row_name, column_name
        What the sizes are.
    **settings
        Further arguments of :func:`compare`.

    Returns
    -------
    Grid
        A comparison for each pair.

    Raises
    ------
    ValueError
        If a comparison refuses its candidates.

    Examples
    --------
    >>> def sums(height, width):
    ...     x = [[1] * width] * height
    ...     return {"rows": lambda: sum(map(sum, x)), "product": lambda: height * width}
    >>> grid = compare_grid(sums, [30, 50], [70], baseline="rows", rounds=3)
    >>> grid.fastest()
    [['product'], ['product']]
    """
    cells = []
    for row in rows:
        line: list[Comparison | None] = []
        for column in columns:
            found = candidates(row, column)
            title = f"{row_name} {row}, {column_name} {column}"
            line.append(
                compare(found, baseline=baseline, title=title, **settings)
                if found
                else None
            )
        cells.append(tuple(line))
    return Grid(tuple(rows), tuple(columns), tuple(cells), row_name, column_name)
