"""Exercises by name: what lessons call, and what they see."""

from __future__ import annotations

import pytest

from cnn_tutorial.exercises import (
    Exercise,
    check,
    get,
    hint,
    list_exercises,
    solution,
)
from cnn_tutorial.exercises.frame import register
from cnn_tutorial.exercises.source import without_annotations


class TestFrame:
    def test_unknown_names_are_answered_with_the_nearest(self):
        with pytest.raises(ValueError, match="Did you mean 'mean_loss'"):
            check("mean_los", None)
        for function in (get, solution, hint):
            with pytest.raises(ValueError, match="must be one of 'strides_of'"):
                function("nothing")

    def test_hints_are_counted(self):
        assert repr(hint("mean_loss", 3)).startswith("Hint 3 of 3: Divide")
        with pytest.raises(ValueError, match="`number` \\(=4\\) must be at most 3"):
            hint("mean_loss", 4)

    def test_a_name_is_taken_once(self):
        with pytest.raises(ValueError, match="`name` \\(='mean_loss'\\) is taken"):
            register([get("mean_loss")])

    def test_levels_are_known(self):
        values = dict.fromkeys(Exercise.__dataclass_fields__, "x")
        with pytest.raises(ValueError, match="`level` \\(='x'\\) must be one of"):
            Exercise(**values)

    def test_the_list_shows_itself(self):
        exercises = list_exercises()
        lines = repr(exercises).splitlines()
        assert len(lines) == len(exercises)
        assert all(e.title in line for e, line in zip(exercises, lines, strict=True))
        table = exercises._repr_html_()
        assert table.count("<tr>") == len(exercises) + 1
        assert repr(exercises[:0] or "nothing") == "'nothing'"
        assert "unfold_convolution (core" in repr(get("unfold_convolution"))

    def test_solution_and_hint_in_pages(self):
        page = solution("mean_loss")._repr_html_()
        assert page.startswith(
            '<details class="cnn-solution"><summary>Solution: A mean'
        )
        assert repr(solution("mean_loss")) == get("mean_loss").solution
        assert 'class="cnn-hint"' in hint("mean_loss")._repr_html_()


@pytest.mark.parametrize(
    ("source", "plain"),
    [
        ("def f(a: int, b: str = 'x') -> int:\n    return a\n", "def f(a, b='x'):\n"),
        (
            "def f(\n    a: int,\n    *b: int,\n) -> int:  # why\n    pass\n",
            "(a, *b):  # why",
        ),
        ("def f(a: int) -> int: return a\n", "def f(a): return a\n"),
        (
            (
                "def f(a: int):\n    def g(b: int = a) -> None:\n        return b\n"
                "    return g\n"
            ),
            "def f(a):\n    def g(b=a):\n        return b\n    return g\n",
        ),
    ],
)
def test_annotations_are_left_out_and_nothing_else(source, plain):
    assert plain in without_annotations(source)
    compile(without_annotations(source), "<test>", "exec")
