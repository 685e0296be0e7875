"""The trace of every model of the package, against PyTorch's and torchinfo's counts."""

from __future__ import annotations

import pytest
import torch
import torchinfo
from torch.utils.flop_counter import FlopCounterMode

from cnn_tutorial.models import list_models
from cnn_tutorial.summary import trace
from small_models import small_model


@pytest.fixture(scope="module", params=list_models())
def traced(request):
    model = small_model(request.param, in_channels=1).eval()
    return model, trace(model, (1, 32, 32), batch_size=2)


def test_totals(traced):
    model, result = traced
    with FlopCounterMode(display=False) as flops, torch.no_grad():
        output = model(torch.zeros(2, 1, 32, 32))
    assert result.output_shape == tuple(output.shape) == (2, 10)
    assert not result.not_called
    assert 2 * result.macs == flops.get_total_flops()
    assert sum(row.macs for row in result.rows) == result.macs
    assert sum(row.parameters for row in result.rows) == result.parameters


def test_layers_as_torchinfo_counts_them(traced):
    model, result = traced
    info = torchinfo.summary(model, (2, 1, 32, 32), verbose=0, cache_forward_pass=False)
    assert info.total_params == result.parameters
    assert info.trainable_params == result.trainable
    theirs = [layer for layer in info.summary_list if layer.is_leaf_layer]
    ours = [row for row in result.rows if row.name in leaves(model)]
    assert [layer.class_name for layer in theirs] == [row.type for row in ours]
    for layer, row in zip(theirs, ours, strict=True):
        assert tuple(layer.output_size) == row.output_shape
        if row.type in {"Conv2d", "Linear"}:
            # They count the bias as a multiplication, once for each weight tensor.
            assert layer.macs >= row.macs
            if "bias" not in dict(model.get_submodule(row.name).named_parameters()):
                assert layer.macs == row.macs


def leaves(model):
    return {n for n, m in model.named_modules() if not any(m.children())}


def test_parts(traced):
    _, result = traced
    assert len(result.stages().rows) <= 14
    assert len(result.stages(1).rows) <= len(result.stages(2).rows) <= len(result.rows)


@pytest.mark.parametrize("depth", [1, 3])
def test_graph(traced, depth):
    """From the input every node is reached, and from every node the output."""
    _, result = traced
    graph = result.graph(depth)
    last = len(graph.nodes) - 1
    assert graph.nodes[last].shape == result.output_shape
    assert {b for _, b in graph.edges} == set(range(1, last + 1))
    assert {a for a, _ in graph.edges} == set(range(last))
    assert all(a < b for a, b in graph.edges)
    assert len(set(graph.edges)) == len(graph.edges)
