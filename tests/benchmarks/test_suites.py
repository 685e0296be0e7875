"""The suites: what they compare agrees, and targets are judged; times are made up."""

from __future__ import annotations

import json
import sys
import types

import pytest
import torch
from bs4 import BeautifulSoup
from click.testing import CliRunner

from cnn_tutorial import benchmarks
from cnn_tutorial.benchmarks import Comparison, Report, Row, Suite, Target
from cnn_tutorial.benchmarks.comparing import _check
from cnn_tutorial.benchmarks.suites import convolution, filters, layers
from cnn_tutorial.cli import main


def compared(title, **times):
    rows = tuple(Row(name, (found,)) for name, found in times.items())
    return Comparison(rows, baseline=rows[0].name, title=title)


TWICE = Target("at most twice", "a", "b", at_most=2)
FAR = Target("ten times as fast", "slow", "a", at_least=10, where="two")
BOTH = (TWICE, FAR)
FOUND = (
    compared("one", b=1.0, a=1.5),
    compared("two", b=1.0, a=2.0, slow=30.0),
    compared("two more", b=1.0, a=1.0, slow=5.0),
    compared("three", c=1.0, a=9.0),
)


class TestTargets:
    def test_the_worst_counts(self):
        verdict = TWICE.judge(FOUND)
        assert (verdict.measured, verdict.where, verdict.missed) == (2, "two", False)
        assert verdict.cells() == ("at most twice", "<= 2", "2 (two)", "met")
        worse = TWICE.judge([*FOUND, compared("four", b=1.0, a=2.001)])
        assert (worse.where, worse.missed) == ("four", True)
        assert worse.cells()[-1] == "missed"

    def test_a_lower_bound_in_one_comparison(self):
        verdict = FAR.judge(FOUND)
        assert (verdict.measured, verdict.where, verdict.missed) == (15, "two", False)
        assert Target("", "slow", "a", at_least=10).judge(FOUND).measured == 5

    def test_what_nothing_measured_is_not_missed(self):
        verdict = Target("", "a", "z", at_most=1).judge(FOUND)
        assert verdict.cells() == ("", "<= 1", "", "not measured")
        assert not verdict.missed

    @pytest.mark.parametrize("bounds", [{}, {"at_most": 1, "at_least": 1}])
    def test_one_bound_is_needed(self, bounds):
        with pytest.raises(ValueError, match=r"`at_most` and `at_least`"):
            Target("", "a", "b", **bounds)


class TestReport:
    suite = Suite("Made up", lambda quick: iter(FOUND[:1] if quick else FOUND), BOTH)

    def test_run(self):
        seen = []
        report = self.suite.run(progress=seen.append)
        assert tuple(seen) == report.comparisons == FOUND
        assert report.missed == ()
        quick = self.suite.run(quick=True)
        assert [verdict.measured for verdict in quick.verdicts] == [1.5, None]

    def test_how_it_looks(self):
        report = self.suite.run()
        assert str(report).splitlines()[3].split("  ") == [
            *("ten times as fast", ">= 10", "15 (two)", "met")
        ]
        page = BeautifulSoup(report._repr_html_(), "html.parser")
        assert page.caption.text == "Made up"
        assert [cell.text for cell in page("tr")[1]][-1] == "met"
        assert str(Report("Nothing", (), ())) == "Nothing: no targets."

    def test_json(self):
        facts = json.loads(json.dumps(self.suite.run().to_dict()))
        assert [target["missed"] for target in facts["targets"]] == [False, False]
        assert facts["targets"][1]["measured"] == 15
        assert [one["title"] for one in facts["comparisons"]][2] == "two more"


def test_suites_are_files(monkeypatch):
    names = ["convolution", "filters", "layers", "tracing", "training"]
    assert benchmarks.list_suites() == names
    for name in benchmarks.list_suites():
        suite = benchmarks.get_suite(name)
        assert suite.title
        assert suite.targets
    with pytest.raises(ValueError, match=r"`name` \(='layer'\).*Did you mean 'layers'"):
        benchmarks.get_suite("layer")


def agree(candidates, baseline, agreement=None):
    results = {name: one() for name, one in candidates.items()}
    _check(results, baseline, 1e-4, agreement)
    return results[baseline]


class TestConvolution:
    @pytest.mark.parametrize(("side", "width"), [(17, 3), (23, 7), (13, 13), (31, 1)])
    @pytest.mark.parametrize("rank", [None, 1, 2])
    def test_all_give_the_same(self, side, width, rank):
        found = convolution.candidates(side, width, rank=rank)
        assert agree(found, "F.conv2d").shape == (side - width + 1,) * 2
        methods = {"loops", "unfold", "fft", "auto", "skimage", "scipy.ndimage"}
        assert methods <= set(found)
        assert ("low_rank" in found) == (rank is not None)

    def test_what_cannot_be_afforded_is_left_out(self):
        assert convolution.candidates(7, 11) == {}
        assert "loops" in convolution.candidates(66, 3)
        assert "loops" not in convolution.candidates(67, 3)
        # 452 * 452 places of a window of 61 * 61: 3 GB.
        large = set(convolution.candidates(512, 61))
        assert not large & {"loops", "unfold", "scipy.signal direct"}
        assert "scipy.signal direct" in convolution.candidates(256, 31)

    @pytest.mark.parametrize(("rank", "expected"), [(1, 1), (3, 3), (None, 11)])
    def test_kernels_have_the_rank(self, rank, expected):
        kernel = convolution.random_kernel(11, rank)
        assert torch.linalg.matrix_rank(kernel) == expected
        assert torch.equal(kernel, convolution.random_kernel(11, rank))

    def test_grid(self):
        grid = convolution.grid(
            [16, 8], [3, 11], rank=None, others=False, without=["loops"], rounds=1
        )
        assert grid.names == ("F.conv2d", "unfold", "fft", "auto")
        assert grid.cells[1][1] is None
        assert grid.comparisons[1].title == "image 16, kernel 11"

    def test_the_target_is_measured_quick_or_not(self):
        (target,) = convolution.SUITE.targets
        whole = convolution.SIDES, convolution.KERNELS
        for sides, widths in (whole, convolution.QUICK):
            titles = {f"image {s}, kernel {w}" for s in sides for w in widths}
            assert target.where in titles


@pytest.mark.parametrize("layer", layers.LAYERS, ids=lambda layer: layer.name)
def test_layers_agree(layer):
    agree(layer.candidates(), "F.conv2d")


def test_layers_are_those_of_the_papers():
    from torchvision.models import resnet18

    sizes = {
        (m.in_channels, m.out_channels, m.kernel_size[0], m.stride[0], m.padding[0])
        for m in resnet18().modules()
        if isinstance(m, torch.nn.Conv2d)
    }
    resnet = [layer for layer in layers.LAYERS if layer.name.startswith("ResNet")]
    for one in resnet:
        settings = (one.out_channels, one.kernel_size, one.stride, one.padding)
        assert (one.size[1], *settings) in sizes, one.name


class TestFilters:
    @pytest.mark.parametrize("sigma", [2, 5])
    def test_responses_agree(self, sigma):
        found = filters.log_candidates(sigma, side=61)
        agree(found, "F.conv2d", filters._close)

    def test_wrong_responses_do_not(self):
        found = filters.log_candidates(3, side=41)
        right, theirs = found["F.conv2d"](), found[filters.SCIPY]()
        assert not filters._close(right + 1e-3 * right.abs().max(), right)
        assert not filters._close(-theirs, right)

    @pytest.mark.parametrize(("picture", "blobs"), [("coins", 20), ("stars", 50)])
    def test_blobs_agree(self, picture, blobs):
        candidates = filters.blob_candidates(picture)
        found = agree(candidates, filters.SKIMAGE, filters.same_blobs)
        assert len(found) > blobs

    @pytest.mark.parametrize(
        ("found", "same"),
        [
            ([(1, 1, 2), (9, 9, 3)], True),
            ([(9, 9, 3), (1, 2, 2)], True),
            ([(9, 9, 3)], False),
            ([(9, 9, 3), (9, 9, 3)], False),
            ([(9, 9, 3), (1, 3, 2)], False),
            ([(9, 9, 2), (1, 1, 2)], False),
        ],
    )
    def test_same_blobs(self, found, same):
        assert filters.same_blobs(found, [(1, 1, 2), (9, 9, 3)]) == same
        assert filters.same_blobs([], [])

    def test_a_blob_that_is_named_twice_hides_none(self):
        assert not filters.same_blobs([(1, 1, 2), (9, 9, 3)], [(9, 9, 3), (9, 9, 3)])


class TestCommand:
    @pytest.fixture(autouse=True)
    def suites(self, monkeypatch):
        """Put two suites with known times in the place of the real ones."""
        missed = Target("at most half", "a", "b", at_most=0.5)
        made = {
            "good": Suite("Good", lambda quick: iter(FOUND[:2]), (TWICE,)),
            "bad": Suite("Bad", lambda quick: iter(FOUND[:2]), (missed,)),
        }
        monkeypatch.setattr(benchmarks, "list_suites", lambda: sorted(made))
        monkeypatch.setattr(benchmarks, "get_suite", made.__getitem__)

    def run(self, *arguments):
        return CliRunner().invoke(main, ["bench", *arguments])

    def test_met(self):
        result = self.run("good")
        assert result.exit_code == 0
        lines = result.stdout.splitlines()
        assert lines[:4:2] == ["Good", "one"]
        assert " ".join(lines[-2].split()) == "at most twice <= 2 2 (two) met"
        assert "Bad" not in result.stdout

    def test_missed(self):
        result = self.run()
        assert result.exit_code == 1
        assert "missed" in result.stdout
        assert "Good" in result.stdout

    def test_json(self, tmp_path):
        file = tmp_path / "bench.json"
        result = self.run("bad", "--json", str(file), "--quick", "--threads", "1")
        assert result.exit_code == 1
        assert result.stdout == ""
        assert "one" in result.stderr
        facts = json.loads(file.read_text("utf-8"))
        assert facts["quick"]
        assert facts["hardware"]["threads"] == 1
        assert facts["suites"]["bad"]["targets"][0]["missed"]

    def test_json_to_the_terminal_is_alone_there(self):
        assert json.loads(self.run("good", "--json", "-").stdout)["suites"]["good"]

    def test_list(self):
        assert self.run("--list").stdout.split() == ["bad", "Bad", "good", "Good"]

    def test_a_wrong_name(self):
        result = self.run("goods")
        assert result.exit_code == 2
        assert "Did you mean 'good'?" in result.stderr

    def test_help_has_examples(self):
        assert "python -m cnn_tutorial bench layers" in self.run("--help").stdout


def test_a_new_suite_needs_one_file(monkeypatch, tmp_path):
    import cnn_tutorial.benchmarks.suites as folder

    (tmp_path / "mine.py").write_text(
        "from cnn_tutorial.benchmarks import Suite\n"
        "SUITE = Suite('Mine', lambda quick: iter(()))\n"
    )
    (tmp_path / "_helper.py").write_text("")
    monkeypatch.setattr(folder, "__path__", [*folder.__path__, str(tmp_path)])
    assert "mine" in benchmarks.list_suites()
    assert "_helper" not in benchmarks.list_suites()
    assert benchmarks.get_suite("mine").title == "Mine"
    monkeypatch.delitem(sys.modules, "cnn_tutorial.benchmarks.suites.mine")
    assert isinstance(folder, types.ModuleType)
