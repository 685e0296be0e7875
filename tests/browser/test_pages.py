"""Pages in a real browser: accessible, of any width, and asking nobody."""

from __future__ import annotations

import pytest

from built_site import SITE, lessons, pages

pytestmark = pytest.mark.browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LESSONS = [f"auto_gallery/{name}.html" for name in lessons()]
# One of each kind, besides the lessons.
OTHERS = ("index", "start", "auto_gallery/index", "reference/index", "notation")
OTHERS += ("glossary", "bibliography", "reproducibility", "data", "search")
OTHERS += ("exercises", "myths", "shapes")
PAGES = [f"{name}.html" for name in OTHERS] + LESSONS
REFERENCE: list[str] = []
if (SITE / "index.html").is_file():
    # A page of the reference, whichever they are.
    PAGES += [n for n in pages() if n.startswith(("reference/", "generated/"))][1:3]
    REFERENCE = [n for n in pages() if n.startswith("reference/")]

WIDER_THAN_THE_SCREEN = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  const wide = [...document.body.querySelectorAll("*")]
    .filter((e) => e.getBoundingClientRect().right > width + 1)
    .map((e) => `${e.tagName}.${e.className}`).slice(0, 9);
  return ["scrolls", ...wide];
}"""
CODE_THAT_SCROLLS = """() => [...document.querySelectorAll("article .highlight pre")]
  .filter((e) => !e.closest(".sphx-glr-script-out, .cell_output"))
  .filter((e) => e.scrollWidth > e.clientWidth + 1)
  .map((e) => e.textContent.slice(0, 200))"""
FILTERED_PICTURES = """() => [...document.querySelectorAll("article :is(img, canvas)")]
  .filter((e) => getComputedStyle(e).filter !== "none").map((e) => e.src)"""
# Passed rules are not wanted in detail: that would take most of the time.
AXE = """async tags => {
  const options = {runOnly: tags, resultTypes: ["violations"]};
  return (await axe.run(document, options)).violations;
}"""
SET_THEME = """theme => {
  const still = document.createElement("style");
  still.textContent = "* { transition: none !important; }";
  document.head.append(still);
  document.documentElement.dataset.theme = theme;
}"""


def violations(page, axe_source: str) -> list[str]:
    """Return what axe finds wrong with a page."""
    page.evaluate(axe_source)
    return [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in page.evaluate(AXE, STANDARDS)
        for node in violation["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_page(name, visit, axe_source):
    """Accessible in both themes, true to its data, and as narrow as a phone."""
    page = visit(name, width=1280)
    problems = {"light": violations(page, axe_source)}
    if name in LESSONS:
        problems["code that scrolls on a laptop"] = page.evaluate(CODE_THAT_SCROLLS)
    page.evaluate(SET_THEME, "dark")
    problems["dark"] = violations(page, axe_source)
    # The theme would change brightness and contrast of pictures that are data.
    problems["falsified pictures"] = page.evaluate(FILTERED_PICTURES)
    page.set_viewport_size({"width": 320, "height": 640})
    problems["wider than a phone"] = page.evaluate(WIDER_THAN_THE_SCREEN)
    assert {kind: found for kind, found in problems.items() if found} == {}


@pytest.mark.parametrize("name", REFERENCE)
def test_long_names_stay_on_a_phone(name, visit):
    assert visit(name, width=320).evaluate(WIDER_THAN_THE_SCREEN) == []


def test_search_finds_a_lesson(visit):
    page = visit("search.html?q=unfold")
    page.locator("#search-results li a").first.wait_for()
    links = page.locator("#search-results li a").all_inner_texts()
    assert any("unfold" in text.lower() for text in links)


def test_the_theme_can_be_changed_by_keyboard(visit):
    page = visit("start.html", theme="light")
    page.locator("button.theme-switch-button:visible").first.press("Enter")
    for _ in range(4):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.dataset.mode") == "dark":
            page.keyboard.press("Enter")
            break
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"
    page.reload()
    assert page.evaluate("document.documentElement.dataset.theme") == "dark"


def test_the_first_key_offers_to_skip_to_the_text(visit):
    page = visit("start.html")
    page.keyboard.press("Tab")
    assert "main content" in page.evaluate("document.activeElement.textContent").lower()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main-content"
