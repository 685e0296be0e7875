"""What a training run was and how it went, kept in a file that people can read."""

from __future__ import annotations

from cnn_tutorial.records._environment import environment, peak_memory
from cnn_tutorial.records._record import RunRecord

__all__ = ["RunRecord", "environment", "peak_memory"]
