from __future__ import annotations

import re

import pytest

import course
import small_site


@pytest.fixture
def gallery(tmp_path):
    return small_site.write(tmp_path, []) / "gallery"


def change(gallery, old, new):
    path = gallery / course.METADATA
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new, 1))


def test_order_is_that_of_the_file_names(gallery):
    first, second = course.read_course(gallery)
    assert (first.title, second.title) == ("The first chapter", "The second chapter")
    assert [lesson.name for lesson in first.lessons] == [
        "10_one/10_start",
        "10_one/20_next",
    ]
    (last,) = second.lessons
    assert last.level == "deeper"
    assert last.promise == "That was all."
    assert last.chapter == "20_two"
    assert last.script.is_file()
    assert [lesson.budget for lesson in first.lessons] == [5.0, 60.0]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('level = "core"', 'level = "hard"', "level must be one of first steps, core"),
        ('data = "digits"', 'data = "faces"', "data must be one of digits, grey"),
        ('promise = "Something is."', 'promise = " "', "promise must be a sentence"),
        ("budget = 5", "budget = 0", "budget must be a positive number of seconds"),
        ("budget = 5", "budget = true", "budget must be a positive number of seconds"),
        ("budget = 5", "minutes = 5", "unknown key 'minutes'"),
        ("budget = 5", 'alone = "yes"', "alone must be true or false, got 'yes'"),
        ('title = "The first chapter"', 'name = "x"', "title must be a sentence"),
        ("[chapters.10_one]", "[others.10_one]", "unknown table 'others'"),
        ("10_one/20_next", "10_one/30_gone", "10_one/20_next has no entry"),
        ("10_one/20_next", "10_one/30_gone", "[lessons.'10_one/30_gone'] has no scrip"),
        ("[chapters.20_two]", "[chapters.30_gone]", "has no scripts"),
        ("[chapters.20_two]", "[chapters", "is not TOML"),
    ],
)
def test_wrong_metadata_are_named(gallery, old, new, message):
    change(gallery, old, new)
    with pytest.raises(ValueError, match=re.escape(message)):
        course.read_course(gallery)


def test_all_that_is_wrong_is_listed_at_once(gallery):
    change(gallery, 'level = "core"', 'level = "hard"')
    change(gallery, "budget = 5", "budget = -5")
    with pytest.raises(ValueError, match=r"(?s)budget.*level"):
        course.read_course(gallery)


def test_no_metadata(gallery):
    (gallery / course.METADATA).unlink()
    with pytest.raises(ValueError, match=r"gallery has no lessons\.toml"):
        course.read_course(gallery)


def test_only_numbered_scripts_of_chapters_are_lessons(gallery):
    (gallery / "10_one" / "helper.py").write_text("")
    (gallery / "notes").mkdir()
    (gallery / "notes" / "10_note.py").write_text("")
    assert course.scripts(gallery) == [
        "10_one/10_start",
        "10_one/20_next",
        "20_two/10_last",
    ]


def test_minutes_count_words_and_code_and_not_blank_lines():
    text = '"""Title\n=====\n"""\n\n# %%\n' + "# word word word word\n" * 100
    # 400 words and the title: 2 minutes; 36 lines of code at 12 a minute: 3 minutes.
    assert course.minutes_to_read(text + "\n\nx = 1\n" * 36) == 5


def test_a_comment_at_the_end_of_a_line_is_code():
    with_comment = course.minutes_to_read("x = 1  # N, C, H, W\n" * 60)
    assert with_comment == course.minutes_to_read("x = 1\n" * 60) == 5


def test_reading_takes_at_least_a_minute():
    assert course.minutes_to_read("x = 1\n") == 1


def test_minutes_grow_with_text_and_with_code():
    code, text = "x = 1\n" * 50, "# " + "word " * 500 + "\n"
    both = course.minutes_to_read(text + code)
    assert both > max(course.minutes_to_read(text), course.minutes_to_read(code))
