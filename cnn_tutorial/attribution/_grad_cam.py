"""Maps of a layer, weighed by their gradients."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from cnn_tutorial.attribution._checks import (
    as_classes,
    checked_images,
    checked_scores,
    judging,
)
from cnn_tutorial.hooks import ActivationRecorder

__all__ = ["grad_cam"]


def grad_cam(
    model: nn.Module,
    x: Tensor,
    classes: Sequence[int] | Tensor | int | None = None,
    *,
    layer: str,
    rectify: bool = True,
) -> Tensor:
    r"""Return where the maps of a layer speak for a class.

    With maps :math:`A_k` of the layer and score :math:`s` of the class,

    .. math:: \mathrm{relu}\Big(\sum_k \alpha_k A_k\Big), \qquad
              \alpha_k = \frac{1}{H W} \sum_{i, j} \frac{\partial s}{\partial A_{kij}}.

    Parameters
    ----------
    model
        Returns scores of shape (N, classes). It is in evaluation mode meanwhile and
        then in the mode it was in; its gradients are not touched.
    x : float tensor, shape (N, C, H, W)
        Images as the model takes them, where it is.
    classes : class numbers, shape (N,), or one for all
        Whose score. None: of each image the class with the largest score.
    layer
        Name of a module that returns maps, as in ``model.named_modules()``. What is
        meant is its output before anything that later changes it in place.
    rectify
        Cut what speaks against the class to zero, as the paper does.

    Returns
    -------
    float tensor, shape (N, H', W')
        As coarse as the layer's maps; any enlargement is for the eye.

    Raises
    ------
    ValueError
        If shapes do not fit, there is no such class or layer, or the layer's output is
        not maps that the scores depend on.

    Notes
    -----
    Weights are means over places. Where the gradient changes from place to place, as
    below a flatten and a linear layer, that mean loses what the network knows about
    places; behind global average pooling it loses nothing.

    References
    ----------
    R. Selvaraju and others, "Grad-CAM: visual explanations from deep networks via
    gradient-based localization", ICCV 2017, section 3.

    Examples
    --------
    >>> conv = nn.Conv2d(1, 2, 1, bias=False)
    >>> _ = conv.weight.data.copy_(torch.tensor([1.0, -1.0]).reshape(2, 1, 1, 1))
    >>> model = nn.Sequential(conv, nn.AdaptiveAvgPool2d(1), nn.Flatten())
    >>> image = torch.tensor([[[[2.0, -4.0]]]])
    >>> grad_cam(model, image, 0, layer="0")  # gradients of map 0 are 1/2, of map 1 0
    tensor([[[1., 0.]]])
    """
    x = checked_images(x).requires_grad_()
    recorder = ActivationRecorder(model, [layer], gradients=True)
    with judging(model), torch.enable_grad(), recorder:
        # A copy: the model may begin with an operation in place, which a leaf forbids.
        scores = checked_scores(model, model(x.clone()), len(x))
        chosen = as_classes(classes, scores)
        total = scores.gather(1, chosen[:, None]).sum()
        if total.requires_grad:
            # The recorder reads gradients on their way to the image: nothing is added
            # to those of the parameters, and frozen parameters do not matter.
            torch.autograd.grad(total, x, allow_unused=True)
    maps, gradients = _recorded(recorder, layer, len(x))
    weights = gradients.mean(dim=(2, 3), keepdim=True)  # (N, K, 1, 1)
    found = (weights * maps).sum(dim=1)
    return found.relu() if rectify else found


def _recorded(
    recorder: ActivationRecorder, layer: str, count: int
) -> tuple[Tensor, Tensor]:
    """Return maps and gradients of a layer, both (N, K, H', W')."""
    maps = recorder.activations.get(layer)
    if maps is None or maps.ndim != 4 or len(maps) != count:
        found = "nothing" if maps is None else f"shape {tuple(maps.shape)}"
        raise ValueError(
            f"`layer` (={layer!r}) must return maps (N, K, H, W); it returned {found}."
        )
    gradients = recorder.gradients.get(layer)
    if gradients is None:
        raise ValueError(f"`layer` (={layer!r}) has no influence on the scores.")
    return maps, gradients
