"""Right answers to the exercises on comparing networks, written differently."""

from __future__ import annotations

import numpy as np
import torch

from cnn_tutorial.exercises import Status, check


class TestClearFront:
    def test_with_arrays(self):
        def front(costs, scores, margin):
            c, s = np.asarray(costs), np.asarray(scores)
            beats = (c[:, None] <= c) & (s[:, None] > s + margin)
            return np.flatnonzero(~beats.any(0)).tolist()

        assert check("clear_front", front).status == Status.RIGHT

    def test_by_the_best_within_each_cost(self):
        def front(costs, scores, margin):
            found = []
            for k, (cost, score) in enumerate(zip(costs, scores, strict=True)):
                pairs = zip(costs, scores, strict=True)
                best = max(s for c, s in pairs if c <= cost)
                if best - margin <= score:
                    found.append(k)
            return found

        assert check("clear_front", front).status == Status.RIGHT


class TestJudgedOnce:
    def test_with_tensors(self):
        def score(validation, test):
            v = torch.tensor(validation)
            first = (v == v.max()).nonzero()[0]
            return torch.tensor(test, dtype=torch.float64)[first].item()

        assert check("judged_once", score).status == Status.RIGHT

    def test_epoch_by_epoch(self):
        def score(validation, test):
            best = kept = float("-inf")
            for v, t in zip(validation, test, strict=True):
                if v > best:
                    best, kept = v, t
            return kept

        assert check("judged_once", score).status == Status.RIGHT
