"""What holds for each question, whatever its numbers."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest
import torch

from by_hand import CASES
from cnn_tutorial.questions import get, list_questions

NAMES = [question.name for question in list_questions()]
SEEDS = range(24)


def numpy_state():
    return np.random.get_state()[1]  # noqa: NPY002 - what others may still use


@pytest.fixture(scope="module", params=NAMES)
def asked(request):
    return [get(request.param).draw(seed) for seed in SEEDS]


def test_one_choice_is_right_and_each_says_why(asked):
    for one in asked:
        texts = [choice.text for choice in one.choices]
        assert 3 <= len(texts) == len(set(texts)) <= 4
        assert [choice.right for choice in one.choices].count(True) == 1
        for choice in one.choices:
            assert choice.why.endswith((".", "?"))
            assert choice.why[0].isupper() or not choice.why[0].isalpha()


def test_it_fits_a_telephone(asked):
    for one in asked:
        assert one.text.endswith("?")
        assert len(one.text) <= 280
        for choice in one.choices:
            assert len(choice.text) <= 70
            assert len(choice.why) <= 240
            longest = max(choice.text.replace("`", "").split(), key=len)
            assert len(longest) <= 32


def test_other_seeds_ask_and_answer_otherwise(asked):
    rights = {(o.text, next(c.text for c in o.choices if c.right)) for o in asked}
    assert len(rights) >= 6
    assert len({right for _, right in rights}) >= 2


def test_what_is_right_is_not_given_away_by_its_place():
    keys = Counter(get(name).draw(seed).key for name in NAMES for seed in SEEDS)
    total = keys.total()
    assert all(0.2 < keys[letter] / total < 0.45 for letter in "abc")


@pytest.mark.parametrize("name", NAMES)
def test_the_answer_worked_out_on_paper(name):
    numbers, answer = CASES[name]
    posed = get(name)(**numbers)
    assert str(posed.answer) == str(answer)
    assert set(get(name).ranges) == set(numbers)


def test_nothing_was_worked_out_for_nobody():
    assert set(CASES) == set(NAMES)


@pytest.mark.parametrize("name", NAMES)
def test_global_states_stay_what_they_are(name):
    before = torch.get_rng_state(), random.getstate(), numpy_state()
    settings = torch.get_num_threads(), torch.get_default_dtype()
    get(name).draw(5)
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert np.array_equal(numpy_state(), before[2])
    assert (torch.get_num_threads(), torch.get_default_dtype()) == settings
    assert torch.is_grad_enabled()


def test_a_seed_asks_the_same_in_every_process():
    program = (
        "import json, sys; from cnn_tutorial.questions import get;"
        "print(json.dumps([repr(get(n).draw(3)) for n in json.loads(sys.argv[1])]))"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, json.dumps(NAMES)],
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [repr(get(name).draw(3)) for name in NAMES]
