"""Right answers about data that are written in another way than the solution."""

from __future__ import annotations

from itertools import accumulate

import numpy as np

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
