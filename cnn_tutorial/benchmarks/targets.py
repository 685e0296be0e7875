"""What a comparison must show, and whether it does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cnn_tutorial.benchmarks.comparison import Comparison
from cnn_tutorial.benchmarks.words import number

__all__ = ["Target", "Verdict"]


@dataclass(frozen=True)
class Verdict:
    """What became of a target.

    Parameters
    ----------
    target
        What was asked for.
    measured
        The ratio furthest from what was asked for; None if nothing measured it.
    where
        Title of the comparison that it comes from.
    """

    target: Target
    measured: float | None
    where: str = ""

    @property
    def missed(self) -> bool:
        """Whether it was measured and not reached."""
        return self.measured is not None and not self.target.allows(self.measured)

    def cells(self) -> tuple[str, str, str, str]:
        """Return the verdict as text: target, limit, measured, verdict."""
        if self.measured is None:
            return self.target.claim, self.target.limit, "", "not measured"
        where = f" ({self.where})" if self.where else ""
        said = "missed" if self.missed else "met"
        return (
            self.target.claim,
            self.target.limit,
            f"{number(self.measured)}{where}",
            said,
        )


@dataclass(frozen=True)
class Target:
    """A ratio that must not be larger, or not be smaller, than a number.

    Parameters
    ----------
    claim
        What is asked for, in words.
    name, to
        Time of `name` over time of `to`, in every comparison that has both.
    at_most, at_least
        The bounds; None for none.
    where
        Only in comparisons with this title.

    Examples
    --------
    >>> from cnn_tutorial.benchmarks import Comparison, Row
    >>> target = Target("at most twice as long", "ours", "theirs", at_most=2)
    >>> rows = Row("ours", (3.0,)), Row("theirs", (1.0,))
    >>> target.judge([Comparison(rows, baseline="theirs")]).cells()  # 3 / 1
    ('at most twice as long', '<= 2', '3', 'missed')
    """

    claim: str
    name: str
    to: str
    at_most: float | None = None
    at_least: float | None = None
    where: str = ""

    def __post_init__(self) -> None:
        """Check that there is something to reach."""
        if (self.at_most is None) == (self.at_least is None):
            raise ValueError("Exactly one of `at_most` and `at_least` must be given.")

    @property
    def limit(self) -> str:
        """The bound as text."""
        if self.at_most is not None:
            return f"<= {number(self.at_most)}"
        return f">= {number(self.at_least or 0)}"

    def allows(self, ratio: float) -> bool:
        """Return whether a ratio is within the bound."""
        if self.at_most is not None:
            return ratio <= self.at_most
        return self.at_least is not None and ratio >= self.at_least

    def judge(self, comparisons: Iterable[Comparison]) -> Verdict:
        """Compare the worst ratio with the bound.

        Parameters
        ----------
        comparisons
            Those of a suite.

        Returns
        -------
        Verdict
            Met, missed, or not measured.
        """
        found = [
            (one.ratio(self.name, to=self.to), one.title)
            for one in comparisons
            if self.name in one and self.to in one and self.where in ("", one.title)
        ]
        if not found:
            return Verdict(self, None)
        worst = max(found) if self.at_most is not None else min(found)
        return Verdict(self, *worst)
