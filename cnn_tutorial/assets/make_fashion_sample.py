"""Make the bundled sample of Fashion-MNIST from Debian's ``dataset-fashion-mnist``.

Run it with ``python -m cnn_tutorial.assets.make_fashion_sample``. It needs the files of
that package, ``/usr/share/datasets/fashion-mnist/*.gz``, or others of the same content
and names (``--source``), and says the checksum that `cnn_tutorial.assets` must know.

No chance is involved: of each class the first 1,000 training images and the first 200
test images are taken, and kept in their published order.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import lzma
import os
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from cnn_tutorial.assets import describe
from cnn_tutorial.assets.idx import parse_idx

__all__ = ["first_of_each_class", "main", "make", "pack", "unpack"]

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
PER_CLASS = {"train": ("train", 1000), "test": ("t10k", 200)}
# LZMA on the plain bytes (4.5 MB) beat a filter as in PNG (4.6 MB), bzip2 (4.8 MB) and
# deflate (5.2 MB), and is in the standard library.
_FILTERS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "pb": 0}]

Arrays = dict[str, NDArray[np.uint8]]


def first_of_each_class(labels: NDArray[np.uint8], count: int) -> NDArray[np.int64]:
    """Return where the first images of each class are.

    Parameters
    ----------
    labels : uint8 array, shape (N,)
        Class of each image.
    count : int
        Images of each class.

    Returns
    -------
    int array, shape (classes * count,)
        Indices, ascending.

    Examples
    --------
    >>> first_of_each_class(np.array([1, 0, 1, 1, 0, 0], dtype=np.uint8), 2)
    array([0, 1, 2, 4])
    """
    firsts = [np.flatnonzero(labels == label)[:count] for label in np.unique(labels)]
    return np.sort(np.concatenate(firsts))


def make(source: Path) -> Arrays:
    """Return the sample's arrays.

    Parameters
    ----------
    source : Path
        Folder with the four ``.gz`` files.

    Returns
    -------
    dict
        ``train_images`` (10000, 28, 28), ``train_labels`` (10000,), ``test_images``
        (2000, 28, 28), ``test_labels`` (2000,), all uint8.

    Raises
    ------
    OSError
        If a file cannot be read.
    """
    arrays: Arrays = {}
    for split, (prefix, count) in PER_CLASS.items():
        images, labels = (
            parse_idx(
                gzip.decompress((source / f"{prefix}-{kind}-ubyte.gz").read_bytes())
            )
            for kind in ("images-idx3", "labels-idx1")
        )
        chosen = first_of_each_class(labels, count)
        arrays[f"{split}_images"] = images[chosen]
        arrays[f"{split}_labels"] = labels[chosen]
    return arrays


def pack(arrays: Arrays) -> bytes:
    """Return arrays as one compressed file, the same bytes each time.

    Parameters
    ----------
    arrays : dict of str to uint8 array
        What to keep.

    Returns
    -------
    bytes
        An ``.npz`` file (which carries no date) in an ``.xz`` file.

    Examples
    --------
    >>> unpack(pack({"x": np.arange(3, dtype=np.uint8)}))
    {'x': array([0, 1, 2], dtype=uint8)}
    """
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return lzma.compress(buffer.getvalue(), filters=_FILTERS)


def unpack(content: bytes) -> Arrays:
    """Return the arrays that `pack` kept.

    Parameters
    ----------
    content : bytes
        What `pack` returned.

    Returns
    -------
    dict of str to uint8 array
        The same arrays.
    """
    with np.load(io.BytesIO(lzma.decompress(content)), allow_pickle=False) as arrays:
        return dict(arrays)


def _write(path: Path, content: bytes) -> None:
    """Write a file in one step: either all of it is there or the old one."""
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    try:
        partial.write_bytes(content)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)


@click.command(help="Make the bundled sample of Fashion-MNIST.")
@click.option("--source", type=click.Path(path_type=Path), default=DEBIAN)
@click.option("--output", type=click.Path(path_type=Path), default=None)
def main(source: Path, output: Path | None) -> None:
    """Make the file and say its size and checksum."""
    asset = describe("fashion-sample")
    path = output or Path(__file__).with_name(asset.filename)
    try:
        content = pack(make(source))
        _write(path, content)
    except OSError as error:
        raise click.ClickException(
            f"{error}. (apt install dataset-fashion-mnist)"
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    click.echo(f"{path}: {len(content):,} bytes, SHA-256 {digest}")
    if digest != asset.sha256:
        click.echo("This is another file than the one that cnn_tutorial.assets knows.")


if __name__ == "__main__":
    main()
