"""Your own images: a folder with one sub-folder for each class.

Either the splits are folders too::

    pets/train/cat/1.jpg  pets/train/dog/1.jpg
    pets/test/cat/9.jpg   pets/test/dog/9.jpg      (and pets/validation/... if you like)

or there are only classes, and the split is made here, the same one each time::

    pets/cat/1.jpg  pets/dog/1.jpg
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from cnn_tutorial.datasets.info import DataError, DatasetInfo
from cnn_tutorial.datasets.pixels import channel_statistics
from cnn_tutorial.datasets.sampling import Arrays, carve, stratified

__all__ = ["DEFAULT_SIZE", "PREFIX", "read_folder", "read_image"]

PREFIX = "folder:"
"""What the name of such a data set begins with."""

DEFAULT_SIZE = (32, 32)
"""Height and width that images are brought to, pixels."""

_SUFFIXES = (
    *(".bmp", ".gif", ".jpeg", ".jpg", ".pgm"),
    *(".png", ".ppm", ".tif", ".tiff", ".webp"),
)
_SPLIT_NAMES = {
    "train": ("train", "training"),
    "validation": ("validation", "val", "valid"),
    "test": ("test", "testing"),
}
_TEST_SHARE = 5  # every fifth image
_VALIDATION_SHARE = 10  # every tenth of the rest
Files = list[tuple[Path, int]]
"""Image files with their labels."""


def read_folder(
    path: Path, *, size: tuple[int, int] = DEFAULT_SIZE
) -> tuple[DatasetInfo, Arrays]:
    """Read all images of a folder.

    Images are turned as the camera says, scaled so that they fill `size`, and cut to it
    around the middle. If every image is grey, so is the data set; otherwise all are
    made red, green, blue. What is transparent is laid on white.

    Parameters
    ----------
    path : Path
        The folder.
    size : (int, int)
        Height and width of the images, pixels.

    Returns
    -------
    info : DatasetInfo
        Class names are the folders' names in alphabetical order; mean and deviation are
        of the training images.
    arrays : Arrays
        The images of each split.

    Raises
    ------
    DataError
        If there is no such folder, a class has no image or too few, a split lacks a
        class, or a file that is called an image is none.
    """
    files, classes = _find_files(path)
    pixels = _read_images(path, [f for split in files.values() for f, _ in split], size)
    arrays = {}
    for split, members in files.items():
        labels = np.array([label for _, label in members], dtype=np.int64)
        arrays[split], pixels = (pixels[: len(labels)], labels), pixels[len(labels) :]
    arrays = _complete(arrays)
    channels = arrays["train"][0].shape[1]
    mean, std = channel_statistics(arrays["train"][0])
    info = DatasetInfo(
        name=f"{PREFIX}{path.name}",
        title=f"Images in the folder {path.name!r}",
        classes=classes,
        channels=channels,
        size=size,
        mean=mean,
        # A channel that never varies must not be divided by zero.
        std=tuple(value or 1.0 for value in std),
        source=f"the folder {path.name!r}",
        licence="of each image",
        splits={split: len(labels) for split, (_, labels) in arrays.items()},
    )
    return info, arrays


def read_image(
    path: Path, *, size: tuple[int, int], channels: int
) -> NDArray[np.uint8]:
    """Read one image as those of a folder are read.

    Parameters
    ----------
    path : Path
        The file.
    size : (int, int)
        Height and width to bring it to, pixels.
    channels : int
        1 for grey, 3 for red, green, blue; colours become grey, and grey three times
        the same.

    Returns
    -------
    uint8 array, shape (channels, *size)
        The image.

    Raises
    ------
    DataError
        If the file is missing or no image.
    """
    if not path.is_file():
        raise DataError(f"There is no file {str(path)!r}.")
    try:
        return _read_image(path, size, mode="L" if channels == 1 else "RGB")
    # Pillow's plug-ins raise what they like about damaged files.
    except Exception as error:
        raise DataError(f"{str(path)!r} cannot be read as an image: {error}") from None


def _find_files(path: Path) -> tuple[dict[str, Files], tuple[str, ...]]:
    """Return the files of each split that is a folder (or of all), and the classes."""
    if not path.is_dir():
        raise DataError(f"Data set '{PREFIX}{path}': there is no such folder.")
    folders = _split_folders(path) or {"all": path}
    classes = tuple(sorted({name for f in folders.values() for name in _children(f)}))
    if len(classes) < 2:
        raise DataError(
            f"Data set '{PREFIX}{path}': a folder for each of at least two classes is "
            f"needed; found: {', '.join(classes) or 'none'}."
        )
    # As many as are needed to give at least one to each split that is made here.
    least = {1: 3, 2: 2, 3: 1}[len(folders)]
    files = {}
    for split, folder in folders.items():
        enough = least if split in ("all", "train") else 1
        files[split] = [
            (file, label)
            for label, name in enumerate(classes)
            for file in _images_of(folder / name, enough)
        ]
    return files, classes


def _split_folders(path: Path) -> dict[str, Path]:
    """Return split -> folder, or nothing where the sub-folders are classes."""
    found = {
        split: path / child
        for split, names in _SPLIT_NAMES.items()
        for child in _children(path)
        if child.lower() in names
    }
    if "train" not in found or len(found) == 1:
        # A class may be called "train": it runs on rails.
        return {}
    if "test" not in found:
        raise DataError(
            f"Data set '{PREFIX}{path}': there are folders for "
            f"{' and '.join(found)}, but none called 'test'."
        )
    return found


def _children(path: Path) -> list[str]:
    """Return the names of sub-folders, but hidden ones and what archivers leave."""
    return sorted(
        child.name
        for child in path.iterdir()
        if child.is_dir() and not child.name.startswith((".", "__"))
    )


def _images_of(folder: Path, enough: int) -> list[Path]:
    """Return the image files of a class, always in the same order."""
    files = [
        file
        for file in folder.rglob("*")
        if file.suffix.lower() in _SUFFIXES and not file.name.startswith(".")
    ]
    if len(files) < enough:
        raise DataError(
            f"Class {folder.name!r} has {len(files)} images; at least {enough} are "
            f"needed (one for each split). Folder: {folder}. Files that count: "
            f"{', '.join(_SUFFIXES)}."
        )
    return sorted(files, key=lambda file: file.relative_to(folder).as_posix())


def _read_images(
    path: Path, files: list[Path], size: tuple[int, int]
) -> NDArray[np.uint8]:
    """Return all images, shape (N, C, H, W), or name those that cannot be read."""
    images, broken = [], []
    for file in files:
        try:
            images.append(_read_image(file, size))
        # Pillow's plug-ins raise what they like about damaged files.
        except Exception as error:
            broken.append(f"{file.relative_to(path).as_posix()} ({error})")
    if broken:
        more = f" and {len(broken) - 5} more" if len(broken) > 5 else ""
        raise DataError(
            f"Data set '{PREFIX}{path}': these images cannot be read: "
            f"{'; '.join(broken[:5])}{more}. Mend or remove them."
        )
    channels = max(len(image) for image in images)
    whole = np.empty((len(images), channels, *size), dtype=np.uint8)
    for target, image in zip(whole, images, strict=True):
        target[:] = image
    return whole


def _read_image(
    file: Path, size: tuple[int, int], *, mode: str | None = None
) -> NDArray[np.uint8]:
    """Return one image, shape (1, H, W) if it is grey, else (3, H, W)."""
    height, width = size
    with Image.open(file) as image:
        # Large JPEG files need not be decoded at many times the size.
        image.draft(image.mode, (2 * width, 2 * height))
        upright = _plain(ImageOps.exif_transpose(image))
    if mode is not None:
        upright = upright.convert(mode)
    fitted = ImageOps.fit(upright, (width, height), Image.Resampling.BICUBIC)
    pixels = np.asarray(fitted)
    return pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1)


def _plain(image: Image.Image) -> Image.Image:
    """Return an image of mode L if it is grey, else RGB, with nothing transparent."""
    if image.mode.startswith("I"):
        values = np.asarray(image).astype(np.int64)
        return Image.fromarray((values.clip(0, 2**16 - 1) >> 8).astype(np.uint8))
    if image.mode == "F":
        raise ValueError("floating-point pixels have no agreed range")
    grey = image.mode in ("1", "L", "LA", "La")
    if image.has_transparency_data:
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image.convert("RGBA"))
    return image.convert("L" if grey else "RGB")


def _complete(arrays: Arrays) -> Arrays:
    """Return the three splits: those that are there, and stratified parts of them."""
    if "all" in arrays:
        images, labels = arrays["all"]
        held_out = np.zeros(len(labels), dtype=bool)
        held_out[stratified(labels, _part(labels, _TEST_SHARE), seed=0)] = True
        arrays = {
            "train": (images[~held_out], labels[~held_out]),
            "test": (images[held_out], labels[held_out]),
        }
    if "validation" not in arrays:
        arrays = carve(arrays, _part(arrays["train"][1], _VALIDATION_SHARE))
    return {split: arrays[split] for split in ("train", "validation", "test")}


def _part(labels: NDArray[np.int64], share: int) -> int:
    """Return one image in `share`, but at least one for each class."""
    return max(len(labels) // share, len(np.unique(labels)))
