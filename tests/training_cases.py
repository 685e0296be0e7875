"""A small net and images that are easy to tell apart."""

from __future__ import annotations

import torch
from torch import nn


def blobs(n, *, classes=3, seed=0, size=7):
    """Images of one colour per class, with noise: easy to tell apart."""
    generator = torch.Generator().manual_seed(seed)
    labels = torch.arange(n) % classes
    noise = 0.3 * torch.randn(n, 1, size, size, generator=generator)
    return labels[:, None, None, None] - 1 + noise, labels


def batches_of(n, batch_size=8, **settings):
    images, labels = blobs(n, **settings)
    return list(zip(images.split(batch_size), labels.split(batch_size), strict=True))


def small_net(classes=3):
    return nn.Sequential(
        nn.Conv2d(1, 5, 3),
        nn.BatchNorm2d(5),
        nn.ReLU(),
        nn.Flatten(),
        nn.Dropout(0.2),
        nn.Linear(5 * 25, classes),
    )


def sgd(model, lr=0.05, **settings):
    return torch.optim.SGD(model.parameters(), lr=lr, **settings)
