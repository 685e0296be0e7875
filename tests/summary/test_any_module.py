"""Modules of other people and of other kinds: traced as PyTorch counts them."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnn_tutorial.summary import trace


class Heads(nn.Module):
    """Returns a dictionary, as networks for segmentation do."""

    def __init__(self):
        super().__init__()
        self.body = nn.Conv2d(2, 3, 3)
        self.main, self.aux = nn.Conv2d(3, 5, 1), nn.Conv2d(3, 7, 1)

    def forward(self, x):
        x = self.body(x)
        return {"out": self.main(x), "aux": self.aux(x)}


class Shared(nn.Module):
    """Uses a weight of a layer that it does not call."""

    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(3, 3)

    def forward(self, x):
        return nn.functional.linear(self.inner(x), self.inner.weight.T)


MODULES = {
    "transformer": (lambda: nn.TransformerEncoderLayer(6, 2, 7), (5, 6)),
    "recurrent": (lambda: nn.GRU(3, 4, batch_first=True), (7, 3)),
    "signal": (lambda: nn.Sequential(nn.Conv1d(2, 3, 5), nn.MaxPool1d(2)), (2, 19)),
    "volume": (lambda: nn.Sequential(nn.Conv3d(1, 2, 3), nn.ReLU()), (1, 5, 7, 11)),
    "larger": (lambda: nn.Sequential(nn.ConvTranspose2d(2, 3, 3, 2)), (2, 5, 7)),
    "dictionary": (Heads, (2, 7, 11)),
    "shared": (Shared, (3,)),
}


@pytest.mark.parametrize("name", MODULES)
def test_counts(name):
    build, size = MODULES[name]
    model = build().eval()
    result = trace(model, size, batch_size=2)
    with FlopCounterMode(display=False) as flops, torch.no_grad():
        output = model(torch.zeros(2, *size))
    assert 2 * result.macs == flops.get_total_flops()
    assert result.parameters == sum(p.numel() for p in model.parameters())
    first = output["out"] if isinstance(output, dict) else output
    assert result.output_shape == tuple(
        (first[0] if name == "recurrent" else first).shape
    )
    graph = result.graph()
    assert graph.nodes[0].shape == (2, *size)
    assert {b for _, b in graph.edges} == set(range(1, len(graph.nodes)))
    assert len(str(result.stages(1))) <= len(str(result))


def test_both_heads_are_ends():
    graph = trace(Heads(), (2, 7, 11)).graph()
    assert [node.name for node in graph.nodes] == ["input", "body", "main", "aux"]
    assert graph.edges == ((0, 1), (1, 2), (1, 3))
