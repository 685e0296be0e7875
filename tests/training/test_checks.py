"""What is found out about labels and devices before the first step."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.optim.swa_utils import AveragedModel
from torch.utils.data import DataLoader, Dataset, Subset, TensorDataset

from cnn_tutorial.training import fit
from cnn_tutorial.training._labels import known_labels
from training_cases import batches_of, blobs, sgd

IMAGES, LABELS = blobs(29)


class Folder(Dataset):
    """Labels as torchvision's data sets hold them."""

    def __init__(self, targets, target_transform=None):
        self.targets, self.target_transform = targets, target_transform

    def __len__(self):
        return len(self.targets)

    def __getitem__(self, index):
        return IMAGES[index], int(self.targets[index])


def first(samples):
    return torch.utils.data.default_collate(samples)


class TestKnownLabels:
    @pytest.mark.parametrize(
        "batches",
        [
            batches_of(29),
            tuple(batches_of(29)),
            DataLoader(TensorDataset(IMAGES, LABELS), batch_size=8),
            DataLoader(Folder(LABELS.tolist()), batch_size=8),
            DataLoader(Folder(LABELS.numpy()), batch_size=8),
            DataLoader(Folder(LABELS), batch_size=8),
        ],
    )
    def test_known(self, batches):
        assert torch.equal(known_labels(batches), LABELS)

    def test_of_a_part(self):
        part = Subset(Subset(Folder(LABELS.tolist()), range(5, 23)), [2, 3, 11])
        assert known_labels(DataLoader(part)).tolist() == LABELS[[7, 8, 16]].tolist()

    def test_of_this_course(self, digits):
        split = digits.train
        assert torch.equal(known_labels(split.batches(8)), split.labels)

    @pytest.mark.parametrize(
        "batches",
        [
            (batch for batch in batches_of(8)),
            DataLoader(Folder(LABELS.tolist(), target_transform=lambda y: y + 1)),
            DataLoader(TensorDataset(IMAGES, LABELS), collate_fn=first),
            DataLoader(TensorDataset(IMAGES)),
            DataLoader(Folder(["cat"] * 3)),
            DataLoader(Folder([[1], [2, 3]])),
            DataLoader(Folder(np.ones(3))),
            [3, "ab"],
            [],
        ],
    )
    def test_unknown(self, batches):
        assert len(known_labels(batches)) == 0

    @pytest.mark.parametrize("labels", [LABELS + 1, LABELS - 1])
    def test_they_are_refused_before_the_first_step(self, net, labels):
        batches = DataLoader(TensorDataset(IMAGES, labels), batch_size=8)
        with pytest.raises(ValueError, match=r"`train` has the label (3|-1), but"):
            fit(net, batches, optimizer=sgd(net), epochs=1)
        assert net[1].num_batches_tracked == 0


class TestPlaces:
    """The meta device stands in for a GPU: what matters is that it is another one."""

    def refuse(self, net, message, **settings):
        settings = {"optimizer": sgd(net), "epochs": 1} | settings
        with pytest.raises(ValueError, match=message):
            fit(net, batches_of(8), **settings)
        assert net[1].num_batches_tracked == 0

    def test_a_model_without_numbers(self, net):
        net[5].to("meta")
        self.refuse(net, r"`model` \(Sequential\) is on PyTorch's meta device")

    def test_an_optimizer_that_stayed_behind(self, net):
        optimizer = torch.optim.AdamW(net.parameters())
        net(IMAGES).sum().backward()
        optimizer.step()
        net[1].num_batches_tracked.zero_()
        held = optimizer.state[net[0].weight]
        held["exp_avg"] = held["exp_avg"].to("meta")
        message = r"`optimizer` has numbers on meta, but the training computes on cpu"
        self.refuse(net, message, optimizer=optimizer)

    def test_a_loss_with_weights(self, net):
        loss = nn.CrossEntropyLoss(weight=torch.ones(3, device="meta"))
        self.refuse(net, "`loss` has numbers on meta", loss=loss)

    def test_an_average(self, net):
        average = AveragedModel(net)
        average.module.to("meta")
        self.refuse(net, "`average` has numbers on meta", average=average)

    def test_what_fits_is_not_refused(self, net):
        optimizer = torch.optim.AdamW(net.parameters())
        for _ in range(2):  # the second time the optimiser holds numbers
            record = fit(
                net,
                batches_of(8),
                optimizer=optimizer,
                epochs=1,
                loss=nn.CrossEntropyLoss(weight=torch.ones(3)),
                average=AveragedModel(net),
            )
        assert len(record.curves["train_loss"]) == 1


@pytest.mark.cuda
class TestPlacesOnAGpu:  # pragma: cuda
    def test_all_of_it_moved_and_a_part_not(self, net):
        average, loss = AveragedModel(net), nn.CrossEntropyLoss(weight=torch.ones(3))
        settings = {"optimizer": sgd(net), "epochs": 1, "device": "cuda"}
        for name, value in (("average", average), ("loss", loss)):
            with pytest.raises(ValueError, match=f"`{name}` has numbers on cpu, but"):
                fit(net, batches_of(8), **settings, **{name: value})
        average, loss = AveragedModel(net), loss.cuda()
        record = fit(net, batches_of(8), **settings, average=average, loss=loss)
        assert record.hardware["device"] == "cuda:0"

    def test_a_model_on_two_devices(self, net):
        net[5].cuda()
        with pytest.raises(ValueError, match=r"`model` has numbers on cuda:0, but"):
            fit(net, batches_of(8), optimizer=sgd(net), epochs=1)
