"""Blocks: by hand, against PyTorch's own layers, and what they refuse."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial.blocks import (
    ChannelMixer,
    ConvNormAct,
    DenseBlock,
    DenseLayer,
    DepthwiseSeparableConv,
    MBConv,
    PlainBlock,
    PreActBlock,
    SEBasicBlock,
    SEBlock,
    Transition,
)


def count(module):
    return sum(p.numel() for p in module.parameters())


@pytest.fixture(autouse=True)
def _seed():
    torch.manual_seed(0)


class TestSEBlock:
    def test_by_hand(self):
        block = SEBlock(2, reduction=2)
        block.squeeze.weight.data = torch.tensor([[[[1.0]], [[-1.0]]]])
        block.excite.weight.data = torch.tensor([[[[0.0]]], [[[1.0]]]])
        x = torch.tensor([[[[1.0, 5.0]], [[0.0, 2.0]]]])
        # Means 3 and 1; 3 - 1 = 2; gates sigmoid(0) = 1/2 and sigmoid(2).
        gate = 1 / (1 + torch.tensor(-2.0).exp())
        assert_close(block.gates(x).flatten(), torch.stack([torch.tensor(0.5), gate]))
        assert_close(block(x)[0, 0, 0], torch.tensor([0.5, 2.5]))

    def test_against_affine_maps(self):
        block = SEBlock(6, reduction=3, bias=True)
        x = torch.randn(5, 6, 7, 11)
        hidden = F.linear(
            x.mean((2, 3)), block.squeeze.weight[..., 0, 0], block.squeeze.bias
        )
        out = F.linear(hidden.relu(), block.excite.weight[..., 0, 0], block.excite.bias)
        assert_close(block(x), x * out.sigmoid()[:, :, None, None])

    def test_gates_do_not_see_places(self):
        block, x = SEBlock(4, reduction=2), torch.randn(3, 4, 5, 7)
        assert_close(block.gates(x), block.gates(x.roll((1, 2), (2, 3))))

    def test_counts(self):
        assert count(SEBlock(64, reduction=16)) == 512
        assert count(SEBlock(64, hidden=3, bias=True)) == 2 * 64 * 3 + 3 + 64

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            (
                {"channels": 8},
                r"`reduction` \(=16\) must be at most `channels` \(=8\)",
            ),
            ({"channels": 0}, r"`channels` \(=0\) must be at least 1"),
            ({"channels": 8, "reduction": 0}, r"`reduction` \(=0\)"),
            ({"channels": 8, "hidden": 0}, r"`hidden` \(=0\)"),
        ],
    )
    def test_refusals(self, settings, message):
        with pytest.raises(ValueError, match=message):
            SEBlock(**settings)


class TestSEBasicBlock:
    def test_the_gate_is_before_the_sum(self):
        block = SEBasicBlock(4, 4, reduction=2)
        nn.init.constant_(block.gate.excite.weight, 0)  # all gates are one half
        x = torch.randn(3, 4, 5, 7)
        plain = block.conv2(block.conv1(x))
        assert_close(block(x), F.relu(plain / 2 + x))

    def test_count(self):
        convs, norms, gate = 2 * 64 * 64 * 9, 2 * 2 * 64, 512
        assert count(SEBasicBlock(64, 64)) == convs + norms + gate


class TestPreActBlock:
    def test_zero_weights_let_the_input_pass_whatever_its_sign(self):
        block = PreActBlock(3, 3)
        nn.init.zeros_(block.conv2.weight)
        x = torch.randn(2, 3, 5, 7)
        assert torch.equal(block(x), x)

    def test_against_layers(self):
        block = PreActBlock(3, 5, stride=2).eval()
        x = torch.randn(2, 3, 7, 11)
        a = F.relu(block.norm1(x))
        inside = nn.Sequential(block.conv1, block.norm2, nn.ReLU(), block.conv2)
        assert_close(block(x), inside(a) + F.conv2d(a, block.shortcut.weight, stride=2))

    def test_projections(self):
        asked = PreActBlock(3, 3, projection=True)
        assert asked.shortcut.weight.shape == (3, 3, 1, 1)
        assert PreActBlock(3, 3, projection=False).shortcut is None
        with pytest.raises(ValueError, match=r"`projection` \(=False\) needs"):
            PreActBlock(3, 3, stride=2, projection=False)

    @pytest.mark.parametrize("bad", ["in_channels", "channels", "stride"])
    def test_refusals(self, bad):
        with pytest.raises(ValueError, match=rf"`{bad}` \(=0\) must be at least 1"):
            PreActBlock(**({"in_channels": 2, "channels": 2} | {bad: 0}))


class TestPlainBlock:
    def test_it_is_the_basic_block_without_its_shortcut(self):
        block = PlainBlock(3, 5, stride=2).eval()
        x = torch.randn(2, 3, 7, 11)
        assert_close(block(x), block[1](block[0](x)))
        nn.init.zeros_(block[1][0].weight)
        assert not block(x).any()


class TestEfficient:
    def test_a_mixer_is_a_matrix_at_each_place(self):
        mixer, x = ChannelMixer(5, 3), torch.randn(2, 5, 7, 11)
        same = torch.einsum("oc,nchw->nohw", mixer.weight[:, :, 0, 0], x)
        assert_close(mixer(x), same + mixer.bias[:, None, None])
        assert count(ChannelMixer(256, 64)) == 16_448
        assert count(nn.Conv2d(256, 64, 3, bias=False)) + 64 == 147_520

    def test_depthwise_separable(self):
        block = DepthwiseSeparableConv(64, 128)
        assert sum(p.numel() for p in block.parameters() if p.ndim == 4) == 8_768
        assert count(block) == 9_152
        assert count(nn.Conv2d(64, 128, 3, bias=False)) == 73_728

    def test_depthwise_separable_is_one_kernel_of_rank_one(self):
        """Norms and the first ReLU aside, kernels are outer products over channels."""
        block = DepthwiseSeparableConv(3, 5)
        each, mix = block[0][0].weight, block[1][0].weight
        whole = mix * each.transpose(0, 1)  # (5, 3, 3, 3)
        x = torch.randn(2, 3, 7, 11)
        two = F.conv2d(F.conv2d(x, each, padding=1, groups=3), mix)
        assert_close(two, F.conv2d(x, whole, padding=1))

    def test_mbconv_counts(self):
        assert count(MBConv(32, 32, expansion=4, se_reduction=4)) == 18_112
        # EfficientNet takes the gate from the 32 that come in: 8 and not 32 inside.
        narrow = MBConv(32, 32, expansion=4, se_reduction=4, se_from="input")
        assert count(narrow) == 18_112 - 2 * 128 * (32 - 8)
        assert count(MBConv(32, 32, expansion=4)) == 18_112 - 2 * 128 * 32

    def test_mbconv_leaves_out_what_does_nothing(self):
        kinds = [len(MBConv(4, 4, expansion=e).layers) for e in (1, 6)]
        assert kinds == [2, 3]

    @pytest.mark.parametrize(
        ("out", "stride", "adds"), [(4, 1, True), (5, 1, False), (4, 2, False)]
    )
    def test_mbconv_adds_its_input_where_it_can(self, out, stride, adds):
        block = MBConv(4, out, stride=stride)
        nn.init.zeros_(block.last_norm.weight)
        x = torch.randn(2, 4, 6, 10)
        y = block(x)
        assert torch.equal(y, x) if adds else not y.any()

    def test_mbconv_ends_without_activation(self):
        block = MBConv(4, 5).eval()
        nn.init.constant_(block.last_norm.bias, -1.0)
        nn.init.zeros_(block.last_norm.weight)
        assert (block(torch.randn(2, 4, 5, 7)) == -1).all()

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"expansion": 0}, r"`expansion` \(=0\)"),
            ({"stride": 0}, r"`stride` \(=0\)"),
            ({"kernel_size": 4}, r"`kernel_size` \(=4\) must be odd"),
            ({"se_from": "hiden"}, "Did you mean 'hidden'"),
            ({"se_reduction": 0}, r"`se_reduction` \(=0\)"),
            (
                {"se_reduction": 8, "se_from": "input"},
                r"`se_reduction` \(=8\) must be at most 4, the number of input",
            ),
        ],
    )
    def test_refusals(self, settings, message):
        with pytest.raises(ValueError, match=message):
            MBConv(4, 4, **settings)


class TestDense:
    def test_counts(self):
        block = DenseBlock(64, depth=4, growth=32)
        assert (block.out_channels, count(block)) == (192, 206_720)

    def test_what_was_made_before_stays(self):
        block = DenseBlock(3, depth=2, growth=5).eval()
        x = torch.randn(2, 3, 7, 11)
        y = block(x)
        first = torch.cat([x, block.layers[0](x)], 1)
        assert torch.equal(y[:, :3], x)
        assert_close(y, torch.cat([first, block.layers[1](first)], 1))

    def test_layer_against_pytorch(self):
        layer = DenseLayer(3, 2, bottleneck=4)
        nn.init.normal_(layer.norm1.bias)
        x = torch.randn(5, 3, 7, 11)
        middle = F.conv2d(F.relu(layer.norm1(x)), layer.conv1.weight)
        assert middle.shape[1] == 8
        out = F.conv2d(F.relu(layer.norm2(middle)), layer.conv2.weight, padding=1)
        assert_close(layer(x), out)

    def test_dropout_is_for_training(self):
        layer, x = DenseLayer(3, 64, drop=0.9), torch.randn(1, 3, 5, 7)
        assert (layer(x) == 0).float().mean() > 0.8
        assert torch.equal(layer.eval()(x), layer(x))

    def test_recomputing_gives_the_same_gradients(self):
        block = DenseBlock(3, depth=3, growth=2)
        x = torch.randn(2, 3, 5, 7)
        grads = []
        for again in (False, True):
            block.recompute = again
            block.zero_grad()
            block(x).square().sum().backward()
            grads.append([p.grad.clone() for p in block.parameters()])
        for one, other in zip(*grads, strict=True):
            assert_close(one, other)

    def test_recomputing_keeps_less(self):
        """Count the bytes that autograd keeps for the backward pass."""

        def kept(again):
            block = DenseBlock(16, depth=4, growth=8, recompute=again)
            total = 0

            def note(tensor):
                nonlocal total
                total += tensor.numel()
                return tensor

            x = torch.randn(2, 16, 31, 31, requires_grad=True)
            with torch.autograd.graph.saved_tensors_hooks(note, lambda t: t):
                block(x)
            return total

        assert kept(again=True) < kept(again=False) / 2

    def test_transition(self):
        block = Transition(6, 3)
        x = torch.randn(2, 6, 10, 7)
        norm, _, conv, _ = block
        mixed = F.conv2d(F.relu(norm(x)), conv.weight)
        assert_close(block(x), F.avg_pool2d(mixed, 2))

    @pytest.mark.parametrize(
        "build",
        [
            lambda: DenseBlock(3, 0),
            lambda: DenseLayer(0, 3),
            lambda: DenseLayer(3, 0),
            lambda: DenseLayer(3, 3, bottleneck=0),
            lambda: DenseLayer(3, 3, drop=-0.1),
            lambda: Transition(0, 3),
            lambda: Transition(3, 0),
        ],
    )
    def test_refusals(self, build):
        with pytest.raises(ValueError, match=r"must be at least"):
            build()


def test_a_bias_may_be_asked_for():
    assert ConvNormAct(2, 3, bias=True)[0].bias is not None
    assert ConvNormAct(2, 3, norm=None, bias=False)[0].bias is None
