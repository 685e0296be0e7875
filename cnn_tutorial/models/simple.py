"""Three convolutions and two affine maps: the plainest network that does well.

References
----------
No paper: this plan stands in many introductions.
"""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import integer, pair
from cnn_tutorial.models._checks import check_images

__all__ = ["SimpleCNN"]


class SimpleCNN(nn.Module):
    """Three times 3x3, ReLU, max pooling; then two affine maps with dropout between.

    Parameters
    ----------
    in_channels
        Channels of the images.
    num_classes
        How many scores come out for each image.
    width
        Channels of the first convolution; the others have twice and four times as many.
    hidden
        Numbers between the affine maps.
    size
        Pixels, one number or (H, W); at least 8.
    drop
        Probability of each hidden number to be dropped in training, 0-1.

    Raises
    ------
    ValueError
        If an argument is out of its range; on a call, if the images do not fit.

    Examples
    --------
    >>> sum(p.numel() for p in SimpleCNN().parameters())
    620362
    """

    def __init__(
        self,
        in_channels: int = 3,
        num_classes: int = 10,
        *,
        width: int = 32,
        hidden: int = 256,
        size: int | tuple[int, int] = 32,
        drop: float = 0.5,
    ) -> None:
        super().__init__()
        self.size = height, breadth = pair("size", size, minimum=8)
        self.in_channels = integer("in_channels", in_channels, minimum=1)
        c = integer("width", width, minimum=1)
        integer("hidden", hidden, minimum=1)
        integer("num_classes", num_classes, minimum=1)
        self.conv1 = nn.Conv2d(in_channels, c, 3, padding=1)
        self.conv2 = nn.Conv2d(c, 2 * c, 3, padding=1)
        self.conv3 = nn.Conv2d(2 * c, 4 * c, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.fc1 = nn.Linear(4 * c * (height // 8) * (breadth // 8), hidden)
        self.dropout = nn.Dropout(drop)
        self.fc2 = nn.Linear(hidden, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores.

        Parameters
        ----------
        x : float tensor, shape (N, in_channels, H, W)
            Images of the model's size.

        Returns
        -------
        float tensor, shape (N, num_classes)
            Scores (logits).
        """
        check_images(x, channels=self.in_channels, size=self.size)
        x = self.pool(F.relu(self.conv1(x)))  # (N, width, H/2, W/2)
        x = self.pool(F.relu(self.conv2(x)))  # (N, 2 width, H/4, W/4)
        x = self.pool(F.relu(self.conv3(x)))  # (N, 4 width, H/8, W/8)
        x = self.dropout(F.relu(self.fc1(x.flatten(1))))
        scores: Tensor = self.fc2(x)
        return scores
