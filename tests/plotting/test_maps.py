"""Feature maps, activations and kernels on scales that can be compared."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from cnn_tutorial import plotting

rng = np.random.default_rng(0)


def limits(figure):
    return [picture.get_clim() for picture in figure.axes[0].images]


def test_signed_maps_share_limits_about_zero():
    x = torch.randn(1, 5, 7, 3, requires_grad=True)
    figure = plotting.feature_maps(x, title="Signed")
    largest = x.detach().abs().max().item()
    assert limits(figure) == [(-largest, largest)] * 5
    for picture, expected in zip(figure.axes[0].images, x[0], strict=True):
        np.testing.assert_array_equal(picture.get_array(), expected.detach())
        assert picture.get_cmap().name == "RdBu_r"
        white = picture.get_cmap()(picture.norm(0.0))
        assert min(white[:3]) > 0.95


def test_magnitudes_start_at_zero():
    figure = plotting.feature_maps([[[2.0, 3.0]], [[5.0, 7.0]]], title="Magnitudes")
    assert limits(figure) == [(0, 7)] * 2
    assert {p.get_cmap().name for p in figure.axes[0].images} == {"viridis"}


def test_each_map_on_its_own_scale(read):
    maps = [[[2.0, 3.0]], [[-5.0, 4.0]], [[0.0, 0.0]]]
    figure = plotting.feature_maps(maps, title="Own scales", scale="each")
    assert limits(figure) == [(0, 3), (-5, 5), (0, 1)]
    assert len(figure.axes) == 1
    assert read(figure)[-1] == "each map on its own scale"


def test_sixty_four_colour_kernels_share_a_signed_scale():
    weight = torch.randn(64, 3, 7, 7)
    figure = plotting.kernels(weight, title="As many as a first layer has")
    pictures = figure.axes[0].images
    assert len(pictures) == 64 * 3
    largest = weight.abs().max().item()
    assert {p.get_clim() for p in pictures} == {(-largest, largest)}
    assert {p.get_cmap().name for p in pictures} == {"RdBu_r"}
    np.testing.assert_array_equal(pictures[3 * 41 + 2].get_array(), weight[41, 2])


def test_colour_bar_says_the_limits():
    figure = plotting.feature_maps([[-1.25, 0.5]], title="A bar")
    figure.canvas.draw()
    labels = [text.get_text() for text in figure.axes[1].get_xticklabels()]
    assert labels == ["\N{MINUS SIGN}1.2", "0", "1.2"]
    figure = plotting.feature_maps([[0.0, 0.5]], title="A bar")
    figure.canvas.draw()
    labels = [text.get_text() for text in figure.axes[1].get_xticklabels()]
    assert labels == ["0", "0.5"]


def test_colour_bar_lies_below_the_maps():
    figure = plotting.feature_maps(rng.random((13, 5, 5)), title="Thirteen")
    figure.canvas.draw()
    bar = figure.axes[1].get_tightbbox()
    for picture in figure.axes[0].images:
        assert picture.get_window_extent().y0 > bar.y1


def test_names_of_maps(read):
    x = rng.random((2, 1, 3, 3))
    figure = plotting.feature_maps(x, title="Two", titles=["stride 1", "stride 2"])
    assert read(figure) == ["stride 1", "stride 2"]
    assert read(plotting.feature_maps(x, title="Two")) == ["0", "1"]


def test_activations_of_layers(read):
    layers = {
        "conv": torch.randn(1, 5, 7, 11),
        "relu": torch.rand(13, 3, 2) * 4,
        "fc": torch.tensor([[-2.0, 1.0, 0.5]]),
    }
    figure = plotting.activations(layers, title="Three layers", limit=3)
    conv = layers["conv"][0, :3].abs().max().item()
    relu = layers["relu"][:3].max().item()
    assert limits(figure) == [(-conv, conv)] * 3 + [(0, relu)] * 3 + [(-2, 2)]
    words = read(figure)
    assert words[0].startswith("conv: 3 of 5 × 7 × 11, scale \N{MINUS SIGN}")
    assert words[1].startswith("relu: 3 of 13 × 3 × 2, scale 0 to ")
    assert words[2] == "fc: 3, scale \N{MINUS SIGN}2 to 2"
    np.testing.assert_array_equal(
        figure.axes[0].images[-1].get_array(), layers["fc"].numpy()
    )


def test_activations_keep_the_shape_of_maps():
    figure = plotting.activations({"conv": np.ones((2, 4, 8))}, title="Wide maps")
    figure.canvas.draw()
    box = figure.axes[0].images[0].get_window_extent()
    assert box.width == pytest.approx(2 * box.height)


def test_kernels_are_blocks_of_inputs(read):
    weight = torch.randn(5, 3, 2, 7)
    figure = plotting.kernels(weight, title="Five times three")
    largest = weight.abs().max().item()
    assert limits(figure) == [(-largest, largest)] * 15
    for k, picture in enumerate(figure.axes[0].images):
        np.testing.assert_array_equal(picture.get_array(), weight[k // 3, k % 3])
        box = picture.get_window_extent()
        assert box.width / 7 == pytest.approx(box.height / 2)
    assert read(figure)[:5] == ["0", "1", "2", "3", "4"]
    assert read(figure)[5].endswith("each with its 3 input channels in order")


def test_positive_kernels_keep_white_at_zero():
    figure = plotting.kernels([[1.0, 3.0]], title="Blur")
    assert limits(figure) == [(-3, 3)]
    assert figure.axes[0].images[0].to_rgba([[0.0]])[0, 0].min() > 0.95


def test_all_zero_is_no_division_by_zero():
    assert (
        limits(plotting.kernels(np.zeros((2, 1, 3, 3)), title="Dead")) == [(-1, 1)] * 2
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.feature_maps([1, 2], title="No"), r"`x` of shape \(2,\)"),
        (
            lambda: plotting.feature_maps(np.ones((2, 3, 4, 5)), title="No"),
            r"`x` of shape \(2, 3, 4, 5\) must be the maps of one image",
        ),
        (
            lambda: plotting.feature_maps([[1]], title="No", titles=["a", "b"]),
            "`titles` has 2 entries for 1 maps",
        ),
        (
            lambda: plotting.feature_maps([[1]], title="No", scale="shard"),
            "Did you mean 'shared'",
        ),
        (lambda: plotting.activations({}, title="No"), "`layers` is empty"),
        (
            lambda: plotting.activations({"a": [1]}, title="No", limit=17),
            r"`limit` \(=17\) must be at most 16",
        ),
        (
            lambda: plotting.activations({"a": np.ones((2, 3, 4, 5))}, title="No"),
            r"`layers\['a'\]` of shape \(2, 3, 4, 5\)",
        ),
        (lambda: plotting.kernels([1, 2], title="No"), r"`weight` of shape \(2,\)"),
        (
            lambda: plotting.kernels(np.ones((64, 17, 3, 3)), title="No"),
            r"1088 kernels, too many to see: draw some, such as weight\[:16, :8\]",
        ),
    ],
)
def test_what_cannot_be_drawn(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_a_telephone_gets_smaller_maps_and_the_same_rows():
    names = [f"{way} {k}" for way in ("looked", "mixed", "both") for k in range(4)]
    x = np.arange(12.0).reshape(12, 1, 1)
    figure = plotting.feature_maps(x, titles=names, columns=4, title="Three ways")
    narrow = figure.narrow()
    assert narrow.get_figwidth() == pytest.approx(3.25)
    for one in (figure, narrow):
        places = [picture.get_extent() for picture in one.axes[0].images]
        assert [p[0] for p in places[:4]] == [p[0] for p in places[4:8]]
        assert len({p[0] for p in places}) == 4
    said = [text.get_text() for text in narrow.axes[0].texts]
    assert said == [text.get_text() for text in figure.axes[0].texts]


def test_a_column_stays_a_column_on_a_telephone():
    figure = plotting.feature_maps(np.ones((3, 2, 2)), columns=1, title="One below one")
    assert len({p.get_extent()[0] for p in figure.narrow().axes[0].images}) == 1
