"""Other right answers to the exercises on norms, dropout and optimisers."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from cnn_tutorial.exercises import Status, check


def test_batch_norm_by_pytorch():
    def by_pytorch(images, mean, var, learning, share=0.1, small=1e-5):
        mean, var = mean.clone(), var.clone()
        out = F.batch_norm(
            images, mean, var, training=learning, momentum=share, eps=small
        )
        return out, mean, var

    assert check("batch_norm", by_pytorch).status == Status.RIGHT


def test_batch_norm_by_rows_of_a_matrix():
    def by_rows(x, mean, var, training, momentum=0.1, eps=1e-5):
        rows = x.movedim(1, 0).reshape(x.shape[1], -1)
        used = mean, var
        if training:
            used = rows.mean(1), rows.pow(2).mean(1) - rows.mean(1).pow(2)
            count = rows.shape[1]
            mean = mean.lerp(used[0], momentum)
            var = var.lerp(used[1] * count / (count - 1), momentum)
        shape = (1, -1, 1, 1)
        out = (x - used[0].view(shape)) * (used[1].view(shape) + eps).rsqrt()
        return out, mean, var

    assert check("batch_norm", by_rows).status == Status.RIGHT


def test_dropout_by_where():
    def by_where(drawn, values, rate, learning):
        zero = torch.zeros_like(values)
        thinned = torch.where(drawn < rate, zero, values.div(1 - rate))
        return thinned if learning else values.clone()

    assert check("dropout_by", by_where).status == Status.RIGHT
