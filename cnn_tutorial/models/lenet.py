"""LeNet: the network of 1998, and a small one with 3 x 3 kernels to learn from."""

from __future__ import annotations

import math

import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial._validation import integer, pair
from cnn_tutorial.arithmetic import conv_output_size, pool_output_size
from cnn_tutorial.models._checks import check_images
from cnn_tutorial.models._layers_1998 import (
    C3_CONNECTIONS,
    DIGIT_CODES,
    CodeDistance,
    Subsampling,
    TableConv2d,
    scaled_tanh,
)

__all__ = ["C3_CONNECTIONS", "DIGIT_CODES", "LeNet", "LeNet5"]


class LeNet(nn.Module):
    """Two convolutions, each followed by ReLU and pooling, and three affine maps.

    Parameters
    ----------
    in_channels
        Channels of the images.
    num_classes
        Number of scores.
    input_size
        Height and width of the images, in pixels. ``fc1`` must know it in advance.

    Raises
    ------
    ValueError
        If a number of channels or classes is below 1 or the images below 10 pixels; on
        a call, if the images do not have this form.

    Notes
    -----
    Deviations from LeNet-5: 3 x 3 kernels for 5 x 5; each map of ``conv2`` sees
    all six of ``conv1``; max pooling without parameters; ReLU for the scaled tanh;
    ``fc1`` takes maps of 6 x 6 where C5 takes 5 x 5; scores for distances to codes.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied
    to Document Recognition", Proceedings of the IEEE 86(11), 1998, Section II-B.

    Examples
    --------
    >>> import torch
    >>> net = LeNet()
    >>> net(torch.zeros(5, 1, 32, 32)).shape
    torch.Size([5, 10])
    >>> sum(p.numel() for p in net.parameters())  # 60 + 880 + 69,240 + 10,164 + 850
    81194
    """

    def __init__(
        self,
        in_channels: int = 1,
        num_classes: int = 10,
        *,
        input_size: int | tuple[int, int] = 32,
    ) -> None:
        super().__init__()
        integer("num_classes", num_classes, minimum=1)
        self.in_channels = integer("in_channels", in_channels, minimum=1)
        # Ten pixels become 8, 4, 2 and 1; fewer leave nothing to flatten.
        height, width = pair("input_size", input_size, minimum=10)
        self.input_size = height, width
        for _ in range(2):
            height, width = conv_output_size((height, width), 3)
            height, width = pool_output_size((height, width), 2)
        self.conv1 = nn.Conv2d(in_channels, 6, kernel_size=3)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=3)
        self.fc1 = nn.Linear(16 * height * width, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x: Tensor) -> Tensor:
        """Return the scores (logits) of a batch of images.

        Parameters
        ----------
        x : float tensor, shape (N, C, H, W)
            Images.

        Returns
        -------
        float tensor, shape (N, num_classes)
            One score for each class; softmax makes shares of them.
        """
        check_images(x, channels=self.in_channels)
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)  # (N, 6, 15, 15)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)  # (N, 16, 6, 6)
        x = self._flatten(x)  # (N, 576)
        x = F.relu(self.fc1(x))  # (N, 120)
        x = F.relu(self.fc2(x))  # (N, 84)
        scores: Tensor = self.fc3(x)  # (N, 10)
        return scores

    @staticmethod
    def num_flat_features(x: Tensor) -> int:
        """Return how many numbers there are for each image.

        Parameters
        ----------
        x : tensor, shape (N, ...)
            A batch.

        Examples
        --------
        >>> import torch
        >>> LeNet.num_flat_features(torch.zeros(5, 16, 6, 6))  # 16 * 6 * 6
        576
        """
        return math.prod(x.shape[1:])

    def _flatten(self, x: Tensor) -> Tensor:
        """Put the numbers of each image in one row, if they are as many as expected."""
        features, expected = self.num_flat_features(x), self.fc1.in_features
        if features != expected:
            height, width = self.input_size
            raise ValueError(
                f"After two convolutions and poolings the maps are of shape "
                f"{tuple(x.shape[1:])}, {features} numbers, but `fc1` was built for "
                f"{expected}: this LeNet takes images of {height} x {width} pixels. "
                "Resize them, or say `input_size` when you build it."
            )
        return x.reshape(-1, features)


class LeNet5(nn.Module):
    """LeNet-5 of 1998, with its 60,000 trainable parameters.

    Layers have the paper's names: convolutions C1, C3 and C5, subsampling S2 and S4,
    the affine map F6, and an output that measures the distance to a fixed drawing of
    each digit. After each layer but the output comes the scaled tanh.

    Parameters
    ----------
    in_channels
        Channels of the images; the paper has 1.
    num_classes
        At most 10, as many as there are drawings; the paper has 10.

    Raises
    ------
    ValueError
        If an argument is out of range; on a call, if the images are not of 32 x 32
        pixels with these channels.

    Notes
    -----
    Sections, tables and equations are those of the paper. What differs from it:

    * Scores are *minus* the distances of eq. (7), so that the largest score is the
      answer, as in all other models. Minus the score of the true class, averaged, is
      then the paper's first loss, eq. (8); cross-entropy of the scores is its second,
      eq. (9), without the term for "none of them".
    * The drawings (Section II-B, Fig. 3) are our own, `DIGIT_CODES`.
    * C3 reads what Table I says, but runs as a full convolution with zeros in between,
      240,000 MACs an image where the table needs 150,000.
    * Weights start as in Appendix A, but subsampling starts as the plain average.
    * Section II-B scales pixels to -0.1 (paper) and 1.175 (ink); the course
      standardises, to the same end.
    * The paper trains by a stochastic Levenberg-Marquardt method (Appendix C); here any
      optimiser may.

    References
    ----------
    Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-Based Learning Applied
    to Document Recognition", Proceedings of the IEEE 86(11), 1998.

    Examples
    --------
    >>> import torch
    >>> net = LeNet5()
    >>> net(torch.zeros(5, 1, 32, 32)).shape
    torch.Size([5, 10])
    >>> [sum(p.numel() for p in layer.parameters()) for layer in net.children()]
    [156, 12, 1516, 32, 48120, 10164, 0]
    """

    def __init__(self, in_channels: int = 1, num_classes: int = 10) -> None:
        super().__init__()
        self.in_channels = integer("in_channels", in_channels, minimum=1)
        integer("num_classes", num_classes, minimum=1, maximum=len(DIGIT_CODES))
        self.c1 = nn.Conv2d(in_channels, 6, kernel_size=5)
        self.s2 = Subsampling(6)
        self.c3 = TableConv2d(C3_CONNECTIONS, kernel_size=5)
        self.s4 = Subsampling(16)
        self.c5 = nn.Conv2d(16, 120, kernel_size=5)
        self.f6 = nn.Linear(120, 84)
        self.output = CodeDistance(DIGIT_CODES[:num_classes])
        self.reset_parameters()

    def forward(self, x: Tensor) -> Tensor:
        """Return minus the squared distance to each digit's drawing.

        Parameters
        ----------
        x : float tensor, shape (N, C, 32, 32)
            Images.

        Returns
        -------
        float tensor, shape (N, num_classes)
            At most 0; the largest is the answer.
        """
        check_images(x, channels=self.in_channels, size=(32, 32))
        x = scaled_tanh(self.c1(x))  # (N, 6, 28, 28)
        x = scaled_tanh(self.s2(x))  # (N, 6, 14, 14)
        x = scaled_tanh(self.c3(x))  # (N, 16, 10, 10)
        x = scaled_tanh(self.s4(x))  # (N, 16, 5, 5)
        x = scaled_tanh(self.c5(x))  # (N, 120, 1, 1)
        x = scaled_tanh(self.f6(x.flatten(1)))  # (N, 84)
        distances: Tensor = self.output(x)  # (N, 10)
        return -distances

    def reset_parameters(self) -> None:
        """Draw all weights and biases as the paper does (Appendix A).

        Evenly between -2.4/F and 2.4/F, where F is the number of inputs of a unit.
        Subsampling starts as the plain average.
        """
        for layer in (self.c1, self.c5, self.f6):
            bound = 2.4 / layer.weight[0].numel()
            for parameter in layer.parameters():
                nn.init.uniform_(parameter, -bound, bound)
        for other in (self.s2, self.c3, self.s4):
            other.reset_parameters()
