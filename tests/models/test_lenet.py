from __future__ import annotations

import itertools
import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial.models import LeNet, LeNet5, create_model, lenet, list_models
from cnn_tutorial.models._layers_1998 import (
    CodeDistance,
    Subsampling,
    TableConv2d,
    scaled_tanh,
)
from small_models import small_model

# Table I of the paper, by the caption's rules: six maps see three neighbours, six see
# four, three see two pairs, one sees all.
TABLE = [
    *([(i + j) % 6 for j in range(3)] for i in range(6)),
    *([(i + j) % 6 for j in range(4)] for i in range(6)),
    *([i, i + 1, (i + 3) % 6, (i + 4) % 6] for i in range(3)),
    list(range(6)),
]


def count(module):
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


class TestLeNet:
    def test_parameters(self):
        net = LeNet()
        counts = {name: count(layer) for name, layer in net.named_children()}
        assert counts == {
            "conv1": 60,
            "conv2": 880,
            "fc1": 69_240,
            "fc2": 10_164,
            "fc3": 850,
        }
        assert count(net) == 81_194

    def test_agrees_with_its_plan_written_as_layers(self):
        net = LeNet(in_channels=3, num_classes=7)
        plan = nn.Sequential(
            *(net.conv1, nn.ReLU(), nn.MaxPool2d(2)),
            *(net.conv2, nn.ReLU(), nn.MaxPool2d(2), nn.Flatten()),
            *(net.fc1, nn.ReLU(), net.fc2, nn.ReLU(), net.fc3),
        )
        x = torch.randn(5, 3, 32, 32)
        assert_close(net(x), plan(x))
        assert net(x).shape == (5, 7)

    def test_channels_last_and_empty_batches(self):
        net = LeNet()
        x = torch.randn(5, 1, 32, 32)
        last = net.to(memory_format=torch.channels_last)
        assert_close(last(x.to(memory_format=torch.channels_last)), net(x))
        assert net(x[:0]).shape == (0, 10)

    @pytest.mark.parametrize(("height", "width"), [(28, 28), (10, 37), (41, 23)])
    def test_other_sizes(self, height, width):
        net = LeNet(2, 3, input_size=(height, width))
        features = 16
        for size in (height, width):
            features *= ((size - 2) // 2 - 2) // 2
        assert net.fc1.in_features == features
        assert net(torch.randn(2, 2, height, width)).shape == (2, 3)

    def test_num_flat_features(self):
        assert LeNet.num_flat_features(torch.zeros(3, 16, 5, 7)) == 16 * 5 * 7

    def test_an_untrained_network_knows_nothing(self):
        labels = torch.arange(200) % 10
        loss = F.cross_entropy(LeNet()(torch.randn(200, 1, 32, 32)), labels)
        assert abs(loss.item() - math.log(10)) < 0.1

    @pytest.mark.parametrize(
        ("shape", "message"),
        [
            ((1, 3, 32, 32), r"\(1, 3, 32, 32\).*3 channels.*in_channels=1"),
            ((1, 32, 32), r"four axes.*x\[None\]"),
            ((32, 32), r"\(32, 32\).*four axes"),
            ((1, 1, 28, 28), r"\(16, 5, 5\), 400 numbers.*576.*32 x 32.*input_size"),
        ],
    )
    def test_images_that_do_not_fit(self, shape, message):
        with pytest.raises(ValueError, match=message):
            LeNet()(torch.zeros(shape))

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"in_channels": 0}, r"`in_channels` \(=0\) must be at least 1"),
            ({"num_classes": 0}, r"`num_classes` \(=0\) must be at least 1"),
            ({"num_classes": 2.5}, r"`num_classes` \(=2\.5\) must be an integer"),
            ({"input_size": (32, 9)}, r"`input_size` \(=\(32, 9\)\) must be at least"),
        ],
    )
    def test_impossible_settings(self, settings, message):
        with pytest.raises(ValueError, match=message):
            LeNet(**settings)


class TestLeNet5:
    def test_parameters(self):
        net = LeNet5()
        counts = {name: count(layer) for name, layer in net.named_children()}
        assert counts == {
            "c1": 156,
            "s2": 12,
            "c3": 1_516,
            "s4": 32,
            "c5": 48_120,
            "f6": 10_164,
            "output": 0,
        }
        assert count(net) == 60_000

    def test_shapes_of_figure_2(self):
        net, shapes = LeNet5(), {}
        for name, layer in net.named_children():
            layer.register_forward_hook(
                lambda _m, _a, out, name=name: shapes.update({name: tuple(out.shape)})
            )
        net(torch.zeros(2, 1, 32, 32))
        assert shapes == {
            "c1": (2, 6, 28, 28),
            "s2": (2, 6, 14, 14),
            "c3": (2, 16, 10, 10),
            "s4": (2, 16, 5, 5),
            "c5": (2, 120, 1, 1),
            "f6": (2, 84),
            "output": (2, 10),
        }

    def test_connection_table(self):
        table = lenet.C3_CONNECTIONS
        assert table.shape == (6, 16)
        columns = [column.nonzero().flatten().tolist() for column in table.T]
        assert columns == [sorted(maps) for maps in TABLE]
        assert int(table.sum()) == 60

    def test_c3_sees_what_the_table_says(self):
        net = LeNet5()
        x = torch.randn(2, 6, 14, 14, requires_grad=True)
        output = net.c3(x)
        for target, maps in enumerate(TABLE):
            (gradient,) = torch.autograd.grad(
                output[:, target].sum(), x, retain_graph=True
            )
            seen = gradient.abs().sum(dim=(0, 2, 3)).nonzero().flatten().tolist()
            assert seen == sorted(maps)

    def test_scores_are_minus_the_distances_of_f6_to_the_codes(self):
        net = LeNet5()
        states = []
        net.f6.register_forward_hook(lambda _m, _a, out: states.append(out))
        scores = net(torch.randn(3, 1, 32, 32))
        state = 1.7159 * torch.tanh(2 * states[0] / 3)
        codes = lenet.DIGIT_CODES
        for n, c in itertools.product(range(3), range(10)):
            assert_close(scores[n, c], -((state[n] - codes[c]) ** 2).sum())
        assert scores.max() <= 0

    def test_codes_are_drawings_far_apart(self):
        codes = lenet.DIGIT_CODES
        assert codes.shape == (10, 84)
        assert set(codes.flatten().tolist()) == {-1.0, 1.0}
        pixels = torch.cdist(codes, codes, p=0)
        assert pixels[~torch.eye(10, dtype=torch.bool)].min() >= 15
        # Row by row: zero and eight are the same from both sides, a five is not.
        drawings = codes.reshape(10, 12, 7)
        mirrored = (drawings == drawings.flip(2)).flatten(1).all(1)
        assert mirrored.nonzero().flatten().tolist() == [0, 8]

    def test_fixed_codes_are_saved_but_not_trained(self):
        net = LeNet5()
        assert "output.codes" in net.state_dict()
        assert not net.output.codes.requires_grad
        assert LeNet5().output.codes is not lenet.DIGIT_CODES

    def test_weights_start_as_in_appendix_a(self):
        net = LeNet5()
        for weight, fan_in in (
            (net.c1.weight, 25),
            (net.c3.weight[:18], 75),
            (net.c3.weight[18:54], 100),
            (net.c3.weight[54:], 150),
            (net.c5.weight, 400),
            (net.f6.weight, 120),
        ):
            bound = 2.4 / fan_in
            assert 0.9 * bound < weight.abs().max() <= bound
            assert abs(weight.mean()) < bound / 4

    def test_fewer_classes_and_more_channels(self):
        assert LeNet5(3, 4)(torch.randn(2, 3, 32, 32)).shape == (2, 4)

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"num_classes": 11}, r"`num_classes` \(=11\) must be at most 10"),
            ({"in_channels": -1}, r"`in_channels` \(=-1\) must be at least 1"),
        ],
    )
    def test_impossible_settings(self, settings, message):
        with pytest.raises(ValueError, match=message):
            LeNet5(**settings)

    def test_images_of_another_size(self):
        with pytest.raises(ValueError, match=r"\(1, 1, 28, 28\).*32 x 32"):
            LeNet5()(torch.zeros(1, 1, 28, 28))

    def test_learns(self):
        torch.manual_seed(0)
        net = LeNet5()
        x, labels = torch.randn(10, 1, 32, 32), torch.arange(10)
        optimizer = torch.optim.AdamW(net.parameters(), lr=3e-3)
        first = F.cross_entropy(net(x), labels).item()
        for _ in range(20):
            optimizer.zero_grad()
            loss = F.cross_entropy(net(x), labels)
            loss.backward()
            optimizer.step()
        assert loss.item() < first / 10
        assert all(p.grad.abs().sum() > 0 for p in net.parameters())


class TestLayersOf1998:
    def test_scaled_tanh(self):
        x = torch.linspace(-5, 5, 101, dtype=torch.float64, requires_grad=True)
        y = scaled_tanh(x)
        assert_close(y, -scaled_tanh(-x))
        assert_close(scaled_tanh(torch.tensor([1.0, -1.0])), torch.tensor([1.0, -1.0]))
        # Appendix A: the gain around zero is near one.
        (slope,) = torch.autograd.grad(y[50], x)
        assert_close(slope[50].item(), 1.7159 * 2 / 3)

    def test_subsampling(self):
        layer = Subsampling(2)
        with torch.no_grad():
            layer.weight.copy_(torch.tensor([0.5, -1.0]))
            layer.bias.copy_(torch.tensor([0.25, 7.0]))
        x = torch.arange(2 * 5 * 4.0).reshape(1, 2, 5, 4)
        expected = torch.empty(1, 2, 2, 2)
        for c, i, j in itertools.product(range(2), range(2), range(2)):
            block = x[0, c, 2 * i : 2 * i + 2, 2 * j : 2 * j + 2].sum()
            expected[0, c, i, j] = block * layer.weight[c] + layer.bias[c]
        assert_close(layer(x), expected)

    def test_subsampling_starts_as_the_average(self):
        x = torch.randn(2, 3, 7, 11)
        assert_close(Subsampling(3)(x), F.avg_pool2d(x, 2))

    def test_table_convolution_against_one_map_after_the_other(self):
        table = torch.tensor([[1, 0, 1], [0, 1, 1]])
        layer = TableConv2d(table, kernel_size=3)
        x = torch.randn(2, 2, 5, 7)
        kernels = layer.weight[:, None, None]
        expected = [
            F.conv2d(x[:, :1], kernels[0]),
            F.conv2d(x[:, 1:], kernels[1]),
            F.conv2d(x[:, :1], kernels[2]) + F.conv2d(x[:, 1:], kernels[3]),
        ]
        assert_close(layer(x), torch.cat(expected, 1) + layer.bias[:, None, None])
        assert "2, 3, kernel_size=(3, 3)" in repr(layer)

    def test_a_full_table_is_a_convolution(self):
        layer = TableConv2d(torch.ones(3, 5, dtype=torch.long), kernel_size=3)
        plain = nn.Conv2d(3, 5, 3)
        with torch.no_grad():
            plain.weight.copy_(layer.weight.reshape(5, 3, 3, 3))
            plain.bias.copy_(layer.bias)
        x = torch.randn(2, 3, 7, 11)
        assert_close(layer(x), plain(x))

    def test_code_distance(self):
        layer = CodeDistance(torch.tensor([[1.0, -1.0], [1.0, 1.0]]))
        # (3 - 1)^2 + (1 + 1)^2 = 8 and (3 - 1)^2 + 0 = 4
        assert layer(torch.tensor([[3.0, 1.0]])).tolist() == [[8.0, 4.0]]
        assert "classes=2, features=2" in repr(layer)


class TestRegistry:
    @pytest.mark.parametrize("name", list_models())
    def test_each_model_takes_channels_and_classes(self, name):
        model = small_model(name, in_channels=3, num_classes=7)
        assert model(torch.zeros(2, 3, 32, 32)).shape == (2, 7)

    def test_types_and_settings(self):
        assert isinstance(create_model("lenet5"), LeNet5)
        assert create_model("lenet", input_size=28).fc1.in_features == 400

    def test_an_unknown_name_suggests_the_nearest(self):
        with pytest.raises(ValueError, match=r"'lenet', 'lenet5'.*mean 'lenet5'\?"):
            create_model("LeNet-5")

    def test_an_unknown_setting(self):
        with pytest.raises(TypeError, match="depth"):
            create_model("lenet", depth=3)

    @pytest.mark.parametrize("name", list_models())
    def test_may_be_exported(self, name):
        model = small_model(name).eval()
        x = torch.randn(2, 1, 32, 32)
        program = torch.export.export(model, (x,))
        assert_close(program.module()(x), model(x))
