"""Photographs that scikit-image and scikit-learn ship.

The files are read from the installed packages: nothing is asked of the network.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from cnn_tutorial.datasets.info import DataError
from cnn_tutorial.datasets.installed import installed

__all__ = ["PHOTOGRAPHS", "Photograph", "check_files", "read_photograph"]


@dataclass(frozen=True)
class Photograph:
    """A photograph in a wheel.

    Parameters
    ----------
    label : str
        Name of the class.
    package : str
        ``skimage`` or ``sklearn``.
    filename : str
        Name of the file in the package's folder of images.
    sha256 : str
        Checksum of the file.
    credit : str
        What it shows, who made it, on which terms.
    crop : (int, int, int, int), optional
        Left, upper, right, lower, pixels: the part that is used.
    """

    label: str
    package: str
    filename: str
    sha256: str
    credit: str
    crop: tuple[int, int, int, int] | None = None

    @property
    def path(self) -> Path:
        """Where the file is installed."""
        folder = {"skimage": "data", "sklearn": "datasets/images"}[self.package]
        return installed(self.package) / folder / self.filename


PHOTOGRAPHS = (
    Photograph(
        "astronaut",
        "skimage",
        "astronaut.png",
        "88431cd9653ccd539741b555fb0a46b61558b301d4110412b5bc28b5e3ea6cb5",
        "Eileen Collins, astronaut. NASA; public domain",
    ),
    Photograph(
        "cat",
        "skimage",
        "chelsea.png",
        "596aa1e7cb875eb79f437e310381d26b338a81c2da23439704a73c4651e8c4bb",
        "Chelsea the cat. Stefan van der Walt; CC0",
    ),
    Photograph(
        "coffee",
        "skimage",
        "coffee.png",
        "cc02f8ca188b167c775a7101b5d767d1e71792cf762c33d6fa15a4599b5a8de7",
        "Cup of coffee, Pikolo Espresso Bar. Rachel Michetti; CC0",
    ),
    Photograph(
        "galaxies",
        "skimage",
        "hubble_deep_field.jpg",
        "3a19c5dd8a927a9334bb1229a6d63711b1c0c767fb27e2286e7c84a3e2c2f5f4",
        "Hubble eXtreme Deep Field, 2012. NASA; public domain",
    ),
    Photograph(
        "tissue",
        "skimage",
        "ihc.png",
        "f8dd1aa387ddd1f49d8ad13b50921b237df8e9b262606d258770687b0ef93cef",
        "Stained colonic glands (immunohistochemistry). Center for Microscopy And "
        "Molecular Imaging; no known copyright restrictions",
    ),
    Photograph(
        "retina",
        "skimage",
        "retina.jpg",
        "38a07f36f27f095e818aea7b96d34202c05176d30253c66733f2e00379e9e0e6",
        "Fundus photograph of a left eye. Mikael Häggström, 2014, "
        "doi:10.15347/wjm/2014.008; CC0",
        # A square inside the round picture: its corners are black.
        crop=(218, 218, 1194, 1194),
    ),
    Photograph(
        "rocket",
        "skimage",
        "rocket.jpg",
        "c2dd0de7c538df8d111e479619b129464d0269d0ae5fd18ca91d33a7fdfea95c",
        "Falcon 9 lifting off with DSCOVR, 2015. SpaceX; public domain",
    ),
    Photograph(
        "motorcycle",
        "skimage",
        "motorcycle_left.png",
        "db18e9c4157617403c3537a6ba355dfeafe9a7eabb6b9b94cb33f6525dd49179",
        "Left image of 'Motorcycle', Middlebury stereo benchmark. D. Scharstein and "
        "others, German Conference on Pattern Recognition, 2014; no licence stated",
    ),
    Photograph(
        "temple",
        "sklearn",
        "china.jpg",
        "8378025ad2519d649d02e32bd98990db4ab572357d9f09841c2fbfbb4fefad29",
        "Temple in China. Flickr user danielbuechele, 2011; CC BY 2.0",
    ),
    Photograph(
        "flower",
        "sklearn",
        "flower.jpg",
        "a77f6ec41e353afdf8bdff2ea981b2955535d8d83294f8cfa49cf4e423dd5638",
        "Flower. Flickr user vultilion, 2011; CC BY 2.0",
    ),
)
"""The ten photographs, in the order of the labels."""


def read_photograph(photograph: Photograph) -> NDArray[np.uint8]:
    """Return a photograph's pixels, shape (height, width, 3), cropped.

    Raises
    ------
    DataError
        If the installed package ships no such file, or a broken one.
    """
    try:
        with Image.open(photograph.path) as image:
            return np.asarray(image.convert("RGB").crop(photograph.crop))
    except OSError as error:
        raise DataError(
            f"Data set 'photo-patches' needs {photograph.filename!r}, which comes with "
            f"{photograph.package}: {error}. Folder: {photograph.path.parent}. Install "
            f"that package again."
        ) from None


def check_files() -> list[Path]:
    """Compare the photographs with their checksums.

    Returns
    -------
    list of Path
        The files that were checked.

    Raises
    ------
    DataError
        If one is missing or another than the one that the patches are defined on.
    """
    paths = []
    for photograph in PHOTOGRAPHS:
        read_photograph(photograph)
        path = photograph.path
        if hashlib.sha256(path.read_bytes()).hexdigest() != photograph.sha256:
            raise DataError(
                f"Data set 'photo-patches': {path} is another file than the one that "
                f"this course was written with. Install {photograph.package} again."
            )
        paths.append(path)
    return paths
