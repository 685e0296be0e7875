"""Links lead somewhere, and opening a page asks nobody but the site."""

from __future__ import annotations

import pytest

from built_site import (
    asked_by_script,
    css_addresses,
    is_embedded,
    is_external,
    parse,
    resolve,
)

pytestmark = pytest.mark.site


def test_every_internal_link_leads_somewhere(pages, site):
    broken = []
    anchors = {page.path: page.anchors for page in pages.values()}
    for page in pages.values():
        for tag, address in [*page.followed(), *page.fetched()]:
            if is_external(address) or is_embedded(address):
                continue
            target, fragment = resolve(page.path, address)
            where = f"{page.name}:{tag.line}: {address}"
            if address.startswith("/"):
                broken.append(f"{where} works only at the root of a server")
            elif not target.is_file() or not target.is_relative_to(site):
                broken.append(f"{where} leads nowhere")
            elif fragment and target in anchors and fragment not in anchors[target]:
                broken.append(f"{where} has no such place on its page")
    assert broken == []


def test_every_page_can_be_reached(pages):
    """From the landing page, over links alone; Sphinx's own lists aside."""
    lists = {"404.html", "genindex.html", "py-modindex.html", "_modules/index.html"}
    seen, new = set(), {"index.html"}
    by_path = {page.path: name for name, page in pages.items()}
    while new:
        page = pages[new.pop()]
        seen.add(page.name)
        for _, address in page.followed():
            if not is_external(address) and not is_embedded(address):
                target = by_path.get(resolve(page.path, address)[0])
                if target and target not in seen:
                    new.add(target)
    assert set(pages) - seen - lists == set()


def test_no_page_asks_another_server(pages):
    asked = [
        f"{page.name}:{tag.line}: {tag.name} {address}"
        for page in pages.values()
        for tag, address in page.fetched()
        if is_external(address)
    ]
    asked += [
        f"{page.name}: script {address}"
        for page in pages.values()
        for script in page.scripts
        for address in asked_by_script(script)
    ]
    assert asked == []


def test_no_style_sheet_or_script_asks_another_server(site):
    asked = []
    for path in sorted(site.rglob("*.css")):
        text = path.read_text(encoding="utf-8")
        asked += [f"{path.name}: {a}" for a in css_addresses(text) if is_external(a)]
    for pattern in ("*.js", "*.mjs"):
        for path in sorted(site.rglob(pattern)):
            found = asked_by_script(path.read_text(encoding="utf-8"))
            asked += [f"{path.name}: {address}" for address in found]
    for path in sorted(site.rglob("*.svg")):
        fetched = [address for _, address in parse(path).fetched()]
        asked += [f"{path.name}: {a}" for a in fetched if is_external(a)]
    assert asked == []


def test_style_sheets_find_their_files(site):
    missing = [
        f"{path.relative_to(site)}: {address}"
        for path in sorted(site.rglob("*.css"))
        for address in css_addresses(path.read_text(encoding="utf-8"))
        if not is_external(address)
        and not is_embedded(address)
        and not address.startswith("#")
        and not resolve(path, address)[0].is_file()
    ]
    assert missing == []
