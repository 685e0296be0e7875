"""Pages in a real browser: accessible, of any width, and asking nobody."""

from __future__ import annotations

import pytest

from built_site import SITE, lessons, pages

pytestmark = pytest.mark.browser

STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LESSONS = [f"auto_gallery/{name}.html" for name in lessons()]
# One of each kind, besides the lessons.
OTHERS = ("index", "start", "auto_gallery/index", "reference/index", "notation")
OTHERS += ("glossary", "bibliography", "reproducibility", "search", "genindex")
PAGES = [f"{name}.html" for name in OTHERS] + LESSONS
if (SITE / "index.html").is_file():
    # A page of the reference, whichever they are.
    PAGES += [n for n in pages() if n.startswith(("reference/", "generated/"))][1:3]

each_page = pytest.mark.parametrize("name", PAGES)
each_theme = pytest.mark.parametrize("theme", ["light", "dark"])


@each_theme
@each_page
def test_accessible(name, theme, visit, axe_source):
    page = visit(name, theme=theme)
    page.evaluate(axe_source)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", STANDARDS)
    violations = [
        f"{violation['id']}: {node['target']}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]
    assert violations == []


@each_page
def test_a_narrow_screen_does_not_scroll_sideways(name, visit):
    page = visit(name, width=320)
    wide = page.evaluate(
        """() => {
          const width = document.documentElement.clientWidth;
          if (document.documentElement.scrollWidth <= width) return [];
          return [...document.body.querySelectorAll("*")]
            .filter((e) => e.getBoundingClientRect().right > width + 1)
            .map((e) => `${e.tagName}.${e.className}`).slice(0, 9);
        }"""
    )
    assert wide == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320


@pytest.mark.parametrize("name", LESSONS)
def test_dark_mode_leaves_data_as_they_are(name, visit):
    """The theme would change brightness and contrast: pictures that are data, falsified."""
    page = visit(name, theme="dark")
    filters = page.evaluate(
        """() => [...document.querySelectorAll("article img, article canvas")]
          .map((e) => getComputedStyle(e).filter)"""
    )
    assert set(filters) <= {"none"}


@pytest.mark.parametrize("name", LESSONS)
def test_code_fits_on_a_laptop(name, visit):
    page = visit(name, width=1280)
    scrolling = page.evaluate(
        """() => [...document.querySelectorAll("article div.highlight-Python pre")]
          .filter((e) => e.scrollWidth > e.clientWidth + 1)
          .map((e) => e.textContent.slice(0, 200))"""
    )
    assert scrolling == []


def test_search_finds_a_lesson(visit):
    page = visit("search.html?q=unfold")
    page.locator("#search-results li a").first.wait_for()
    links = page.locator("#search-results li a").all_inner_texts()
    assert any("unfold" in text.lower() for text in links)


@each_theme
def test_the_theme_can_be_changed_by_keyboard(theme, visit):
    page = visit("start.html", theme=theme)
    button = page.locator("button.theme-switch-button:visible").first
    button.focus()
    for _ in range(3):
        button.press("Enter")
        mode = page.evaluate("document.documentElement.dataset.mode")
        if mode not in (theme, "auto"):
            break
    assert page.evaluate("document.documentElement.dataset.theme") != theme


def test_the_first_key_offers_to_skip_to_the_text(visit):
    page = visit("start.html")
    page.keyboard.press("Tab")
    assert "main content" in page.evaluate("document.activeElement.textContent").lower()
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main-content"
