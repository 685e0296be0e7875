from __future__ import annotations

import copy
import warnings

import pytest
import torch
from torch import nn
from torch.nn.modules import module as torch_module
from torch.testing import assert_close

from cnn_tutorial.hooks import CallTimeline, Event
from hooked_models import hooks_on


def kinds(timeline, module=""):
    return [event.kind for event in timeline.events if event.module == module]


class TestCallTimeline:
    def test_the_order_of_one_call(self):
        layer = nn.Linear(3, 2)
        with CallTimeline(layer) as timeline:
            layer(torch.ones(5, 3, requires_grad=True)).sum().backward()
        assert kinds(timeline) == [
            "global forward pre-hook",
            "forward pre-hook",
            "forward",
            "global forward hook",
            "forward hook",
            "global backward pre-hook",
            "backward pre-hook",
            "global backward hook",
            "backward hook",
        ]
        assert [event.order for event in timeline.events] == list(range(1, 10))

    def test_forward_alone_runs_no_hook_of_its_own(self, net, x):
        with CallTimeline(net) as called:
            net(x)
        with CallTimeline(net) as direct:
            net.forward(x)
        assert kinds(direct) == ["forward"]
        assert kinds(direct, "conv") == kinds(called, "conv")
        assert len(kinds(called, "conv")) == 5

    def test_depth_is_the_number_of_forwards_under_way(self, net, x):
        with CallTimeline(net, probes=False) as timeline:
            net(x)
        assert timeline.events == [
            Event(1, "forward", "", depth=0),
            Event(2, "forward", "conv", depth=1),
            Event(3, "forward", "head", depth=1),
            Event(4, "forward", "head.0", depth=2),
            Event(5, "forward", "head.1", depth=2),
        ]

    def test_hooks_that_are_there_appear_by_name_and_still_work(self, net, x):
        def double(_module, args):
            return (2 * args[0],)

        def with_options(_module, _args, kwargs, output):
            assert kwargs == {}
            return output + 1

        def on_the_way_back(_module, grad_input, _grad_output):
            return tuple(None if g is None else 0 * g for g in grad_input)

        def everywhere(module, _args):
            seen.append(module)

        seen = []
        expected = net(2 * x) + 1
        net.register_forward_pre_hook(double)
        net.register_forward_hook(with_options, with_kwargs=True)
        net.conv.register_full_backward_hook(on_the_way_back)
        x.requires_grad_()
        handle = torch_module.register_module_forward_pre_hook(everywhere)
        try:
            stranger = nn.ReLU()
            with CallTimeline(net, probes=False) as timeline:
                output = net(stranger(x) - stranger(-x))
                output.sum().backward()
        finally:
            handle.remove()
        assert_close(output, expected)
        assert x.grad.abs().sum() == 0
        named = [(e.kind, e.module, e.hook) for e in timeline.events if e.hook]
        assert named == [
            ("global forward pre-hook", "", "everywhere"),
            ("forward pre-hook", "", "double"),
            ("global forward pre-hook", "conv", "everywhere"),
            ("global forward pre-hook", "head", "everywhere"),
            ("global forward pre-hook", "head.0", "everywhere"),
            ("global forward pre-hook", "head.1", "everywhere"),
            ("forward hook", "", "with_options"),
            ("backward hook", "conv", "on_the_way_back"),
        ]
        assert seen.count(stranger) == 2

    def test_a_hook_that_is_there_takes_the_place_of_the_empty_one(self):
        layer = nn.Linear(3, 2)
        layer.register_forward_hook(lambda *_: None)
        layer.register_forward_hook(lambda *_: None, prepend=True)
        with CallTimeline(layer) as timeline:
            layer(torch.ones(1, 3))
        hooks = [e.hook for e in timeline.events if e.kind == "forward hook"]
        assert hooks == ["<lambda>", "<lambda>"]

    def test_nothing_stays(self, net, x):
        net.head = nn.Sequential(nn.Linear(3, 5), nn.ReLU())
        net.conv.register_forward_hook(lambda *_: None)
        before = hooks_on(net)
        filters = list(warnings.filters)
        with CallTimeline(net):
            during = hooks_on(net)
            net(x).sum().backward()
        assert hooks_on(net) == before
        assert during[0]["conv"] != before[0]["conv"]
        assert during[1:] != before[1:]
        assert warnings.filters == filters

    def test_nothing_stays_when_the_model_raises(self, net):
        before = hooks_on(net)
        timeline = CallTimeline(net)
        with pytest.raises(RuntimeError), timeline:
            net(torch.randn(7, 3, 5, 11))
        assert hooks_on(net) == before
        assert kinds(timeline, "conv")[-1] == "forward"
        with timeline:
            net(torch.randn(7, 2, 5, 11))
        assert {event.depth for event in timeline.events if not event.module} == {0}

    def test_what_is_removed_or_hung_up_meanwhile_is_respected(self):
        layer = nn.Linear(3, 2)
        handle = layer.register_forward_hook(lambda *_: None)
        with CallTimeline(layer, backward=False):
            handle.remove()
            later = layer.register_full_backward_hook(lambda *_: None)
        assert not layer._forward_hooks
        assert len(layer._backward_hooks) == 1
        assert layer._is_full_backward_hook
        later.remove()

    def test_a_forward_that_was_set_on_the_object_is_put_back(self, net, x):
        net.conv.forward = lambda x: x[:, :1] * torch.ones(3, 1, 1)
        own = net.conv.forward
        with CallTimeline(net) as timeline:
            net(x)
        assert net.conv.forward is own
        assert "forward" in kinds(timeline, "conv")

    def test_layers_that_work_in_place_get_no_backward_probes(self, net, x):
        with CallTimeline(net) as timeline:
            net(x).sum().backward()
        assert not any("backward" in event.kind for event in timeline.events)
        with (
            CallTimeline(net, backward=True),
            pytest.raises(RuntimeError, match="modified inplace"),
        ):
            net(x)

    def test_the_numbers_are_the_same(self, net, x):
        net.head[1].inplace = False
        plain = copy.deepcopy(net)
        plain(x).sum().backward()
        with CallTimeline(net):
            net(x).sum().backward()
        assert_close(
            [p.grad for p in net.parameters()], [p.grad for p in plain.parameters()]
        )

    def test_no_warning_for_inputs_without_gradient(self):
        layer = nn.Linear(3, 2)
        with CallTimeline(layer) as timeline:
            layer(torch.ones(5, 3)).sum().backward()
        assert kinds(timeline)[-1] == "backward hook"

    def test_hooks_of_the_old_kind_are_left_alone(self):
        layer = nn.Sequential(nn.Linear(3, 2))
        layer.register_backward_hook(lambda *_: None).remove()
        assert layer._is_full_backward_hook is False
        with CallTimeline(layer) as timeline:
            layer(torch.ones(5, 3, requires_grad=True)).sum().backward()
        assert layer._is_full_backward_hook is False
        assert "backward hook" not in kinds(timeline)
        assert "backward hook" in kinds(timeline, "0")

    def test_compiled(self, net, x):
        model = torch.compile(net, backend="eager")
        model(x)
        with CallTimeline(model) as timeline:
            model(x)
        assert kinds(timeline)[:3] == [
            "global forward pre-hook",
            "forward pre-hook",
            "forward",
        ]

    def test_table(self, net, x):
        net.conv.register_forward_hook(max_of)
        with CallTimeline(net, probes=False) as timeline:
            net(x)
        lines = str(timeline).splitlines()
        assert lines[2].split() == ["1", "forward", "(Net)"]
        assert lines[4].split() == ["3", "forward", "hook", "conv", "max_of"]
        assert len(lines) == 2 + 6


def max_of(_module, _args, output):
    output.max()
