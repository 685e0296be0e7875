"""The course's counts, stems and depths, and what the families refuse."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import models
from cnn_tutorial.models import create_model
from small_models import small_model

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
        (lambda: models.AlexNet(channels=(1, 2)), "must be five numbers"),
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


DEPTHS = {
    "resnet18": (1, 2),
    "plain20": (1, 1, 2, 1),
    "preact_resnet18": (1, 1),
    "se_resnet18": (2, 1),
    "densenet121": (1, 3),
    "vgg_small": (1, 2, 1),
    "vgg16": (1, 1, 1, 2, 1),
    "mobilenet_v2": (1, 1, 2, 1, 1, 1, 1),
    "efficientnet_b0": (1, 1, 1, 1, 1, 1, 2),
}


@pytest.mark.parametrize("name", DEPTHS)
def test_depths(name):
    """Each stage has as many blocks as was said, and the network still runs."""
    depths = DEPTHS[name]
    model = small_model(name, in_channels=3, depths=depths).eval()
    stages = list(model.stages)
    if name == "densenet121":
        stages = [stage.layers for stage in stages[::2]]
    if name[:3] == "vgg":
        stages = [stage[:-1] for stage in stages]  # without the pooling
    assert tuple(len(stage) for stage in stages) == depths
    assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 10)


@pytest.mark.parametrize(
    ("name", "depths", "message"),
    [
        ("resnet18", (), r"`depths` \(=\(\)\) must be at least one number"),
        ("densenet121", (2, 0), r"`depths` \(=0\) must be at least 1"),
        ("vgg16", (1, 1), r"`depths` \(=\(1, 1\)\) must be 5 numbers, one for each"),
        ("mobilenet_v2", (1,), r"must be 7 numbers"),
    ],
)
def test_depths_that_are_no_plan(name, depths, message):
    with pytest.raises(ValueError, match=message):
        create_model(name, depths=depths)


@pytest.mark.parametrize("n", [1, 2])
def test_depths_make_the_rest_of_the_paper_s_family(n):
    """Each further block of a stage of w channels has 2 * 9 w^2 weights and 4 w."""
    counts = [
        sum(p.numel() for p in create_model("plain20", depths=(k, k, k)).parameters())
        for k in (n, n + 1)
    ]
    assert counts[1] - counts[0] == sum(18 * w**2 + 4 * w for w in (16, 32, 64))
