from __future__ import annotations

from fake_datasets import full_data  # noqa: F401 (a fixture)
