"""The sliding dot product in one dimension, in NumPy: with the flip and without."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, NDArray

from cnn_tutorial._validation import choice

__all__ = ["convolve1d", "correlate1d"]


def correlate1d(
    signal: ArrayLike, kernel: ArrayLike, mode: str = "valid"
) -> NDArray[Any]:
    """Slide a kernel along a signal as it is: what deep learning calls convolution.

    Parameters
    ----------
    signal : array_like, shape (T,)
        Numbers.
    kernel : array_like, shape (K,)
        Numbers, at most T of them unless `mode` is "full". A complex kernel is
        conjugated, as in ``np.correlate`` (PyTorch does not).
    mode
        Where the window may stand: "valid", inside the signal; "same", in T places,
        with K//2 zeros in front (PyTorch puts the odd one behind); "full", wherever it
        touches the signal.

    Returns
    -------
    array, shape (T - K + 1,), (T,) or (T + K - 1,)
        For "valid", "same" and "full": the dot products, from left to right.

    Raises
    ------
    ValueError
        If an array is not one row of numbers, the kernel is longer than the signal, or
        `mode` is another.

    Examples
    --------
    >>> correlate1d([3, 4, 5, 6], [1, 0, -1])  # 3 - 5, 4 - 6
    array([-2, -2])
    """
    return _slide(_row("signal", signal), _row("kernel", kernel).conj(), mode)


def convolve1d(
    signal: ArrayLike, kernel: ArrayLike, mode: str = "valid"
) -> NDArray[Any]:
    """Slide the flipped kernel along a signal: convolution as mathematics defines it.

    Parameters
    ----------
    signal : array_like, shape (T,)
        Numbers.
    kernel : array_like, shape (K,)
        Numbers, at most T of them unless `mode` is "full".
    mode
        "valid", "same" or "full", see :func:`correlate1d`; "same" has (K - 1)//2 zeros
        behind the signal.

    Returns
    -------
    array, shape (T - K + 1,), (T,) or (T + K - 1,)
        For "valid", "same" and "full".

    Raises
    ------
    ValueError
        If an array is not one row of numbers, the kernel is longer than the signal, or
        `mode` is another.

    Examples
    --------
    >>> convolve1d([3, 4, 5, 6], [1, 0, -1])  # 5 - 3, 6 - 4
    array([2, 2])
    """
    return _slide(_row("signal", signal), _row("kernel", kernel)[::-1], mode)


def _slide(signal: NDArray[Any], kernel: NDArray[Any], mode: str) -> NDArray[Any]:
    k = len(kernel)
    choice("mode", mode, ["valid", "same", "full"])
    if mode != "full" and k > len(signal):
        raise ValueError(
            f"`kernel` ({k} numbers) must not be longer than `signal` ({len(signal)} "
            'numbers); `mode` "full" would allow it.'
        )
    zeros = {"valid": (0, 0), "same": (k // 2, (k - 1) // 2), "full": (k - 1, k - 1)}
    windows = sliding_window_view(
        np.pad(signal, zeros[mode]), k
    )  # (places, K), no copy
    return np.asarray(windows @ kernel)


def _row(name: str, values: ArrayLike) -> NDArray[Any]:
    row = np.asarray(values)
    if row.ndim != 1 or not row.size:
        raise ValueError(f"`{name}` (shape {row.shape}) must be one row of numbers.")
    if row.dtype.kind not in "iufc":
        raise ValueError(
            f"`{name}` (dtype {row.dtype}) must hold integers, floating "
            "or complex numbers."
        )
    return row
