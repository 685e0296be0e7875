"""Figures that know how they are drawn on a telephone."""

from __future__ import annotations

import re

import numpy as np
import pytest
from matplotlib.text import Text

from cnn_tutorial import plotting
from cnn_tutorial.models import LeNet
from cnn_tutorial.plotting._figure import NARROW, SMALL
from cnn_tutorial.plotting._grid import NARROW_ROOM, fewer_columns
from cnn_tutorial.summary import trace

GARMENTS = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Ankle boot"]
LONG = "share of the time that the whole of a step takes on this machine, in per cent"


def bars():
    return plotting.bars(
        {"convolution_backward": [-3.0, 5.0], "all the rest of it": -40.0, "x": 12.5},
        title="Where a step spends its time before anything was changed",
        xlabel=LONG,
    )


def lines():
    return plotting.lines(
        [1, 2, 3],
        {"accuracy on what is kept": [1, 2, 3], "chance": [3, 2, 2]},
        title="What is right among the answers",
        xlabel=LONG,
        ylabel="right",
    )


def table():
    counts = np.eye(5, dtype=int) * 100 + 3
    return plotting.confusion_matrix(counts, classes=GARMENTS, title="Taken for what?")


def pictures():
    return plotting.images(
        np.zeros((10, 1, 4, 4)),
        labels=GARMENTS * 2,
        predictions=GARMENTS + GARMENTS[::-1],
        columns=5,
        title="Ten garments and what a network took them for",
    )


def kernels():
    weight = np.linspace(-1, 1, 8 * 3 * 4).reshape(8, 3, 2, 2)
    return plotting.kernels(weight, title="Eight filters of three channels each")


def heat():
    return plotting.heat(
        np.ones((6, 1, 4, 4)),
        np.linspace(-1, 1, 24).reshape(6, 2, 2),
        titles=[*GARMENTS, "Bag"],
        columns=3,
        title="What speaks for the class",
    )


def gradients():
    layers = {f"stages.{k}": [0.1 * k, 0.3 * k] for k in range(12)}
    runs = {"residual": layers, "zero start": dict.fromkeys(layers, 1.0)}
    return plotting.gradient_flow(runs, title="What arrives at the first layers of all")


def front():
    costs = {name: 10.0**k for k, name in enumerate(GARMENTS)}
    scores = {name: [0.7 + 0.05 * k, 0.8] for k, name in enumerate(GARMENTS)}
    return plotting.pareto(
        costs, scores, title="What each has", xlabel="parameters", ylabel="accuracy"
    )


def tower():
    traced = trace(LeNet(), (1, 32, 32))
    return plotting.architecture(traced, title="Most parameters in one affine layer")


def equation():
    return plotting.matrices(
        [np.ones((3, 2)), "=", np.ones((3, 2))],
        titles=["first", "second"],
        title="Two windows of ones are one window that counts the middle most",
    )


EVERY = [bars, lines, table, pictures, heat, kernels, gradients, front, tower, equation]


@pytest.mark.parametrize("make", EVERY)
def test_all_words_are_inside_and_large_enough(make):
    figure = make().narrow()
    figure.draw_without_rendering()
    assert figure.get_figwidth() == pytest.approx(NARROW)
    width, height = figure.bbox.width, figure.bbox.height
    for text in figure.findobj(Text):
        said = text.get_text()
        if not any(map(str.isalpha, said)) or re.fullmatch(r"[\d.]+(k|M|e.\d+)", said):
            continue  # matplotlib also keeps numbers of ticks that it does not draw
        assert text.get_fontsize() >= SMALL
        box = text.get_window_extent()
        assert -1 <= box.x0 <= box.x1 <= width + 1, text.get_text()
        assert -1 <= box.y0 <= box.y1 <= height + 1, text.get_text()


@pytest.mark.parametrize("make", EVERY)
def test_nothing_is_said_that_the_other_figure_does_not_say(make):
    def said(figure):
        return {
            word.strip(",;")
            for text in figure.findobj(Text)
            for word in text.get_text().split()
            if any(letter.isalpha() for letter in word)
        }

    figure = make()
    assert said(figure) == said(figure.narrow())


def test_the_second_figure_is_not_shown_by_pyplot():
    from matplotlib import pyplot as plt

    figure = bars()
    before = plt.get_fignums()
    figure.narrow()
    assert plt.get_fignums() == before


def test_lines_with_short_names_keep_them_at_their_ends():
    figure = plotting.lines(
        [1, 2], {"loss": [2, 1]}, title="Falls", xlabel="epoch", ylabel="loss"
    )
    assert figure.narrow is None


def test_numbers_too_wide_for_a_telephone_are_drawn_once():
    assert plotting.matrix(np.ones((2, 12)), title="Twelve columns").narrow is None


def test_pairs_in_a_row_stay_together():
    assert fewer_columns(16, 0.6, 8) == 4
    assert fewer_columns(10, 0.95, 5) == int((NARROW_ROOM + 0.14) / (0.95 + 0.14))
