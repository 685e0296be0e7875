"""One file each: a ``SUITE`` of comparisons and what they must show."""

from __future__ import annotations
