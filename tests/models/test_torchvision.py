"""torchvision's weights under our names: the same networks, the same logits."""

from __future__ import annotations

import itertools

import pytest
import torch
import torchvision
from torch import nn
from torch.testing import assert_close
from torchvision.models.vgg import VGG, make_layers

from cnn_tutorial import models
from cnn_tutorial.models import (
    create_model,
    from_torchvision,
    like_torchvision,
    torchvision_names,
)
from cnn_tutorial.models.torchvision_weights import _BUILDERS


def filled(model):
    """Fill a network with random numbers that keep their size on the way down."""
    torch.manual_seed(0)
    for key, tensor in model.state_dict().items():
        if tensor.is_floating_point() and "running_var" not in key:
            spread = (2 / tensor[0].numel()) ** 0.5 if tensor.ndim > 1 else 0.1
            tensor.normal_(std=spread)
    return model.double().eval()


def assert_same_logits(ours, theirs, size):
    ours.load_state_dict(from_torchvision(ours, theirs.state_dict()))
    x = torch.randn(1, 3, size, size + 3, dtype=torch.double)
    with torch.no_grad():
        expected, found = theirs(x), ours.double().eval()(x)
    assert expected.abs().max() > 1e-3
    assert_close(found, expected, rtol=1e-5, atol=0)


# VGG's affine maps hold a hundred million weights: it is made narrow further below.
@pytest.mark.parametrize("name", [name for name in _BUILDERS if name[:3] != "vgg"])
def test_the_same_logits(name):
    theirs = filled(torchvision.models.get_model(name, num_classes=7))
    assert_same_logits(like_torchvision(name, num_classes=7), theirs, 64)


PLANS = {
    "vgg11": (1, "M", 2, "M", 4, 4, "M", 8, 8, "M", 8, 8, "M"),
    "vgg16": (1, 1, "M", 2, 2, "M", *(4, 4, 4, "M", 8, 8, 8, "M", 8, 8, 8, "M")),
}


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("name", PLANS)
def test_narrow_vgg(name, norm):
    with torch.device("meta"):  # for its affine maps, which are replaced
        theirs = VGG(make_layers(PLANS[name], batch_norm=norm), init_weights=False)
        numbers = (8 * 49, 11, 11, 7)
        theirs.classifier[0], theirs.classifier[3], theirs.classifier[6] = (
            nn.Linear(a, b) for a, b in itertools.pairwise(numbers)
        )
    theirs = filled(theirs.to_empty(device="cpu"))
    for key, tensor in theirs.state_dict().items():
        if "running_var" in key:
            tensor.uniform_(0.5, 2)
    settings = {"width": 1, "norm": norm, "bias": True, "head": "flat", "hidden": 11}
    ours = create_model(name, in_channels=3, num_classes=7, **settings)
    assert_same_logits(ours, theirs, 224)


@pytest.mark.parametrize("name", _BUILDERS)
def test_every_weight_has_its_own_name_there(name):
    with torch.device("meta"):
        theirs, ours = torchvision.models.get_model(name), like_torchvision(name)
    assert len(from_torchvision(ours, theirs.state_dict())) == len(theirs.state_dict())
    named = dict(theirs.named_modules())
    mapping = torchvision_names(ours)
    assert len(set(mapping.values())) == len(mapping)
    for mine, other in mapping.items():
        assert isinstance(ours.get_submodule(mine), type(named[other]))
    holding = [n for n, m in named.items() if [*m.parameters(recurse=False)]]
    assert sorted(mapping.values()) == sorted(holding)


def test_names_that_differ_in_width_and_depth_stay():
    names = torchvision_names(create_model("densenet121", width=1, depths=(1, 2)))
    assert names["stages.2.layers.1.conv2"] == "features.denseblock2.denselayer2.conv2"
    assert names["stages.1.2"] == "features.transition1.conv"


@pytest.mark.parametrize(
    "build",
    [
        *(models.LeNet, models.plain20, models.preact_resnet18, models.se_resnet18),
        lambda: nn.Linear(2, 3),
    ],
)
def test_what_torchvision_has_not(build):
    with (
        torch.device("meta"),
        pytest.raises(ValueError, match="must be of a kind that torchvision has"),
    ):
        torchvision_names(build())


class TestRefusals:
    def weights(self):
        with torch.device("meta"):
            return torchvision.models.resnet18(num_classes=10).state_dict()

    def test_an_unknown_name(self):
        with pytest.raises(ValueError, match="Did you mean 'resnet50'"):
            like_torchvision("resnet51")

    def test_another_stem(self):
        message = r"'conv1.weight' of shape \(64, 3, 7, 7\), but 'stem.0.weight' .*"
        with (
            torch.device("meta"),
            pytest.raises(ValueError, match=message + r"\(64, 3, 3, 3\)"),
        ):
            from_torchvision(models.resnet18(), self.weights())

    def test_something_is_missing(self):
        weights = self.weights()
        del weights["layer3.1.bn2.running_mean"]
        with (
            torch.device("meta"),
            pytest.raises(ValueError, match=r"no 'layer3.1.bn2.running_mean'.*'stages"),
        ):
            from_torchvision(models.resnet18(stem="large"), weights)

    def test_something_is_left(self):
        weights = self.weights() | {"more": torch.zeros(3)}
        with (
            torch.device("meta"),
            pytest.raises(ValueError, match="holds 1 tensors that"),
        ):
            from_torchvision(models.resnet18(stem="large"), weights)
