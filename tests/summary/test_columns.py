"""Memory, field and time of each row of a trace."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import nn

from cnn_tutorial.hooks import FeatureShapes
from cnn_tutorial.models import LeNet
from cnn_tutorial.receptive_field import trace_fields
from cnn_tutorial.summary import _clock, trace
from small_models import small_model


class Inside(nn.Module):
    """Holds a parameter of its own and a layer inside."""

    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(()))
        self.layer = nn.Linear(5, 3)

    def forward(self, x):
        return self.layer(self.layer(x)[:, :1].expand(-1, 5)) * self.scale


class TestMemory:
    def test_lenet_by_hand(self):
        result = trace(LeNet(), (1, 32, 32))
        numbers = [6 * 30 * 30, 16 * 13 * 13, 120, 84, 10]  # no module pools
        assert [row.memory for row in result.rows] == [4 * n for n in numbers]
        assert result.memory == 4 * sum(numbers) == 33_272

    def test_views_and_layers_in_place_need_none(self):
        net = nn.Sequential(
            nn.Conv2d(1, 2, 3), nn.ReLU(inplace=True), nn.Flatten(), nn.Identity()
        )
        rows = trace(net, (1, 7, 11), batch_size=3).rows
        assert [row.memory for row in rows] == [4 * 3 * 2 * 5 * 9, 0, 0, 0]

    def test_the_input_is_not_an_output(self):
        assert trace(nn.Identity(), (1, 7, 11)).memory == 0

    def test_bytes_of_the_type(self):
        rows = trace(nn.Linear(5, 3), (5,), dtype=torch.float64).rows
        rows += trace(nn.Linear(5, 3).half(), (5,)).rows
        assert [row.memory for row in rows] == [24, 6]

    @pytest.mark.parametrize("name", ["resnet20", "vgg_small", "densenet_bc100"])
    def test_against_the_shapes_of_a_real_run(self, name):
        model = small_model(name, in_channels=1).eval()
        result = trace(model, (1, 32, 32), batch_size=2)
        with FeatureShapes(model) as shapes, torch.no_grad():
            model(torch.zeros(2, 1, 32, 32))
        for row in result.rows:
            if row.type in ("Conv2d", "BatchNorm2d", "Linear", "MaxPool2d"):
                shape = torch.Size(shapes.shapes[row.name])
                assert row.memory == 4 * shape.numel()


class TestField:
    def test_lenet_by_hand(self):
        # 3, and 1 more for the pooling; 2 * 2 more; 5 steps of 4 after another 2.
        rows = trace(LeNet(), (1, 32, 32)).rows
        assert [row.cells()[6] for row in rows[:2]] == ["3", "8"]
        assert {row.cells()[6] for row in rows[2:]} == {"0–29 of 32"}

    @pytest.mark.parametrize("name", ["resnet20", "mobilenet_v2"])
    def test_as_traced_alone(self, name):
        model = small_model(name, in_channels=1)
        fields = trace_fields(model, (1, 32, 32)).named
        for row in trace(model, (1, 32, 32)).rows:
            assert row.field == fields[row.name].field

    def test_what_is_no_image_has_none(self):
        assert [row.field for row in trace(nn.Linear(5, 3), (5,)).rows] == [None]

    def test_a_model_that_cannot_be_followed_has_none(self):
        class Sorted(nn.Module):
            def forward(self, x):
                return torch.linalg.inv(x).sum(1)

        assert [row.field for row in trace(Sorted(), (1, 7, 7)).rows] == [None]


class TestTime:
    def test_each_call_without_those_inside(self, monkeypatch):
        """With a clock that ticks once a look, times are what can be counted."""
        ticks = itertools.count()
        monkeypatch.setattr(_clock, "_now", lambda x: float(next(ticks)))
        rows = trace(Inside(), (5,), timed=True).rows
        # The parent begins at 0 and ends at 5; each call of the layer takes one tick.
        assert [(row.type, row.seconds) for row in rows] == [
            *(("Linear", 1.0), ("Linear", 1.0), ("Inside", 3.0))
        ]

    def test_the_model_is_left_as_it_was(self):
        model = nn.Sequential(nn.Conv2d(1, 2, 3), nn.BatchNorm2d(2), nn.Dropout())
        before = {k: v.clone() for k, v in model.state_dict().items()}
        state = torch.get_rng_state()
        result = trace(model, (1, 7, 11), timed=True)
        assert all(row.seconds > 0 for row in result.rows)
        assert model.training
        assert all(torch.equal(v, before[k]) for k, v in model.state_dict().items())
        assert torch.equal(state, torch.get_rng_state())
        assert not any(m._forward_hooks or m._forward_pre_hooks for m in model)

    def test_usually_nothing_is_timed(self):
        result = trace(LeNet(), (1, 32, 32))
        assert not result.timed
        assert {row.seconds for row in result.rows} == {None}
