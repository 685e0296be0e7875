"""Drawings of the lessons on channels, pooling and shifts."""

from __future__ import annotations

from collections.abc import Callable

DRAWINGS: dict[str, Callable[[], str]] = {}
