"""Drawings of the lessons on output sizes."""

from __future__ import annotations

from collections.abc import Callable

DRAWINGS: dict[str, Callable[[], str]] = {}
