"""The gradient footprint and the effective field."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import models
from cnn_tutorial.receptive_field import (
    EffectiveField,
    effective_field,
    gradient_footprint,
)


def plain_gradient(net, x, row, column):
    x = x.clone().requires_grad_()
    net(x)[0, :, row, column].sum().backward()
    return x.grad[0].abs().sum(0) > 0


def recipe():
    """Conv, ReLU, conv, ReLU, max pooling, conv: a field of 10 x 10."""
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Conv2d(4, 4, 3), nn.ReLU(),
        nn.MaxPool2d(2), nn.Conv2d(4, 1, 3),
    )  # fmt: skip


def test_nothing_is_hidden():
    net = recipe()
    hidden = plain_gradient(net, torch.zeros(1, 1, 24, 24), 4, 4)
    found = gradient_footprint(net, (1, 24, 24), position=(4, 4))
    assert int(hidden.sum()) < 100
    assert found.pixels == 100
    assert found.intervals == ((8, 17), (8, 17))
    assert bool((found.mask | hidden).equal(found.mask))


def test_gridding():
    """Two convolutions with dilation 2 see one pixel of four."""
    net = nn.Sequential(nn.Conv2d(1, 1, 3, dilation=2), nn.Conv2d(1, 1, 3, dilation=2))
    found = gradient_footprint(net, (1, 13, 17))
    assert found.size == (9, 9)
    assert found.pixels == 25
    assert found.position == (2, 4)  # the middle of 5 x 9


def test_padding_cuts_the_footprint():
    net = nn.Conv2d(1, 1, 5, padding=2)
    found = gradient_footprint(net, (1, 7, 11), position=(0, 10))
    assert found.intervals == ((0, 2), (8, 10))
    only = gradient_footprint(nn.Conv2d(1, 1, 1, padding=1), (1, 5, 5), position=(0, 0))
    assert (only.pixels, only.intervals, only.size) == (0, ((0, -1), (0, -1)), (0, 0))


@pytest.mark.parametrize(
    "module",
    [
        nn.MaxPool2d((3, 2), (2, 3), (1, 0), ceil_mode=True),
        nn.MaxPool2d(2, 2, dilation=3),
        nn.MaxPool2d(3, 2, 1, 2, ceil_mode=True),
    ],
)
def test_a_maximum_is_taken_for_an_average(module):
    x = torch.rand(1, 2, 17, 19)
    shape = module(x).shape
    last = tuple(n - 1 for n in shape[2:])
    found = gradient_footprint(module, (2, 17, 19), position=last)
    for row, column in [(0, 0), last]:
        seen = torch.zeros(17, 19, dtype=torch.bool)
        for i in range(17):
            for j in range(19):
                y = torch.zeros(1, 2, 17, 19)
                y[:, :, i, j] = 1
                seen[i, j] = bool(module(y)[0, 0, row, column] == 1)
        mask = gradient_footprint(module, (2, 17, 19), position=(row, column)).mask
        assert torch.equal(mask, seen)
    assert found.position == last


@pytest.mark.parametrize(
    "function",
    [
        lambda x: x.amax(dim=(2, 3)),
        lambda x: x.flatten(2).max(dim=2).values,
        lambda x: x.flatten(2).max(dim=2)[0],
        lambda x: torch.maximum(x, x.flip(2, 3)).mean((2, 3)),
        lambda x: torch.sigmoid(100 * x).mean((2, 3)),
        lambda x: torch.max(x).reshape(1, 1),
    ],
)
def test_other_ways_to_hide(function):
    class Model(nn.Module):
        def forward(self, x):
            return function(x)

    assert gradient_footprint(Model(), (2, 5, 7)).pixels == 35


def test_the_model_is_left_as_it_is():
    net = models.LeNet().train()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    state = torch.get_rng_state()
    gradient_footprint(net, (1, 32, 32))
    effective_field(net, (1, 32, 32), layer="conv2")
    assert net.training
    assert torch.equal(state, torch.get_rng_state())
    assert all(p.grad is None and p.requires_grad for p in net.parameters())
    assert all(torch.equal(v, before[k]) for k, v in net.state_dict().items())
    assert all(p.dtype == torch.float32 for p in net.parameters())
    assert not any(m._forward_hooks for m in net.modules())


def test_grad_mode_of_the_caller_does_not_matter():
    with torch.no_grad():
        assert gradient_footprint(nn.Conv2d(1, 1, 3), (1, 7, 7)).pixels == 9
        assert not torch.is_grad_enabled()


@pytest.mark.parametrize("measure", [gradient_footprint, effective_field])
@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"layer": "conv"}, r"`layer` \(='conv'\) must be one of .*Did you mean 'conv"),
        (
            {"layer": "conv1", "position": (30, 0)},
            r"positions go from \(0, 0\) to \(29,",
        ),
        ({"layer": "conv1", "position": (-1, 0)}, "does not exist"),
        ({"layer": "conv1", "position": (1,)}, "does not exist"),
        ({"layer": "conv1", "position": (1, 1.5)}, "must be an integer"),
        ({"position": (0, 0)}, r"shape \(\d+, 10\), so positions go from \(\)"),
        ({"input_size": (32, 32)}, "does not take an input of shape"),
        ({"input_size": (1,)}, "must be the shape of one sample"),
    ],
)
def test_bad_input(measure, settings, message):
    with pytest.raises(ValueError, match=message):
        measure(**{"model": models.LeNet(), "input_size": (1, 32, 32), **settings})


class TestEffectiveField:
    def box(self, depth, kernel=3):
        layer = nn.Conv2d(1, 1, kernel, bias=False)
        nn.init.ones_(layer.weight)
        return nn.Sequential(*[layer] * depth)

    def test_a_chain_of_boxes_is_a_power_of_a_box(self):
        """A box of 3 has the variance 2/3; variances of convolved boxes add up."""
        for depth in (1, 2, 7):
            field = effective_field(self.box(depth), (1, 19, 23))
            wanted = math.sqrt(depth * 2 / 3)
            assert_close(field.std, (wanted, wanted))
        assert field.shares.sum().item() == pytest.approx(1)

    def test_an_even_spread(self):
        field = EffectiveField(torch.full((5, 5), 0.04, dtype=torch.double), (0, 0))
        assert field.centre == pytest.approx((2, 2))
        assert field.side(1.0) == pytest.approx(5)
        assert field.side(0.3) == pytest.approx(3)  # 9 of 25 pixels
        assert field.std == pytest.approx((math.sqrt(2), math.sqrt(2)))

    def test_it_lies_in_the_footprint(self):
        net = recipe()
        field = effective_field(net, (1, 24, 24), position=(4, 4))
        found = gradient_footprint(net, (1, 24, 24), position=(4, 4))
        assert not (field.shares > 0)[~found.mask].any()
        assert field.std[0] < math.sqrt((10**2 - 1) / 12)  # an even spread

    def test_several_models_are_averaged(self):
        torch.manual_seed(0)
        nets = [nn.Conv2d(1, 1, 3) for _ in range(2)]
        each = [effective_field(net, (1, 5, 5), samples=1) for net in nets]
        both = effective_field(nets, (1, 5, 5), samples=1)
        assert not torch.equal(each[0].shares, each[1].shares)
        low, high = (f(each[0].shares, each[1].shares) for f in (torch.min, torch.max))
        assert bool(
            ((low - 1e-12 <= both.shares) & (both.shares <= high + 1e-12)).all()
        )

    def test_given_inputs(self):
        net, x = recipe(), torch.rand(3, 1, 24, 24)
        one = effective_field(net, (1, 24, 24), inputs=x)
        assert torch.equal(
            one.shares, effective_field(net, (1, 24, 24), inputs=x).shares
        )
        assert not x.requires_grad
        for wrong in (torch.rand(3, 1, 24, 23), torch.rand(0, 1, 24, 24)):
            with pytest.raises(ValueError, match=r"`inputs` .* must be of shape"):
                effective_field(net, (1, 24, 24), inputs=wrong)

    def test_what_has_no_gradient(self):
        net = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU())
        nn.init.constant_(net[0].weight, 0.0)
        nn.init.constant_(net[0].bias, -1.0)
        with pytest.raises(ValueError, match="no gradient at this position"):
            effective_field(net, (1, 5, 5))
        with pytest.raises(ValueError, match="`model` is empty"):
            effective_field([], (1, 5, 5))
        with pytest.raises(ValueError, match=r"`share` \(=0\) must be above 0"):
            effective_field(nn.Conv2d(1, 1, 3), (1, 5, 5)).side(0)
        with pytest.raises(ValueError, match="`samples`"):
            effective_field(nn.Conv2d(1, 1, 3), (1, 5, 5), samples=0)
