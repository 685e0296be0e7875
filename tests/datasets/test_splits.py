"""Splits in memory, batches of them, and normalisation."""

from __future__ import annotations

import pickle
from dataclasses import replace

import pytest
import torch
from torch.utils.data import DataLoader

from cnn_tutorial.datasets import Batches, Dataset, DatasetInfo, Split

INFO = DatasetInfo(
    name="made-up",
    title="Made up",
    classes=("a", "b", "c"),
    channels=2,
    size=(5, 7),
    mean=(0.25, 0.5),
    std=(0.5, 0.125),
    source="here",
    licence="CC0",
    splits={"train": 23},
)


@pytest.fixture
def split() -> Split:
    images = torch.randint(0, 256, (23, 2, 5, 7), dtype=torch.uint8)
    # The first pixel numbers the image.
    images[:, 0, 0, 0] = torch.arange(23)
    return Split(images, torch.arange(23) % 3, INFO)


def numbers(images):
    """Return which images of `split` these standardised ones are."""
    first = (images[:, 0, 0, 0] * 0.5 + 0.25) * 255
    return first.round().int().tolist()


def test_normalize_by_hand():
    white = torch.full((2, 1, 1), 255, dtype=torch.uint8)
    # Channel 0: (1 - 0.25)/0.5; channel 1: (1 - 0.5)/0.125.
    assert INFO.normalize(white).ravel().tolist() == [1.5, 4.0]
    assert INFO.normalize(white).dtype == torch.float32


def test_normalize_takes_floats_and_keeps_their_precision(split):
    scaled = split.images.double() / 255
    result = INFO.normalize(scaled)
    assert result.dtype == torch.float64
    torch.testing.assert_close(result.float(), split.normalized())


def test_round_trip(split):
    back = INFO.denormalize(split.normalized())
    torch.testing.assert_close(back, split.scaled(), atol=1e-6, rtol=0)
    assert torch.equal((back * 255).round().to(torch.uint8), split.images)


@pytest.mark.parametrize("shape", [(3, 5, 7), (2, 3, 5, 7), (5, 7)])
def test_normalize_refuses_other_channels(shape):
    for function in (INFO.normalize, INFO.denormalize):
        with pytest.raises(ValueError, match="C = 2, the channels of 'made-up'"):
            function(torch.zeros(shape))


def test_scaled_is_0_to_1(split):
    expected = split.images.numpy().astype("float32") / 255
    assert torch.equal(split.scaled(), torch.from_numpy(expected))


def test_info_can_be_hashed_and_pickled():
    assert pickle.loads(pickle.dumps(INFO)) == INFO
    assert hash(INFO) == hash(replace(INFO, splits={"train": 1}))


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"images": torch.zeros(23, 2, 5, 7)}, "torch.uint8"),
        ({"images": torch.zeros(23, 5, 7, dtype=torch.uint8)}, r"\(N, C, H, W\)"),
        ({"images": torch.zeros(23, 2, 7, 5, dtype=torch.uint8)}, r"= \(2, 5, 7\)"),
        ({"labels": torch.zeros(23)}, "torch.int64"),
        ({"labels": torch.zeros(22, dtype=torch.int64)}, r"shape \(23,\)"),
    ],
)
def test_split_refuses_what_does_not_fit(split, changes, rule):
    with pytest.raises(ValueError, match=rule):
        replace(split, **changes)


def test_subset(split):
    assert split.subset([5, 2, 2]).images[:, 0, 0, 0].tolist() == [5, 2, 2]
    assert split.subset(slice(20, None)).labels.tolist() == [2, 0, 1]
    assert split.subset(split.labels == 1).labels.unique().tolist() == [1]
    assert len(split.subset([])) == 0
    with pytest.raises(IndexError):
        split.subset([23])


def test_sample_is_stratified_and_repeatable(split):
    part = split.sample(11)
    # 8, 8 and 7 of 23: shares 3.83, 3.83, 3.35 of 11.
    assert part.labels.bincount().tolist() == [4, 4, 3]
    assert torch.equal(part.images, split.sample(11).images)
    assert not torch.equal(part.images, split.sample(11, seed=1).images)
    with pytest.raises(ValueError, match="at least 3"):
        split.sample(2)
    with pytest.raises(ValueError, match="at most 23"):
        split.sample(24)


def test_a_data_loader_takes_a_split(split):
    images, labels = next(iter(DataLoader(split, batch_size=4)))
    assert torch.equal(images, split.images[:4])
    assert torch.equal(labels, split.labels[:4])


def test_batches_cover_the_split_in_order(split):
    batches = split.batches(5)
    seen = list(batches)
    assert len(batches) == len(seen) == 5
    assert [len(labels) for _, labels in seen] == [5, 5, 5, 5, 3]
    images = torch.cat([images for images, _ in seen])
    assert torch.equal(images, split.normalized())
    assert torch.equal(torch.cat([labels for _, labels in seen]), split.labels)


def test_drop_last(split):
    batches = split.batches(5, drop_last=True)
    assert len(batches) == len(list(batches)) == 4
    assert len(split.batches(23, drop_last=True)) == 1
    with pytest.raises(ValueError, match=r"`batch_size` \(=24\) must be at most 23"):
        split.batches(24, drop_last=True)


def test_each_epoch_has_an_order_of_its_own(split):
    batches = split.batches(7, shuffle=True, seed=3)
    epochs = [[n for x, _ in batches for n in numbers(x)] for _ in range(3)]
    assert all(sorted(epoch) == list(range(23)) for epoch in epochs)
    assert epochs[0] != epochs[1] != epochs[2] != epochs[0]
    for images, labels in batches:
        assert labels.tolist() == [n % 3 for n in numbers(images)]


def test_orders_depend_on_the_seed_and_on_nothing_else(split):
    def orders(seed):
        batches = split.batches(7, shuffle=True, seed=seed)
        return [[n for x, _ in batches for n in numbers(x)] for _ in range(2)]

    expected = orders(3)
    torch.manual_seed(1234)
    state = torch.random.get_rng_state()
    assert orders(3) == expected
    assert torch.equal(torch.random.get_rng_state(), state)
    assert orders(4) != expected


def test_loops_side_by_side_differ(split):
    batches = split.batches(23, shuffle=True)
    one, two = iter(batches), iter(batches)
    assert numbers(next(one)[0]) != numbers(next(two)[0])


def test_state_goes_on_where_it_was(split):
    batches = split.batches(7, shuffle=True, seed=3)
    list(batches)
    state = batches.state_dict()
    second = [n for x, _ in batches for n in numbers(x)]
    other = split.batches(7, shuffle=True, seed=8)
    other.load_state_dict(state)
    assert [n for x, _ in other for n in numbers(x)] == second


def test_batches_move_to_the_device(split):
    images, labels = next(iter(split.batches(4, device="meta")))
    assert images.device.type == labels.device.type == "meta"
    there = split.to("meta")
    assert there.images.device.type == there.labels.device.type == "meta"
    assert there.images.dtype == torch.uint8


@pytest.mark.cuda
def test_batches_of_a_split_on_the_device(split):
    batches = split.to("cuda").batches(7, shuffle=True, seed=3)
    expected = split.batches(7, shuffle=True, seed=3)
    for (images, labels), (x, y) in zip(batches, expected, strict=True):
        assert images.is_cuda
        torch.testing.assert_close(images.cpu(), x)
        assert torch.equal(labels.cpu(), y)


@pytest.mark.parametrize("size", [0, -1, 2.5, True])
def test_batch_size_is_checked(split, size):
    with pytest.raises(ValueError, match="`batch_size`"):
        split.batches(size)


def test_dataset_limited(split):
    part = split.subset(slice(0, 6))
    data = Dataset(INFO, split, part, part)
    cut = data.limited(7)
    assert [len(s) for s in (cut.train, cut.validation, cut.test)] == [7, 6, 6]
    assert cut.info.splits == {"train": 7, "validation": 6, "test": 6}
    assert cut.train.info is cut.info
    assert repr(cut) == (
        "Dataset('made-up': 3 classes, 2x5x7, train 7, validation 6, test 6)"
    )
    assert repr(cut.test) == "Split(6 images of 2x5x7 from 'made-up')"


def test_batches_are_public(split):
    assert isinstance(split.batches(2), Batches)
