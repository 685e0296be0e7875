"""What moves: by pointer, by keyboard, not at all where motion is not wanted."""

from __future__ import annotations

import re

import pytest

from built_site import lessons

pytestmark = pytest.mark.browser

UNFOLD = "auto_gallery/20_convolution/30_unfold.html"


@pytest.fixture
def player(visit):
    page = visit(UNFOLD)
    found = page.locator(".cnn-player").first
    found.scroll_into_view_if_needed()
    assert found.get_attribute("data-ready") == "true"
    return found


def test_a_player_never_starts_by_itself(player, page):
    before = player.locator("output").inner_text()
    page.wait_for_timeout(1500)
    assert player.locator("output").inner_text() == before
    assert player.locator("canvas").count() == 0


def test_a_player_is_moved_by_keyboard(player, page):
    player.locator("[data-action=next]").focus()
    frames = int(player.get_attribute("data-frames"))
    for key, shown in (("Home", 1), ("ArrowRight", 2), ("End", frames)):
        page.keyboard.press(key)
        assert player.locator("output").inner_text() == f"{shown} / {frames}"
    page.keyboard.press("ArrowRight")
    assert player.locator("output").inner_text() == f"{frames} / {frames}"
    player.locator("canvas").wait_for()
    assert player.locator("canvas").get_attribute("aria-label")


def test_a_player_draws_another_picture_for_another_frame(player, page):
    player.locator("[data-action=next]").focus()
    pictures = set()
    for key in ("Home", "ArrowRight", "End"):
        page.keyboard.press(key)
        player.locator("canvas").wait_for()
        page.wait_for_timeout(100)
        pictures.add(player.locator("canvas").evaluate("c => c.toDataURL()"))
    assert len(pictures) == 3


def test_a_player_plays_and_pauses(player, page):
    button = player.locator("[data-action=play]")
    button.press("Enter")
    player.locator("canvas").wait_for()
    before = player.locator("output").inner_text()
    page.wait_for_function(
        "([element, text]) => element.textContent !== text",
        arg=[player.locator("output").element_handle(), before],
    )
    assert button.get_attribute("aria-label") == "Pause"
    button.press("Enter")
    assert button.get_attribute("aria-label") == "Play"


@pytest.fixture
def hero(visit):
    def open_hero(**options):
        page = visit("index.html", **options)
        return page.locator(".cnn-slide").first

    return open_hero


def test_the_moving_picture_is_stepped_by_keyboard(hero, page):
    page.emulate_media(reduced_motion="reduce")
    figure = hero()
    said = figure.locator(".cnn-slide__said")
    texts = []
    for action in ("step", "step", "back"):
        figure.locator(f"[data-do={action}]").press("Enter")
        texts.append(said.inner_text())
    assert texts[0] == texts[2] != texts[1]
    sums = [re.fullmatch(r"Row \d, column \d: (.+) = (.+)", text) for text in texts]
    assert all(sums)
    # What it says is right.
    for found in sums:
        terms = found[1].replace("\N{MINUS SIGN}", "-").replace("·", "*")
        assert eval(terms) == int(found[2].replace("\N{MINUS SIGN}", "-"))


def test_the_moving_picture_rests_where_motion_is_not_wanted(hero, page):
    page.emulate_media(reduced_motion="reduce")
    figure = hero()
    before = figure.inner_html()
    page.wait_for_timeout(1500)
    assert figure.inner_html() == before
    assert "is-playing" not in figure.get_attribute("class")


def test_the_moving_picture_moves_and_can_be_stopped(hero, page):
    page.emulate_media(reduced_motion="no-preference")
    figure = hero()
    figure.scroll_into_view_if_needed()
    page.wait_for_function("document.querySelector('.cnn-slide.is-playing')")
    figure.locator("[data-do=play]").press("Enter")
    assert "is-playing" not in figure.get_attribute("class")


@pytest.mark.parametrize("name", [f"auto_gallery/{name}.html" for name in lessons()])
def test_a_lesson_is_whole_without_scripts(name, browser, address):
    with browser.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{address}/{name}")
        assert page.locator("article h1").is_visible()
        for still in page.locator(".cnn-player__still").all():
            assert still.is_visible()
        for formula in page.locator("article .katex").all()[:3]:
            assert formula.bounding_box()["height"] > 0
        for controls in page.locator(".cnn-player__controls").all():
            assert not controls.is_visible()


def test_progress_is_marked_kept_exported_and_forgotten(visit):
    lesson = visit(UNFOLD)
    button = lesson.locator(".cnn-progress button")
    assert button.get_attribute("aria-pressed") == "false"
    button.press("Enter")
    assert button.get_attribute("aria-pressed") == "true"
    practise = visit("exercises.html")
    said = practise.locator(".cnn-progress--all [role=status]")
    assert said.inner_text().startswith("You have marked 1 of ")
    assert practise.locator("[data-solved=unfold_convolution]").inner_text() != ""
    with practise.expect_download() as download:
        practise.get_by_role("button", name="Export").click()
    path = download.value.path()
    forget = practise.get_by_role("button", name=re.compile("Forget"))
    forget.click()
    assert said.inner_text().startswith("You have marked 1 of ")
    forget.click()
    assert said.inner_text().startswith("You have marked 0 of ")
    practise.locator(".cnn-progress--all input").set_input_files(path)
    practise.wait_for_function(
        "document.querySelector('.cnn-progress--all [role=status]')"
        ".textContent.startsWith('You have marked 1 of ')"
    )


def test_a_question_answers_and_asks_again_with_other_numbers(visit):
    question = visit(UNFOLD).locator(".cnn-question")
    text = question.locator(".cnn-question__asked > p")
    choices = question.locator("details")
    assert question.locator("details[open]").count() == 0
    right = question.locator("details[data-right=True]")
    right.locator("summary").press("Enter")
    assert "Right." in right.inner_text()
    choices.locator("summary").first.click()
    assert question.locator("details[open]").count() <= 1
    first, seen = text.inner_text(), set()
    button = question.get_by_role("button", name="Other numbers")
    for _ in range(8):
        button.press("Enter")
        assert question.locator("details[open]").count() == 0
        assert question.locator("details[data-right=True]").count() == 1
        seen.add(text.inner_text())
    assert len(seen) == 8
    assert first in seen
