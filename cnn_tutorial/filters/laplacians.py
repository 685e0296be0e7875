"""Second derivatives of images: the Laplacian, alone and of a Gaussian."""

from __future__ import annotations

import torch
from torch import Tensor

from cnn_tutorial._validation import integer
from cnn_tutorial.filters._bells import bell, curvature
from cnn_tutorial.filters._checks import check_image, positive, radius_of
from cnn_tutorial.filters._passes import along, slide

__all__ = ["laplacian", "laplacian_kernel", "log", "log_kernel"]


def laplacian_kernel(neighbors: int = 4, *, dtype: torch.dtype | None = None) -> Tensor:
    """Return the neighbours minus as often the pixel itself.

    Parameters
    ----------
    neighbors
        4: the second differences 1 -2 1 down and across. 8: the diagonal ones too.
    dtype
        A float type; PyTorch's default without it.

    Returns
    -------
    tensor, shape (3, 3)
        The sum is 0.

    Raises
    ------
    ValueError
        If `neighbors` is neither 4 nor 8.

    Examples
    --------
    >>> laplacian_kernel()
    tensor([[ 0.,  1.,  0.],
            [ 1., -4.,  1.],
            [ 0.,  1.,  0.]])
    """
    if integer("neighbors", neighbors) not in (4, 8):
        raise ValueError(f"`neighbors` (={neighbors!r}) must be 4 or 8.")
    dtype = dtype or torch.get_default_dtype()
    kernel = torch.ones(3, 3, dtype=dtype)
    if neighbors == 4:
        kernel[::2, ::2] = 0
    kernel[1, 1] = -neighbors
    return kernel


def laplacian(image: Tensor, neighbors: int = 4, *, border: str = "reflect") -> Tensor:
    """Compare each pixel with its neighbours.

    Parameters
    ----------
    image : float tensor, shape (..., H, W)
        Any brightness; each plane is filtered by itself.
    neighbors
        4 or 8, as in :func:`laplacian_kernel`.
    border
        One of `BORDERS`.

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2 each way with border "valid"
        Positive where the neighbours are brighter. With 4 neighbours what
        ``scipy.ndimage.laplace`` returns. Differentiable.

    Raises
    ------
    ValueError
        If `image` holds no floats or has no pixels, or another argument is out of its
        range.

    Examples
    --------
    >>> import torch
    >>> image = torch.tensor([[0.0, 1, 4, 9, 16]]).expand(3, 5)
    >>> laplacian(image, border="valid")  # 0 - 2*1 + 4, 1 - 2*4 + 9, 4 - 2*9 + 16
    tensor([[2., 2., 2.]])
    """
    image = check_image(image)
    return slide(image, laplacian_kernel(neighbors, dtype=image.dtype), border)


def log_kernel(
    sigma: float,
    *,
    radius: int | None = None,
    zero_sum: bool = True,
    dtype: torch.dtype | None = None,
) -> Tensor:
    r"""Return the Laplacian of a Gaussian, a bell turned upside down with a rim.

    .. math::
        \nabla^2 G = \frac{x^2 + y^2 - 2\sigma^2}{\sigma^4}\,G(x, y)

    It is the sum of two products of vectors (rank 2): the Gaussian's second derivative
    one way, times the Gaussian the other way.

    Parameters
    ----------
    sigma
        Standard deviation of the Gaussian, pixels, positive.
    radius
        Pixels on each side of the centre, at least 1; 4 sigma to the nearest pixel
        without it, as in SciPy. ``ceil(3 * sigma)`` is common.
    zero_sum
        Whether to correct what is lost where the kernel ends, so that a flat image
        answers 0. False: SciPy's numbers.
    dtype
        A float type; PyTorch's default without it.

    Returns
    -------
    tensor, shape (2*radius + 1, 2*radius + 1)
        Negative in the middle, zero at :math:`\sqrt 2\,\sigma` from it, then positive.

    Raises
    ------
    ValueError
        If `sigma` or `radius` is out of its range.

    References
    ----------
    D. Marr, E. Hildreth, "Theory of edge detection", Proc. R. Soc. Lond. B 207, 1980.

    Examples
    --------
    >>> kernel = log_kernel(2.0)
    >>> kernel.shape  # 2 * 4 * 2 + 1
    torch.Size([17, 17])
    >>> bool(kernel.sum().abs() < 1e-6)
    True
    >>> torch.linalg.matrix_rank(log_kernel(2.0, dtype=torch.float64))
    tensor(2)
    """
    sigma = positive("sigma", sigma)
    radius = radius_of(sigma, radius)
    flat, bent = bell(sigma, radius), curvature(sigma, radius, zero_sum=zero_sum)
    kernel = torch.outer(bent, flat) + torch.outer(flat, bent)
    return kernel.to(dtype or torch.get_default_dtype())


def log(
    image: Tensor,
    sigma: float,
    *,
    border: str = "reflect",
    radius: int | None = None,
    zero_sum: bool = True,
    normalized: bool = False,
) -> Tensor:
    r"""Return the Laplacian of the blurred image, in four passes.

    Parameters
    ----------
    image : float tensor, shape (..., H, W)
        Any brightness; each plane is filtered by itself.
    sigma, radius, zero_sum
        As in :func:`log_kernel`.
    border
        One of `BORDERS`.
    normalized
        Whether to multiply by :math:`\sigma^2`, so that responses at several scales
        can be compared (Lindeberg).

    Returns
    -------
    tensor, shape (..., H, W); smaller by 2*radius each way with border "valid"
        Negative in the middle of a bright blob. With ``zero_sum=False`` what
        ``scipy.ndimage.gaussian_laplace`` returns. Differentiable.

    Raises
    ------
    ValueError
        If `image` holds no floats or has no pixels, or another argument is out of its
        range.

    Examples
    --------
    >>> import torch
    >>> rows, columns = torch.arange(25.0)[:, None], torch.arange(25.0)
    >>> response = log(rows**2 + columns**2, 2.0, radius=12)
    >>> round(response[12, 12].item(), 3)  # 2 + 2: a blur leaves curvature alone
    4.0
    """
    image, sigma = check_image(image), positive("sigma", sigma)
    radius = radius_of(sigma, radius)
    flat, bent = bell(sigma, radius), curvature(sigma, radius, zero_sum=zero_sum)
    if normalized:
        bent = bent * sigma**2
    down = along(along(image, bent, -2, border), flat, -1, border)
    across = along(along(image, flat, -2, border), bent, -1, border)
    return down + across
