"""Drawings of the lessons on filters."""

from __future__ import annotations

from collections.abc import Callable

DRAWINGS: dict[str, Callable[[], str]] = {}
