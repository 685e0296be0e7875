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
