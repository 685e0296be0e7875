"""Right answers to the exercises on comparing recipes, written differently."""

from __future__ import annotations

import numpy as np
import torch

from cnn_tutorial.exercises import Status, check


class TestPairedDifference:
    def test_with_arrays(self):
        def paired(with_it, without, factor=4.303):
            d = np.subtract(with_it, without)
            return d.mean(), factor * d.std(ddof=1) / np.sqrt(d.size)

        assert check("paired_difference", paired).status == Status.RIGHT

    def test_with_tensors_and_sums_of_squares(self):
        def paired(with_it, without, factor=4.303):
            d = torch.tensor(with_it, dtype=torch.float64) - torch.tensor(
                without, dtype=torch.float64
            )
            n = len(d)
            variance = (d.square().sum() - n * d.mean() ** 2).clamp(min=0) / (n - 1)
            return d.mean().item(), (factor**2 * variance / n).sqrt().item()

        assert check("paired_difference", paired).status == Status.RIGHT


class TestStoppingEpoch:
    def test_by_counting(self):
        def stop(curve, patience):
            best, kept, waited = float("-inf"), 0, 0
            for epoch, value in enumerate(curve, start=1):
                waited += 1
                if value > best:
                    best, kept, waited = value, epoch, 0
                if waited == patience:
                    return kept
            return kept

        assert check("stopping_epoch", stop).status == Status.RIGHT

    def test_by_windows(self):
        def stop(curve, patience):
            for k in range(len(curve)):
                if max(curve[k + 1 : k + 1 + patience], default=0) <= curve[k]:
                    return curve.index(max(curve[: k + 1])) + 1
            return len(curve)

        assert check("stopping_epoch", stop).status == Status.RIGHT
