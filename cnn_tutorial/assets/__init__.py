"""Files that come with the package, by name: checksum, source and licence."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources

from cnn_tutorial._validation import choice

__all__ = ["Asset", "AssetError", "describe", "list_assets", "read", "read_licence"]


class AssetError(RuntimeError):
    """A file of the package is missing or is not the one that was put there."""


@dataclass(frozen=True)
class Asset:
    """A file that comes with the package.

    Parameters
    ----------
    name : str
        What `read` calls it.
    filename : str
        Its name in the folder of this module.
    sha256 : str
        Checksum of the file.
    title : str
        What it holds.
    source : str
        Where that comes from.
    licence : str
        On which terms; the text itself lies in `licence_filename`.
    licence_filename : str
        Name of the file with the licence's text.
    """

    name: str
    filename: str
    sha256: str
    title: str
    source: str
    licence: str
    licence_filename: str


_ASSETS = {
    asset.name: asset
    for asset in [
        Asset(
            name="fashion-sample",
            filename="fashion_sample.npz.xz",
            sha256="22a8587c4dc7e71de80becdecdf6bd74fda0472785cd1e9c439fda90abed4b6e",
            title=(
                "The first 1,000 training images and the first 200 test images of each "
                "class of Fashion-MNIST"
            ),
            source="https://github.com/zalandoresearch/fashion-mnist",
            licence="MIT",
            licence_filename="fashion_sample.LICENSE.txt",
        )
    ]
}


def list_assets() -> list[str]:
    """Return the names of all files.

    Returns
    -------
    list of str
        Names for `read` and `describe`.

    Examples
    --------
    >>> list_assets()
    ['fashion-sample']
    """
    return list(_ASSETS)


def describe(name: str) -> Asset:
    """Return what is known about a file.

    Parameters
    ----------
    name : str
        One of `list_assets`.

    Returns
    -------
    Asset
        Checksum, source, licence.

    Raises
    ------
    ValueError
        If there is no such file.

    Examples
    --------
    >>> describe("fashion-sample").licence
    'MIT'
    """
    return _ASSETS[choice("name", name, _ASSETS)]


def read(name: str) -> bytes:
    """Return the content of a file, once its checksum is found right.

    Parameters
    ----------
    name : str
        One of `list_assets`.

    Returns
    -------
    bytes
        The whole file.

    Raises
    ------
    ValueError
        If there is no such file.
    AssetError
        If the file is missing or damaged.

    Examples
    --------
    >>> len(read("fashion-sample")) < 6_000_000
    True
    """
    asset = describe(name)
    try:
        content = (resources.files(__package__) / asset.filename).read_bytes()
    except OSError as error:
        raise AssetError(
            _complaint(asset, f"cannot be read ({error.strerror})")
        ) from None
    found = hashlib.sha256(content).hexdigest()
    if found != asset.sha256:
        what = f"is damaged: SHA-256 {found[:12]}..., not {asset.sha256[:12]}..."
        raise AssetError(_complaint(asset, what))
    return content


def read_licence(name: str) -> str:
    """Return the text of a file's licence.

    Parameters
    ----------
    name : str
        One of `list_assets`.

    Returns
    -------
    str
        The text.

    Raises
    ------
    ValueError
        If there is no such file.

    Examples
    --------
    >>> read_licence("fashion-sample").splitlines()[0]
    'The MIT License (MIT)'
    """
    folder = resources.files(__package__)
    return (folder / describe(name).licence_filename).read_text(encoding="utf-8")


def _complaint(asset: Asset, what: str) -> str:
    folder = resources.files(__package__)
    return (
        f"The file {asset.filename!r} of the package {what}. Folder: {folder}. It "
        "comes with cnn-tutorial: install the package again."
    )
