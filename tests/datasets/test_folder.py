"""Folders of your own images."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from cnn_tutorial import datasets
from cnn_tutorial.datasets.folder import read_folder

COLOURS = {"blue": (0, 0, 240), "green": (0, 200, 0), "red": (220, 0, 0)}


def write(path, colour=(220, 0, 0), size=(40, 36), **options):
    """Write an image of one colour; `size` is width and height."""
    path.parent.mkdir(parents=True, exist_ok=True)
    mode = options.pop("mode", "RGB")
    Image.new("RGB", size, colour).convert(mode).save(path, **options)
    return path


def write_classes(root, per_class=7):
    """Write images of three classes, each image with a shade of its own."""
    for name, colour in COLOURS.items():
        for i in range(per_class):
            shade = tuple(max(c - 3 * i, 0) for c in colour)
            write(root / name / f"{i}.png", shade)


def sizes(data):
    return [len(split) for split in (data.train, data.validation, data.test)]


def load(path, **options):
    return datasets.load(f"folder:{path}", **options)


def test_classes_only(tmp_path):
    write_classes(tmp_path)
    data = load(tmp_path)
    assert data.info.classes == ("blue", "green", "red")
    assert data.info.input_size == (3, 32, 32)
    # Of 21 images a fifth, 4, to test; of the other 17 a tenth, but one of each class.
    assert sizes(data) == [14, 3, 4]
    assert data.info.splits == {"train": 14, "validation": 3, "test": 4}
    for split in (data.train, data.validation, data.test):
        # The brightest channel tells the class.
        brightest = split.images.float().mean((2, 3)).argmax(1)
        assert torch.equal(brightest, 2 - split.labels)
    shades = torch.cat([s.images for s in (data.train, data.validation, data.test)])
    assert len({image.numpy().tobytes() for image in shades}) == 21


def test_the_split_is_the_same_each_time_and_in_another_place(tmp_path):
    write_classes(tmp_path / "a")
    shutil.copytree(tmp_path / "a", tmp_path / "b")
    first, second, third = (load(tmp_path / name) for name in "aab")
    for other in (second, third):
        assert torch.equal(first.train.images, other.train.images)
        assert torch.equal(first.test.labels, other.test.labels)


def test_the_order_of_the_directory_does_not_matter(tmp_path, monkeypatch):
    write_classes(tmp_path)
    expected = load(tmp_path)
    rglob, iterdir = Path.rglob, Path.iterdir
    monkeypatch.setattr(Path, "rglob", lambda *a: reversed(list(rglob(*a))))
    monkeypatch.setattr(Path, "iterdir", lambda *a: reversed(list(iterdir(*a))))
    data = load(tmp_path)
    assert data.info == expected.info
    assert torch.equal(data.train.images, expected.train.images)
    assert torch.equal(data.test.images, expected.test.images)


def test_statistics_are_those_of_the_training_images(tmp_path):
    write_classes(tmp_path)
    data = load(tmp_path, size=5)
    pixels = data.train.scaled().double()
    torch.testing.assert_close(
        torch.tensor(data.info.mean).double(), pixels.mean((0, 2, 3)), check_dtype=False
    )
    torch.testing.assert_close(
        torch.tensor(data.info.std).double(), pixels.std((0, 2, 3), correction=0)
    )


def test_channel_that_never_varies_can_be_normalised(tmp_path):
    for name in ("a", "b"):
        for i in range(4):
            write(tmp_path / name / f"{i}.png", (9 * i, 50, 0))
    data = load(tmp_path)
    assert data.info.std[1:] == (1.0, 1.0)
    assert data.train.normalized().isfinite().all()


@pytest.mark.parametrize("validation", [None, "val", "validation", "Valid"])
def test_split_folders(tmp_path, validation):
    write_classes(tmp_path / "Train", 6)
    write_classes(tmp_path / "test", 2)
    if validation:
        write_classes(tmp_path / validation, 1)
    data = load(tmp_path)
    # Without a folder one of each class is taken from the 18.
    assert sizes(data) == ([18, 3, 6] if validation else [15, 3, 6])
    assert data.test.labels.tolist() == [0, 0, 1, 1, 2, 2]


def test_class_called_train(tmp_path):
    for name in ("train", "plane"):
        for i in range(3):
            write(tmp_path / name / f"{i}.png", (20 * i, 0, 0))
    assert load(tmp_path).info.classes == ("plane", "train")


def test_train_and_val_without_test(tmp_path):
    write_classes(tmp_path / "train")
    write_classes(tmp_path / "val")
    with pytest.raises(datasets.DataError, match=r"train and validation.*none.*'test'"):
        load(tmp_path)


def test_modes_and_sizes_are_converted(tmp_path):
    a, b = tmp_path / "a", tmp_path / "b"
    write(a / "palette.gif", (255, 0, 0), (17, 90), mode="P")
    write(a / "cmyk.jpg", (255, 0, 0), (90, 17), mode="CMYK")
    write(a / "tiny.BMP", (255, 0, 0), (1, 1))
    write(b / "grey.png", (90, 90, 90), mode="L")
    write(b / "one.png", (255, 255, 255), mode="1")
    half = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    half.save(b / "transparent.png")
    data = load(tmp_path, size=(11, 13))
    assert data.info.input_size == (3, 11, 13)
    images = torch.cat([s.images for s in (data.train, data.validation, data.test)])
    labels = torch.cat([s.labels for s in (data.train, data.validation, data.test)])
    means = images.float().mean((2, 3))
    assert (means[labels == 0] - torch.tensor([255.0, 0, 0])).abs().max() < 3
    # What is transparent is white, not the colour that nobody sees.
    greys = sorted(means[labels == 1].round().tolist())
    assert greys == [[90.0] * 3, [255.0] * 3, [255.0] * 3]


def test_grey_images_stay_grey(tmp_path):
    for name, level in (("dark", 10), ("light", 200)):
        for i in range(3):
            write(tmp_path / name / f"{i}.png", (level + i,) * 3, mode="L")
    sixteen = np.full((36, 40), 51 * 256, dtype=np.uint16)
    Image.fromarray(sixteen).save(tmp_path / "dark" / "deep.png")
    data = load(tmp_path)
    assert data.info.channels == 1
    levels = torch.cat([s.images for s in (data.train, data.validation, data.test)])
    assert 51 in levels[:, 0, 0, 0].tolist()


def test_resized_and_cut_around_the_middle(tmp_path):
    # 60 x 20: a red middle of 20 x 20 between green ends.
    image = Image.new("RGB", (60, 20), (0, 255, 0))
    image.paste((255, 0, 0), (20, 0, 40, 20))
    for name in ("a", "b"):
        for i in range(3):
            (tmp_path / name).mkdir(exist_ok=True)
            image.save(tmp_path / name / f"{i}.png")
    data = load(tmp_path, size=10)
    red = data.test.images[0, 0].float()
    assert red.shape == (10, 10)
    assert red[:, 1:-1].min() == 255


def test_exif_orientation_is_obeyed(tmp_path):
    image = Image.new("RGB", (20, 20), (0, 0, 0))
    image.paste((255, 255, 255), (0, 0, 20, 10))  # white on top
    exif = Image.Exif()
    exif[0x0112] = 3  # turned by 180 degrees
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i in range(3):
            image.save(tmp_path / name / f"{i}.png", exif=exif)
    pixels = load(tmp_path, size=20).test.images[0, 0]
    assert pixels[:9].max() == 0
    assert pixels[11:].min() == 255


def test_images_of_the_right_size_are_not_touched(tmp_path):
    random = np.random.RandomState(0).randint(0, 256, (6, 7, 11, 3), np.uint8)
    for i, image in enumerate(random):
        path = tmp_path / "ab"[i % 2] / f"{i}.png"
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(image).save(path)
    data = load(tmp_path, size=(7, 11))
    parts = (data.train, data.validation, data.test)
    found = {i.permute(1, 2, 0).numpy().tobytes() for s in parts for i in s.images}
    assert found == {image.tobytes() for image in random}


def test_broken_images_are_all_named(tmp_path):
    write_classes(tmp_path)
    whole = (tmp_path / "red" / "0.png").read_bytes()
    (tmp_path / "red" / "cut.png").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "blue" / "words.jpg").write_text("no image")
    (tmp_path / "blue" / "empty.png").write_bytes(b"")
    with pytest.raises(datasets.DataError, match="cannot be read") as caught:
        load(tmp_path)
    for name in ("red/cut.png", "blue/words.jpg", "blue/empty.png"):
        assert name in str(caught.value)
    assert "red/0.png" not in str(caught.value)


def test_many_broken_images_are_counted(tmp_path):
    write_classes(tmp_path)
    for i in range(9):
        (tmp_path / "red" / f"x{i}.png").write_text("no image")
    with pytest.raises(datasets.DataError, match=r"and 4 more. Mend or remove them"):
        load(tmp_path)


def test_floating_point_pixels_are_refused(tmp_path):
    write_classes(tmp_path)
    Image.fromarray(np.zeros((4, 4), np.float32)).save(tmp_path / "red" / "f.tiff")
    with pytest.raises(datasets.DataError, match=r"red/f.tiff .floating-point pixels"):
        load(tmp_path)


def test_what_is_no_image_is_ignored(tmp_path):
    write_classes(tmp_path)
    (tmp_path / "red" / "notes.txt").write_text("notes")
    (tmp_path / "red" / ".hidden.png").write_text("not an image")
    (tmp_path / "README.md").write_text("read me")
    (tmp_path / ".git").mkdir()
    (tmp_path / "__MACOSX").mkdir()
    assert sum(sizes(load(tmp_path))) == 21


@pytest.mark.parametrize("images", [0, 1, 2])
def test_class_with_too_few_images(tmp_path, images):
    write_classes(tmp_path)
    (tmp_path / "yellow").mkdir()
    for i in range(images):
        write(tmp_path / "yellow" / f"{i}.png")
    rule = f"'yellow' has {images} images; at least 3 are needed"
    with pytest.raises(datasets.DataError, match=rule):
        load(tmp_path)


def test_three_images_of_each_class_are_enough(tmp_path):
    write_classes(tmp_path, 3)
    data = load(tmp_path)
    for split in (data.train, data.validation, data.test):
        assert split.labels.bincount().tolist() == [1, 1, 1]


def test_split_that_lacks_a_class(tmp_path):
    write_classes(tmp_path / "train")
    write_classes(tmp_path / "test")
    shutil.rmtree(tmp_path / "test" / "green")
    with pytest.raises(datasets.DataError, match="'green' has 0 images") as caught:
        load(tmp_path)
    assert str(tmp_path / "test" / "green") in str(caught.value)


@pytest.mark.parametrize("classes", [[], ["only"]])
def test_fewer_than_two_classes(tmp_path, classes):
    for name in classes:
        write(tmp_path / name / "0.png")
    with pytest.raises(datasets.DataError, match="at least two classes"):
        load(tmp_path)


def test_no_such_folder(tmp_path):
    with pytest.raises(datasets.DataError, match="there is no such folder"):
        load(tmp_path / "no")


def test_home_is_expanded(tmp_path, monkeypatch):
    write_classes(tmp_path / "pets", 3)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert datasets.describe("folder:~/pets").name == "folder:pets"


def test_info_tells_no_path(tmp_path):
    write_classes(tmp_path / "pets")
    info, _ = read_folder(tmp_path / "pets")
    assert str(tmp_path) not in repr(info)
    assert datasets.verify(f"folder:{tmp_path / 'pets'}") == [tmp_path / "pets"]
