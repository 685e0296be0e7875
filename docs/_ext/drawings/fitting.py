"""Drawings of the lessons on fitting a curve and of images."""

from __future__ import annotations

from collections.abc import Callable

DRAWINGS: dict[str, Callable[[], str]] = {}
