from __future__ import annotations

import shutil
import threading

import pytest

from node_packages import NODE_MODULES, package_file
from site_server import make_server

CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "chrome")
# No service of the browser itself may speak to the network, or cover the page.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]
LOCAL = ("http://127.0.0.1:", "data:", "blob:")


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Use the browser of the system: Playwright's own would have to be downloaded."""
    found = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if not found:
        pytest.skip("there is no Chromium here")
    return {**browser_type_launch_args, "executable_path": found, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def address(site):
    """Serve the built site; return its address."""
    server = make_server(site, 0, quiet=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="session")
def axe_source():
    return package_file(NODE_MODULES, "axe-core/axe.min.js").read_text(encoding="utf-8")


@pytest.fixture(autouse=True)
def guard(context):
    """Fail a test on an external request, an error, or a missing file."""
    trouble: list[str] = []

    def note(bad: object, text: str) -> None:
        if bad:
            trouble.append(text)

    context.route(lambda url: not url.startswith(LOCAL), lambda route: route.abort())
    context.on(
        "request", lambda r: note(not r.url.startswith(LOCAL), f"request: {r.url}")
    )
    context.on(
        "response", lambda r: note(r.status >= 400, f"status {r.status}: {r.url}")
    )
    context.on("console", lambda m: note(m.type == "error", f"console: {m.text}"))
    context.on("weberror", lambda e: note(True, f"error: {e.error}"))
    yield trouble
    assert trouble == []


@pytest.fixture
def visit(page, address):
    """Open a page in a theme and at a width; return it."""

    def open_page(name: str, *, theme: str = "light", width: int = 1280):
        page.set_viewport_size({"width": width, "height": 900})
        page.add_init_script(
            "if (!localStorage.getItem('theme')) {"
            f"localStorage.setItem('mode', '{theme}');"
            f"localStorage.setItem('theme', '{theme}')}}"
        )
        page.goto(f"{address}/{name}")
        assert page.evaluate("document.documentElement.dataset.theme") == theme
        return page

    return open_page
