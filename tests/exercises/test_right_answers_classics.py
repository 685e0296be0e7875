"""Right answers to the exercises on AlexNet, SimpleCNN and VGG, written differently."""

from __future__ import annotations

import itertools

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises import Status, check


class TestTopKError:
    def test_by_ranks(self):
        def error(scores, labels, k=5):
            truth = scores.gather(1, labels[:, None])
            return ((scores > truth).sum(dim=1) >= k).float().mean()

        assert check("top_k_error", error).status == Status.RIGHT

    def test_by_sorting_arrays(self):
        def error(scores, labels, k=5):
            best = np.argsort(-scores.numpy(), axis=1)[:, :k]
            pairs = zip(best, labels.tolist(), strict=True)
            return np.mean([label not in row for row, label in pairs])

        assert check("top_k_error", error).status == Status.RIGHT


class TestSimpleCnnParameters:
    def test_by_building_it(self):
        def count(widths, side, in_channels=3, hidden=256, num_classes=10):
            layers = []
            for before, after in itertools.pairwise([in_channels, *widths]):
                layers += [nn.Conv2d(before, after, 3, padding=1), nn.MaxPool2d(2)]
            flat = nn.Sequential(*layers, nn.Flatten())
            found = flat(torch.zeros(1, in_channels, side, side)).shape[1]
            net = [flat, nn.Linear(found, hidden), nn.Linear(hidden, num_classes)]
            return sum(p.numel() for part in net for p in part.parameters())

        assert check("simple_cnn_parameters", count).status == Status.RIGHT

    def test_by_sums(self):
        def count(w, side, c=3, h=256, n=10):
            convolutions = sum(9 * a * b for a, b in zip([c, *w[:-1]], w, strict=True))
            places = (side >> len(w)) ** 2
            return convolutions + sum(w) + (w[-1] * places + 1) * h + h * n + n

        assert check("simple_cnn_parameters", count).status == Status.RIGHT


class TestMergedKernel:
    def test_by_a_convolution_of_kernels(self):
        def merge(first, second):
            turned = second.flip(2, 3)
            return F.conv2d(first.transpose(0, 1), turned, padding=2).transpose(0, 1)

        assert check("merged_kernel", merge).status == Status.RIGHT

    def test_by_asking_the_layers(self):
        def merge(first, second):
            c_in = first.shape[1]
            lit = torch.zeros(c_in, c_in, 9, 9)
            lit[range(c_in), range(c_in), 4, 4] = 1
            answer = F.conv2d(F.conv2d(lit, first), second)  # (C_in, C_out, 5, 5)
            return answer.transpose(0, 1).flip(2, 3)

        assert check("merged_kernel", merge).status == Status.RIGHT


class TestTimesSooner:
    def test_by_arrays(self):
        def sooner(fast, slow, level):
            counts = []
            for curve in (fast, slow):
                below = np.flatnonzero(np.asarray(curve) <= level)
                counts.append(below[0] + 1 if below.size else np.inf)
            return counts[1] / counts[0]

        assert check("times_sooner", sooner).status == Status.RIGHT

    def test_by_waiting(self):
        def wait(curve, level):
            for epoch in range(len(curve)):
                if not curve[epoch] > level:
                    return epoch + 1.0
            return float("inf")

        def sooner(a, b, level):
            return wait(b, level) / wait(a, level)

        assert check("times_sooner", sooner).status == Status.RIGHT


class TestIdleBiases:
    def test_by_a_list(self):
        def idle(layers):
            last = ("", 0, False)
            found = []
            for layer in layers:
                if layer[0] == "batch norm" and last[2] and "norm" not in last[0]:
                    found.append(last[1])
                last = layer
            return sum(found)

        assert check("idle_biases", idle).status == Status.RIGHT

    def test_by_building_it(self):
        makers = {
            "conv": lambda n, bias: nn.LazyConv2d(n, 1, bias=bias),
            "linear": lambda n, bias: nn.LazyLinear(n, bias=bias),
            "relu": lambda n, bias: nn.ReLU(),
            "batch norm": lambda n, bias: nn.BatchNorm2d(n),
            "group norm": lambda n, bias: nn.GroupNorm(1, n),
        }

        def idle(layers):
            net = [makers[kind](n, bias) for kind, n, bias in layers]
            return sum(
                layer.out_channels
                if isinstance(layer, nn.LazyConv2d)
                else layer.out_features
                for layer, norm in itertools.pairwise(net)
                if isinstance(norm, nn.BatchNorm2d)
                and getattr(layer, "bias", None) is not None
            )

        assert check("idle_biases", idle).status == Status.RIGHT
