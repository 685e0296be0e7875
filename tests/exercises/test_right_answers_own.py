"""Right answers that are not the solution: what a score is worth, own images."""

from __future__ import annotations

import os

import numpy as np
from scipy import stats

from cnn_tutorial.exercises import Status, check


def is_right(name, attempt):
    return check(name, attempt).status == Status.RIGHT


class TestErrorBar:
    def test_from_the_binomial_distribution(self):
        def bar(accuracy, count):
            return float(stats.binom(count, accuracy).std() / count)

        assert is_right("error_bar", bar)

    def test_from_the_answers_themselves(self):
        def bar(accuracy, count):
            right = np.arange(count) < round(accuracy * count)
            # 0.8 of 4 images is no whole number of them.
            p = accuracy if count < 25 else right.mean()
            return float((p * (1 - p)) ** 0.5 / count**0.5)

        assert is_right("error_bar", bar)


class TestFolderLabels:
    def test_by_numpy(self):
        def labels(paths):
            names = np.array([path.split("/")[-2] for path in paths])
            classes, inverse = np.unique(names, return_inverse=True)
            return classes.tolist(), inverse.tolist()

        assert is_right("folder_labels", labels)

    def test_by_a_dictionary(self):
        def labels(paths):
            names = [os.path.split(os.path.split(path)[0])[1] for path in paths]
            place = {name: k for k, name in enumerate(sorted({*names}))}
            return list(place), [place[name] for name in names]

        assert is_right("folder_labels", labels)


class TestFreezeAllBut:
    def test_by_names(self):
        def freeze(model, part):
            count = 0
            for name, parameter in model.named_parameters():
                parameter.requires_grad = name.startswith(part + ".")
                count += parameter.numel() if parameter.requires_grad else 0
            return count

        assert is_right("freeze_all_but", freeze)

    def test_by_identity(self):
        def freeze(model, part):
            kept = {id(p) for p in dict(model.named_modules())[part].parameters()}
            for parameter in model.parameters():
                parameter.requires_grad_(id(parameter) in kept)
            return sum(p.numel() for p in model.parameters() if id(p) in kept)

        assert is_right("freeze_all_but", freeze)
