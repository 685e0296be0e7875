"""The numbers of the landing page's picture, computed by the package."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from drawings.shapes import digit

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Whole = NDArray[np.int64]

#: Small whole numbers, so that the sums can be checked in one's head.
KERNELS = {
    "upright edges": ((-1, 0, 1), (-2, 0, 2), (-1, 0, 1)),
    "level edges": ((-1, -2, -1), (0, 0, 0), (1, 2, 1)),
    "blur": ((1, 2, 1), (2, 4, 2), (1, 2, 1)),
}
FIRST = next(iter(KERNELS))


@dataclass(frozen=True)
class Slide:
    """A digit, its patches, and what each kernel makes of them.

    Parameters
    ----------
    image : int array, shape (8, 8)
        Ink of the digit, 0-16.
    columns : int array, shape (9, 36)
        One column per place of the window.
    outputs : dict
        From the name of a kernel to 36 numbers.
    """

    image: Whole
    columns: Whole
    outputs: dict[str, Whole]

    @property
    def still(self) -> int:
        """Place of the window in the picture that stands still: the largest output."""
        return int(self.outputs[FIRST].argmax())


def _whole(values: NDArray[np.float32]) -> Whole:
    return np.rint(values).astype(np.int64)


def slide(label: int = 3) -> Slide:
    """Slide each kernel over a digit of scikit-learn's set.

    Parameters
    ----------
    label : int, optional
        Which digit, 0-9.
    """
    import torch

    from cnn_tutorial.convolution import conv2d_unfold, unfold

    image = torch.from_numpy(digit(label) * 16).float()[None, None]
    outputs = {}
    for name, rows in KERNELS.items():
        weight = torch.tensor(rows).float()[None, None]
        outputs[name] = _whole(conv2d_unfold(image, weight).reshape(-1).numpy())
    columns = _whole(unfold(image, 3)[0].numpy())
    return Slide(_whole(image[0, 0].numpy()), columns, outputs)


def signed_text(value: int) -> str:
    """Return a number with a real minus sign."""
    return f"\N{MINUS SIGN}{-value}" if value < 0 else str(value)
