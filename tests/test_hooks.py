from __future__ import annotations

import copy
import threading
import warnings
from dataclasses import dataclass

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.modules import module as torch_module
from torch.testing import assert_close

from cnn_tutorial.hooks import ActivationRecorder, CallTimeline, Event, FeatureShapes

TABLES = (
    "_forward_pre_hooks",
    "_forward_hooks",
    "_backward_pre_hooks",
    "_backward_hooks",
)


class Net(nn.Module):
    """Two layers, one nested, and a function between them."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, kernel_size=3)
        self.head = nn.Sequential(nn.Linear(3, 5), nn.ReLU(inplace=True))

    def forward(self, x):
        return self.head(F.relu(self.conv(x)).mean(dim=(2, 3)))


def hooks_on(model):
    """Everything that registering and standing in could leave behind."""
    on_modules = {
        name: [dict(getattr(module, table)) for table in TABLES]
        + [module._is_full_backward_hook, "forward" in vars(module)]
        for name, module in model.named_modules()
    }
    everywhere = [dict(getattr(torch_module, "_global" + table)) for table in TABLES]
    return on_modules, everywhere, torch_module._global_is_full_backward_hook


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Net()


@pytest.fixture
def x():
    torch.manual_seed(1)
    return torch.randn(7, 2, 5, 11)


class TestActivationRecorder:
    def test_a_case_by_hand(self):
        pipe = nn.Sequential(nn.Linear(2, 1, bias=False), nn.ReLU())
        with torch.no_grad():
            pipe[0].weight.copy_(torch.tensor([[3.0, -5.0]]))
        with ActivationRecorder(pipe, gradients=True) as recorder:
            pipe(torch.tensor([[1.0, 1.0], [2.0, 1.0]])).sum().backward()
        # 3 - 5 = -2 is held back by the ReLU, 6 - 5 = 1 passes.
        assert recorder.activations["0"].tolist() == [[-2.0], [1.0]]
        assert recorder.activations["1"].tolist() == [[0.0], [1.0]]
        assert recorder.gradients["0"].tolist() == [[0.0], [1.0]]
        assert recorder.gradients["1"].tolist() == [[1.0], [1.0]]

    def test_agrees_with_autograd(self, net, x):
        after_conv = net.conv(x).detach().requires_grad_()
        pooled = F.relu(after_conv).mean(dim=(2, 3))
        expected = torch.autograd.grad(net.head(pooled).square().sum(), after_conv)[0]
        with ActivationRecorder(net, "conv", gradients=True) as recorder:
            net(x).square().sum().backward()
        assert_close(recorder.activations["conv"], after_conv.detach())
        assert_close(recorder.gradients["conv"], expected)

    def test_layers_are_those_without_children_unless_named(self, net, x):
        with ActivationRecorder(net) as recorder:
            net(x)
        assert list(recorder.activations) == ["conv", "head.0", "head.1"]
        with ActivationRecorder(net, ["head*", ""]) as recorder:
            output = net(x)
        assert list(recorder.activations) == ["head.0", "head.1", "head", ""]
        assert_close(recorder.activations[""], output.detach())
        with ActivationRecorder(net, "*") as recorder:
            net(x)
        assert "" not in recorder.activations

    @pytest.mark.parametrize("name", ["covn", "covn*"])
    def test_a_name_that_matches_nothing_is_refused(self, net, name):
        with pytest.raises(ValueError, match=r"one of.*Did you mean 'conv'"):
            ActivationRecorder(net, ["head*", name])

    def test_own_copies_do_not_feel_later_in_place_operations(self, net, x):
        with ActivationRecorder(net, "head.0") as recorder, torch.no_grad():
            net(x)
        assert recorder.activations["head.0"].min() < 0
        with ActivationRecorder(net, "head.0", clone=False) as shared, torch.no_grad():
            net(x)
        assert shared.activations["head.0"].min() == 0

    def test_without_detach_the_tensor_is_the_one_of_the_graph(self, net, x):
        with ActivationRecorder(net, "conv", detach=False) as recorder:
            loss = net(x).sum()
        assert recorder.activations["conv"].grad_fn is not None
        (gradient,) = torch.autograd.grad(loss, recorder.activations["conv"])
        assert gradient.shape == (7, 3, 3, 9)

    def test_the_record_holds_no_graph(self, net, x):
        with ActivationRecorder(net, gradients=True) as recorder:
            net(x).sum().backward(create_graph=False)
        records = [*recorder.activations.values(), *recorder.gradients.values()]
        assert len(records) == 6
        assert not any(tensor.requires_grad for tensor in records)

    def test_nothing_to_differentiate_means_no_gradients(self, net, x):
        with ActivationRecorder(net, gradients=True) as recorder, torch.no_grad():
            net(x)
        assert len(recorder.activations) == 3
        assert recorder.gradients == {}

    def test_device_moves_the_record(self, net, x):
        with ActivationRecorder(net, device="meta") as recorder:
            net(x)
        assert {t.device.type for t in recorder.activations.values()} == {"meta"}

    def test_autocast_records_what_the_layer_put_out(self, net, x):
        with (
            ActivationRecorder(net, "conv") as recorder,
            torch.autocast("cpu", dtype=torch.bfloat16),
        ):
            net(x)
        assert recorder.activations["conv"].dtype == torch.bfloat16

    def test_nested_outputs_are_taken_apart(self):
        class Head(nn.Module):
            def forward(self, x):
                return {"logits": x, "parts": (x + 1, [x + 2, "no tensor"])}

        pipe = nn.Sequential(nn.LSTM(3, 2), Head())
        pipe.forward = lambda x: pipe[1](pipe[0](x)[0])
        with ActivationRecorder(pipe, gradients=True) as recorder:
            output = pipe(torch.randn(5, 7, 3))
            output["parts"][1][0].sum().backward()
        expected = {
            "0[0]": (5, 7, 2),
            "0[1][0]": (1, 7, 2),
            "0[1][1]": (1, 7, 2),
            "1['logits']": (5, 7, 2),
            "1['parts'][0]": (5, 7, 2),
            "1['parts'][1][0]": (5, 7, 2),
        }
        shapes = {k: tuple(v.shape) for k, v in recorder.activations.items()}
        assert shapes == expected
        assert list(recorder.gradients) == ["0[0]", "1['logits']", "1['parts'][1][0]"]

    def test_outputs_that_are_dataclasses(self):
        @dataclass
        class Output:
            scores: torch.Tensor
            note: str = "no tensor"

        class Head(nn.Module):
            def forward(self, x):
                return Output(2 * x)

        head = Head()
        with ActivationRecorder(head) as recorder:
            head(torch.ones(3))
        assert {k: v.tolist() for k, v in recorder.activations.items()} == {
            ".scores": [2.0, 2.0, 2.0]
        }

    def test_a_layer_that_runs_twice_keeps_its_last_run(self):
        class Twice(nn.Module):
            def __init__(self):
                super().__init__()
                self.layer = nn.Linear(1, 1, bias=False)
                nn.init.constant_(self.layer.weight, 2.0)

            def forward(self, x):
                return 5 * self.layer(self.layer(x))

        model = Twice()
        with ActivationRecorder(model, gradients=True) as recorder:
            model(torch.tensor([[3.0]])).sum().backward()
        assert recorder.activations["layer"].item() == 12.0
        # On the way back the last run comes first; the first run's would be 10.
        assert recorder.gradients["layer"].item() == 5.0

    def test_no_hook_stays(self, net, x):
        before = hooks_on(net)
        with ActivationRecorder(net, gradients=True) as recorder:
            output = net(x)
            assert hooks_on(net) != before
        assert hooks_on(net) == before
        output.sum().backward()
        assert recorder.gradients == {}

    def test_no_hook_stays_when_the_model_raises(self, net):
        before = hooks_on(net)
        recorder = ActivationRecorder(net, gradients=True)
        with pytest.raises(RuntimeError), recorder:
            net(torch.randn(7, 3, 5, 11))
        with pytest.raises(RuntimeError, match="mat1 and mat2"), recorder:
            net.head(net.conv(torch.randn(7, 2, 5, 11)))
        assert hooks_on(net) == before
        assert list(recorder.activations) == ["conv"]

    def test_may_be_entered_again_and_while_open(self, net, x):
        before = hooks_on(net)
        recorder = ActivationRecorder(net, "conv")
        with recorder:
            net(x)
            with recorder, ActivationRecorder(net, "head") as other:
                net(2 * x)
            assert_close(recorder.activations["conv"], net.conv(2 * x).detach())
            net(3 * x)
            assert_close(recorder.activations["conv"], net.conv(3 * x).detach())
        assert hooks_on(net) == before
        assert list(other.activations) == ["head"]
        with recorder:
            assert recorder.activations == {}

    def test_the_output_is_not_touched(self, net, x):
        expected = net(x)
        with ActivationRecorder(net, "*", gradients=True):
            assert torch.equal(net(x), expected)

    def test_threads_with_recorders_of_their_own(self, x):
        found = {}

        def work(seed):
            torch.manual_seed(seed)
            model = Net()
            with ActivationRecorder(model, "conv") as recorder, torch.no_grad():
                for _ in range(5):
                    model(x)
            found[seed] = torch.equal(recorder.activations["conv"], model.conv(x))

        threads = [threading.Thread(target=work, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == {0: True, 1: True, 2: True}

    @pytest.mark.parametrize("in_place", [False, True])
    def test_a_compiled_model_runs_uncompiled(self, net, x, in_place):
        compiled = []

        def backend(graph, _inputs):
            compiled.append(graph)
            return graph.forward

        if in_place:
            net.compile(backend=backend)
            model = net
        else:
            model = torch.compile(net, backend=backend)
        expected = model(x)
        count = len(compiled)
        assert count > 0
        with ActivationRecorder(model, "conv") as recorder:
            assert_close(model(x), expected)
        assert_close(recorder.activations["conv"], net.conv(x).detach())
        model(x)
        assert len(compiled) == count


class TestFeatureShapes:
    def test_shapes(self, net, x):
        before = hooks_on(net)
        with FeatureShapes(net) as shapes:
            net(x)
        assert shapes.shapes == {
            "conv": (7, 3, 3, 9),
            "head.0": (7, 5),
            "head.1": (7, 5),
        }
        assert hooks_on(net) == before

    def test_table(self, net, x):
        with FeatureShapes(net, ["conv", ""]) as shapes:
            net(x)
        lines = str(shapes).splitlines()
        assert lines[2].split() == ["conv", "Conv2d", "7", *"×3×3×9"]
        assert lines[3].startswith("(the model)")


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
