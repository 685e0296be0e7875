"""A compiled model: the same training, and the same names."""

from __future__ import annotations

import copy

import pytest
import torch
from torch.testing import assert_close

from cnn_tutorial.training import Checkpoints, fit
from training_cases import batches_of, sgd

# What Dynamo traces differs from machine to machine in what it warns of.
pytestmark = pytest.mark.filterwarnings("ignore:::torch")


@pytest.fixture(autouse=True)
def _no_leftovers():
    torch._dynamo.reset()
    yield
    torch._dynamo.reset()


def trained(net, how, **settings):
    model = copy.deepcopy(net)
    record = fit(
        model, batches_of(29), batches_of(13, seed=1), optimizer=sgd(model), epochs=2,
        seed=3, compile=how, **settings,
    )  # fmt: skip
    del record.curves["seconds"]
    return record, model


def test_a_backend_that_changes_nothing(net, tmp_path):
    checkpoints = Checkpoints(tmp_path)
    record, model = trained(net, "eager", checkpoints=checkpoints)
    plain, twin = trained(net, False)
    assert record.curves == plain.curves
    assert_close(model.state_dict(), twin.state_dict(), rtol=0, atol=0)
    assert checkpoints.load()["learning"]["model"].keys() == net.state_dict().keys()
    assert (record.config["compile"], plain.config["compile"]) == ("eager", False)
    with pytest.raises(ValueError, match=r"its compile was 'eager', now it is False"):
        trained(net, False, checkpoints=checkpoints, resume=True)


def test_it_is_the_compiled_code_that_runs(net):
    graphs = []

    def note(graph, _examples):
        graphs.append(graph)
        return graph.forward

    torch._dynamo.register_backend(note, name="note_of_test")
    trained(net, "note_of_test")
    assert graphs


def test_unknown_backend(net):
    with pytest.raises(ValueError, match=r"`compile` \(='inductr'\).*'inductor'\?"):
        trained(net, "inductr")


@pytest.mark.slow
def test_the_compiler_of_pytorch_agrees_within_rounding(net):
    net[4].p = 0.0  # its random numbers are drawn in another order
    (record, model), (plain, twin) = trained(net, True), trained(net, False)
    assert record.curves["train_loss"] == pytest.approx(plain.curves["train_loss"])
    assert_close(model.state_dict(), twin.state_dict(), rtol=1e-4, atol=1e-5)
