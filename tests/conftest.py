"""What all tests share: seeds, no window, no settings of the person who runs them."""

from __future__ import annotations

import os
import random
import sys

# Before anything imports matplotlib or torch.
os.environ["MPLBACKEND"] = "Agg"
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
SETTINGS = ("PROFILE", "DEVICE", "DIGITS", "GREY", "COLOUR", "DATA", "SITE_URL")
for setting in SETTINGS:
    os.environ.pop(f"CNN_TUTORIAL_{setting}", None)

import pytest  # noqa: E402
from hypothesis import settings  # noqa: E402

import built_site  # noqa: E402

# A slow machine is no counterexample. CI draws the same examples each time.
settings.register_profile("course", deadline=None)
settings.register_profile(
    "course-ci", deadline=None, derandomize=True, database=None, print_blob=True
)
settings.load_profile("course-ci" if os.environ.get("CI") else "course")


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what needs a device that is not here."""
    if item.get_closest_marker("cuda"):
        torch = pytest.importorskip("torch")
        if not torch.cuda.is_available():
            pytest.skip("there is no CUDA device")


@pytest.fixture(autouse=True)
def same_start():
    """Give each test the same random numbers, and leave no figure behind."""
    random.seed(0)
    if numpy := sys.modules.get("numpy"):
        numpy.random.seed(0)
    if torch := sys.modules.get("torch"):
        torch.manual_seed(0)
    yield
    if pyplot := sys.modules.get("matplotlib.pyplot"):
        pyplot.close("all")


@pytest.fixture(scope="session")
def site():
    """Return the folder of the built site; without one skip, or fail if required."""
    if not (built_site.SITE / "index.html").is_file():
        message = f"there is no built site in {built_site.SITE}: python3 -m nox -s docs"
        if os.environ.get("CNN_TUTORIAL_REQUIRE_SITE"):
            pytest.fail(message)
        pytest.skip(message)
    return built_site.SITE


@pytest.fixture(scope="session")
def pages(site):
    """Return all pages of the built site by name."""
    return built_site.pages()
