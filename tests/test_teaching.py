"""Questions keep their answers folded; errors on purpose are shown and must come."""

from __future__ import annotations

import gc
import weakref
from html.parser import HTMLParser

import pytest
import torch

from cnn_tutorial.teaching import expect_error, marked_up, one_line, predict


class Tags(HTMLParser):
    """Tell whether each tag is closed where it should be, and what is shown."""

    def __init__(self, text):
        super().__init__()
        self.open, self.seen, self.words = [], [], []
        self.feed(text)
        self.close()
        assert not self.open

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append((tag, dict(attrs)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append((self.open[-1], data))


class TestPredict:
    def test_the_answer_is_folded(self):
        page = Tags(predict("`3 < 4`?", True, because="It is.")._repr_html_())
        assert page.seen[0] == ("details", {"class": "cnn-predict"})
        assert "open" not in page.seen[0][1]
        assert ("code", "3 < 4") in page.words
        assert page.words[-2:] == [("strong", "True"), ("p", "It is.")]

    def test_text_for_terminals(self):
        text = repr(predict("word " * 40, torch.tensor(3), because="so"))
        assert text.isascii()
        assert text.endswith("Answer:  tensor(3)\nBecause: so")
        assert max(map(len, text.splitlines())) < 80

    def test_markup_is_escaped(self):
        text = predict("<script>", "<b>", because="<i> & `<u>`")._repr_html_()
        for tag in ("<script>", "<b>", "<i>", "<u>"):
            assert tag not in text
        assert "<code>&lt;u&gt;</code>" in text
        assert marked_up('"a" & b') == '"a" &amp; b'

    @pytest.mark.parametrize(
        ("question", "answer"), [(" ", 1), ("a?", ""), ("a?", None)]
    )
    def test_nothing_to_ask(self, question, answer):
        with pytest.raises(ValueError, match="must not be empty"):
            predict(question, answer)


class TestExpectError:
    def test_prints_one_line_and_keeps_the_error(self, capsys):
        with expect_error(ValueError, KeyError) as caught:
            raise ValueError("\nfirst\nsecond")
        assert capsys.readouterr().out == "ValueError: first\n"
        assert isinstance(caught.error, ValueError)

    def test_a_shape_error_of_pytorch(self, capsys):
        with expect_error(RuntimeError):
            torch.ones(3, 4) @ torch.ones(3, 4)
        out = capsys.readouterr().out
        assert out.startswith("RuntimeError: ")
        assert "shapes cannot be multiplied (3x4 and 3x4)" in out
        assert out.count("\n") == 1

    def test_fails_when_nothing_is_raised(self):
        with (
            pytest.raises(
                AssertionError, match="Expected ValueError or TypeError, but"
            ),
            expect_error(ValueError, TypeError),
        ):
            pass

    def test_another_error_passes_through(self, capsys):
        with pytest.raises(KeyError), expect_error(ValueError):
            raise KeyError("a")
        assert capsys.readouterr().out == ""

    def test_any_exception_when_none_is_named_but_no_interrupt(self):
        with expect_error() as caught:
            raise KeyError("a")
        assert isinstance(caught.error, KeyError)
        with pytest.raises(KeyboardInterrupt), expect_error():
            raise KeyboardInterrupt

    def test_nothing_of_the_failed_code_stays_alive(self):
        def fail():
            big = torch.zeros(3)
            alive.append(weakref.ref(big))
            raise ValueError("no")

        alive = []
        with expect_error(ValueError) as caught:
            fail()
        gc.collect()
        assert caught.error is not None
        assert alive[0]() is None

    @pytest.mark.parametrize("kind", ["ValueError", int, KeyboardInterrupt])
    def test_only_classes_of_exceptions(self, kind):
        with pytest.raises(ValueError, match="must be classes of exceptions"):
            expect_error(kind)

    def test_an_error_without_words(self):
        assert one_line(RuntimeError()) == "RuntimeError"
