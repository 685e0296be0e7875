"""Residual networks: the paper's counts, and shapes by hand."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial.blocks import BasicBlock, Bottleneck, ConvNormAct, SEBasicBlock
from cnn_tutorial.models.resnet import (
    resnet8,
    resnet18,
    resnet20,
    resnet34,
    resnet50,
)


def parameters(model):
    return sum(p.numel() for p in model.parameters())


class TestConvNormAct:
    def test_by_hand(self):
        block = ConvNormAct(1, 1, 3, norm=None)
        nn.init.ones_(block[0].weight)
        nn.init.constant_(block[0].bias, -4.0)
        x = torch.ones(1, 1, 2, 3)
        # Six ones are under the window in the middle column, four at the sides.
        assert block(x)[0, 0].tolist() == [[0, 2, 0], [0, 2, 0]]

    def test_the_layers_one_after_the_other(self):
        block = ConvNormAct(6, 4, (3, 5), stride=2, dilation=3, groups=2)
        x = torch.randn(3, 6, 17, 19)
        conv, norm, act = block
        assert_close(block.eval()(x), act(norm(conv(x))))
        assert conv.bias is None
        assert [type(layer) for layer in block] == [nn.Conv2d, nn.BatchNorm2d, nn.ReLU]

    @pytest.mark.parametrize("kernel", [1, 3, (5, 7)])
    @pytest.mark.parametrize("dilation", [1, 2, (3, 1)])
    def test_the_size_stays(self, kernel, dilation):
        block = ConvNormAct(2, 3, kernel, dilation=dilation)
        assert block(torch.zeros(2, 2, 11, 13)).shape == (2, 3, 11, 13)

    def test_a_bias_before_a_norm_would_do_nothing(self):
        x = torch.randn(5, 2, 7, 11, dtype=torch.float64)
        norm = nn.BatchNorm2d(3, dtype=torch.float64)
        bias = torch.randn(3, 1, 1, dtype=torch.float64)
        conv = nn.Conv2d(2, 3, 3, bias=False, dtype=torch.float64)
        assert_close(norm(conv(x)), norm(conv(x) + bias))

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            (
                {"groups": 3},
                r"`in_channels` \(=4\) must be divisible by `groups` \(=3\)",
            ),
            ({"groups": 4}, r"`out_channels` \(=6\) must be divisible by `groups`"),
            ({"kernel_size": 0}, r"`kernel_size` \(=0\) must be at least 1"),
            ({"stride": (1, 0)}, r"`stride` \(=\(1, 0\)\) must be at least 1"),
            ({"dilation": 0}, r"`dilation` \(=0\)"),
            ({"in_channels": 0}, r"`in_channels` \(=0\)"),
        ],
    )
    def test_refusals(self, settings, message):
        settings = {"in_channels": 4, "out_channels": 6} | settings
        with pytest.raises(ValueError, match=message):
            ConvNormAct(**settings)


class SEBasic(SEBasicBlock):
    """As narrow as the others are here, with gates that are all open."""

    def __init__(self, in_channels, channels, **settings):
        super().__init__(in_channels, channels, reduction=2, **settings)
        self.gate.gates = lambda x: 1.0


@pytest.mark.parametrize("block", [BasicBlock, SEBasic, Bottleneck])
class TestBlocks:
    def test_a_block_whose_last_norm_is_zero_lets_its_input_pass(self, block):
        inside = 4 // block.expansion
        module = block(4, inside)
        nn.init.zeros_(module.last_norm.weight)
        x = torch.randn(3, 4, 5, 7)
        assert_close(module(x), x.relu())
        assert isinstance(module.shortcut, nn.Identity)

    def test_the_sum_is_taken_before_the_relu(self, block):
        module = block(4, 4 // block.expansion).eval()
        nn.init.zeros_(module.last_norm.weight)
        nn.init.constant_(module.last_norm.bias, -1.0)
        x = torch.rand(3, 4, 5, 7)
        assert_close(module(x), torch.zeros_like(x))

    def test_shapes_that_differ_get_a_projection(self, block):
        module = block(3, 5, stride=2)
        assert module(torch.zeros(2, 3, 7, 10)).shape == (2, 5 * block.expansion, 4, 5)
        assert module.shortcut[0].weight.shape == (5 * block.expansion, 3, 1, 1)
        assert isinstance(block(3, 5).shortcut, ConvNormAct)

    def test_option_c_projects_also_where_shapes_agree(self, block):
        module = block(4, 4 // block.expansion, projection=True)
        assert module.shortcut[0].weight.shape == (4, 4, 1, 1)
        assert module(torch.zeros(2, 4, 5, 7)).shape == (2, 4, 5, 7)

    @pytest.mark.parametrize("bad", [{"stride": 2}, {"in_channels": 3}])
    def test_an_identity_that_cannot_be_added_is_refused(self, block, bad):
        settings = {"in_channels": 4, "channels": 4 // block.expansion, "stride": 1}
        assert isinstance(block(**settings, projection=False).shortcut, nn.Identity)
        with pytest.raises(ValueError, match=r"`projection` \(=False\).*not be added"):
            block(**(settings | bad), projection=False)

    @pytest.mark.parametrize(
        "bad", [{"stride": 0}, {"channels": 0}, {"in_channels": 0}]
    )
    def test_refusals(self, block, bad):
        with pytest.raises(ValueError, match=rf"`{next(iter(bad))}` \(=0\)|channels"):
            block(**({"in_channels": 4, "channels": 4, "stride": 1} | bad))


BUILD = {f.__name__: f for f in (resnet18, resnet34, resnet50)}
COUNTS = {"resnet18": 11_173_962, "resnet34": 21_282_122, "resnet50": 23_520_842}


@pytest.mark.parametrize("name", COUNTS)
def test_counts(name):
    with torch.device("meta"):
        assert parameters(BUILD[name]()) == COUNTS[name]


@pytest.mark.parametrize(("build", "n"), [(resnet8, 1), (resnet20, 3)])
def test_the_family_for_small_images_has_6n_plus_2_layers(build, n):
    net = build(in_channels=1, num_classes=7)
    wide = [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
    past = [m for m in wide if getattr(m, "kernel_size", None) == (1, 1)]
    assert len(wide) - len(past) == 6 * n + 2
    assert len(past) == 2  # where maps are halved
    shapes = [stage[-1].conv2[0].out_channels for stage in net.stages]
    assert shapes == [16, 32, 64]
    assert net(torch.zeros(2, 1, 29, 31)).shape == (2, 7)
