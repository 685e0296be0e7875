"""Filters that nobody trained: gradients, blur, Laplacian of Gaussian, blobs.

All of them slide a kernel over an image as a convolution layer does, without a flip.
Images are float tensors (..., H, W); every plane is filtered by itself. Axis 0 goes
down the rows, axis 1 right along the columns. `BORDERS` says what lies outside.
"""

from __future__ import annotations

from cnn_tutorial.filters._borders import BORDERS
from cnn_tutorial.filters.blobs import blob_log
from cnn_tutorial.filters.crossings import zero_crossings
from cnn_tutorial.filters.differences import (
    SCALES,
    prewitt_kernel,
    scharr_kernel,
    sobel_kernel,
)
from cnn_tutorial.filters.gradients import (
    gradient,
    gradient_magnitude,
    orientation,
)
from cnn_tutorial.filters.laplacians import (
    laplacian,
    laplacian_kernel,
    log,
    log_kernel,
)
from cnn_tutorial.filters.operators import prewitt, scharr, sobel
from cnn_tutorial.filters.smoothing import (
    dog,
    dog_kernel,
    gaussian,
    gaussian_kernel,
)

__all__ = [
    "BORDERS",
    "SCALES",
    "blob_log",
    "dog",
    "dog_kernel",
    "gaussian",
    "gaussian_kernel",
    "gradient",
    "gradient_magnitude",
    "laplacian",
    "laplacian_kernel",
    "log",
    "log_kernel",
    "orientation",
    "prewitt",
    "prewitt_kernel",
    "scharr",
    "scharr_kernel",
    "sobel",
    "sobel_kernel",
    "zero_crossings",
]
