from __future__ import annotations

import os

import pytest

import built_site


@pytest.fixture(scope="session")
def site():
    """Return the folder of the built site; without one, skip or (in CI) fail."""
    if not (built_site.SITE / "index.html").is_file():
        message = f"there is no built site in {built_site.SITE}: python3 -m nox -s docs"
        if os.environ.get("CNN_TUTORIAL_REQUIRE_SITE"):
            pytest.fail(message)
        pytest.skip(message)
    return built_site.SITE


@pytest.fixture(scope="session")
def pages(site):
    return built_site.pages()
