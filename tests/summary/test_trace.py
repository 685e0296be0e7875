from __future__ import annotations

import re

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnn_tutorial import arithmetic
from cnn_tutorial.hooks import ActivationRecorder
from cnn_tutorial.models import LeNet, LeNet5
from cnn_tutorial.summary import trace

# The package itself imports torchvision in `datasets` only; here it is an oracle.
torchvision_models = pytest.importorskip("torchvision.models")


class OneOff(nn.Module):
    """A LeNet whose fc1 was told the size before the second pooling."""

    def __init__(self, in_features=16 * 13 * 13):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 6, 3)
        self.conv2 = nn.Conv2d(6, 16, 3)
        self.fc1 = nn.Linear(in_features, 120)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc1(x.flatten(1))


class Numbers(nn.Module):
    """A model that cannot run without numbers: it asks for one."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, 3)
        self.norm = nn.BatchNorm2d(3)
        self.drop = nn.Dropout(0.5)

    def forward(self, x):
        x = self.drop(self.norm(self.conv(x)))
        return x if x.sum().item() > 1e9 else x.mean(dim=(2, 3))


def state_of(model):
    hooks = [
        (len(m._forward_hooks), len(m._forward_pre_hooks), m.training)
        for m in model.modules()
    ]
    return hooks, {k: v.clone() for k, v in model.state_dict().items()}


class TestNumbers:
    def test_lenet(self):
        result = trace(LeNet(), (1, 32, 32))
        by_arithmetic = {
            "conv1": (60, arithmetic.conv_macs(1, 6, 3, 30)),
            "conv2": (880, arithmetic.conv_macs(6, 16, 3, 13)),
            "fc1": (69_240, arithmetic.linear_macs(576, 120)),
            "fc2": (10_164, arithmetic.linear_macs(120, 84)),
            "fc3": (850, arithmetic.linear_macs(84, 10)),
        }
        assert {r.name: (r.parameters, r.macs) for r in result.rows} == by_arithmetic
        assert [r.output_shape for r in result.rows] == [
            (1, 6, 30, 30),
            (1, 16, 13, 13),
            (1, 120),
            (1, 84),
            (1, 10),
        ]
        assert result.parameters == result.trainable == 81_194
        # 54*900 + 864*169 + 576*120 + 120*84 + 84*10
        assert result.macs == 48_600 + 146_016 + 69_120 + 10_080 + 840
        assert result.input_shape == (1, 1, 32, 32)
        assert result.output_shape == (1, 10)

    def test_lenet5_counts_the_full_convolution(self):
        result = trace(LeNet5(), (1, 32, 32))
        macs = {row.name: row.macs for row in result.rows}
        assert macs["c3"] == 16 * 6 * 25 * 100
        assert macs["s2"] == macs["output"] == 0
        assert result.parameters == 60_000

    @pytest.mark.parametrize("name", ["resnet18", "densenet121", "mobilenet_v2"])
    def test_agrees_with_torchvision_models_counted_for_real(self, name):
        model = torchvision_models.get_model(name, weights=None).eval()
        result = trace(model, (3, 64, 64), batch_size=2)
        with FlopCounterMode(display=False) as flops, torch.no_grad():
            model(torch.zeros(2, 3, 64, 64))
        assert 2 * result.macs == flops.get_total_flops()
        total = sum(p.numel() for p in model.parameters())
        assert result.parameters == sum(row.parameters for row in result.rows) == total
        assert sum(row.macs for row in result.rows) == result.macs

    def test_settings_of_convolutions(self):
        model = nn.Sequential(
            nn.Conv2d(
                6, 9, (3, 5), stride=(2, 1), padding=(1, 2), groups=3, bias=False
            ),
            nn.ConvTranspose2d(9, 2, 3, stride=2),
        )
        first, second = trace(model, (6, 11, 13)).rows
        assert first.output_shape == (1, 9, 6, 13)
        assert first.parameters == 9 * 2 * 15
        assert first.macs == 9 * 2 * 15 * 6 * 13
        assert second.macs == 9 * 2 * 9 * 6 * 13  # each input pixel meets each weight

    def test_batch_size(self):
        one, seven = (trace(LeNet(), (1, 32, 32), batch_size=n) for n in (1, 7))
        assert seven.macs == 7 * one.macs
        assert seven.parameters == one.parameters
        assert seven.output_shape == (7, 10)


class TestRows:
    def test_products_in_forward_count_for_their_module(self):
        class Outer(nn.Module):
            def __init__(self):
                super().__init__()
                self.inner = nn.Linear(3, 5)
                self.scale = nn.Parameter(torch.ones(5, 7))

            def forward(self, x):
                return self.inner(x) @ self.scale

        result = trace(nn.Sequential(Outer(), nn.ReLU()), (3,))
        found = [(r.name, r.parameters, r.macs) for r in result.rows]
        assert found == [("0.inner", 20, 15), ("0", 35, 35), ("1", 0, 0)]

    def test_a_layer_that_runs_twice_counts_its_parameters_once(self):
        layer = nn.Linear(5, 5)
        result = trace(nn.Sequential(layer, nn.ReLU(), layer), (5,))
        assert [(r.parameters, r.macs, r.repeated) for r in result.rows] == [
            (30, 25, False),
            (0, 0, False),
            (0, 25, True),
        ]
        assert (result.parameters, result.macs) == (30, 50)
        assert "shared" in str(result)

    def test_tied_weights_count_once(self):
        model = nn.Sequential(nn.Linear(5, 5), nn.Linear(5, 5))
        model[1].weight = model[0].weight
        result = trace(model, (5,))
        assert [row.parameters for row in result.rows] == [30, 5]
        assert result.parameters == 35

    def test_layers_that_are_not_called(self):
        model = LeNet()
        model.extra = nn.Linear(3, 2)
        result = trace(model, (1, 32, 32))
        assert result.not_called == ("extra.weight", "extra.bias")
        assert result.parameters == 81_194 + 8
        assert "extra.weight, extra.bias" in str(result)

    def test_frozen_parameters(self):
        model = LeNet()
        model.fc1.requires_grad_(False)
        result = trace(model, (1, 32, 32))
        assert result.trainable == 81_194 - 69_240
        assert "69,240 of the parameters are not trained" in str(result)

    def test_several_outputs(self):
        result = trace(nn.LSTM(3, 2, batch_first=True), (7, 3))
        (row,) = result.rows
        assert row.output_shapes == ((1, 7, 2), (1, 1, 2), (1, 1, 2))
        assert row.output_shape == (1, 7, 2)
        assert row.name == ""
        assert "(the model)" in str(result)

    def test_a_call_that_failed_and_was_caught(self):
        class Second(nn.Module):
            def __init__(self):
                super().__init__()
                self.wrong, self.right = nn.Linear(7, 2), nn.Linear(5, 3)

            def forward(self, x):
                try:
                    return self.wrong(x)
                except RuntimeError:
                    return self.right(x)

        result = trace(Second(), (5,))
        assert [row.name for row in result.rows] == ["right"]
        assert result.macs == 15


class TestWhatStays:
    @pytest.mark.parametrize("model", [LeNet(), Numbers()], ids=["copy", "itself"])
    def test_the_model_is_left_as_it_was(self, model):
        model.train()
        list(model.children())[1].eval()
        before, random = state_of(model), torch.get_rng_state()
        with ActivationRecorder(model) as recorder:
            trace(model, (1, 32, 32) if isinstance(model, LeNet) else (2, 7, 11))
            recorder.clear()
        after = state_of(model)
        assert before[0] == after[0]
        assert all(torch.equal(before[1][key], after[1][key]) for key in before[1])
        assert torch.equal(random, torch.get_rng_state())

    def test_a_model_that_needs_numbers(self):
        result = trace(Numbers(), (2, 7, 11))
        assert [row.name for row in result.rows] == ["conv", "norm", "drop"]
        assert result.output_shape == (1, 3)
        assert result.macs == 3 * 2 * 9 * 5 * 9

    def test_nothing_stays_after_an_error(self):
        model = OneOff()
        before = state_of(model)
        with pytest.raises(ValueError, match="fc1"):
            trace(model, (1, 32, 32))
        assert before[0] == state_of(model)[0]

    def test_no_memory_is_needed(self):
        model = nn.Linear(1000, 1000)
        result = trace(model, (1000,), batch_size=10**9)  # 4 TB of numbers
        assert result.macs == 10**15

    def test_tensors_that_forward_makes(self):
        class Position(nn.Module):
            def forward(self, x):
                return x + torch.arange(x.shape[1])

        assert trace(Position(), (5,)).output_shape == (1, 5)

    def test_dtype(self):
        assert trace(LeNet().double(), (1, 32, 32)).parameters == 81_194
        embedded = trace(nn.Embedding(11, 3), (7,), dtype=torch.int64)
        assert embedded.output_shape == (1, 7, 3)

    def test_a_compiled_model(self):
        model = torch.compile(LeNet(), backend="eager")
        assert trace(model, (1, 32, 32)) == trace(LeNet(), (1, 32, 32))

    @pytest.mark.cuda
    def test_a_model_on_a_gpu(self):  # pragma: cuda
        assert trace(LeNet().cuda(), (1, 32, 32)) == trace(LeNet(), (1, 32, 32))
        assert trace(Numbers().cuda(), (2, 7, 11)) == trace(Numbers(), (2, 7, 11))


class TestMisfits:
    @pytest.mark.parametrize(
        ("model", "size", "message"),
        [
            (
                OneOff(),
                (1, 32, 32),
                (
                    r"OneOff does not take.*\(1, 1, 32, 32\)\. `fc1` was built with "
                    r"in_features=2704.*\(1, 576\): in_features should have been 576 = "
                    r"16 × 6 × 6, the maps before flattening"
                ),
            ),
            (OneOff(), (3, 32, 32), r"`conv1`.*in_channels=1.*should have been 3"),
            (OneOff(), (1, 1, 32, 32), r"`conv1` takes 4 axes.*without the batch axis"),
            (OneOff(), (1, 6, 6), r"`conv2` needs 3 pixels.*\(1, 6, 2, 2\): 2 \+ 2"),
            (OneOff(), (1, 8, 8), r"`conv2` put out \(1, 16, 1, 1\):.*too small"),
            (LeNet(), (1, 28, 28), r"In `forward`.*400 numbers.*576"),
            (nn.Sequential(nn.BatchNorm2d(5)), (3, 7, 7), r"num_features=5.*been 3"),
            (nn.Sequential(nn.GroupNorm(2, 6)), (4, 7, 7), r"num_channels=6.*been 4"),
            (nn.Linear(3, 2), (4,), r"`the model` was built with in_features=3"),
            (
                nn.Sequential(nn.Conv2d(1, 2, 3, padding=1, dilation=4)),
                (1, 6, 11),
                r"`0` needs 9 pixels.*dilation 4.*6 \+ 2 \* 1 \(padding\) = 8",
            ),
            (
                nn.Sequential(nn.ReLU(), nn.Unflatten(1, (2, 3))),
                (5,),
                r"At `1` \(Unflatten\), after `0` put out \(1, 5\)",
            ),
        ],
    )
    def test_the_message_says_where_and_what(self, model, size, message):
        with pytest.raises(ValueError, match=re.compile(message, re.DOTALL)):
            trace(model, size)

    @pytest.mark.parametrize("features", [575, 577])
    def test_what_it_proposes_is_right(self, features):
        with pytest.raises(ValueError, match="been") as caught:
            trace(OneOff(features), (1, 32, 32))
        proposed = int(re.search(r"been (\d+)", str(caught.value))[1])
        assert trace(OneOff(proposed), (1, 32, 32)).output_shape == (1, 120)

    def test_a_layer_called_by_keyword(self):
        model = nn.Sequential(nn.Linear(3, 2))
        model.forward = lambda x: model[0](input=x)
        with pytest.raises(ValueError, match=r"At `0` \(Linear\): .*mat1 and mat2"):
            trace(model, (4,))

    @pytest.mark.parametrize(
        "layer",
        [
            nn.Conv2d(1, 2, 3, padding="same", padding_mode="reflect", dilation=9),
            nn.ConvTranspose2d(1, 2, 1, padding=5),
            nn.Conv2d(1, 2, (1, 3), padding=(5, 0), padding_mode="reflect"),
            nn.BatchNorm2d(7),
        ],
    )
    def test_where_no_advice_is_known_the_reason_is_pytorchs(self, layer):
        size = (7, 2) if isinstance(layer, nn.BatchNorm2d) else (1, 4, 5)
        with pytest.raises(ValueError, match=r"At `0`|In `forward`") as caught:
            trace(nn.Sequential(layer), size)
        assert str(caught.value.__cause__) in str(caught.value)

    def test_an_error_before_the_model_runs(self):
        def refuse(_module, _args):
            raise ValueError("not today")

        handle = nn.modules.module.register_module_forward_pre_hook(refuse)
        try:
            with pytest.raises(ValueError, match=r"of shape \(1, 3\)\. not today"):
                trace(nn.Linear(3, 2), (3,))
        finally:
            handle.remove()

    def test_lazy_layers(self):
        with pytest.raises(ValueError, match="lazy"):
            trace(nn.Sequential(nn.LazyLinear(3)), (5,))

    @pytest.mark.parametrize(
        ("settings", "message"),
        [
            ({"input_size": (1, 0, 5)}, r"`input_size` \(=0\) must be at least 1"),
            ({"input_size": "32"}, r"`input_size` \(='32'\) must be an integer"),
            ({"input_size": (5,), "batch_size": 0}, "`batch_size`"),
        ],
    )
    def test_impossible_inputs(self, settings, message):
        with pytest.raises(ValueError, match=message):
            trace(nn.Linear(5, 2), **settings)

    def test_errors_that_are_not_about_shapes_pass(self):
        class Two(nn.Module):
            def forward(self, x, y):
                return x + y

        with pytest.raises(TypeError, match="'y'"):
            trace(Two(), (5,))
