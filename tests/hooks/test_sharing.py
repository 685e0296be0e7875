"""Models that several threads run, that are replicated, wrapped, or copied."""

from __future__ import annotations

import copy
import threading

import pytest
import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial.hooks import ActivationRecorder, CallTimeline, FeatureShapes
from hooked_models import Net, hooks_on


def in_turn(*jobs):
    """Run each job on a thread of its own, one after the other, and raise its error."""
    errors = []

    def run(job):
        try:
            job()
        except Exception as error:  # raised below, on the test's thread
            errors.append(error)

    for job in jobs:
        thread = threading.Thread(target=run, args=(job,))
        thread.start()
        thread.join()
    if errors:
        raise errors[0]


def replica_of(model):
    """Make a replica as `torch.nn.parallel.replicate` does, but without its devices."""
    pairs = {
        module: module._replicate_for_data_parallel() for module in model.modules()
    }
    for module, replica in pairs.items():
        for name, child in module.named_children():
            setattr(replica, name, pairs[child])
        for name, parameter in module.named_parameters(recurse=False):
            setattr(replica, name, 2 * parameter.detach())
    return pairs[model]


class Wrapper(nn.Module):
    """What DataParallel, DistributedDataParallel and AveragedModel have in common."""

    def __init__(self, module):
        super().__init__()
        self.module = module

    def forward(self, *args):
        return self.module(*args)


class TestThreads:
    def test_each_recorder_keeps_the_runs_of_its_own_thread(self, net, x):
        both_inside, found = threading.Barrier(2, timeout=60), {}

        def work(scale):
            with ActivationRecorder(net, "conv") as recorder, torch.no_grad():
                both_inside.wait()
                net(scale * x)
                both_inside.wait()
                found[scale] = recorder.activations["conv"]

        threads = [threading.Thread(target=work, args=(scale,)) for scale in (1, 3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with torch.no_grad():
            assert_close(found, {scale: net.conv(scale * x) for scale in (1, 3)})
        assert not net.conv._forward_hooks

    def test_a_thread_that_did_not_enter_is_not_seen(self, net, x):
        recorder, shapes = ActivationRecorder(net), FeatureShapes(net)
        timeline = CallTimeline(net, probes=False)
        with recorder, shapes, timeline, torch.no_grad():
            in_turn(lambda: net(x))
        assert recorder.activations == {}
        assert shapes.shapes == {}
        assert timeline.events == []

    def test_the_last_to_leave_takes_the_hooks_off(self, net, x):
        before = hooks_on(net)
        recorder = ActivationRecorder(net, "conv")

        def enter_and_leave():
            with recorder, torch.no_grad():
                net(2 * x)

        with recorder, torch.no_grad():
            in_turn(enter_and_leave)
            assert_close(recorder.activations["conv"], net.conv.forward(2 * x))
            net(5 * x)
            assert_close(recorder.activations["conv"], net.conv.forward(5 * x))
        assert hooks_on(net) == before

    def test_depths_of_threads_do_not_mix(self):
        layer, once = nn.Linear(3, 2), [True]
        outer = nn.Sequential(layer)
        timeline = CallTimeline(outer, probes=False)

        def meanwhile():
            with timeline:
                layer(torch.ones(1, 3))

        layer.register_forward_pre_hook(
            lambda *_: in_turn(meanwhile) if once and once.pop() else None
        )
        with timeline:
            outer(torch.ones(1, 3))
        forwards = [(e.module, e.depth) for e in timeline.events if e.kind == "forward"]
        assert forwards == [("", 0), ("0", 0), ("0", 1)]


class TestReplicas:
    def test_their_outputs_are_recorded(self, net, x):
        with ActivationRecorder(net, "conv") as recorder, torch.no_grad():
            replica = replica_of(net)
            in_turn(lambda: replica(x))
        assert_close(recorder.activations["conv"], 2 * net.conv(x).detach())

    @pytest.mark.parametrize("probes", [False, True])
    def test_their_forwards_are_written_down_and_use_their_own_weights(
        self, net, x, probes
    ):
        with torch.no_grad():
            expected = replica_of(net)(x)
        before, outputs = hooks_on(net), []
        with CallTimeline(net, probes=probes) as timeline, torch.no_grad():
            replicas = [replica_of(net) for _ in range(2)]
            in_turn(*[lambda r=r: outputs.append(r(x)) for r in replicas])
        assert_close(outputs, [expected, expected])
        forwards = [(e.module, e.depth) for e in timeline.events if e.kind == "forward"]
        once = [("", 0), ("conv", 1), ("head", 1), ("head.0", 2), ("head.1", 2)]
        assert forwards == 2 * once
        assert hooks_on(net) == before
        assert "_replicate_for_data_parallel" not in vars(net)

    def test_a_forward_of_the_object_goes_to_its_replicas(self, net, x):
        net.conv.forward = lambda x: x[:, :1] * torch.ones(3, 1, 1)
        with CallTimeline(net), torch.no_grad():
            replica = replica_of(net)
            assert_close(replica.conv(x), net.conv(x))

    def test_a_wrapper_puts_its_name_before_those_of_the_layers(self, net, x):
        with ActivationRecorder(Wrapper(net), "module.conv") as recorder:
            recorder._model(x)
        assert list(recorder.activations) == ["module.conv"]
        wrapped = nn.DataParallel(net)
        with ActivationRecorder(wrapped, "*conv") as recorder:
            wrapped(x)
        assert list(recorder.activations) == ["module.conv"]
        with pytest.raises(ValueError, match=r"Did you mean 'module\.conv'"):
            ActivationRecorder(wrapped, "conv")


class TestCopies:
    """Averages of weights, and models without numbers, are copies."""

    def test_a_copy_is_a_model_of_its_own(self, net, x):
        with CallTimeline(net), ActivationRecorder(net):
            twin = copy.deepcopy(net)
        with torch.no_grad():
            for parameter in twin.parameters():
                parameter.zero_()
        assert torch.equal(twin(x), torch.zeros(7, 5))
        assert net(x).abs().sum() > 0

    def test_a_copy_is_not_recorded(self, net, x):
        with ActivationRecorder(net, "conv") as recorder, torch.no_grad():
            net(x)
            copy.deepcopy(net)(3 * x)
        assert_close(recorder.activations["conv"], net.conv(x).detach())


@pytest.mark.cuda
class TestOnAGpu:  # pragma: cuda
    def test_the_record_may_stay_in_main_memory(self, x):
        model, x = Net().cuda(), x.cuda()
        with (
            ActivationRecorder(model, "conv", gradients=True, device="cpu") as recorder,
            torch.autocast("cuda", dtype=torch.bfloat16),
        ):
            model(x).float().sum().backward()
        for kept in (recorder.activations["conv"], recorder.gradients["conv"]):
            assert (kept.device.type, kept.dtype) == ("cpu", torch.bfloat16)

    def test_backward_hooks_show_whatever_thread_runs_them(self, x):
        layer = nn.Linear(11, 3).cuda()
        with CallTimeline(layer) as timeline:
            layer(x.cuda().requires_grad_()).sum().backward()
        assert timeline.events[-1].kind == "backward hook"

    def test_data_parallel(self, x):
        model = nn.DataParallel(Net().cuda())
        with ActivationRecorder(model, "module.conv") as recorder, torch.no_grad():
            model(x.cuda())
        assert recorder.activations["module.conv"].shape == (7, 3, 3, 9)
