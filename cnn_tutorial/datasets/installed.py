"""Where an installed package lies."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from cnn_tutorial.datasets.info import DataError

__all__ = ["installed"]


def installed(package: str) -> Path:
    """Return the folder of an installed package, without importing the package.

    Parameters
    ----------
    package : str
        Name by which it is imported.

    Returns
    -------
    Path
        Its folder. To find scikit-learn's takes microseconds, to import it a second.

    Raises
    ------
    DataError
        If there is no such package.

    Examples
    --------
    >>> (installed("sklearn") / "datasets" / "images" / "china.jpg").is_file()
    True
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise DataError(f"The package {package!r} is needed, but not installed.")
    return Path(spec.origin).parent
