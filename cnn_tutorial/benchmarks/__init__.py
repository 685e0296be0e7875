"""Which way is faster, by how much, and how sure that is.

Times come from rounds in which all candidates take turns, and what counts is the ratio
of two times from one round: whatever slows the machine down slows both.
"""

from __future__ import annotations

from cnn_tutorial.benchmarks.clock import Method, quiet
from cnn_tutorial.benchmarks.comparing import compare
from cnn_tutorial.benchmarks.comparison import Comparison, Row
from cnn_tutorial.benchmarks.grids import Grid, compare_grid
from cnn_tutorial.benchmarks.inside import memory, operations, time_shares
from cnn_tutorial.benchmarks.suite import Report, Suite, get_suite, list_suites
from cnn_tutorial.benchmarks.targets import Target, Verdict

__all__ = [
    "Comparison",
    "Grid",
    "Method",
    "Report",
    "Row",
    "Suite",
    "Target",
    "Verdict",
    "compare",
    "compare_grid",
    "get_suite",
    "list_suites",
    "memory",
    "operations",
    "quiet",
    "time_shares",
]
