"""How long a lesson may take: by profile, and by what the lesson says of itself."""

from __future__ import annotations

import os
import tomllib
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from sphinx.errors import ConfigError


@dataclass(frozen=True)
class Limits:
    """Time that pages may take in a profile.

    Parameters
    ----------
    budget : seconds of a page that names none in ``lessons.toml``
    scale : seconds for each second that a page names
    kill : a page that takes this multiple of its budget is killed
    total : seconds for all pages that run in one build
    """

    budget: float
    scale: float
    kill: float
    total: float


LIMITS = {
    "smoke": Limits(budget=60, scale=1, kill=10, total=3_600),
    "docs": Limits(budget=60, scale=1, kill=10, total=7_200),
    "full": Limits(budget=1_800, scale=30, kill=2, total=6 * 3_600),
}


def profile() -> str:
    """Name of the profile that the environment asks for."""
    return os.environ.get("CNN_TUTORIAL_PROFILE") or "docs"


def limits(changes: dict[str, float]) -> Limits:
    """Limits of the current profile.

    Parameters
    ----------
    changes : values that the settings put in place of ours

    Raises
    ------
    ConfigError
        If there is no such profile.
    """
    if profile() not in LIMITS:
        known = ", ".join(LIMITS)
        raise ConfigError(f"CNN_TUTORIAL_PROFILE is {profile()!r}; known are {known}")
    return Limits(**{**asdict(LIMITS[profile()]), **changes})


def budgets(gallery: Path) -> dict[str, float]:
    """Seconds that pages name for themselves in ``lessons.toml``.

    Parameters
    ----------
    gallery : folder of the scripts
    """
    lessons = _lessons(gallery)
    return {page: item["budget"] for page, item in lessons.items() if "budget" in item}


def alone(gallery: Path) -> set[str]:
    """Pages that say in ``lessons.toml`` that they share the machine with no other.

    Parameters
    ----------
    gallery : folder of the scripts
    """
    return {page for page, item in _lessons(gallery).items() if item.get("alone")}


def places() -> int:
    """How many pages run at a time: one for each core, at most four.

    In the full profile it is one: pages use all cores, or a GPU that has no parts.
    """
    cores = os.cpu_count() or 1
    return 1 if profile() == "full" else max(1, min(cores, 4))


def _lessons(gallery: Path) -> dict[str, dict[str, Any]]:
    path = gallery / "lessons.toml"
    table = tomllib.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    lessons: dict[str, dict[str, Any]] = table.get("lessons", {})
    return lessons
