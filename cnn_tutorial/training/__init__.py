"""Train and judge any classifier; knows no model, no data set and no figure.

A *batch* is a pair: images, float, shape (N, ...), and their labels, int64, shape
(N,). *Batches* are anything that gives them in a ``for`` loop, and gives them again in
the next one: `cnn_tutorial.datasets.Batches`, a ``DataLoader``, a list.
"""

from __future__ import annotations

from cnn_tutorial.training._classes import PerClass
from cnn_tutorial.training._fit import fit
from cnn_tutorial.training._loops import evaluate, predict, train_epoch
from cnn_tutorial.training._means import Evaluation
from cnn_tutorial.training._precision import Precision, choose_precision
from cnn_tutorial.training._seeds import seed_everything
from cnn_tutorial.training.callbacks import Callback, EarlyStop, ProgressBar, Run
from cnn_tutorial.training.checkpoints import (
    Checkpoint,
    CheckpointError,
    Checkpoints,
)

__all__ = [
    "Callback",
    "Checkpoint",
    "CheckpointError",
    "Checkpoints",
    "EarlyStop",
    "Evaluation",
    "PerClass",
    "Precision",
    "ProgressBar",
    "Run",
    "choose_precision",
    "evaluate",
    "fit",
    "predict",
    "seed_everything",
    "train_epoch",
]
