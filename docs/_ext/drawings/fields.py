"""Drawings of the lessons on receptive fields."""

from __future__ import annotations

from collections.abc import Callable

DRAWINGS: dict[str, Callable[[], str]] = {}
