"""AlexNet (2012), in one tower, and a version of it for small images.

Deviations from the paper: one tower, so that no layer is split in two groups; no local
response normalisation; both dropouts at the rate that is asked for; weights start as
PyTorch's layers do (the paper: normal, deviation 0.01, some biases 1).

For images of 32 x 32 the first convolution is 5 x 5 with stride 1 and padding 2, the
rest stays.

References
----------
A. Krizhevsky, I. Sutskever, G. Hinton, "ImageNet classification with deep convolutional
neural networks", NIPS 2012, section 3.5 and Fig. 2.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from torch import Tensor, nn

from cnn_tutorial._validation import choice, integer
from cnn_tutorial.models._checks import check_images

__all__ = ["AlexNet", "alexnet"]

CHANNELS = (96, 256, 384, 384, 256)


class AlexNet(nn.Module):
    """Five convolutions, three overlapping poolings, three affine maps.

    Parameters
    ----------
    in_channels
        Channels of the images.
    num_classes
        How many scores come out for each image.
    channels
        Of the five convolutions.
    hidden
        Numbers between the affine maps.
    stem
        ``"small"`` for images of 32 x 32, ``"large"`` for 227 x 227.
    padding
        Of the large stem's convolution; torchvision has 2, for 224 x 224.
    drop
        Probability of dropout before the first two affine maps, 0-1.

    Raises
    ------
    ValueError
        If an argument is out of its range; on a call, if the images have other
        channels.

    Examples
    --------
    >>> with torch.device("meta"):
    ...     net = AlexNet(stem="large")
    >>> sum(p.numel() for p in net.parameters())
    58322314
    """

    def __init__(
        self,
        in_channels: int = 3,
        num_classes: int = 10,
        *,
        channels: Sequence[int] = CHANNELS,
        hidden: int = 4096,
        stem: Literal["small", "large"] = "small",
        padding: int = 0,
        drop: float = 0.5,
    ) -> None:
        super().__init__()
        self.in_channels = integer("in_channels", in_channels, minimum=1)
        if len(channels) != 5:
            raise ValueError(f"`channels` (={channels!r}) must be five numbers.")
        c1, c2, c3, c4, c5 = (integer("channels", c, minimum=1) for c in channels)
        choice("stem", stem, ("small", "large"))
        large = stem == "large"
        self.features = nn.Sequential(
            nn.Conv2d(in_channels, c1, 11, stride=4, padding=padding)
            if large
            else nn.Conv2d(in_channels, c1, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(c1, c2, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(c2, c3, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(c3, c4, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(c4, c5, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
        )
        side = 6 if large else 3
        # Images of another size are cut or stretched to what the affine maps expect.
        self.pool = nn.AdaptiveAvgPool2d(side)
        integer("hidden", hidden, minimum=1)
        self.classifier = nn.Sequential(
            nn.Dropout(drop),
            nn.Linear(c5 * side * side, hidden),
            nn.ReLU(),
            nn.Dropout(drop),
            nn.Linear(hidden, hidden),
            nn.ReLU(),
            nn.Linear(hidden, integer("num_classes", num_classes, minimum=1)),
        )

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Images.

        Returns
        -------
        float tensor, shape (N, num_classes)
            Scores (logits).
        """
        check_images(x, channels=self.in_channels)
        x = self.pool(self.features(x))  # (N, c5, side, side)
        scores: Tensor = self.classifier(torch.flatten(x, 1))
        return scores


def alexnet(
    *,
    in_channels: int = 3,
    num_classes: int = 10,
    width: int = 96,
    stem: Literal["small", "large"] = "small",
    drop: float = 0.5,
) -> AlexNet:
    """Return AlexNet with `width` channels first, the rest in the paper's proportions.

    Parameters
    ----------
    in_channels, num_classes, stem, drop
        As for `AlexNet`.
    width
        Channels of the first convolution; 96 in the paper.

    Raises
    ------
    ValueError
        If an argument is out of its range.

    Examples
    --------
    >>> [
    ...     c.out_channels
    ...     for c in alexnet(width=24).features
    ...     if hasattr(c, "kernel_size") and hasattr(c, "weight")
    ... ]
    [24, 64, 96, 96, 64]
    """
    integer("width", width, minimum=1)
    return AlexNet(
        in_channels,
        num_classes,
        channels=[max(1, c * width // CHANNELS[0]) for c in CHANNELS],
        hidden=max(1, 4096 * width // CHANNELS[0]),
        stem=stem,
        drop=drop,
    )
