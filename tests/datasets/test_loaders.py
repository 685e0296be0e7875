"""One image at a time, by workers: the same batches, however they are made."""

from __future__ import annotations

from collections import Counter

import pytest
import torch
from torch.utils.data import get_worker_info
from torchvision.transforms import v2

from cnn_tutorial.datasets import DatasetInfo, Loader, RandomCrop, RandomFlip, Split

# A machine with one core is told that two workers are many.
pytestmark = pytest.mark.filterwarnings("ignore:This DataLoader will create")

INFO = DatasetInfo(
    "made-up", "", ("a", "b"), 2, (5, 7), (0.0,) * 2, (0.5,) * 2, "", "", {}
)
AT_RANDOM = v2.Compose([v2.RandomCrop((5, 7), padding=2), v2.RandomHorizontalFlip()])


@pytest.fixture
def split():
    images = torch.randint(1, 256, (23, 2, 5, 7), dtype=torch.uint8)
    return Split(images, torch.arange(23) % 2, INFO)


def epoch(batches):
    return [(images.clone(), labels.clone()) for images, labels in batches]


def equal(one, other):
    return len(one) == len(other) and all(
        torch.equal(x, y) and torch.equal(a, b)
        for (x, a), (y, b) in zip(one, other, strict=True)
    )


def who_am_i(image):
    """Write the number of the worker into the image, 0 in the main process."""
    worker = get_worker_info()
    return torch.full_like(image, 0 if worker is None else worker.id + 1)


class TestWithoutATransform:
    @pytest.mark.parametrize("workers", [0, 2])
    def test_it_gives_what_batches_give(self, split, workers):
        loader = split.loader(5, shuffle=True, seed=3, workers=workers)
        batches = split.batches(5, shuffle=True, seed=3)
        assert len(loader) == len(batches) == 5
        for _ in range(2):
            assert equal(epoch(loader), epoch(batches))

    def test_images_are_standardised_by_hand(self):
        white = torch.full((3, 2, 5, 7), 255, dtype=torch.uint8)
        split = Split(white, torch.tensor([1, 0, 1]), INFO)
        ((images, labels),) = split.loader(3)
        assert images.dtype == torch.float32
        assert images.unique().tolist() == [2.0]  # (1 - 0) / 0.5
        assert labels.tolist() == [1, 0, 1]

    def test_drop_last(self, split):
        assert [len(y) for _, y in split.loader(5, drop_last=True)] == [5] * 4
        with pytest.raises(ValueError, match=r"`batch_size` \(=24\)"):
            split.loader(24, drop_last=True)


class TestWorkers:
    def make(self, split, workers, *, seed=3):
        return split.loader(
            5, transform=AT_RANDOM, shuffle=True, seed=seed, workers=workers
        )

    def test_the_same_images_however_many_there_are(self, split):
        expected = self.make(split, 0)
        first, second = epoch(expected), epoch(expected)
        assert not equal(first, second)
        for workers in (1, 2):
            loader = self.make(split, workers)
            assert equal(epoch(loader), first)
            assert equal(epoch(loader), second)
        assert not equal(epoch(self.make(split, 0, seed=4)), first)

    def test_they_do_the_work(self, split):
        loader = split.loader(5, transform=who_am_i, workers=2)
        values = torch.cat([images for images, _ in loader]).unique() * 0.5 * 255
        assert values.round().tolist() == [1, 2]
        here = torch.cat([x for x, _ in split.loader(5, transform=who_am_i)])
        assert here.unique().tolist() == [0]

    @pytest.mark.parametrize("workers", [0, 2])
    def test_nothing_is_drawn_from_the_global_generator(self, split, workers):
        state = torch.random.get_rng_state()
        first = epoch(self.make(split, workers))
        assert torch.equal(torch.random.get_rng_state(), state)
        torch.rand(11)
        assert equal(epoch(self.make(split, workers)), first)

    def test_a_loop_within_a_loop_has_workers_of_its_own(self, split):
        expected = [epoch(loader) for loader in [self.make(split, 0)] for _ in range(2)]
        loader = self.make(split, 1)
        outer, inner = [], []
        for images, labels in loader:
            outer.append((images.clone(), labels.clone()))
            inner = inner or epoch(loader)
        assert equal(outer, expected[0])
        assert equal(inner, expected[1])

    @pytest.mark.parametrize("stop", [0, 2, 5])
    def test_it_goes_on_in_the_middle_of_an_epoch(self, split, stop):
        reference = self.make(split, 0)
        expected = epoch(reference) + epoch(reference)
        loader = self.make(split, 2)  # whose workers are ahead of the loop
        loop = iter(loader)
        seen = [next(loop) for _ in range(stop)]
        other = self.make(split, 1, seed=8)
        other.load_state_dict(loader.state_dict())
        seen += epoch(other)
        assert equal(seen + epoch(other), expected)

    def test_a_loop_that_was_left_does_not_disturb_the_next(self, split):
        reference, loader = self.make(split, 0), self.make(split, 2)
        epoch(reference)
        for _ in loader:
            break
        assert equal(epoch(loader), epoch(reference))

    def test_an_error_in_a_worker_arrives(self, split):
        loader = split.loader(5, transform=v2.RandomCrop(11), workers=1)
        with pytest.raises(ValueError, match="larger than"):
            next(iter(loader))


class TestDistribution:
    """The same changes as often, whichever path they take."""

    def outcomes(self, batches, epochs):
        seen = Counter()
        for _ in range(epochs):
            for images, _ in batches:
                pixels = (images * 0.5 * 255).round().byte()
                seen.update(bytes(image.flatten().tolist()) for image in pixels)
        return seen

    def test_crop_and_flip(self):
        # One image of different pixels, 200 times; 9 places, mirrored or not.
        info = DatasetInfo("one", "", ("a",), 1, (3, 2), (0.0,), (0.5,), "", "", {})
        image = torch.tensor([[[[9, 1], [7, 2], [5, 3]]]], dtype=torch.uint8)
        split = Split(image.repeat(200, 1, 1, 1), torch.zeros(200).long(), info)
        one = v2.Compose([v2.RandomCrop((3, 2), padding=1), v2.RandomHorizontalFlip()])
        theirs = self.outcomes(split.loader(50, transform=one), epochs=9)
        whole = [RandomCrop(1), RandomFlip()]
        ours = self.outcomes(split.batches(50, augment=whole), epochs=9)
        assert ours.keys() == theirs.keys()
        assert len(ours) == 18
        for outcome, count in ours.items():  # 100 of each expected
            other = theirs[outcome]
            assert abs(count - other) < 5 * (count + other) ** 0.5
            assert abs(other - 100) < 5 * 100**0.5

    def test_each_image_of_an_epoch_is_changed_in_its_own_way(self):
        split = Split(
            torch.arange(70).byte().reshape(1, 2, 5, 7).repeat(40, 1, 1, 1),
            torch.zeros(40).long(),
            INFO,
        )
        images = torch.cat([x for x, _ in split.loader(7, transform=AT_RANDOM)])
        assert len(images.unique(dim=0)) > 20  # of 50 possible ones, 28 expected


class TestDevice:
    def test_batches_move_there(self, split):
        images, labels = next(iter(split.loader(4, device="meta")))
        assert images.device.type == labels.device.type == "meta"

    def test_memory_is_pinned_for_a_gpu_alone(self, split):
        assert Loader(split, 4, device="cuda").pin_memory
        assert not Loader(split, 4, device="cuda", pin_memory=False).pin_memory
        assert not Loader(split, 4, device="cpu").pin_memory
        assert not Loader(split, 4).pin_memory

    @pytest.mark.cuda
    @pytest.mark.parametrize("workers", [0, 2])
    def test_a_gpu_gets_the_same(self, split, workers):  # pragma: cuda
        settings = {"transform": AT_RANDOM, "shuffle": True, "seed": 3}
        there = split.loader(5, device="cuda", workers=workers, **settings)
        for (x, y), (a, b) in zip(there, split.loader(5, **settings), strict=True):
            assert x.is_cuda
            torch.testing.assert_close(x.cpu(), a)
            assert torch.equal(y.cpu(), b)


def test_a_transform_may_return_floats_and_another_size(split):
    change = v2.Compose([v2.Resize((11, 13)), v2.ToDtype(torch.float32, scale=True)])
    ((images, _),) = split.loader(23, transform=change)
    assert images.shape == (23, 2, 11, 13)
    assert images.min() >= 0
    assert images.max() <= 2  # 1 / 0.5


@pytest.mark.parametrize("workers", [-1, 1.5, True])
def test_workers_are_counted(split, workers):
    with pytest.raises(ValueError, match="`workers`"):
        split.loader(5, workers=workers)
