"""The facts about the data sets with a name."""

from __future__ import annotations

from types import MappingProxyType

from cnn_tutorial.datasets.info import DatasetInfo
from cnn_tutorial.datasets.photographs import PHOTOGRAPHS

__all__ = ["BUNDLED", "CATALOGUE", "DOWNLOADED"]

_DIGIT_NAMES = tuple("0123456789")
_FASHION_NAMES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_CIFAR_NAMES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)
_FASHION_PAPER = (
    "H. Xiao, K. Rasul, R. Vollgraf, Fashion-MNIST: a novel image dataset for "
    "benchmarking machine learning algorithms, 2017, arXiv:1708.07747"
)


def _splits(train: int, validation: int, test: int) -> dict[str, int]:
    return {"train": train, "validation": validation, "test": test}


BUNDLED = (
    DatasetInfo(
        name="digits",
        title="Handwritten digits",
        classes=_DIGIT_NAMES,
        channels=1,
        size=(32, 32),
        mean=(0.3058,),
        std=(0.3240,),
        source="Scikit-learn, from the UCI Machine Learning Repository",
        licence="CC BY 4.0",
        splits=_splits(1257, 180, 360),
        note=(
            "The originals are 8x8 pixels of 0-16, enlarged here to 32x32 of 0-255. "
            "All splits share the same 13 writers."
        ),
        credits=(
            (
                "E. Alpaydin, C. Kaynak, Optical Recognition of Handwritten Digits, "
                "UCI Machine Learning Repository, 1998, doi:10.24432/C50P49"
            ),
        ),
    ),
    DatasetInfo(
        name="fashion-sample",
        title="Fashion-MNIST, a sample",
        classes=_FASHION_NAMES,
        channels=1,
        size=(28, 28),
        mean=(0.2869,),
        std=(0.3540,),
        source="https://github.com/zalandoresearch/fashion-mnist",
        licence="MIT",
        splits=_splits(9000, 1000, 2000),
        note="The first 1,000 training and 200 test images of each class.",
        credits=(_FASHION_PAPER,),
    ),
    DatasetInfo(
        name="photo-patches",
        title="Patches of ten photographs",
        classes=tuple(photograph.label for photograph in PHOTOGRAPHS),
        channels=3,
        size=(32, 32),
        mean=(0.4871, 0.3740, 0.3297),
        std=(0.3247, 0.2557, 0.2619),
        source="Photographs that scikit-image and scikit-learn ship",
        licence="of each photograph",
        splits=_splits(6000, 1000, 2000),
        note=(
            "Which photograph is a patch from? No two splits share a pixel, but "
            "patches of one split overlap, so 200 test patches count for fewer."
        ),
        credits=tuple(f"{photo.label}: {photo.credit}" for photo in PHOTOGRAPHS),
    ),
)

DOWNLOADED = (
    DatasetInfo(
        name="mnist",
        title="MNIST",
        classes=_DIGIT_NAMES,
        channels=1,
        size=(28, 28),
        mean=(0.1307,),
        std=(0.3081,),
        source="http://yann.lecun.com/exdb/mnist/ (torchvision's mirror)",
        licence="CC BY-SA 3.0",
        splits=_splits(54000, 6000, 10000),
        credits=(
            (
                "Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, Gradient-based learning "
                "applied to document recognition, Proceedings of the IEEE 86(11), 1998"
            ),
        ),
    ),
    DatasetInfo(
        name="fashion-mnist",
        title="Fashion-MNIST",
        classes=_FASHION_NAMES,
        channels=1,
        size=(28, 28),
        mean=(0.2860,),
        std=(0.3530,),
        source="https://github.com/zalandoresearch/fashion-mnist",
        licence="MIT",
        splits=_splits(54000, 6000, 10000),
        credits=(_FASHION_PAPER,),
    ),
    DatasetInfo(
        name="cifar10",
        title="CIFAR-10",
        classes=_CIFAR_NAMES,
        channels=3,
        size=(32, 32),
        mean=(0.4914, 0.4822, 0.4465),
        std=(0.2470, 0.2435, 0.2616),
        source="https://www.cs.toronto.edu/~kriz/cifar.html",
        licence="none stated",
        splits=_splits(45000, 5000, 10000),
        credits=(
            (
                "A. Krizhevsky, Learning multiple layers of features from tiny images, "
                "University of Toronto, 2009"
            ),
        ),
    ),
)

CATALOGUE = MappingProxyType({info.name: info for info in BUNDLED + DOWNLOADED})
