"""Arrows, circles and landscapes: what is drawn is where the numbers say."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from matplotlib.colors import to_hex
from matplotlib.patches import Circle

from cnn_tutorial import plotting
from cnn_tutorial.plotting.colors import KERNEL


def rings(figure):
    """Return the orange circles, not the white ones under them."""
    circles = [p for p in figure.axes[0].patches if isinstance(p, Circle)]
    return [c for c in circles if to_hex(c.get_edgecolor()).upper() == KERNEL]


class TestArrows:
    def test_one_steep_pixel_has_the_one_arrow(self):
        down, right = torch.zeros(2, 7, 11)
        down[5, 3], right[5, 3] = 3.0, -4.0
        figure = plotting.arrows(torch.rand(7, 11), down, right, title="One", every=4)
        (arrow,) = figure.axes[0].collections
        pixel = figure.axes[0].images[0].get_extent()[1] / 11
        longest = 1.5 * 4 * pixel
        # Rows grow downwards on the sheet, too.
        np.testing.assert_allclose(arrow.U, [-4 / 5 * longest])
        np.testing.assert_allclose(arrow.V, [3 / 5 * longest])
        middle = arrow.XY[0] + [arrow.U[0] / 2, arrow.V[0] / 2]
        np.testing.assert_allclose(middle, [3.5 * pixel, 5.5 * pixel])

    def test_a_block_shows_its_steepest_pixel_and_faint_ones_are_left_out(self):
        right = np.zeros((4, 6))
        right[0, 0], right[1, 1], right[3, 5] = 8, 9, 2
        figure = plotting.arrows(right, 0 * right, right, title="Two blocks", every=2)
        assert len(figure.axes[0].collections[0].U) == 1

    def test_a_flat_image_has_none(self):
        flat = np.ones((3, 5))
        figure = plotting.arrows(flat, 0 * flat, 0 * flat, title="Flat")
        assert len(figure.axes[0].collections[0].U) == 0

    def test_shapes_must_fit(self):
        with pytest.raises(ValueError, match=r"`down` of shape \(5, 3\).*\(3, 5\)"):
            plotting.arrows(
                np.zeros((3, 5)), np.zeros((5, 3)), np.zeros((3, 5)), title="A"
            )
        x = np.zeros((3, 5))
        with pytest.raises(ValueError, match=r"`every` \(=0\)"):
            plotting.arrows(x, x, x, title="A", every=0)


class TestCircles:
    def test_they_stand_around_their_blobs(self):
        blobs = torch.tensor([[10.0, 20.0, 5.0], [3.0, 50.0, 2.0]])
        figure = plotting.circles(torch.rand(31, 61), blobs, title="Two blobs")
        pixel = figure.axes[0].images[0].get_extent()[1] / 61
        for ring, (row, column, sigma) in zip(
            rings(figure), blobs.tolist(), strict=True
        ):
            np.testing.assert_allclose(
                ring.center, [(column + 0.5) * pixel, (row + 0.5) * pixel]
            )
            assert ring.radius == pytest.approx(math.sqrt(2) * sigma * pixel)

    def test_panels_are_named_and_counted(self, read):
        blobs = {"ours": [[1, 2, 1.0]], "none": torch.zeros(0, 3)}
        figure = plotting.circles(np.zeros((3, 5)), blobs, title="Two panels")
        assert read(figure) == ["ours: 1", "none: 0"]
        assert len(figure.axes[0].images) == 2
        assert len(rings(figure)) == 1

    def test_colour_images_keep_their_colours(self):
        image = torch.zeros(3, 5, 7, dtype=torch.uint8)
        image[0] = 255
        figure = plotting.circles(image, torch.zeros(0, 3), title="Red")
        assert figure.axes[0].images[0].get_array()[0, 0].tolist() == [1, 0, 0]

    @pytest.mark.parametrize(
        ("image", "blobs", "problem"),
        [
            (np.zeros((2, 5, 7)), [[1, 2, 1.0]], r"`image` of shape \(2, 5, 7\)"),
            (np.full((3, 5, 7), 2.0), [[1, 2, 1.0]], r"`image` in colour"),
            (np.zeros((5, 7)), [[1, 2]], r"`blobs` of shape \(1, 2\)"),
            (np.zeros((5, 7)), [[1, 2, 0.0]], r"a positive sigma"),
            (np.zeros((5, 7)), {}, r"`blobs` is empty"),
        ],
    )
    def test_bad_input(self, image, blobs, problem):
        with pytest.raises(ValueError, match=problem):
            plotting.circles(image, blobs, title="A")


class TestSurfaces:
    def test_both_views_show_the_matrix_on_one_scale(self):
        hole = -np.outer(np.hanning(9), np.hanning(11)) + 0.2
        figure = plotting.surfaces({"hole": hole}, title="A hole")
        sheet, landscape = figure.axes
        np.testing.assert_allclose(sheet.images[0].get_array(), hole)
        (surface,) = landscape.collections
        limit = np.abs(hole).max()
        assert sheet.images[0].get_clim() == (-limit, limit)
        assert surface.norm.vmax == limit

    def test_bad_input(self):
        with pytest.raises(ValueError, match=r"`items` must hold 1 to 3"):
            plotting.surfaces({}, title="A")
        with pytest.raises(ValueError, match=r"`items\['a'\]` of shape \(3,\)"):
            plotting.surfaces({"a": [1, 2, 3]}, title="A")
