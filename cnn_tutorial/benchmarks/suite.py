"""Suites of comparisons with targets.

To add one, put a file with a ``SUITE`` into ``benchmarks/suites``: its name is the
name of the suite.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from cnn_tutorial._validation import choice
from cnn_tutorial.benchmarks.comparison import Comparison
from cnn_tutorial.benchmarks.targets import Target, Verdict
from cnn_tutorial.benchmarks.words import html_table
from cnn_tutorial.hooks.layers import text_table

__all__ = ["Report", "Suite", "get_suite", "list_suites"]

_FOLDER = "cnn_tutorial.benchmarks.suites"
_HEADER = ("target", "limit", "measured", "verdict")


@dataclass(frozen=True)
class Suite:
    """Comparisons that belong together, and what they must show.

    Parameters
    ----------
    title
        What is compared, one line.
    measure
        Yields comparisons; its argument says whether to be quick: less of everything.
    targets
        What is asked for.
    """

    title: str
    measure: Callable[[bool], Iterator[Comparison]]
    targets: tuple[Target, ...] = ()

    def run(
        self, *, quick: bool = False, progress: Callable[[Comparison], object] = id
    ) -> Report:
        """Measure, and compare with the targets.

        Parameters
        ----------
        quick
            Less of everything; some targets may then not be measured.
        progress
            Called with each comparison when it is done.

        Returns
        -------
        Report
            Comparisons and verdicts.
        """
        comparisons = []
        for comparison in self.measure(quick):
            progress(comparison)
            comparisons.append(comparison)
        verdicts = tuple(target.judge(comparisons) for target in self.targets)
        return Report(self.title, tuple(comparisons), verdicts)


@dataclass(frozen=True)
class Report:
    """What a suite found.

    Shown as a table of its targets in notebooks, as text by ``print``.

    Parameters
    ----------
    title
        The suite's.
    comparisons
        In the order in which they were made.
    verdicts
        One for each target.
    """

    title: str
    comparisons: tuple[Comparison, ...]
    verdicts: tuple[Verdict, ...]

    @property
    def missed(self) -> tuple[Verdict, ...]:
        """The targets that were measured and not reached."""
        return tuple(verdict for verdict in self.verdicts if verdict.missed)

    def __str__(self) -> str:
        if not self.verdicts:
            return f"{self.title}: no targets."
        return text_table(_HEADER, [verdict.cells() for verdict in self.verdicts])

    def _repr_html_(self) -> str:
        cells = [verdict.cells() for verdict in self.verdicts]
        return html_table(self.title, _HEADER, cells, "The worst of all comparisons.")

    def to_dict(self) -> dict[str, Any]:
        """Return everything for JSON.

        Returns
        -------
        dict
            ``title``, ``targets`` and ``comparisons``.
        """
        targets = (
            {
                "claim": verdict.target.claim,
                "limit": verdict.target.limit,
                "measured": verdict.measured,
                "where": verdict.where,
                "missed": verdict.missed,
            }
            for verdict in self.verdicts
        )
        return {
            "title": self.title,
            "targets": list(targets),
            "comparisons": [one.to_dict() for one in self.comparisons],
        }


def list_suites() -> list[str]:
    """Return the names of all suites: the files of ``benchmarks/suites``.

    Returns
    -------
    list of str
        Sorted.

    Examples
    --------
    >>> "convolution" in list_suites()
    True
    """
    folder = importlib.import_module(_FOLDER)
    found = pkgutil.iter_modules(folder.__path__)
    return sorted(module.name for module in found if not module.name.startswith("_"))


def get_suite(name: str) -> Suite:
    """Return a suite by name.

    Parameters
    ----------
    name
        One of :func:`list_suites`.

    Returns
    -------
    Suite
        The ``SUITE`` of that file.

    Raises
    ------
    ValueError
        If there is no such suite.

    Examples
    --------
    >>> get_suite("layers").targets[0].limit
    '<= 1.15'
    """
    choice("name", name, list_suites())
    suite: Suite = importlib.import_module(f"{_FOLDER}.{name}").SUITE
    return suite
