"""A network together with what it was trained for: the file that others can use.

Weights alone are not enough to read an image: one needs the network's class and
settings, the names of its classes, the size of its images, and the mean and deviation
that they were standardised with. A `Classifier` keeps all of that in one file, and
every checkpoint that `train` writes holds it, too.
"""

from __future__ import annotations

from cnn_tutorial.classifiers._classifier import Classifier, build
from cnn_tutorial.classifiers._judging import Judgement, judge
from cnn_tutorial.classifiers._reading import Reading, read_images
from cnn_tutorial.classifiers._recipe import Recipe
from cnn_tutorial.classifiers._training import Passport, train

__all__ = [
    "Classifier",
    "Judgement",
    "Passport",
    "Reading",
    "Recipe",
    "build",
    "judge",
    "read_images",
    "train",
]
