"""Stills and frames of the sliding window, against F.conv2d and F.unfold."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from matplotlib.colors import to_hex
from PIL import Image

from cnn_tutorial import plotting
from cnn_tutorial.plotting import moving
from cnn_tutorial.plotting._slide_picture import draw_slide
from cnn_tutorial.plotting._slides import slide
from cnn_tutorial.plotting.animation import Animation, Sheet
from cnn_tutorial.plotting.colors import INPUT, KERNEL, OUTPUT

IMAGE = torch.randint(-9, 10, (1, 1, 5, 7), generator=torch.Generator().manual_seed(1))
WEIGHT = torch.randint(-3, 4, (1, 1, 2, 3), generator=torch.Generator().manual_seed(2))
SETTINGS = [
    {"stride": (3, 2)},
    {"stride": (3, 4), "padding": (1, 2)},
    {"stride": 2, "dilation": (2, 3)},
]


def reference(**setting):
    return F.conv2d(IMAGE.double(), WEIGHT.double(), **setting)[0, 0]


def as_numbers(texts):
    return [float(text.replace("\N{MINUS SIGN}", "-")) for text in texts]


def frames(figure):
    """Return (colour, x, y, width, height) of each frame in the order of drawing."""
    return [
        (
            to_hex(patch.get_edgecolor()).upper(),
            *patch.get_xy(),
            patch.get_width(),
            patch.get_height(),
        )
        for patch in figure.axes[0].patches
    ]


@pytest.mark.parametrize("setting", SETTINGS)
def test_numbers_are_those_of_torch(setting, read):
    out = reference(**setting)
    rows, columns = out.shape
    patches = F.unfold(IMAGE.double(), (2, 3), **setting)[0]
    position = (rows - 1, columns - 1)
    figure = plotting.unfold_steps(
        IMAGE, WEIGHT, position=position, title="Numbers", **setting
    )
    words = read(figure)
    at = words.index(f"patches 6 × {rows * columns}")
    given = words[1:at]
    padding = setting.get("padding", (0, 0))
    padded = F.pad(IMAGE, (padding[1], padding[1], padding[0], padding[0]))
    assert as_numbers(given) == padded.flatten().tolist()
    table = words[at + 1 : at + 1 + patches.numel()]
    assert as_numbers(table) == patches.flatten().tolist()
    flat = words.index("kernel, flat")
    assert as_numbers(words[flat - 6 - out.numel() : flat - out.numel()]) == (
        WEIGHT.flatten().tolist()
    )
    assert as_numbers(words[flat - out.numel() : flat]) == out.flatten().tolist()
    assert as_numbers(words[-1 - out.numel() : -1]) == out.flatten().tolist()


@pytest.mark.parametrize("position", [(0, 0), (1, 2), (0, 1)])
def test_the_sum_is_the_output_pixel(position, read):
    out = reference(stride=(3, 2))
    figure = plotting.unfold_steps(
        IMAGE, WEIGHT, position=position, stride=(3, 2), title="One pixel"
    )
    text = " ".join(read(figure)[-1].split())
    row, column = position
    assert text.startswith(f"output[{row}, {column}] = ")
    _, products, result = text.replace("\N{MINUS SIGN}", "-").split(" = ")
    terms = [term.replace("(", "").replace(")", "") for term in products.split(" + ")]
    pairs = [[int(v) for v in term.split("·")] for term in terms]
    window = IMAGE[0, 0, 3 * row : 3 * row + 2, 2 * column : 2 * column + 3]
    assert [a for a, _ in pairs] == window.flatten().tolist()
    assert [b for _, b in pairs] == WEIGHT.flatten().tolist()
    assert sum(a * b for a, b in pairs) == int(result) == out[row, column]


def test_windows_are_where_arithmetic_says():
    stride, padding = (3, 4), (1, 2)
    rows, columns = reference(stride=stride, padding=padding).shape
    for k in range(rows * columns):
        i, j = divmod(k, columns)
        figure = plotting.unfold_steps(
            IMAGE,
            WEIGHT,
            position=(i, j),
            stride=stride,
            padding=padding,
            title="Where",
        )
        image, window, _, column, _, _, value, _, pixel = frames(figure)
        side = image[3] / 7
        assert image[0] == INPUT
        # The frame of the image lies in its padding.
        assert image[1:3] == pytest.approx((padding[1] * side, image[2]))
        x = image[1] + (4 * j - padding[1]) * side
        y = image[2] + (3 * i - padding[0]) * side
        assert window == (
            KERNEL,
            *(pytest.approx(v) for v in (x, y, 3 * side, 2 * side)),
        )
        assert column[0] == KERNEL
        assert value[0] == pixel[0] == OUTPUT
        # The number is under its column.
        assert value[1] == pytest.approx(column[1])
        assert value[2] > column[2] + column[4]


def test_a_dilated_window_is_in_pieces():
    figure = plotting.unfold_steps(
        IMAGE, WEIGHT, position=(1, 0), stride=2, dilation=(2, 3), title="Holes"
    )
    whole, *pieces = frames(figure)[:7]
    side = whole[3] / 7
    found = {
        (round((y - whole[2]) / side, 3), round((x - whole[1]) / side, 3))
        for _, x, y, _, _ in pieces
    }
    assert found == {(2 + 2 * u, 3 * v) for u in range(2) for v in range(3)}


def test_large_images_are_pixels():
    image = torch.rand(11, 13)
    figure = plotting.unfold_steps(image, WEIGHT, position=(2, 5), title="Pixels")
    out = F.conv2d(image[None, None].double(), WEIGHT.double())[0, 0]
    patches = F.unfold(image[None, None].double(), (2, 3))[0]
    pictures = figure.axes[0].images
    wanted = [image, patches, WEIGHT.reshape(1, -1), out.reshape(1, -1), out]
    for picture, expected in zip(pictures, wanted, strict=True):
        np.testing.assert_allclose(picture.get_array(), expected, rtol=1e-6)
    assert pictures[0].get_cmap().name == "gray"
    assert pictures[3].get_clim() == pictures[4].get_clim()
    assert pictures[0].get_clim() == pictures[1].get_clim()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image": torch.ones(2, 3, 3)}, r"`image` of shape \(2, 3, 3\) must be one"),
        ({"kernel": torch.ones(3)}, r"`kernel` of shape \(3,\) must be one channel"),
        ({"position": (4, 0)}, r"`position` \(=\(4, 0\)\) is not in the output.*4 x 5"),
        ({"position": (0, -1)}, "is not in the output"),
        ({"kernel": torch.ones(6, 2)}, r"6"),
        ({"stride": 0}, r"`stride` \(=0\) must be at least 1"),
        ({"image": torch.ones(40, 41)}, "1521 places .* at most 900"),
    ],
)
def test_what_cannot_be_drawn(arguments, message):
    usual = {"image": IMAGE, "kernel": WEIGHT, "position": (0, 0)}
    with pytest.raises(ValueError, match=message):
        plotting.unfold_steps(**{**usual, **arguments}, title="Nothing")


def raster(figure):
    return moving.pixels(figure)


def test_frames_fill_up_place_by_place():
    animation = plotting.unfold_animation(IMAGE, WEIGHT, stride=(3, 2), title="Slides")
    numbers = slide(IMAGE, WEIGHT, (3, 2), 0, 1)
    assert len(animation.frames) == 6
    assert animation.still == 2
    with plt_style():
        for k, frame in enumerate(animation.frames):
            figure = draw_slide(numbers, k, "Slides", shown=k + 1, known=False)
            np.testing.assert_array_equal(frame, raster(figure))
        last = draw_slide(numbers, 5, "Slides", known=False)
        np.testing.assert_array_equal(animation.frames[-1], raster(last))


def plt_style():
    from cnn_tutorial.plotting._figure import style

    return style()


@pytest.mark.parametrize("image", [IMAGE, torch.rand(11, 7)], ids=["numbers", "pixels"])
def test_what_comes_later_is_not_shown(image):
    numbers = slide(image, WEIGHT, (3, 2), 0, 1)
    with plt_style():
        figure = draw_slide(numbers, 1, "Later", shown=2, known=False)
    axes = figure.axes[0]
    if axes.images:
        columns = axes.images[1].get_array()
        assert not np.ma.getmaskarray(columns)[:, :2].any()
        assert np.ma.getmaskarray(columns)[:, 2:].all()
        assert (~np.ma.getmaskarray(axes.images[4].get_array())).sum() == 2
    else:
        words = [text.get_text() for text in axes.texts]
        at = words.index("output 2 × 3")
        expected = reference(stride=(3, 2)).flatten()[:2].tolist()
        assert as_numbers(words[at + 1 : -1]) == expected


def test_frames_are_sharp_and_light(tmp_path):
    digit = torch.zeros(8, 8)
    digit[1:7, 3:5] = torch.rand(6, 2)
    kernel = [[-1, 0, 1], [-2, 0, 2], [-1, 0, 1]]
    animation = plotting.unfold_animation(digit, kernel, title="Edges of a digit")
    assert {frame.shape for frame in animation.frames} == {animation.frames[0].shape}
    assert animation.frames[0].shape[1] == 1280
    assert animation.width == 640
    assert animation.frames[0].dtype == np.uint8
    assert len(animation.frames) == 36
    moved = animation.save_webp(tmp_path / "a.webp")
    animation.save_sheet(tmp_path / "sheet.webp")
    for path in (moved, tmp_path / "sheet.webp"):
        assert path.stat().st_size < 300_000


def small(count=5, **settings):
    frames = [np.full((6, 10, 3), 40 * k, np.uint8) for k in range(count)]
    for k, frame in enumerate(frames):
        frame[0, k] = (255, 0, 7)
    return Animation(frames, title="Five greys <&>", **settings)


def test_webp_holds_the_frames(tmp_path):
    animation = small(interval=300)
    with Image.open(animation.save_webp(tmp_path / "a.webp")) as image:
        assert image.n_frames == 5
        assert image.info["loop"] == 0
        for k, frame in enumerate(animation.frames):
            image.seek(k)
            image.load()
            assert image.info["duration"] == 300
            np.testing.assert_array_equal(np.asarray(image.convert("RGB")), frame)


@pytest.mark.parametrize("ending", ["webp", "png"])
def test_sheet_holds_the_frames_row_by_row(tmp_path, ending):
    animation = small()
    sheet = animation.save_sheet(tmp_path / f"sheet.{ending}")
    assert sheet == Sheet(columns=2, rows=3, frames=5, width=10, height=6)
    whole = np.asarray(Image.open(tmp_path / f"sheet.{ending}").convert("RGB"))
    assert whole.shape == (18, 20, 3)
    for k, frame in enumerate(animation.frames):
        row, column = divmod(k, sheet.columns)
        part = whole[6 * row : 6 * row + 6, 10 * column : 10 * column + 10]
        np.testing.assert_array_equal(part, frame)
    assert (whole[12:, 10:] == 255).all()


def test_text_says_how_many_frames():
    assert repr(small(2)) == "Animation(2 frames, title='Five greys <&>')"


def test_html_has_a_still_and_moves_only_when_asked():
    text = small(still=3)._repr_html_()
    assert text.count('alt="Five greys &lt;&amp;&gt;"') == 2
    still, moving_part = text.split("<details>")
    assert "image/png" in still
    assert "image/webp" in moving_part
    assert "http" not in text
    assert "<script" not in text
    assert "open" not in moving_part.split(">")[0]


@pytest.mark.parametrize(
    ("frames", "settings", "message"),
    [
        ([], {}, "`frames` must be 1 to 100 pictures, not 0"),
        ([np.zeros((1, 2, 3), np.uint8)] * 101, {}, "not 101"),
        ([np.zeros((1, 2, 3))], {}, "uint8 arrays .* not .* of .'float64'"),
        ([np.zeros((1, 2), np.uint8)], {}, r"not \[\(1, 2\)\]"),
        (
            [np.zeros((1, 2, 3), np.uint8), np.zeros((2, 2, 3), np.uint8)],
            {},
            "of one shape",
        ),
        (
            [np.zeros((1, 2, 3), np.uint8)],
            {"still": 1},
            r"`still` \(=1\) must be at mo",
        ),
        ([np.zeros((1, 2, 3), np.uint8)], {"interval": 0}, "`interval`"),
    ],
)
def test_what_is_no_animation(frames, settings, message):
    with pytest.raises(ValueError, match=message):
        Animation(frames, title="Nothing", **settings)


def test_too_many_places_for_an_animation():
    with pytest.raises(ValueError, match="121 places and an animation at most 100"):
        plotting.unfold_animation(torch.ones(12, 12), torch.ones(2, 2), title="Long")


def test_charts_do_not_jump():
    drawn = []

    def draw(axes, top):
        axes.set_ylim(0, top)
        axes.plot([0, 1], [0, top])
        drawn.append((axes, top))

    animation = plotting.animate(draw, iter([1, 10_000]), title="A growing axis")
    assert [top for _, top in drawn] == [1, 10_000]
    assert len(animation.frames) == 2
    assert animation.still == 1
    first, second = (axes.get_position().bounds for axes, _ in drawn)
    assert first == pytest.approx(second)
    # The left spine is at the same pixel, though the numbers beside it are longer.
    assert animation.frames[0].shape == animation.frames[1].shape
    assert (animation.frames[0] != animation.frames[1]).any()


def test_no_frames():
    with pytest.raises(ValueError, match="1 to 100 pictures, not 0"):
        plotting.animate(lambda axes, k: None, [], title="Nothing")
