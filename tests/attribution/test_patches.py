"""The parts of many images that a channel answers to most."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial.attribution import Patch, top_patches
from cnn_tutorial.models import LeNet

IMAGES = torch.randn(17, 2, 19, 23, generator=torch.Generator().manual_seed(0))


def net():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(2, 5, 3, stride=2), nn.ReLU(), nn.Conv2d(5, 7, 3), nn.Flatten()
    )


def test_the_patch_alone_gives_the_value():
    """Without padding, all that a number sees is its receptive field."""
    model = net()
    found = top_patches(model, IMAGES.split(7), layer="2", count=3)
    assert list(found) == list(range(7))
    for channel, patches in found.items():
        assert len(patches) == 3
        for patch in patches:
            cut = patch.cut(IMAGES)
            assert cut.shape == (2, 7, 7)  # 3 + 2*2
            alone = model[:3](cut[None])
            assert alone.shape == (1, 7, 1, 1)
            assert_close(alone[0, channel].item(), patch.value, rtol=1e-4, atol=1e-5)


def test_no_image_has_more_and_each_counts_once():
    model = net()
    maps = model[:3](IMAGES).detach()  # (17, 7, 7, 9)
    for channel, patches in top_patches(model, [IMAGES], layer="2", count=5).items():
        most = maps[:, channel].flatten(1).max(1).values.sort(descending=True)
        assert [patch.image for patch in patches] == most.indices[:5].tolist()
        for patch, value in zip(patches, most.values, strict=False):
            assert_close(patch.value, value.item(), rtol=1e-4, atol=1e-5)
            there = maps[patch.image, channel][patch.position].item()
            assert_close(there, patch.value, rtol=1e-4, atol=1e-5)


def test_batches_make_no_difference():
    model = net()
    whole = top_patches(model, [IMAGES], layer="0", count=4, channels=[3, 1])
    pairs = [(part, torch.zeros(len(part))) for part in IMAGES.split(5)]
    parts = top_patches(model, pairs, layer="0", count=4, channels=[3, 1])
    assert list(whole) == list(parts) == [3, 1]
    for channel in whole:
        for one, other in zip(whole[channel], parts[channel], strict=True):
            assert (one.image, one.position) == (other.image, other.position)
            assert one.window == other.window


def test_with_padding_a_patch_has_its_size_at_the_border():
    conv = nn.Conv2d(1, 1, 5, padding=2, bias=False)
    nn.init.ones_(conv.weight)
    model = nn.Sequential(conv)
    image = torch.zeros(1, 1, 7, 11)
    image[0, 0, 0, 0] = 3.0
    image[0, 0, 6, 10] = 1.0
    (patch,) = top_patches(model, [image], layer="0", count=9)[0]
    assert (patch.value, patch.position) == (3.0, (0, 0))
    assert patch.window == ((-2, 2), (-2, 2))
    assert patch.cut(image).sum() == 3
    far = Patch(0, (6, 10), 1.0, ((4, 8), (8, 12)))
    expected = torch.full((1, 5, 5), 9, dtype=torch.uint8)
    expected[0, :3, :3] = image[0, 0, 4:, 8:].byte()
    assert_close(far.cut(image.byte(), fill=9), expected)


def test_evaluation_mode_only_meanwhile():
    model = nn.Sequential(nn.Dropout(0.5), nn.Conv2d(2, 3, 3))
    one, two = (top_patches(model, [IMAGES], layer="1", count=1) for _ in range(2))
    assert one == two
    assert model.training
    assert not model[1]._forward_hooks


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"layer": "3"}, r"`layer` \(='3'\) must return maps .* shape \(17, 441\)"),
        ({"layer": "conv"}, r"`layers` \(='conv'\) must be one of"),
        ({"layer": "0", "count": 0}, r"`count` \(=0\) must be at least 1"),
        ({"layer": "0", "channels": [5]}, r"`channels` \(=5\) must be at most 4"),
    ],
)
def test_says_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        top_patches(net(), [IMAGES], **arguments)


def test_images_have_one_size_and_there_are_some():
    with pytest.raises(ValueError, match=r"\(2, 19, 19\) came after \(2, 19, 23\)"):
        top_patches(net(), [IMAGES, IMAGES[..., :19]], layer="0")
    with pytest.raises(ValueError, match="`batches` is empty"):
        top_patches(LeNet(), [], layer="conv1")
