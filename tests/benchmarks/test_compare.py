"""The benchmark tool, on a clock that the candidates turn: no test measures time."""

from __future__ import annotations

import gc
import json
from functools import partial

import numpy as np
import pytest
import torch
from bs4 import BeautifulSoup
from hypothesis import given, settings
from hypothesis import strategies as st

from cnn_tutorial.benchmarks import Comparison, Row, compare, compare_grid, quiet
from cnn_tutorial.benchmarks.clock import calls_for, waiting_for


class Workshop:
    """A clock, and candidates that take as long as they say."""

    def __init__(self, **durations):
        self.now, self.log = 0.0, []
        self.durations = {name: iter_of(value) for name, value in durations.items()}

    def clock(self):
        return self.now

    def work(self, name, result=7.0):
        self.log.append(name)
        self.now += next(self.durations[name])
        return result

    def candidates(self, **results):
        return {
            name: partial(self.work, name, results.get(name, 7.0))
            for name in self.durations
        }

    def compare(self, baseline, *, results=None, **settings):
        settings = {"shortest": 0, "seconds": 1e9, "rounds": 5} | settings
        found = self.candidates(**(results or {}))
        return compare(found, baseline=baseline, clock=self.clock, **settings)


def iter_of(value):
    """Repeat a number, or what a list says and then its last one."""
    if isinstance(value, (int, float)):
        value = [value]
    yield from value
    while True:
        yield value[-1]


def test_times_are_those_of_one_call():
    found = Workshop(a=2, b=6).compare("a")
    assert found["a"].times == (2,) * 5
    assert found["b"].times == (6,) * 5
    assert (found.ratio("b"), found.ratio("a")) == (3, 1)
    assert found.fastest == "a"


def test_all_take_turns_in_every_round():
    workshop = Workshop(a=1, b=1, c=1)
    workshop.compare("a", rounds=20)
    # First each is called once, to compare results.
    assert workshop.log[:3] == ["a", "b", "c"]
    timed = workshop.log[3:]
    rounds = [tuple(timed[i : i + 3]) for i in range(0, 60, 3)]
    assert len(timed) == 60
    assert {tuple(sorted(each)) for each in rounds} == {("a", "b", "c")}
    assert len(set(rounds)) == 6  # in all orders


def test_the_order_is_that_of_the_seed():
    first, same, other = (Workshop(a=1, b=1, c=1) for _ in range(3))
    for workshop, seed in ((first, 3), (same, 3), (other, 4)):
        workshop.compare("a", seed=seed)
    assert first.log == same.log != other.log


def test_first_calls_do_not_count():
    found = Workshop(a=[100, 90, 1], b=[500, 80, 2]).compare("a", shortest=1000)
    # Not even to find out how often to call: at most ten times more than before.
    assert max(found["a"].times + found["b"].times) < 10
    slow = Workshop(a=[100, 1, 1], b=[100, 2]).compare("a")
    assert slow["a"].times == (1,) * 5


def test_a_machine_that_slows_down_slows_both():
    # Calls 1 and 2 warm up; from round 2 on everything takes ten times as long.
    a, b = [1, 1, 1, 10], [3, 3, 3, 30]
    found = Workshop(a=a, b=b).compare("a", rounds=7, shortest=0.1)
    assert found.ratios("b") == (3,) * 7
    assert found.spread("b") == (3, 3)


def test_short_calls_are_repeated():
    workshop = Workshop(a=0.001, b=0.5)
    found = workshop.compare("a", shortest=0.1, rounds=3)
    assert found.ratio("b") == pytest.approx(500)
    assert workshop.log.count("b") == 2 + 3
    assert workshop.log.count("a") >= 3 * 100


def test_calls_for_ends_where_no_time_passes():
    assert calls_for(lambda: None, 1.0, clock=lambda: 0.0) == 100_000


@pytest.mark.parametrize(
    ("seconds", "rounds", "expected"), [(0, 9, 5), (0, 2, 2), (30, 9, 6), (1e9, 9, 9)]
)
def test_rounds_end_when_time_is_up(seconds, rounds, expected):
    # A round takes 1 + 4 = 5 seconds: after 6 of them 30 are gone.
    found = Workshop(a=1, b=4).compare("a", seconds=seconds, rounds=rounds)
    assert found.rounds == expected


def test_device_is_awaited_before_the_clock_is_read():
    from cnn_tutorial.benchmarks.clock import per_call

    workshop = Workshop(a=1, wait=10)
    wait = partial(workshop.work, "wait")
    took = per_call(partial(workshop.work, "a"), 5, clock=workshop.clock, wait=wait)
    assert workshop.log == ["wait", *["a"] * 5, "wait"]
    assert took == (5 + 10) / 5


def test_nobody_waits_for_the_processor():
    assert waiting_for([torch.ones(1), np.ones(1), 3]).__name__ == "nothing"


@pytest.mark.cuda
def test_cuda_is_awaited():
    x = torch.ones(7, device="cuda")
    assert waiting_for([x]) is torch.cuda.synchronize
    assert compare({"a": x.sum, "b": x.sum}, baseline="a", rounds=3).ratio("a") == 1


class TestAgreement:
    @pytest.mark.parametrize(
        ("result", "problem"),
        [
            (torch.tensor([1.0, 2.1]), r"numbers that differ by 0\.1"),
            (np.array([1.0, np.nan]), "numbers that differ by nan"),
            (torch.ones(2, 1), r"shape \(2, 1\) instead of \(2,\)"),
            ([1.0, 2.0, 3.0], r"shape \(3,\) instead of \(2,\)"),
        ],
    )
    def test_wrong_results_are_not_timed(self, result, problem):
        workshop = Workshop(right=1, wrong=1)
        results = {"right": torch.tensor([1.0, 2.0]), "wrong": result}
        with pytest.raises(ValueError, match=rf"'wrong'.*'right'.*{problem}"):
            workshop.compare("right", results=results)
        assert workshop.log == ["right", "wrong"]

    def test_the_tolerance_is_relative_to_the_largest_number(self):
        results = {"a": np.array([0.0, 1000.0]), "b": torch.tensor([0.09, 1000.0])}
        Workshop(a=1, b=1).compare("a", results=results)
        with pytest.raises(ValueError, match="differ by"):
            Workshop(a=1, b=1).compare("a", results=results, tolerance=8e-5)

    def test_kinds_may_differ(self):
        results = {
            "a": torch.tensor([1.5, 2.0], requires_grad=True),
            "b": np.array([1.5, 2.0], dtype=np.float32),
            "c": [1.5, 2],
            "d": torch.tensor([1.5, 2.0], dtype=torch.bfloat16),
            "e": torch.tensor([1.5 + 0j, 2.0]),
        }
        workshop = Workshop(a=1, b=1, c=1, d=1)
        del results["e"]
        assert workshop.compare("a", results=results).ratio("d") == 1

    def test_a_comparison_of_ones_own(self):
        results = {"a": "north", "b": "NORTH"}
        found = Workshop(a=1, b=2).compare(
            "a", results=results, agree=lambda one, base: one.lower() == base
        )
        assert found.ratio("b") == 2
        with pytest.raises(ValueError, match=r"'b'.*something else"):
            Workshop(a=1, b=2).compare("a", results=results, agree=str.__eq__)

    def test_none_asked_for(self):
        results = {"a": None, "b": 3}
        assert Workshop(a=1, b=2).compare("a", results=results, tolerance=None)

    def test_nothing_agrees_with_nothing(self):
        results = {"a": np.ones(0), "b": []}
        assert Workshop(a=1, b=2).compare("a", results=results).ratio("b") == 2


def test_the_machine_is_held_still_and_put_back():
    before, seen = torch.get_num_threads(), set()

    def look():
        seen.add((torch.get_num_threads(), gc.isenabled()))

    found = compare({"a": look}, baseline="a", threads=before + 1, tolerance=None)
    assert seen == {(before + 1, False)}
    assert found.threads == before + 1
    assert (torch.get_num_threads(), gc.isenabled()) == (before, True)


def test_the_machine_is_put_back_after_an_error():
    before = torch.get_num_threads()
    gc.disable()
    try:
        with pytest.raises(ZeroDivisionError), quiet(threads=before + 1):
            _ = 1 / 0
        assert not gc.isenabled()
    finally:
        gc.enable()
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"baseline": "c"}, r"`baseline` \(='c'\) must be one of 'a', 'b'"),
        ({"rounds": 0}, r"`rounds` \(=0\) must be at least 1"),
        ({"threads": 0}, r"`threads` \(=0\) must be at least 1"),
        ({"seconds": -1}, r"`seconds` \(=-1\) must be at least 0"),
        ({"shortest": float("nan")}, r"`shortest` \(=nan\) must be at least 0"),
    ],
)
def test_bad_settings_are_refused(settings, message):
    with pytest.raises(ValueError, match=message):
        Workshop(a=1, b=1).compare(**({"baseline": "a"} | settings))


def rows(**times):
    return tuple(Row(name, tuple(found)) for name, found in times.items())


class TestComparison:
    found = Comparison(
        rows(ours=[2, 12, 3, 20], theirs=[1, 4, 2, 10]), baseline="theirs", title="T<1"
    )

    def test_ratios_are_paired(self):
        assert self.found.ratios("ours") == (2, 3, 1.5, 2)
        # In order 1.5, 2, 2, 3; medians of times would give 7.5 / 3.
        assert self.found.ratio("ours") == 2
        # A quarter of the way from the first to the last, and three quarters.
        assert self.found.spread("ours") == (1.875, 2.25)
        assert self.found.ratio("theirs", to="ours") == 0.5

    def test_a_single_round_has_no_spread(self):
        found = Comparison(rows(a=[3.0], b=[1.0]), baseline="b")
        assert found.spread("a") == (3, 3)

    def test_text(self):
        assert str(self.found).splitlines() == [
            "T<1",
            "method   time  ratio  half of the rounds",
            "------  -----  -----  ------------------",
            "theirs    3 s      1",
            "ours    7.5 s      2        1.88 to 2.25",
            "Ratio: time over that of theirs in the same round, median of 4; 1 thread.",
        ]

    def test_html(self):
        page = BeautifulSoup(self.found._repr_html_(), "html.parser")
        assert page.caption.text == "T<1"
        cells = [[c.text for c in row.find_all(["th", "td"])] for row in page("tr")]
        assert cells[0] == ["method", "time", "ratio", "half of the rounds"]
        assert cells[2] == ["ours", "7.5 s", "2", "1.88 to 2.25"]
        assert page.find(role="group")["aria-label"] == "T<1"

    def test_json(self):
        facts = json.loads(self.found.to_json())
        assert facts["rows"][0] == {
            "name": "ours",
            "seconds": 7.5,
            "ratio": 2,
            "quartiles": [1.875, 2.25],
            "times": [2, 12, 3, 20],
        }
        assert (facts["title"], facts["baseline"]) == ("T<1", "theirs")

    def test_names(self):
        assert "ours" in self.found
        assert "nobody" not in self.found
        with pytest.raises(ValueError, match=r"`name` \(='our'\).*'ours'"):
            self.found["our"]

    @pytest.mark.parametrize(
        "bad", [rows(a=[1.0], b=[1.0, 2.0]), rows(a=[]), rows(b=[1.0])]
    )
    def test_what_cannot_be_paired_is_refused(self, bad):
        with pytest.raises(ValueError, match=r"`rows`|`baseline`"):
            Comparison(bad, baseline="a")

    @settings(max_examples=50)
    @given(
        times=st.lists(
            st.tuples(st.floats(0.1, 10), st.floats(0.1, 10)), min_size=1, max_size=9
        ),
        load=st.data(),
    )
    def test_load_that_hits_both_changes_no_ratio(self, times, load):
        a, b = zip(*times, strict=True)
        factors = [load.draw(st.floats(1, 100)) for _ in times]
        slow_a = [x * f for x, f in zip(a, factors, strict=True)]
        slow_b = [x * f for x, f in zip(b, factors, strict=True)]
        calm = Comparison(rows(a=a, b=b), baseline="b")
        busy = Comparison(rows(a=slow_a, b=slow_b), baseline="b")
        assert busy.ratio("a") == pytest.approx(calm.ratio("a"))
        low, high = calm.spread("a")
        assert low <= calm.ratio("a") <= high


class TestGrid:
    @pytest.fixture
    def grid(self):
        def candidates(row, column):
            if column > row:
                return {}
            workshop.durations |= {"a": iter_of(row), "b": iter_of(column)}
            return workshop.candidates()

        workshop = Workshop(a=1, b=1)
        return compare_grid(
            candidates, [3, 7], [2, 5], baseline="a", clock=workshop.clock, rounds=2
        )

    def test_ratios_by_size(self, grid):
        np.testing.assert_allclose(grid.ratio("b"), [[2 / 3, np.nan], [2 / 7, 5 / 7]])
        np.testing.assert_allclose(
            grid.ratio("a", to="b"), [[3 / 2, np.nan], [7 / 2, 7 / 5]]
        )
        assert np.isnan(grid.ratio("c")).all()
        assert np.isnan(grid.ratio("a", to="c")).all()

    def test_fastest(self, grid):
        assert grid.fastest() == [["b", ""], ["b", "b"]]
        assert grid.wins() == {"b": 3}
        assert grid.names == ("a", "b")

    def test_text_and_html(self, grid):
        lines = str(grid).splitlines()
        assert lines[0].split() == ["row", "/", "column", "2", "5"]
        assert lines[3].split() == ["7", "b", "(0.286)", "b", "(0.714)"]
        page = BeautifulSoup(grid._repr_html_(), "html.parser")
        assert [cell.text for cell in page("tr")[1]] == ["3", "b (0.667)", ""]

    def test_for_json(self, grid):
        facts = json.loads(json.dumps(grid.to_dict()))
        assert facts["cells"][0][1] is None
        assert facts["cells"][1][1]["title"] == "row 7, column 5"
