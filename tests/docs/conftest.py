from __future__ import annotations

import pytest
from sphinx.config import Config


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Give each build in this process the suffixes that a fresh process has.

    Sphinx adds those of extensions to the dictionary that is the default: after a build
    with MyST-NB all builds would look for Markdown, and have no parser for it. A hook,
    because it must be before fixtures that a module's tests share.
    """
    suffixes = Config.config_values["source_suffix"].default
    suffixes.clear()
    suffixes[".rst"] = "restructuredtext"
