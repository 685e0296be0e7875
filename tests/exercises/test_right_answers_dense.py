"""Right answers on gates and dense blocks that are written differently."""

from __future__ import annotations

import torch
from torch import nn

from cnn_tutorial import blocks, models
from cnn_tutorial.exercises import Status, check


def is_right(name, attempt):
    return check(name, attempt).status == Status.RIGHT


class TestSEBlock:
    def test_by_modules(self):
        def gate(maps, down, up):
            first = nn.Conv2d(maps.shape[1], len(down), 1, bias=False)
            second = nn.Conv2d(len(down), len(up), 1, bias=False)
            first.weight.data, second.weight.data = (
                w[..., None, None] for w in (down, up)
            )
            pool = nn.AdaptiveAvgPool2d(1)
            with torch.no_grad():
                gates = nn.Sequential(pool, first, nn.ReLU(), second, nn.Sigmoid())
                return gates(maps) * maps

        assert is_right("se_block", gate)

    def test_by_einsum(self):
        def gate(x, a, b):
            mean = torch.einsum("nchw->nc", x) / (x.shape[2] * x.shape[3])
            inner = torch.einsum("nc,hc->nh", mean, a).clamp(min=0)
            open_ = 1 / (1 + torch.exp(-torch.einsum("nh,ch->nc", inner, b)))
            return torch.einsum("nchw,nc->nchw", x, open_)

        assert is_right("se_block", gate)


class TestDenseLayer:
    def test_by_a_class_with_functions(self):
        class Layer(nn.Module):
            def __init__(self, channels, growth):
                super().__init__()
                self.last = nn.Conv2d(4 * growth, growth, 3, padding="same", bias=False)
                self.first = nn.Conv2d(channels, 4 * growth, 1, bias=False)
                self.norms = nn.ModuleList(
                    [nn.BatchNorm2d(channels), nn.BatchNorm2d(4 * growth)]
                )

            def forward(self, x):
                x = self.first(self.norms[0](x).clamp(min=0))
                return self.last(self.norms[1](x).relu())

        assert is_right("dense_layer", Layer)
        assert is_right("dense_layer", blocks.DenseLayer)


class TestDenseBlock:
    def test_by_a_list_of_parts(self):
        def block(maps, functions):
            parts = [maps]
            for function in functions:
                parts += [function(torch.hstack(parts))]
            return torch.hstack(parts)

        assert is_right("dense_block", block)

    def test_by_recursion(self):
        def block(x, layers):
            if not layers:
                return x
            return block(torch.cat((x, layers[0](x)), 1), layers[1:])

        assert is_right("dense_block", block)


class TestConcatenatedBytes:
    def test_by_a_formula(self):
        def weigh(size, layers, growth, each=4):
            n, c, h, w = size
            channels = layers * c + growth * layers * (layers + 1) // 2
            return n * channels * h * w * each

        assert is_right("concatenated_bytes", weigh)

    def test_by_tensors_without_numbers(self):
        def weigh(size, layers, growth, each=4):
            x, held = torch.empty(size, device="meta"), 0
            for _ in range(layers):
                x = torch.cat([x, x[:, :1].expand(-1, growth, -1, -1)], dim=1)
                held += x.numel() * each
            return held

        assert is_right("concatenated_bytes", weigh)


class TestShareBetween:
    def test_by_indicators(self):
        def share(values, labels):
            centred = values - values.mean()
            member = nn.functional.one_hot(labels).float()
            sums = member.T @ centred
            sizes = member.sum(0).clamp(min=1)
            return (sums.square() / sizes).sum() / (centred @ centred)

        assert is_right("share_between", share)

    def test_by_what_is_left(self):
        def share(values, labels):
            left = 0.0
            for k in set(labels.tolist()):
                own = values[labels == k]
                left += own.var(correction=0) * own.numel()
            return 1 - left / (values.var(correction=0) * values.numel())

        assert is_right("share_between", share)


class TestChannelsAtEnd:
    def test_by_a_network(self):
        def count(plan, grow, share=0.5):
            net = models.DenseNet(plan, width=grow, compression=share)
            return net.head.in_features

        assert is_right("channels_at_end", count)


class TestBackwardAgain:
    def test_by_backward(self):
        def back(f, inputs, slopes):
            leaf = inputs.clone().detach()
            leaf.requires_grad = True
            with torch.set_grad_enabled(True):
                f(leaf).backward(slopes)
            return leaf.grad

        assert is_right("backward_again", back)

    def test_by_torch_func(self):
        def back(f, inputs, slopes):
            with torch.enable_grad():
                _, pull = torch.func.vjp(f, inputs)
                return pull(slopes)[0]

        assert is_right("backward_again", back)


class TestSourceMeans:
    def test_by_a_matrix(self):
        def means(weight, sizes):
            starts = torch.tensor(sizes).repeat_interleave(torch.tensor(sizes))
            group = torch.arange(len(sizes)).repeat_interleave(torch.tensor(sizes))
            columns = weight.flatten(1).abs().mean(0) / starts
            return torch.zeros(len(sizes)).index_add(0, group, columns)

        assert is_right("source_means", means)
