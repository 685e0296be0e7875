"""Learning curves."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.text import Text

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import NEUTRAL, SERIES
from cnn_tutorial.records import RunRecord

LOSS, ACCURACY = [2.0, 1.0, 0.5], [0.25, 0.5, 0.75]


def record(shift=0.0, epochs=3, validation=True):
    curves = {"train_loss": LOSS, "train_accuracy": ACCURACY, "seconds": [1.0] * 3}
    if validation:
        curves |= {"validation_loss": LOSS, "validation_accuracy": ACCURACY}
    return RunRecord(
        curves={
            name: [v + shift * ("validation" in name) for v in curve[:epochs]]
            for name, curve in curves.items()
        }
    )


def drawn(axes):
    """Return (colour, dash, values) of each curve, without the dots at their ends."""
    return [
        (to_hex(line.get_color()).upper(), line.get_linestyle(), list(line.get_ydata()))
        for line in axes.lines
        if line.get_label()[0] != "_"
    ]


def names(axes):
    return {text.get_text() for text in axes.texts}


def test_one_run():
    figure = plotting.curves(record(shift=0.125), title="One run")
    loss, accuracy = figure.axes
    assert (loss.get_ylabel(), accuracy.get_ylabel()) == ("loss", "accuracy")
    assert loss.get_xlabel() == accuracy.get_xlabel() == "epoch"
    assert drawn(loss) == [
        (NEUTRAL, "--", LOSS),
        (SERIES[0], "-", [2.125, 1.125, 0.625]),
    ]
    assert drawn(accuracy)[0] == (NEUTRAL, "--", ACCURACY)
    assert names(loss) == names(accuracy) == {"training", "validation"}
    assert loss.lines[0].get_xdata().tolist() == [1, 2, 3]
    assert loss.get_ylim()[0] == 0
    figure.canvas.draw()
    assert any("%" in text.get_text() for text in accuracy.get_yticklabels())


def test_seeds_are_a_mean_and_a_band():
    figure = plotting.curves([record(0.1), record(0.3)], title="Two seeds")
    loss = figure.axes[0]
    np.testing.assert_allclose(drawn(loss)[1][2], np.add(LOSS, 0.2))
    assert len(loss.collections) == 2
    assert loss.get_title(loc="left") == "line: mean of 2 seeds; band: range"


def test_a_seed_that_stopped_early_counts_as_far_as_it_got():
    figure = plotting.curves([record(0.1), record(0.3, epochs=2)], title="One stops")
    np.testing.assert_allclose(drawn(figure.axes[0])[1][2], [2.2, 1.2, 0.6])


def test_runs_are_compared_by_colour():
    runs = {"SGD": record(), "Adam": [record(0.1), record(0.1)]}
    figure = plotting.curves(runs, title="Two optimisers")
    loss = figure.axes[0]
    assert [line[:2] for line in drawn(loss)] == [
        (SERIES[0], "--"),
        (SERIES[0], "-"),
        (SERIES[1], "--"),
        (SERIES[1], "-"),
    ]
    assert names(loss) == {"SGD", "Adam"}
    assert loss.get_title(loc="left").split("\n")[-1] == "dashed: training"


def test_one_epoch_has_names_that_can_be_read():
    figure = plotting.curves(record(shift=0.001, epochs=1), title="One epoch")
    for axes in figure.axes:
        figure.canvas.draw()
        one, other = (Text.get_window_extent(text) for text in axes.texts)
        assert not one.overlaps(other)


def test_without_validation_there_is_one_solid_line():
    figure = plotting.curves(record(validation=False), title="Training only")
    assert drawn(figure.axes[0]) == [(SERIES[0], "-", LOSS)]
    assert names(figure.axes[0]) == {"training"}


def test_loss_alone_is_one_panel():
    only = RunRecord(curves={"train_loss": LOSS, "validation_loss": []})
    figure = plotting.curves(only, title="Loss only")
    assert [axes.get_ylabel() for axes in figure.axes] == ["loss"]


@pytest.mark.parametrize(
    ("records", "message"),
    [
        (3, "`record_or_records` is a int: records of training runs have `curves`"),
        ({"a": LOSS}, "`a` is a float"),
        ([], "`record_or_records` holds no record"),
        ({}, "must have 1 to 5 runs, not 0"),
        ({str(k): record() for k in range(6)}, "must have 1 to 5 runs, not 6"),
        (RunRecord(curves={"seconds": [1.0]}), r"loss or accuracy, only \['seconds'\]"),
        (RunRecord(), r"only \[\]"),
        (
            RunRecord(curves={"train_loss": [float("nan")]}),
            r"curves\['train_loss'\]` holds no finite number",
        ),
    ],
)
def test_what_is_no_run(records, message):
    with pytest.raises(ValueError, match=message):
        plotting.curves(records, title="Nothing")
