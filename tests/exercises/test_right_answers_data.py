"""Right answers about data that are written in another way than the solution."""

from __future__ import annotations

from itertools import accumulate

import numpy as np
import torch
import torch.nn.functional as F
from torchvision.transforms import v2

from cnn_tutorial.exercises import Status, check


def test_split_groups_by_arrays():
    def answer(names, part):
        names = np.array(names)
        _, first, which = np.unique(names, return_index=True, return_inverse=True)
        order = first.argsort()
        sizes = np.bincount(which)[order]
        before = np.cumsum(sizes) - sizes
        taken = order[before < part * len(names)]
        tested = np.isin(which, taken)
        return np.flatnonzero(~tested).tolist(), np.flatnonzero(tested).tolist()

    assert check("split_groups", answer).status == Status.RIGHT


def test_split_groups_by_running_sums():
    def answer(groups, share):
        names = list(dict.fromkeys(groups))
        held = accumulate([groups.count(name) for name in names], initial=0)
        wanted = share * len(groups)
        test = {name for name, n in zip(names, held, strict=False) if n < wanted}
        train_side = [i for i, name in enumerate(groups) if name not in test]
        return train_side, [i for i, name in enumerate(groups) if name in test]

    assert check("split_groups", answer).status == Status.RIGHT


def test_crop_at_without_a_loop():
    def answer(images, top, left, padding):
        n, _, height, width = images.shape
        padded = F.pad(images, (padding,) * 4)
        places = padded.unfold(2, height, 1).unfold(3, width, 1)
        return places[torch.arange(n), :, top, left]

    assert check("crop_at", answer).status == Status.RIGHT


def test_crop_at_with_torchvision():
    def answer(images, top, left, padding):
        height, width = images.shape[2:]
        padded = v2.functional.pad(images, padding)
        places = zip(padded, top.tolist(), left.tolist(), strict=True)
        cut = [v2.functional.crop(x, y, z, height, width) for x, y, z in places]
        return torch.stack(cut)

    assert check("crop_at", answer).status == Status.RIGHT


def test_enlarging_matrix_by_pytorch():
    def answer(small, large):
        rows = torch.eye(small, dtype=torch.float64)[None]
        return F.interpolate(rows, large, mode="linear")[0].T.tolist()

    assert check("enlarging_matrix", answer).status == Status.RIGHT


def test_epoch_seconds_by_looking_back_from_each_batch():
    # The last wait was for some batch: from there on the loop is busy.
    def answer(n, p, c, w=0):
        if not w:
            return sum([p, c] * n)
        return max((i // w + 1) * p + (n - i) * c for i in range(n))

    assert check("epoch_seconds", answer).status == Status.RIGHT
