from __future__ import annotations

import threading
from dataclasses import dataclass

import pytest
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close
from torch.utils.checkpoint import checkpoint

from cnn_tutorial.hooks import ActivationRecorder
from hooked_models import Net, hooks_on


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

    @pytest.mark.parametrize(
        ("pattern", "names"),
        [
            ("head.?", ["head.0", "head.1"]),
            ("head.[1-9]", ["head.1"]),
            ("*.0", ["head.0"]),
            (["head.1", "conv"], ["conv", "head.1"]),
        ],
    )
    def test_patterns(self, net, x, pattern, names):
        with ActivationRecorder(net, pattern) as recorder:
            net(x)
        assert list(recorder.activations) == names

    def test_a_layer_with_two_names_answers_to_both(self):
        layer = nn.Linear(1, 1)
        shared = nn.Sequential(layer, nn.ReLU(), layer)
        with ActivationRecorder(shared, ["0", "2"]) as recorder:
            output = shared(torch.ones(3, 1)).detach()
        assert_close(recorder.activations, {"0": output, "2": output})

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

    def test_gradients_before_a_layer_that_works_in_place(self, net, x):
        plain = ActivationRecorder(net, "head.0", gradients=True)
        with plain:
            net(x).square().sum().backward()
        net.head[1].inplace = False
        with ActivationRecorder(net, "head.0", gradients=True) as recorder:
            net(x).square().sum().backward()
        assert_close(plain.gradients, recorder.gradients)
        assert_close(plain.activations, recorder.activations)

    def test_layers_that_run_again_on_the_way_back(self, net, x):
        class Frugal(nn.Module):
            def __init__(self):
                super().__init__()
                self.net = net

            def forward(self, x):
                return checkpoint(self.net, x, use_reentrant=False)

        expected = net.conv(x).detach()
        with ActivationRecorder(Frugal(), "net.conv", gradients=True) as recorder:
            recorder._model(x).sum().backward()
        assert_close(recorder.activations["net.conv"], expected)
        assert recorder.gradients == {}

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
