"""The parts of many images that a channel answers to most."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import integer
from cnn_tutorial.attribution._checks import checked_images, judging
from cnn_tutorial.hooks import ActivationRecorder
from cnn_tutorial.receptive_field import Field, trace_fields

__all__ = ["Patch", "top_patches"]

Interval = tuple[int, int]


@dataclass(frozen=True)
class Patch:
    """A place where a channel answers.

    Parameters
    ----------
    image
        Which image, counted from 0 in the order in which they came.
    position
        Row and column in the channel's map.
    value
        What the channel puts out there.
    window
        First and last row, first and last column of its receptive field, pixels; both
        included. Numbers below 0 or beyond the image lie in the padding.
    """

    image: int
    position: tuple[int, int]
    value: float
    window: tuple[Interval, Interval]

    def cut(self, images: Tensor, *, fill: float = 0.0) -> Tensor:
        """Return the pixels of the window.

        Parameters
        ----------
        images : tensor, shape (N, C, H, W)
            All images, in the order that `image` counts.
        fill
            What stands where the window lies outside the image.

        Returns
        -------
        tensor, shape (C, rows, columns)
            The patch, as large as the receptive field wherever it stands.

        Examples
        --------
        >>> patch = Patch(0, (0, 0), 1.0, ((-1, 1), (1, 2)))
        >>> patch.cut(torch.arange(6.0).reshape(1, 1, 2, 3))  # a row above the image
        tensor([[[0., 0.],
                 [1., 2.],
                 [4., 5.]]])
        """
        (top, bottom), (left, right) = self.window
        height, width = images.shape[2:]
        sides = (-left, right - width + 1, -top, bottom - height + 1)
        outside = [max(0, side) for side in sides]
        padded = F.pad(images[self.image], outside, value=fill)
        top, left = top + outside[2], left + outside[0]
        size = bottom - self.window[0][0] + 1, right - self.window[1][0] + 1
        return padded[:, top : top + size[0], left : left + size[1]]


@torch.no_grad()
def top_patches(
    model: nn.Module,
    batches: Iterable[Tensor | tuple[Tensor, Tensor]],
    *,
    layer: str,
    count: int = 9,
    channels: Sequence[int] | None = None,
) -> dict[int, list[Patch]]:
    """Return where each channel of a layer answers most, at most once in an image.

    Parameters
    ----------
    model
        Any that `cnn_tutorial.receptive_field.trace_fields` can follow. It is in
        evaluation mode meanwhile and then in the mode it was in.
    batches
        Images, float, shape (N, C, H, W), as the model takes them and where it is; or
        pairs of images and labels. All images have one size.
    layer
        Name of a module that returns maps, as in ``model.named_modules()``.
    count
        Patches for each channel; fewer where there are fewer images.
    channels
        Which channels; None for all.

    Returns
    -------
    dict of int to list of Patch
        For each channel its patches, the strongest first.

    Raises
    ------
    ValueError
        If there is no image, no such layer or channel, or the layer returns no maps.

    Notes
    -----
    The strongest answers of one channel say what drives it hardest, not what it does on
    most images.

    References
    ----------
    M. Zeiler, R. Fergus, "Visualizing and understanding convolutional networks", ECCV
    2014, figure 2.

    Examples
    --------
    >>> net = nn.Sequential(nn.Conv2d(1, 1, (1, 2), bias=False))
    >>> _ = net[0].weight.data.copy_(torch.tensor([[[[-1.0, 1.0]]]]))
    >>> images = torch.tensor([[0.0, 1, 5], [0, 7, 0]]).reshape(2, 1, 1, 3)
    >>> top_patches(net, [images], layer="0", count=1)[0]  # steps 1, 4 and 7, -7
    [Patch(image=1, position=(0, 0), value=7.0, window=((0, 0), (0, 1)))]
    """
    integer("count", count, minimum=1)
    values, places, size, width = _strongest(model, batches, layer)
    wanted = range(values.shape[1]) if channels is None else list(channels)
    for channel in wanted:
        integer("channels", channel, minimum=0, maximum=values.shape[1] - 1)
    field = trace_fields(model, size)[layer]
    best = values.topk(min(count, len(values)), dim=0)  # (count, K)
    found = {}
    for channel in wanted:
        images = best.indices[:, channel].tolist()
        found[channel] = [
            _patch(image, int(places[image, channel]), width, value, field)
            for image, value in zip(
                images, best.values[:, channel].tolist(), strict=True
            )
        ]
    return found


def _strongest(
    model: nn.Module, batches: Iterable[Tensor | tuple[Tensor, Tensor]], layer: str
) -> tuple[Tensor, Tensor, tuple[int, ...], int]:
    """Return the largest value of each image and channel, and where it is.

    Both are (images, K), on the CPU; a place counts row by row. Then come the size of
    an image, (C, H, W), and the width of a map.
    """
    values, places = [], []
    size: tuple[int, ...] = ()
    width = 0
    with judging(model), ActivationRecorder(model, [layer]) as recorder:
        for batch in batches:
            x = checked_images(batch if isinstance(batch, Tensor) else batch[0])
            if size not in ((), tuple(x.shape[1:])):
                raise ValueError(
                    f"`batches` must hold images of one size: {tuple(x.shape[1:])} "
                    f"came after {size}."
                )
            model(x)
            maps = recorder.activations.get(layer)
            if maps is None or maps.ndim != 4 or len(maps) != len(x):
                found = "nothing" if maps is None else f"shape {tuple(maps.shape)}"
                raise ValueError(
                    f"`layer` (={layer!r}) must return maps (N, K, H, W); it returned "
                    f"{found}."
                )
            size, width = tuple(x.shape[1:]), maps.shape[3]
            value, place = maps.flatten(2).max(dim=2)
            values.append(value.float().cpu())
            places.append(place.cpu())
    if not values:
        raise ValueError("`batches` is empty: there is no image to look at.")
    return torch.cat(values), torch.cat(places), size, width


def _patch(image: int, place: int, width: int, value: float, field: Field) -> Patch:
    position = divmod(place, width)
    rows, columns = field.interval(position)
    return Patch(image, position, value, (rows, columns))
