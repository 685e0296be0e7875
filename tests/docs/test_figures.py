from __future__ import annotations

import hashlib
from typing import NamedTuple
from xml.etree import ElementTree as ET

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from sphinx.errors import ExtensionError
from sphinx_gallery.scrapers import ImagePathIterator

import figure_output
import figures
import small_site
import svg_theme


class Block(NamedTuple):
    type: str
    content: str
    lineno: int


@pytest.fixture
def scrape(tmp_path):
    images = tmp_path / "auto_gallery" / "10_one" / "images"
    images.mkdir(parents=True)
    paths = ImagePathIterator(str(images / "sphx_glr_10_start_{0:03}.png"))

    def run(code, value=None):
        names = {"___": value}
        return figures.scraper(
            Block("code", code, 41),
            {
                "src_file": str(tmp_path / "gallery" / "10_one" / "10_start.py"),
                "image_path_iterator": paths,
                "example_globals": names,
            },
            {"src_dir": str(tmp_path)},
        )

    run.root = tmp_path
    run.images = images
    return run


def chart(title="The loss falls"):
    figure, axes = plt.subplots(figsize=(5, 3), layout="constrained")
    axes.plot([1, 2, 3], [5, 3, 2], color="#0072b2")
    axes.set_title(title)
    return figure


def picture(title="A ramp"):
    figure, axes = plt.subplots(figsize=(3, 2))
    axes.imshow(np.arange(35.0).reshape(5, 7), cmap="gray")
    axes.set_title(title)
    return figure


def pixels_of(path):
    with Image.open(path) as image:
        return np.asarray(image.convert("RGB"))


def options(rst, name):
    lines = [line.strip() for line in rst.splitlines()]
    start = next(i for i, line in enumerate(lines) if line.startswith(f".. {name}::"))
    found = {"": lines[start].partition("::")[2].strip()}
    for line in lines[start + 1 :]:
        if not line.startswith(":"):
            break
        key, _, value = line[1:].partition(": ")
        found[key] = value
    return found


def test_a_chart_becomes_svg_in_two_widths(scrape):
    chart()
    found = options(scrape("plot()"), "cnn-chart")
    assert found["alt"] == "The loss falls"
    assert found[""] == "/auto_gallery/10_one/images/sphx_glr_10_start_001.svg"
    wide = ET.parse(scrape.root / found[""][1:]).getroot()
    narrow = ET.parse(scrape.root / found["narrow"][1:]).getroot()
    assert wide.get("width") == "480"  # 5 inches
    assert narrow.get("width") == "312"  # 3.25 inches
    ids = [{e.get("id") for e in root.iter()} - {None} for root in (wide, narrow)]
    assert all(ids)
    assert not ids[0] & ids[1]


def test_a_picture_becomes_png_at_two_resolutions(scrape):
    picture()
    found = options(scrape("plot()"), "cnn-picture")
    with Image.open(scrape.root / found[""][1:]) as small:
        assert small.size == (288, 192)
        assert not {"Software", "date:create"} & set(small.info)
    with Image.open(scrape.root / found["hires"][1:]) as large:
        assert large.size == (576, 384)
    assert (found["width"], found["height"]) == ("288", "192")
    assert "narrow" not in found


def test_pixels_are_not_changed_by_the_palette(tmp_path):
    exact = np.zeros((7, 11, 3), np.uint8)
    exact[2:5] = [0, 114, 178]
    noise = np.random.default_rng(0).integers(0, 256, (23, 29, 3), np.uint8)
    for number, pixels in enumerate((exact, noise)):
        path = tmp_path / f"{number}.png"
        figure_output.save_png(Image.fromarray(pixels), path)
        with Image.open(path) as saved:
            assert saved.mode == ("P", "RGB")[number]
        assert (pixels_of(path) == pixels).all()


def test_fine_screens_get_exact_pixels_unless_it_is_a_photograph(tmp_path):
    drawing = np.full((400, 500, 3), 255, np.uint8)
    drawing[50:350, 50:450] = [0, 114, 178]
    photograph = np.random.default_rng(0).normal(128, 20, (400, 500, 3))
    photograph = photograph.clip(0, 255).astype(np.uint8)
    for name, pixels in (("drawing", drawing), ("photograph", photograph)):
        figure_output.save_webp(Image.fromarray(pixels), tmp_path / name)
    assert (pixels_of(tmp_path / "drawing") == drawing).all()
    assert (tmp_path / "photograph").stat().st_size < photograph.nbytes / 3
    error = pixels_of(tmp_path / "photograph") - photograph.astype(float)
    assert 0 < np.abs(error).mean() < 20  # noise is the worst case


def test_figures_are_closed_and_each_has_a_number(scrape):
    chart("One")
    picture("Two")
    rst = scrape("plot()")
    assert not plt.get_fignums()
    assert "_001.svg" in rst
    assert "_002.png" in rst
    assert scrape("x = 1") == ""


def test_a_figure_that_pyplot_does_not_know_is_taken_from_the_last_line(scrape):
    figure = Figure(layout="constrained")
    figure.suptitle("Made by hand")
    figure.add_subplot().plot([1, 2])
    assert "Made by hand" in scrape("figure", figure)
    # The value is still there when the next cell ends with a statement.
    assert scrape("y = 3", figure) == ""


def test_a_figure_is_not_taken_twice(scrape):
    figure = chart()
    assert scrape("figure", figure).count("cnn-chart") == 1


@pytest.mark.parametrize("make", [chart, picture])
def test_no_title_is_an_error_with_place(scrape, make):
    make("")
    with pytest.raises(ExtensionError, match=r"10_one/10_start\.py, line 41: a figure"):
        scrape("plot()")
    assert not plt.get_fignums()


def test_the_title_of_the_figure_comes_before_those_of_its_axes():
    figure, axes = plt.subplots(1, 2)
    axes[0].set_title("left", loc="left")
    axes[1].set_title("right\npart")
    assert figure_output.describe(figure) == "left; right part"
    figure.suptitle(r"Both  of $\alpha$")
    assert figure_output.describe(figure) == "Both of alpha"


def test_many_marks_become_pixels(scrape, monkeypatch):
    monkeypatch.setattr(figures, "MAX_CHART_BYTES", 1000)
    chart()
    rst = scrape("plot()")
    assert "cnn-picture" in rst
    assert "cnn-chart" not in rst


@pytest.mark.parametrize("draw", ["imshow", "pcolormesh", "matshow"])
def test_pixels_are_no_chart(draw):
    _, axes = plt.subplots()
    getattr(axes, draw)(np.eye(3))
    assert not figure_output.is_chart(axes.figure)


def test_greys_of_many_kinds_are_data():
    figure, axes = plt.subplots()
    axes.bar([0, 1], [1, 2], color=["0.2", "0.5"])
    assert figure_output.is_chart(figure)
    axes.bar([2], [3], color="0.8")
    assert not figure_output.is_chart(figure)


def test_text_on_a_bar_keeps_its_colour_and_text_beside_it_does_not(scrape):
    figure, axes = plt.subplots(layout="constrained", figsize=(4, 3))
    axes.set_title("Bars")
    axes.barh([0, 1], [10, 1], color="#0072b2")
    axes.text(5, 0, "inside", color="white")
    axes.text(5, 1, "beside", color="black")
    axes.text(8, 1, "boxed", color="black", bbox={"facecolor": "#d55e00"})
    found = options(scrape("plot()"), "cnn-chart")
    root = ET.parse(scrape.root / found[""][1:]).getroot()
    style = {t.text: t.get("style") for t in root.iter(f"{{{svg_theme.SVG}}}text")}
    assert "fill: #ffffff" in style["inside"]
    assert "fill" not in style["beside"]
    assert "fill: #000000" in style["boxed"]
    del figure


@pytest.fixture
def animation():
    from cnn_tutorial.plotting import Animation

    frames = [np.full((20, 26, 3), 30 * number, np.uint8) for number in range(7)]
    return Animation(frames, title="It grows light", still=3, interval=400)


def test_an_animation_becomes_a_sheet_and_a_still(scrape, animation):
    found = options(scrape("animation", animation), "cnn-player")
    sheet = pixels_of(scrape.root / found["sheet"][1:])
    columns = int(found["columns"])
    for number, frame in enumerate(animation.frames):
        row, column = divmod(number, columns)
        part = sheet[20 * row : 20 * (row + 1), 26 * column : 26 * (column + 1)]
        assert (part == frame).all()
    still = pixels_of(scrape.root / found[""][1:])
    assert (still == animation.frames[3]).all()
    assert found["alt"] == "It grows light"
    keys = ("frames", "start", "interval", "width", "height")
    assert [found[key] for key in keys] == ["7", "3", "400", "13", "10"]


def test_an_animation_of_an_earlier_cell_is_not_shown_again(scrape, animation):
    assert scrape("x = 1", animation) == ""


def test_other_things_called_animation_are_left_alone():
    other = type("Animation", (), {"__module__": "matplotlib.animation"})()
    assert not figures.is_animation(other)
    assert not figures.is_animation(None)


def test_on_a_page(tmp_path):
    root = small_site.write(tmp_path, ["figures"])
    script = root / "gallery" / "10_one" / "20_next.py"
    script.write_text(
        '"""\nNext\n====\n"""\n'
        "import matplotlib.pyplot as plt\n"
        "figure, axes = plt.subplots(figsize=(3, 2))\n"
        "axes.plot([1, 2])\n"
        "axes.set_title('It rises')\n"
        "figure\n"
    )
    built = small_site.build(root)
    assert built.warnings == ""
    html = built.html("auto_gallery/10_one/20_next")
    assert 'role="img" aria-label="It rises"' in html
    # The picture is there; its Python name would say nothing.
    assert "Figure size" not in html


def test_same_figures_same_bytes(scrape):
    def digests():
        names = sorted(path for path in scrape.images.iterdir())
        return [hashlib.sha256(path.read_bytes()).hexdigest() for path in names]

    chart()
    picture()
    scrape("plot()")
    first = digests()
    scrape_again = ImagePathIterator(
        str(scrape.images / "sphx_glr_10_start_{0:03}.png")
    )
    chart()
    picture()
    figures.scraper(
        Block("code", "plot()", 41),
        {
            "src_file": str(scrape.root / "gallery" / "10_one" / "10_start.py"),
            "image_path_iterator": scrape_again,
            "example_globals": {},
        },
        {"src_dir": str(scrape.root)},
    )
    assert digests() == first
    assert len(first) == 4
