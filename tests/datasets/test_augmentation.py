"""Random changes of a batch: the same ones, equally often, as one image at a time."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torchvision.transforms import v2

from cnn_tutorial.datasets import Cutout, DatasetInfo, RandomCrop, RandomFlip, Split
from cnn_tutorial.datasets.augmentation import augmented


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def numbered(n=1, c=1, h=3, w=2):
    """Pixels that can be told apart, none of them 0."""
    pixels = torch.arange(1, 1 + n * c * h * w) % 255 + 1
    return pixels.to(torch.uint8).reshape(n, c, h, w)


def frequencies(images):
    return Counter(bytes(image.flatten().tolist()) for image in images)


def same_distribution(ours, theirs, outcomes):
    """Two samples of one size: each outcome as often, within five deviations."""
    a, b = frequencies(ours), frequencies(theirs)
    assert a.keys() == b.keys()
    assert len(a) == outcomes
    for outcome, count in a.items():
        assert abs(count - b[outcome]) < 5 * (count + b[outcome]) ** 0.5


class TestRandomCrop:
    def test_all_nine_places_by_hand(self):
        image = torch.tensor([[[[1, 2]]]], dtype=torch.uint8)
        many = RandomCrop(1)(image.expand(200, 1, 1, 2), generator())
        assert set(map(tuple, many.flatten(1).tolist())) == {
            (0, 0), (0, 1), (1, 2), (2, 0)  # rows of zeros, right, nowhere, left
        }  # fmt: skip

    def test_as_often_as_one_image_at_a_time(self):
        image = numbered()
        n = 4_500
        one = v2.RandomCrop((3, 2), padding=1)
        theirs = [one(image[0]) for _ in range(n)]
        same_distribution(
            RandomCrop(1)(image.expand(n, 1, 3, 2), generator()), theirs, 9
        )

    def test_channels_of_an_image_move_together(self):
        image = numbered(c=1).repeat(7, 3, 1, 1)
        moved = RandomCrop(2)(image, generator())
        assert torch.equal(moved[:, 0], moved[:, 1])
        assert torch.equal(moved[:, 0], moved[:, 2])

    def test_fill(self):
        moved = RandomCrop(11, fill=7)(numbered(n=97), generator())
        assert moved.eq(7).any()
        assert not moved.eq(0).any()


class TestRandomFlip:
    def test_as_often_as_one_image_at_a_time(self):
        image, n = numbered(), 1_000
        one = v2.RandomHorizontalFlip(0.25)
        theirs = [one(image[0]) for _ in range(n)]
        ours = RandomFlip(0.25)(image.expand(n, 1, 3, 2), generator())
        same_distribution(ours, theirs, 2)

    def test_never_and_always(self):
        images = numbered(n=5, c=3)
        assert torch.equal(RandomFlip(0.0)(images, generator()), images)
        assert torch.equal(RandomFlip(1.0)(images, generator()), images.flip(3))


class TestCutout:
    @pytest.mark.parametrize("size", [1, 2, 3, 7])
    def test_every_pixel_may_be_the_middle(self, size):
        h, w, n = 3, 2, 4_200
        expected = []
        for row in range(h):
            for column in range(w):
                image = numbered()[0]
                top, left = row - size // 2, column - size // 2
                box = slice(max(top, 0), top + size), slice(max(left, 0), left + size)
                image[(slice(None), *box)] = 0
                expected.append(image)
        ours = Cutout(size)(numbered().expand(n, 1, h, w), generator())
        theirs = expected * (n // len(expected))
        same_distribution(ours, theirs, len(frequencies(expected)))

    def test_a_fill_for_each_channel(self):
        images = numbered(n=3, c=2)
        covered = Cutout(9, fill=(5, 6))(images, generator())
        assert covered[:, 0].unique().tolist() == [5]
        assert covered[:, 1].unique().tolist() == [6]
        with pytest.raises(ValueError, match=r"`fill` .* one number or 2"):
            Cutout(9, fill=(5, 6, 7))(images, generator())


ALL = [RandomCrop(2), RandomFlip(), Cutout(3)]


@pytest.mark.parametrize("augmentation", ALL, ids=lambda a: type(a).__name__)
class TestEach:
    def test_it_leaves_the_images_alone(self, augmentation):
        images = numbered(n=13, c=3, h=7, w=5)
        before = images.clone()
        changed = augmentation(images, generator())
        assert torch.equal(images, before)
        assert not torch.equal(changed, before)
        assert changed.dtype == torch.uint8
        assert changed.shape == before.shape

    def test_it_draws_from_its_generator_alone(self, augmentation):
        images = numbered(n=13, c=3, h=7, w=5)
        state = torch.random.get_rng_state()
        first = augmentation(images, generator(3))
        assert torch.equal(torch.random.get_rng_state(), state)
        torch.rand(5)
        assert torch.equal(augmentation(images, generator(3)), first)
        assert not torch.equal(augmentation(images, generator(4)), first)

    @pytest.mark.cuda
    def test_a_gpu_gives_the_same(self, augmentation):  # pragma: cuda
        images = numbered(n=13, c=3, h=7, w=5)
        there = augmentation(images.cuda(), generator(3))
        assert torch.equal(there.cpu(), augmentation(images, generator(3)))


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: RandomCrop(0), r"`padding` \(=0\) must be at least 1"),
        (lambda: RandomCrop(2, fill=256), r"`fill` \(=256\) must be at most 255"),
        (lambda: RandomFlip(1.5), r"`probability` \(=1.5\) must be between 0 and 1"),
        (lambda: Cutout(0), r"`size` \(=0\) must be at least 1"),
        (lambda: Cutout(3, fill=(1, -1)), r"`fill` \(=-1\) must be at least 0"),
    ],
)
def test_settings_are_checked(make, message):
    with pytest.raises(ValueError, match=message):
        make()


@pytest.fixture
def split():
    info = DatasetInfo(
        "made-up", "", ("a", "b"), 1, (5, 7), (0.0,), (1 / 255,), "", "", {}
    )
    return Split(numbered(n=23, h=5, w=7), torch.arange(23) % 2, info)


def epoch(batches):
    return [(images.clone(), labels) for images, labels in batches]


def equal(one, other):
    return len(one) == len(other) and all(
        torch.equal(x, y) and torch.equal(a, b)
        for (x, a), (y, b) in zip(one, other, strict=True)
    )


class TestBatches:
    def make(self, split, **settings):
        return split.batches(5, shuffle=True, augment=ALL, **settings)

    def test_other_changes_in_each_epoch_the_same_for_each_seed(self, split):
        batches = split.batches(5, augment=ALL, seed=3)
        first, second = epoch(batches), epoch(batches)
        assert not equal(first, second)
        again = split.batches(5, augment=ALL, seed=3)
        assert equal(epoch(again), first)
        assert equal(epoch(again), second)

    def test_each_batch_of_an_epoch_is_changed_in_its_own_way(self, split):
        info = split.info
        same = Split(split.images[:1].expand(23, 1, 5, 7), split.labels, info)
        images = [x for x, _ in same.batches(5, augment=[RandomCrop(2)])]
        assert not torch.equal(images[0], images[1])

    def test_they_are_the_augmentations_in_order(self, split):
        (images, _), *_ = split.batches(23, augment=ALL, seed=3)
        seed = int(torch.randint(2**48, (), generator=generator(3)))
        expected = augmented(split.images, ALL, seed=seed)
        assert torch.equal(images, split.info.normalize(expected))

    def test_orders_are_the_same_with_and_without(self, split):
        plain = split.batches(5, shuffle=True, seed=3)
        (_, labels), *_ = self.make(split, seed=3)
        assert torch.equal(labels, next(iter(plain))[1])

    @pytest.mark.parametrize("stop", range(6))
    def test_they_go_on_in_the_middle_of_an_epoch(self, split, stop):
        batches = self.make(split, seed=3)
        epoch(batches)
        expected = epoch(batches) + epoch(batches)
        batches = self.make(split, seed=3)
        epoch(batches)
        loop = iter(batches)
        seen = [next(loop) for _ in range(stop)]
        other = self.make(split, seed=8)
        other.load_state_dict(batches.state_dict())
        assert other.state_dict()["done"] == stop
        seen += epoch(other)
        assert equal(seen + epoch(other), expected)

    def test_a_loop_that_was_left_is_over(self, split):
        batches = self.make(split, seed=3)
        for _ in batches:
            break
        assert batches.state_dict()["done"] == 0
        assert len(epoch(batches)) == 5

    def test_more_done_than_there_is(self, split):
        batches = self.make(split)
        with pytest.raises(ValueError, match=r"`state\['done'\]` \(=6\)"):
            batches.load_state_dict(batches.state_dict() | {"done": 6})
