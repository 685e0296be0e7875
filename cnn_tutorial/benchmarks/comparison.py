"""Times that were taken in turns, their ratios, and how they look."""

from __future__ import annotations

import json
from dataclasses import dataclass
from statistics import median, quantiles
from typing import Any

from cnn_tutorial._validation import choice
from cnn_tutorial.benchmarks.words import html_table, number, time
from cnn_tutorial.hooks.layers import text_table

__all__ = ["Comparison", "Row"]

_HEADER = ("method", "time", "ratio", "half of the rounds")


@dataclass(frozen=True)
class Row:
    """One candidate.

    Parameters
    ----------
    name
        What it is called.
    times
        Seconds of one call, round by round.
    """

    name: str
    times: tuple[float, ...]

    @property
    def seconds(self) -> float:
        """Median time of a call, in seconds."""
        return median(self.times)


@dataclass(frozen=True)
class Comparison:
    """What :func:`cnn_tutorial.benchmarks.compare` found.

    Shown as a table in notebooks, as text by ``print``.

    Parameters
    ----------
    rows
        One for each candidate; all have equally many rounds.
    baseline
        The candidate that the others are compared with.
    title
        What was compared.
    threads
        Threads of PyTorch.

    Examples
    --------
    >>> rows = (Row("slow", (2.0, 4.0, 8.0)), Row("fast", (1.0, 1.0, 2.0)))
    >>> found = Comparison(rows, baseline="fast")
    >>> found.ratio("slow")  # 2, 4 and 4 times: the median of the three
    4.0
    >>> found.spread("slow")  # halfway between 2 and 4, and between 4 and 4
    (3.0, 4.0)
    >>> found.fastest
    'fast'
    """

    rows: tuple[Row, ...]
    baseline: str
    title: str = ""
    threads: int = 1

    def __post_init__(self) -> None:
        """Check that ratios can be taken round by round."""
        choice("baseline", self.baseline, self.names)
        if len({len(row.times) for row in self.rows}) != 1 or not self.rows[0].times:
            raise ValueError("`rows` must all have the same rounds, at least one.")

    def __contains__(self, name: object) -> bool:
        return name in self.names

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the candidates."""
        return tuple(row.name for row in self.rows)

    @property
    def fastest(self) -> str:
        """Name of the candidate with the smallest ratio."""
        return min(self.names, key=self.ratio)

    @property
    def rounds(self) -> int:
        """How many rounds there were."""
        return len(self.rows[0].times)

    def __getitem__(self, name: str) -> Row:
        """Return a candidate's row."""
        choice("name", name, self.names)
        return next(row for row in self.rows if row.name == name)

    def ratios(self, name: str, *, to: str | None = None) -> tuple[float, ...]:
        """Return how many times as long it took, round by round.

        Parameters
        ----------
        name
            A candidate.
        to
            Another; None: the baseline.

        Returns
        -------
        tuple of float
            Times of `name` over times of `to`.
        """
        ours, theirs = self[name].times, self[to or self.baseline].times
        return tuple(a / b for a, b in zip(ours, theirs, strict=True))

    def ratio(self, name: str, *, to: str | None = None) -> float:
        """Return how many times as long it took: the median over the rounds.

        Parameters
        ----------
        name, to
            As in :meth:`ratios`.

        Returns
        -------
        float
            Below 1: faster than `to`.
        """
        return median(self.ratios(name, to=to))

    def spread(self, name: str, *, to: str | None = None) -> tuple[float, float]:
        """Return the quartiles of the ratio: half of the rounds lie between them.

        Parameters
        ----------
        name, to
            As in :meth:`ratios`.

        Returns
        -------
        tuple of two floats
            The lower and the upper quartile.
        """
        found = self.ratios(name, to=to)
        if len(found) == 1:
            return found[0], found[0]
        low, _, high = quantiles(found, n=4, method="inclusive")
        return low, high

    def cells(self) -> list[tuple[str, str, str, str]]:
        """Return the table as text: name, time, ratio, spread; the fastest first."""
        rows = sorted(self.rows, key=lambda row: self.ratio(row.name))
        return [(row.name, time(row.seconds), *self._ratio(row.name)) for row in rows]

    def _ratio(self, name: str) -> tuple[str, str]:
        if name == self.baseline:
            return "1", ""
        low, high = map(number, self.spread(name))
        return number(self.ratio(name)), f"{low} to {high}"

    def note(self) -> str:
        """Return what to know when reading the table."""
        return (
            f"Ratio: time over that of {self.baseline} in the same round, median of "
            f"{self.rounds}; {self.threads} thread{'s'[: self.threads - 1]}."
        )

    def __str__(self) -> str:
        table = text_table(_HEADER, self.cells(), right=(1, 2, 3))
        return "\n".join([*([self.title] if self.title else []), table, self.note()])

    def _repr_html_(self) -> str:
        """Return a table; colours come from the page, by class."""
        title = self.title or f"Compared with {self.baseline}"
        return html_table(title, _HEADER, self.cells(), self.note())

    def to_dict(self) -> dict[str, Any]:
        """Return everything, with each round's times, for JSON.

        Returns
        -------
        dict
            ``title``, ``baseline``, ``threads`` and ``rows``.
        """
        return {
            "title": self.title,
            "baseline": self.baseline,
            "threads": self.threads,
            "rows": [
                {
                    "name": row.name,
                    "seconds": row.seconds,
                    "ratio": self.ratio(row.name),
                    "quartiles": self.spread(row.name),
                    "times": row.times,
                }
                for row in self.rows
            ],
        }

    def to_json(self) -> str:
        """Return :meth:`to_dict` as JSON."""
        return json.dumps(self.to_dict(), indent=2)
