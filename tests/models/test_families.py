"""The course's counts, and torchvision's numbers, for all families but ResNet."""

from __future__ import annotations

import pytest
import torch
import torchvision
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import models
from cnn_tutorial.models import AlexNet, create_model

COUNTS = {
    ("simple", ()): 620_362,
    ("alexnet", (("stem", "large"),)): 58_322_314,
    ("vgg_small", ()): 1_805_002,
    ("vgg_small", (("bias", True),)): 1_806_154,
    # He and others say 0.27 million; option B adds 2,752 to option A's 269,722.
    ("resnet20", ()): 272_474,
    ("plain20", ()): 269_722,
    # Table 2 says 0.8 million.
    ("densenet_bc100", ()): 769_162,
}


@pytest.mark.parametrize(("name", "settings"), COUNTS, ids=str)
def test_counts(name, settings):
    with torch.device("meta"):
        model = create_model(name, in_channels=3, **dict(settings))
    found = sum(p.numel() for p in model.parameters())
    assert found == COUNTS[name, settings]


def of_torchvision(build, **settings):
    torch.manual_seed(0)
    model = build(num_classes=7, **settings)
    for key, tensor in model.state_dict().items():
        if tensor.is_floating_point() and "running_var" not in key:
            spread = (2 / tensor[0].numel()) ** 0.5 if tensor.ndim > 1 else 0.1
            tensor.normal_(std=spread)
    return model.eval()


PAIRS = {
    "alexnet": (
        torchvision.models.alexnet,
        {},
        lambda: AlexNet(
            num_classes=7, channels=(64, 192, 384, 256, 256), stem="large", padding=2
        ),
        64,
    ),
    "vgg11": (
        torchvision.models.vgg11_bn,
        {},
        lambda: create_model(
            name="vgg11",
            in_channels=3,
            num_classes=7,
            bias=True,
            head="flat",
            hidden=4096,
        ),
        224,
    ),
    "vgg16": (
        torchvision.models.vgg16,
        {},
        lambda: create_model(
            name="vgg16",
            in_channels=3,
            num_classes=7,
            norm=False,
            head="flat",
            hidden=4096,
        ),
        224,
    ),
    "densenet121": (torchvision.models.densenet121, {}, None, 64),
    "densenet169": (torchvision.models.densenet169, {}, None, 64),
    "mobilenet_v2": (torchvision.models.mobilenet_v2, {}, None, 64),
    "efficientnet_b0": (torchvision.models.efficientnet_b0, {}, None, 64),
}


# Both have 120 million weights in their affine maps.
LARGE = ("vgg11", "vgg16")


@pytest.mark.parametrize(
    "name",
    [pytest.param(n, marks=[pytest.mark.slow] if n in LARGE else []) for n in PAIRS],
)
def test_torchvision_agrees(name):
    """Its modules are registered in the order of ours: weights map in turn."""
    build, settings, ours_of, size = PAIRS[name]
    theirs = of_torchvision(build, **settings)
    if ours_of is None:
        ours = create_model(name, in_channels=3, num_classes=7, stem="large")
    else:
        ours = ours_of()
    weights = theirs.state_dict().values()
    ours.load_state_dict(dict(zip(ours.state_dict(), weights, strict=True)))
    x = torch.randn(1, 3, size, size)
    with torch.no_grad():
        expected = theirs(x)
        assert expected.abs().max() > 1e-3
        assert_close(ours.eval()(x), expected, rtol=1e-5, atol=1e-5)


def test_a_bias_before_a_norm_does_nothing():
    torch.manual_seed(0)
    model = create_model("vgg_small", in_channels=3, width=4, bias=True, drop=0.0)
    x = torch.randn(5, 3, 16, 16)
    before = model(x)
    for module in model.stages.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.normal_(module.bias)
    assert_close(model(x), before, rtol=1e-3, atol=1e-4)


@pytest.mark.parametrize("stem", ["small", "large"])
@pytest.mark.parametrize(
    "name", ["resnet18", "preact_resnet18", "densenet121", "mobilenet_v2", "alexnet"]
)
def test_stems(name, stem):
    """The large stem divides the size by four once more than the small one."""
    settings = {"in_channels": 3, "width": 8, "stem": stem}
    model = create_model(name, **settings).eval()
    size = 96 if stem == "large" else 32
    assert model(torch.zeros(2, 3, size, size)).shape == (2, 10)


@pytest.mark.parametrize("name", ["resnet18", "densenet121", "mobilenet_v2", "alexnet"])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"stem": "smal"}, "Did you mean 'small'"),
        ({"width": 0}, r"`width` \(=0\) must be at least 1"),
        ({"num_classes": 0}, r"`num_classes` \(=0\) must be at least 1"),
        ({"in_channels": 0}, r"`in_channels` \(=0\) must be at least 1"),
    ],
)
def test_refusals(name, settings, message):
    with pytest.raises(ValueError, match=message):
        create_model(name, **settings)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: AlexNet(channels=(1, 2)), "must be five numbers"),
        (lambda: models.densenet121(compression=0), r"`compression` \(=0\) must be"),
        (lambda: models.densenet121(drop=1.0), r"`drop` \(=1.0\) must be"),
        (lambda: models.vgg11(head="mea"), "Did you mean 'mean'"),
        (lambda: models.SimpleCNN(size=7), r"`size` \(=7\) must be at least 8"),
        (lambda: models.se_resnet18(width=8), r"`reduction` \(=16\) must be at most"),
    ],
)
def test_more_refusals(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_simple_takes_images_of_its_size_only():
    model = models.SimpleCNN(1, size=(28, 37))
    assert model(torch.zeros(2, 1, 28, 37)).shape == (2, 10)
    with pytest.raises(ValueError, match="28 x 37 pixels"):
        model(torch.zeros(2, 1, 32, 32))


def test_without_shortcuts_nothing_passes():
    """All plain convolutions zero: the input is gone. In a residual net it is not."""
    for name, passes in (("plain20", False), ("resnet20", True)):
        model = create_model(name, width=4).eval()
        for module in model.stages.modules():
            if isinstance(module, nn.Conv2d) and module.kernel_size == (3, 3):
                nn.init.zeros_(module.weight)
        with torch.no_grad():
            a, b = model(torch.randn(2, 1, 16, 16))
        assert torch.equal(a, b) != passes
