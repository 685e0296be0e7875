"""Parts of a split that share no image."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.utils import data

from cnn_tutorial.datasets import DatasetInfo, Split, random_split


def split_of(sizes):
    """A split with so many images of each class, numbered in their pixels."""
    labels = torch.repeat_interleave(torch.arange(len(sizes)), torch.tensor(sizes))
    labels = labels[torch.randperm(len(labels))]
    numbers = torch.arange(len(labels))
    images = torch.stack([numbers // 256, numbers % 256], dim=1).byte()
    names = tuple(f"class {k}" for k in range(len(sizes)))
    info = DatasetInfo("made-up", "", names, 1, (1, 2), (0.0,), (1.0,), "", "", {})
    return Split(images.reshape(-1, 1, 1, 2), labels, info)


def numbers(split):
    high, low = split.images.flatten(1).int().T
    return (high * 256 + low).tolist()


def test_parts_counted_by_hand():
    # Of 8 and 4 images, parts of 6, 3 and 3: two thirds and one third of each.
    parts = random_split(split_of([8, 4]), [6, 3, 3])
    assert [part.labels.bincount().tolist() for part in parts] == [
        [4, 2],
        [2, 1],
        [2, 1],
    ]


@pytest.mark.parametrize("stratify", [True, False])
def test_every_image_is_in_one_part_with_its_label(stratify):
    split = split_of([101, 53, 29])
    parts = random_split(split, [0.7, 0.2, 0.1], stratify=stratify)
    everywhere = [n for part in parts for n in numbers(part)]
    assert sorted(everywhere) == list(range(183))
    for part in parts:
        assert numbers(part) == sorted(numbers(part))
        assert torch.equal(part.labels, split.labels[numbers(part)])
        assert part.info is split.info


@pytest.mark.parametrize("shares", [[0.8, 0.2], [0.5, 0.3, 0.2], [0.34, 0.33, 0.33]])
@pytest.mark.parametrize("total", [101, 30, 7])
def test_shares_are_cut_as_pytorch_cuts_them(shares, total):
    theirs = data.random_split(range(total), shares)
    ours = random_split(split_of([total]), shares)
    assert [len(part) for part in ours] == [len(part) for part in theirs]


@given(
    sizes=st.lists(st.integers(7, 60), min_size=1, max_size=5),
    shares=st.sampled_from([(0.5, 0.5), (0.6, 0.2, 0.2), (0.25,) * 4]),
    seed=st.integers(0, 9),
)
@settings(max_examples=40)
def test_classes_keep_their_proportions(sizes, shares, seed):
    for part in random_split(split_of(sizes), shares, seed=seed):
        found = part.labels.bincount(minlength=len(sizes)).numpy()
        exact = np.array(sizes) * len(part) / sum(sizes)
        assert (abs(found - exact) < 2).all()
        assert found.min() >= 1


def test_a_rare_class_is_in_every_part():
    # By size alone the part of 2 images would have none of class 1.
    parts = random_split(split_of([97, 3]), [50, 48, 2])
    assert all((part.labels == 1).any() for part in parts)


def test_without_strata_chance_decides():
    split = split_of([50, 50])
    counts = {
        random_split(split, [50, 50], seed=seed, stratify=False)[0].labels.sum().item()
        for seed in range(20)
    }
    assert len(counts) > 3
    assert random_split(split, [50, 50])[0].labels.sum() == 25


def test_the_seed_alone_decides():
    split = split_of([40, 20])
    first = [numbers(part) for part in random_split(split, [0.5, 0.5], seed=3)]
    state = torch.random.get_rng_state()
    again = [numbers(part) for part in random_split(split, [0.5, 0.5], seed=3)]
    assert torch.equal(torch.random.get_rng_state(), state)
    assert again == first
    assert [numbers(p) for p in random_split(split, [0.5, 0.5], seed=4)] != first


@pytest.mark.parametrize(
    ("lengths", "rule"),
    [
        ([], "empty"),
        ([5, 6], "must add up to 12, the number of images, not to 11"),
        ([12, 0], r"`lengths` \(=0\) must be at least 1"),
        ([0.5, 0.4], "add up to 1"),
        ([1.5, -0.5], "between 0 and 1"),
        ([0.98, 0.01, 0.01], "without any of the 12"),
        ([11, 1], "part 1 .* 2 classes: it is too small"),
        ([4, 4, 2, 2], "part 1 .* none of 'class 1' is left"),
    ],
)
def test_lengths_are_checked(lengths, rule):
    with pytest.raises(ValueError, match=rule):
        random_split(split_of([9, 3]), lengths)
