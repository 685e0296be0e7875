"""Draw, show, answer."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup

from cnn_tutorial.questions import Posed, ask, get, list_questions, question
from cnn_tutorial.questions.frame import register


@question("10_tensors/10_tensors", a=(2, 3, 5), b=(2, 3, 7))
def product(a, b):
    if a == b:
        return None
    wrong = {a + b: "This is `a + b`.", a * b: "Never shown.", a**b: "A power."}
    return Posed(f"What is `{a} < {b}`?", a * b, f"{b} times {a}.", wrong)


def test_the_numbers_are_the_seed_s_own():
    one, same, other = product.draw(1), product.draw(1), product.draw(2)
    assert one == same
    assert (one.text, one.choices) != (other.text, other.choices)
    assert {product.draw(seed).text for seed in range(60)} == {
        f"What is `{a} < {b}`?" for a in (2, 3, 5) for b in (2, 3, 7) if a != b
    }


def test_a_mistake_that_leads_to_the_answer_is_no_wrong_choice():
    for seed in range(20):
        choices = product.draw(seed).choices
        assert "Never shown." not in [choice.why for choice in choices]


def test_ranges_without_a_good_question_are_a_defect():
    @question("10_tensors/10_tensors", a=(1,))
    def poor(a):
        return Posed("What?", a, "So.", {a + 1: "One more."})

    with pytest.raises(RuntimeError, match="'poor'"):
        poor.draw(0)


def test_at_most_three_mistakes_the_likeliest_first():
    @question("10_tensors/10_tensors", a=(1, 2))
    def many(a):
        return Posed("What?", 0, "So.", {k: f"{k}." for k in (5, 3, 4, 9)})

    texts = [choice.text for choice in many.draw(0).choices]
    assert sorted(texts) == ["0", "3", "4", "5"]


def test_an_answer_is_a_letter_or_what_it_says():
    asked = ask("patch_table", 1)
    right = asked.choices[asked.letters.index(asked.key)]
    for given in (
        asked.key,
        asked.key.upper(),
        right.text,
        right.text.replace(" ", ""),
    ):
        assert asked.answer(given).right
    shape = tuple(int(number) for number in right.text.strip("()").split(","))
    assert asked.answer(shape).right
    letter = next(letter for letter in asked.letters if letter != asked.key)
    reply = asked.answer(letter)
    assert not reply.right
    assert right.text not in repr(reply)
    assert "✗" in repr(reply)
    assert "✗" in reply._repr_html_()


@pytest.mark.parametrize("given", ["e", "", 7, None])
def test_an_answer_that_is_no_choice(given):
    with pytest.raises(ValueError, match=r"`choice` \(=.*\) must be one of"):
        ask("patch_table", 1).answer(given)


def test_the_text_says_how_to_answer():
    text = repr(product.draw(4))
    assert text.startswith("Predict: What is ")
    assert text.endswith("ask('product', 4).answer(letter)")
    assert "`" not in text
    assert max(map(len, repr(ask("patch_table", 2)).splitlines())) <= 79


def test_the_page_folds_what_there_is_to_say():
    page = BeautifulSoup(product.draw(1, others=3)._repr_html_(), "html.parser")
    shown = page.select(".cnn-question__asked > details")
    assert len(page.select("template")) == 3
    assert [d["data-right"] for d in shown].count("True") == 1
    assert len({d["name"] for d in shown}) == 1
    assert not page.select("details[open]")
    assert "<" in page.select_one(".cnn-question__asked code").get_text()
    more = page.select_one(".cnn-question__more")
    assert more.get_text() == "With other numbers: ask('product', 2)"


def test_what_the_page_leafs_through_reads_otherwise_each_time():
    asked = product.draw(5, others=4)
    texts = [asked.text, *(other.text for other in asked.others)]
    assert len(set(texts)) == len(texts) == 5
    assert all(other == product.draw(other.seed) for other in asked.others)
    assert all(6 <= other.seed <= 21 for other in asked.others)
    # Of nine pairs two are equal: seven questions, and one of them is the first.
    assert len(product.draw(5, others=50).others) == 6


def test_lists_and_names():
    names = [each.name for each in list_questions("unfold")]
    assert "patch_table" in names
    assert all("unfold" in each.lesson for each in list_questions("unfold"))
    with pytest.raises(ValueError, match="`name` "):
        get("patch_tabel")
    with pytest.raises(ValueError, match="is taken"):
        register([get("patch_table")])
    with pytest.raises(ValueError, match="`seed`"):
        ask("patch_table", -1)
    with pytest.raises(ValueError, match="`seed`"):
        ask("patch_table", 1.5)
