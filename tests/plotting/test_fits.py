"""Points with curves, still and moving; every number is where it was asked to be."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import GRADIENT, INPUT, OUTPUT, SERIES

X = torch.tensor([3.0, 1.0, 2.0, 7.0, 5.0])
Y = torch.tensor([2.0, -1.0, 0.5, 11.0, 4.0])
WORDS = {"title": "What to see", "xlabel": "time (s)", "ylabel": "count"}


def test_points_and_curves_are_drawn_from_left_to_right():
    figure = plotting.scatter(
        X, Y, {"double": 2 * X, "square": X**2}, roles={"square": "gradient"}, **WORDS
    )
    dots, double, square = figure.axes[0].lines[:3]
    assert dots.get_color() == INPUT
    assert dots.get_linestyle() == "None"
    assert dots.get_xdata().tolist() == [1, 2, 3, 5, 7]
    assert dots.get_ydata().tolist() == [-1, 0.5, 2, 4, 11]
    assert double.get_ydata().tolist() == [2, 4, 6, 10, 14]
    assert square.get_ydata().tolist() == [1, 4, 9, 25, 49]
    assert (double.get_color(), square.get_color()) == (SERIES[0], GRADIENT)
    assert figure.axes[0].get_xlabel() == "time (s)"
    texts = {text.get_text() for text in figure.axes[0].texts}
    assert texts == {"double", "square"}


def test_points_alone():
    figure = plotting.scatter(X, Y, **WORDS)
    assert len(figure.axes[0].lines) == 1
    assert not figure.axes[0].texts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"x": X[:3]}, r"`x` of shape \(3,\) and `y` of shape \(5,\)"),
        ({"x": X[None], "y": Y[None]}, r"`x` of shape \(1, 5\).*one axis"),
        ({"y": Y / 0}, r"`y` of shape \(5,\) must be finite"),
        ({"curves": {"a": [1, 2]}}, r"`curves\['a'\]` of shape \(2,\) must be \(5,\)"),
        ({"curves": {str(k): Y for k in range(6)}}, "`curves` must be at most 5"),
        ({"curves": {"a": Y}, "roles": {"a": "inptu"}}, "Did you mean 'input'"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    with pytest.raises(ValueError, match=message):
        plotting.scatter(**{"x": X, "y": Y, **WORDS, **arguments})


def moving(**changes):
    usual = {"curves": torch.outer(torch.arange(3.0), X), "captions": list("abc")}
    return plotting.fit_animation(X, Y, **{**usual, **WORDS, **changes})


def colored(frame, color):
    """Return where pixels of a frame have a colour, up to smoothing."""
    wanted = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
    return (np.abs(frame.astype(int) - wanted) < 6).all(axis=2)


def test_a_frame_for_each_curve_and_limits_that_stay():
    animation = moving()
    assert len(animation.frames) == 3
    assert animation.still == 2
    places = [np.argwhere(colored(frame, OUTPUT)) for frame in animation.frames]
    # Slopes 0, 1, 2 over the same places: level, then steeper and steeper.
    heights = [np.ptp(place[:, 0]) for place in places]
    assert heights[0] < heights[1] < heights[2]
    widths = [np.ptp(place[:, 1]) for place in places[:2]]
    assert abs(widths[0] - widths[1]) < 12
    below = [frame[int(0.8 * len(frame)) :] for frame in animation.frames]
    np.testing.assert_array_equal(
        colored(below[0], "#000000"), colored(below[2], "#000000")
    )


def test_the_reference_and_the_still():
    animation = moving(reference=X, still=1, interval=300)
    assert (animation.still, animation.interval) == (1, 300)
    assert not np.array_equal(animation.frames[0], moving().frames[0])


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"curves": X}, r"`curves` of shape \(5,\) must be \(frames, 5\)"),
        ({"curves": torch.ones(3, 4)}, r"\(3, 4\) must be \(frames, 5\)"),
        ({"captions": ["a"]}, "`captions` has 1 entries for 3 frames"),
        (
            {"curves": torch.ones(101, 5), "captions": ["a"] * 101},
            "for 101 frames, of which there may be 100",
        ),
        ({"reference": [1.0]}, r"`reference` of shape \(1,\) must be \(5,\)"),
        ({"still": 3}, "`still`"),
    ],
)
def test_what_cannot_move(changes, message):
    with pytest.raises(ValueError, match=message):
        moving(**changes)
