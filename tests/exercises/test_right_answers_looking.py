"""Right answers that are not the solution: what a network learned."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises import Status, check


def is_right(name, attempt):
    return check(name, attempt).status == Status.RIGHT


class TestSignedPicture:
    def test_by_interpolation(self):
        def picture(weight):
            limit = float(weight.abs().max())
            return torch.tensor(np.interp(weight, [-limit, limit], [0, 1])).float()

        assert is_right("signed_picture", picture)

    def test_by_moving_everything_up(self):
        def picture(w):
            limit = max(-w.min(), w.max())
            return (w + limit) / (limit + limit)

        assert is_right("signed_picture", picture)


class TestTopPlaces:
    def test_by_numpy_one_after_the_other(self):
        def places(maps, count):
            maps, found = maps.numpy().copy(), []
            for _ in range(count):
                i, j, k = np.unravel_index(maps.argmax(), maps.shape)
                found.append((int(i), int(j), int(k)))
                maps[i] = -np.inf
            return found

        assert is_right("top_places", places)

    def test_by_pooling_with_indices(self):
        def places(x, n):
            pool = nn.AdaptiveMaxPool2d(1, return_indices=True)
            values, flat = (part.flatten() for part in pool(x[:, None]))
            order = values.topk(n).indices
            rows = torch.div(flat, x.shape[2], rounding_mode="floor")
            table = torch.stack([order, rows[order], (flat % x.shape[2])[order]], 1)
            return [tuple(row) for row in table.tolist()]

        assert is_right("top_places", places)


class TestSurestMistakes:
    def test_by_hiding_the_right_ones(self):
        def surest(scores, labels, count):
            shares = torch.exp(scores - scores.logsumexp(1, keepdim=True)).numpy()
            key = shares.max(1) - 2.0 * (shares.argmax(1) == labels.numpy())
            return np.argsort(-key)[:count].tolist()

        assert is_right("surest_mistakes", surest)

    def test_by_a_loop_over_images(self):
        def surest(scores, labels, count):
            found = []
            for k, (row, label) in enumerate(zip(scores, labels, strict=True)):
                margin = row - row.max()
                if row.argmax() != label:
                    found.append((float(margin.exp().sum()), k))
            return [k for _, k in sorted(found)[:count]]

        assert is_right("surest_mistakes", surest)


class TestClassMap:
    def test_as_a_convolution_of_one_pixel(self):
        def grad_cam(maps, gradients):
            weight = F.adaptive_avg_pool2d(gradients, 1)[None]  # (1, K, 1, 1)
            return F.relu(F.conv2d(maps[None], weight))[0, 0]

        assert is_right("class_map", grad_cam)

    def test_by_a_loop_over_maps(self):
        def grad_cam(a, g):
            total = torch.zeros(a.shape[1:])
            for one, gradient in zip(a, g, strict=True):
                total += gradient.sum() / gradient.numel() * one
            return total.clamp(min=0)

        assert is_right("class_map", grad_cam)
