"""Questions with numbers whose answers were worked out on paper, topic by topic.

Each module has ``CASES``: from the name of a question to its numbers and the answer.
"""

from __future__ import annotations

import importlib
import pkgutil

CASES: dict[str, tuple[dict[str, object], object]] = {}
for _found in pkgutil.iter_modules(__path__):
    CASES |= importlib.import_module(f"{__name__}.{_found.name}").CASES
