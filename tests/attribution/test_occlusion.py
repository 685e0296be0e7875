"""What a class loses when pixels are covered."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.testing import assert_close

from cnn_tutorial.attribution import occlusion
from cnn_tutorial.models import LeNet


def linear(height, width, classes=3, channels=2):
    torch.manual_seed(0)
    layers = nn.Flatten(), nn.Linear(channels * height * width, classes)
    return nn.Sequential(*layers).double()


def by_hand(model, image, label, size, stride, fill, score):
    """Cover one window after the other, one image at a time."""
    _, height, width = image.shape
    tops = sorted({*range(0, height - size[0] + 1, stride[0]), height - size[0]})
    lefts = sorted({*range(0, width - size[1] + 1, stride[1]), width - size[1]})
    drops = [[[] for _ in range(width)] for _ in range(height)]
    before = score(model(image[None]))[0, label]
    for top in tops:
        for left in lefts:
            covered = image.clone()
            covered[:, top : top + size[0], left : left + size[1]] = fill
            drop = before - score(model(covered[None]))[0, label]
            for i in range(top, top + size[0]):
                for j in range(left, left + size[1]):
                    drops[i][j].append(float(drop))
    return torch.tensor([[sum(d) / len(d) for d in row] for row in drops])


@settings(max_examples=8, deadline=None)
@given(
    size=st.tuples(st.integers(1, 5), st.integers(1, 7)),
    data=st.data(),
    fill=st.sampled_from([0.0, -1.5]),
    of=st.sampled_from(["logit", "share"]),
    batch_size=st.sampled_from([1, 5, 64]),
)
def test_agrees_with_a_loop_over_windows_and_images(size, data, fill, of, batch_size):
    stride = tuple(data.draw(st.integers(1, side)) for side in size)
    torch.manual_seed(1)
    x = torch.randn(2, 1, 11, 13)
    net = LeNet(input_size=(11, 13)).eval()
    classes = [7, 2]
    found = occlusion(
        net,
        x,
        classes,
        size=size,
        stride=stride,
        fill=fill,
        of=of,
        batch_size=batch_size,
    )
    score = nn.Softmax(1) if of == "share" else nn.Identity()
    with torch.no_grad():
        for image, label, ours in zip(x, classes, found, strict=True):
            loop = by_hand(net, image, label, size, stride, fill, score)
            assert_close(ours, loop, rtol=1e-4, atol=1e-6)


def test_each_pixel_of_a_linear_model_counts_weight_times_value():
    model, x = linear(5, 7), torch.randn(3, 2, 5, 7, dtype=torch.float64)
    weight = model[1].weight[1].reshape(2, 5, 7)
    found = occlusion(model, x, 1, size=1)
    assert_close(found, (weight * x).sum(1).float().detach())


def test_one_patch_over_everything_costs_the_whole_score():
    model, x = linear(5, 7), torch.randn(2, 2, 5, 7, dtype=torch.float64)
    found = occlusion(model, x, 0, size=(5, 7))
    lost = (model(x) - model(torch.zeros_like(x)))[:, 0].float().detach()
    assert_close(found, lost[:, None, None].expand(2, 5, 7))


def test_the_largest_score_is_that_of_the_image_as_it_is():
    model, x = linear(3, 5), torch.randn(4, 2, 3, 5, dtype=torch.float64)
    asked = occlusion(model, x, model(x).argmax(1), size=2)
    assert_close(occlusion(model, x, size=2), asked, rtol=0, atol=0)


def test_shares_lie_between_minus_one_and_one():
    model, x = linear(3, 5), 50 * torch.randn(4, 2, 3, 5, dtype=torch.float64)
    found = occlusion(model, x, size=2, of="share")
    assert found.abs().max() <= 1


def test_model_and_image_stay_as_they_were():
    norm = nn.BatchNorm2d(2)
    model = nn.Sequential(
        nn.ReLU(inplace=True), norm, nn.Dropout(), nn.Flatten(), nn.Linear(30, 2)
    )
    norm.eval()
    x = torch.randn(3, 2, 3, 5, requires_grad=True)
    kept, mean = x.detach().clone(), norm.running_mean.clone()
    first = occlusion(model, x, 0, size=2)
    assert_close(first, occlusion(model, x, 0, size=2), rtol=0, atol=0)  # no dropout
    assert model.training
    assert not norm.training
    assert_close(x.detach(), kept, rtol=0, atol=0)
    assert_close(norm.running_mean, mean, rtol=0, atol=0)
    assert not first.requires_grad


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"size": 6}, r"`size` \(=6\) must fit into images of 3 x 5"),
        ({"size": 0}, r"`size`"),
        ({"size": 2, "stride": 3}, r"`stride` \(=3\) must be at most `size`"),
        ({"size": 2, "of": "score"}, r"`of` \(='score'\)"),
        ({"size": 2, "batch_size": 0}, r"`batch_size`"),
        ({"size": 2, "classes": 3}, r"`classes` must be from 0 to 2"),
        ({"size": 2, "classes": -1}, r"`classes` must be from 0 to 2"),
        ({"size": 2, "classes": [0, 1, 2]}, r"one for each of 2 images"),
        ({"size": 2, "classes": 1.5}, r"whole number"),
    ],
)
def test_says_what_is_wrong(arguments, message):
    with pytest.raises(ValueError, match=message):
        occlusion(linear(3, 5), torch.zeros(2, 2, 3, 5).double(), **arguments)


@pytest.mark.parametrize(
    "x", [torch.zeros(2, 3, 5), torch.zeros(1, 1, 3, 5).int(), torch.zeros(0, 1, 3, 5)]
)
def test_images_are_floats_with_four_axes(x):
    with pytest.raises(ValueError, match=r"`x` of shape .* must be images"):
        occlusion(linear(3, 5), x, size=2)


def test_scores_have_two_axes():
    with pytest.raises(ValueError, match=r"Conv2d.*\(2, 3, 2, 4\) for 2 images"):
        occlusion(nn.Conv2d(2, 3, 2), torch.zeros(2, 2, 3, 5), size=1)
