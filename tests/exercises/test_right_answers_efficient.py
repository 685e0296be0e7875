"""Right answers to the exercises on efficient blocks, written differently."""

from __future__ import annotations

import torch
from torch import nn
from torchvision.models.mobilenetv2 import InvertedResidual

from cnn_tutorial.exercises import Status, check


def test_separable_conv_by_layers():
    def by_layers(images, kernels, matrix, step=1):
        channels, k = kernels.shape[:2]
        look = nn.Conv2d(
            channels, channels, k, step, k // 2, groups=channels, bias=False
        )
        look.weight.data = kernels.unsqueeze(1)
        mix = nn.Conv2d(channels, len(matrix), 1, bias=False)
        mix.weight.data = matrix[..., None, None]
        return nn.Sequential(look, nn.ReLU(), mix)(images).detach()

    assert check("separable_conv", by_layers).status == Status.RIGHT


def test_mbconv_by_torchvision():
    def by_torchvision(x, widen, look, narrow, stride=1):
        hidden, c_in, c_out = len(look), x.shape[1], len(narrow)
        block = InvertedResidual(
            *(c_in, c_out, stride, hidden // c_in), norm_layer=nn.Identity
        )
        if widen is not None and hidden == c_in:  # theirs leaves the first step out
            first = nn.Conv2d(c_in, hidden, 1, bias=False)
            block.conv.insert(0, nn.Sequential(first, nn.ReLU6()))
        convs = [m for m in block.modules() if isinstance(m, nn.Conv2d)]
        weights = [narrow[..., None, None], look[:, None]]
        if widen is not None:
            weights.append(widen[..., None, None])
        for conv, weight in zip(convs[::-1], weights, strict=True):
            conv.weight.data = weight
            conv.padding = (weight.shape[-1] // 2,) * 2
        return block(x).detach()

    assert check("mbconv", by_torchvision).status == Status.RIGHT


def test_lost_by_relu_by_projection():
    def by_projection(widen, points):
        wide = (widen @ points).clamp(min=0)
        _, values, rows = torch.linalg.svd(wide, full_matrices=False)
        kept = rows[values > 1e-9]  # what combinations of the channels can be
        inside = (points @ kept.T).square().sum()
        return 1 - inside / points.square().sum()

    assert check("lost_by_relu", by_projection).status == Status.RIGHT


def test_roofline_seconds_by_arrays():
    def by_arrays(layers, multiplying, moving):
        table = torch.tensor(layers, dtype=torch.float64)  # (layers, 2)
        speeds = torch.tensor([multiplying, moving], dtype=torch.float64)
        return (table / speeds).amax(dim=1).sum().item()

    assert check("roofline_seconds", by_arrays).status == Status.RIGHT
