"""Exercises on channels, pooling and shifts: right answers written in other ways."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F

from cnn_tutorial.exercises import Status, check


class TestSumOverChannels:
    def test_by_the_library(self):
        def convolve(image, kernels, offsets):
            return F.conv2d(image, kernels, offsets)

        assert check("sum_over_channels", convolve).status == Status.RIGHT

    def test_by_groups_and_a_sum(self):
        def convolve(x, w, b):
            terms = F.conv2d(
                x.repeat(len(w), 1, 1), w.flatten(0, 1)[:, None], groups=len(w) * len(x)
            )
            return terms.unflatten(0, w.shape[:2]).sum(1) + b.reshape(-1, 1, 1)

        assert check("sum_over_channels", convolve).status == Status.RIGHT

    def test_by_windows(self):
        def convolve(x, w, b):
            windows = x.unfold(1, w.shape[2], 1).unfold(2, w.shape[3], 1)
            out = torch.einsum("iyxuv,oiuv->oyx", windows, w)
            return out + b[:, None, None]

        assert check("sum_over_channels", convolve).status == Status.RIGHT


class TestGroupedWeight:
    def test_by_a_mask(self):
        def dense(w, groups):
            outputs = torch.arange(len(w)) // (len(w) // groups)
            inputs = torch.arange(w.shape[1] * groups) // w.shape[1]
            mask = outputs[:, None] == inputs[None]
            return w.repeat(1, groups, 1, 1) * mask[..., None, None]

        assert check("grouped_weight", dense).status == Status.RIGHT

    def test_by_asking_the_layer(self):
        def dense(weight, groups):
            c_in = weight.shape[1] * groups
            kh, kw = weight.shape[2:]
            # An impulse in one input shows its kernels, flipped in space.
            x = torch.zeros(c_in, c_in, 2 * kh - 1, 2 * kw - 1)
            x[range(c_in), range(c_in), kh - 1, kw - 1] = 1
            return F.conv2d(x, weight, groups=groups).flip(2, 3).transpose(0, 1)

        assert check("grouped_weight", dense).status == Status.RIGHT

    def test_by_stacking(self):
        def dense(w, g):
            blocks = list(w.chunk(g))
            none = torch.zeros_like(blocks[0])
            rows = [
                torch.cat([b if j == k else none for j in range(g)], 1)
                for k, b in enumerate(blocks)
            ]
            return torch.cat(rows)

        assert check("grouped_weight", dense).status == Status.RIGHT


class TestMakeDivisible:
    def test_as_mobilenet_does(self):
        def rounded(v, divisor=8, min_value=None):
            min_value = divisor if min_value is None else min_value
            new = max(min_value, int(v + divisor / 2) // divisor * divisor)
            if new < 0.9 * v:
                new += divisor
            return new

        assert check("make_divisible", rounded).status == Status.RIGHT

    def test_by_choosing_among_multiples(self):
        def rounded(channels, step=8):
            below = math.floor(channels / step) * step
            both = [below, below + step]
            enough = [m for m in both if 10 * m >= 9 * channels]
            return min(enough, key=lambda m: (abs(m - channels), -m))

        assert check("make_divisible", rounded).status == Status.RIGHT


class TestMaxPool:
    def test_by_the_library(self):
        def pool(image, size, step=None, margin=0):
            # The library refuses wide margins, which the cases do not have.
            return F.max_pool2d(image, size, step, margin)

        assert check("max_pool", pool).status == Status.RIGHT

    def test_by_loops(self):
        def pool(x, k, s=None, p=0):
            s = s or k
            x = F.pad(x, [p] * 4, value=-torch.inf)
            rows = range(0, x.shape[2] - k + 1, s)
            columns = range(0, x.shape[3] - k + 1, s)
            return torch.stack(
                [
                    torch.stack(
                        [x[..., i : i + k, j : j + k].amax((2, 3)) for j in columns], -1
                    )
                    for i in rows
                ],
                -2,
            )

        assert check("max_pool", pool).status == Status.RIGHT

    def test_by_a_table_of_patches(self):
        def pool(x, kernel_size, stride=None, padding=0):
            n, c, h, _ = x.shape
            k, s = kernel_size, stride or kernel_size
            x = F.pad(x, [padding] * 4, value=-1e9)
            table = F.unfold(x, k, stride=s).reshape(n, c, k * k, -1)
            return table.amax(2).reshape(n, c, (h + 2 * padding - k) // s + 1, -1)

        assert check("max_pool", pool).status == Status.RIGHT


class TestAdaptiveWindows:
    def test_by_rounding(self):
        def windows(n, m):
            starts = [math.floor(k * n / m) for k in range(m)]
            return list(
                zip(
                    starts, (math.ceil(k * n / m) for k in range(1, m + 1)), strict=True
                )
            )

        assert check("adaptive_windows", windows).status == Status.RIGHT

    def test_by_asking_the_layer(self):
        def windows(size, count):
            x = torch.zeros(1, size, requires_grad=True)
            out = F.adaptive_avg_pool1d(x, count)[0]
            found = []
            for value in out:
                (reach,) = torch.autograd.grad(value, x, retain_graph=True)
                pixels = reach[0].nonzero().flatten().tolist()
                found.append((pixels[0], pixels[-1] + 1))
            return found

        assert check("adaptive_windows", windows).status == Status.RIGHT


class TestBlurKernel:
    def test_by_binomials(self):
        def kernel(n):
            row = torch.tensor([math.comb(n - 1, k) for k in range(n)]).float()
            return torch.outer(row, row) / 4 ** (n - 1)

        assert check("blur_kernel", kernel).status == Status.RIGHT

    def test_by_convolving_with_ones(self):
        def kernel(taps):
            out = torch.ones(1, 1, 1, 1)
            for _ in range(taps - 1):
                out = F.conv2d(out, torch.full((1, 1, 2, 2), 0.25), padding=1)
            return out[0, 0]

        assert check("blur_kernel", kernel).status == Status.RIGHT


class TestShiftError:
    def test_by_cutting_and_joining(self):
        def error(f, image, d, s=1):
            def moved(x, rows):
                rows %= x.shape[2]
                return torch.cat(
                    [x[:, :, x.shape[2] - rows :], x[:, :, : -rows or None]], 2
                )

            one, other = f(moved(image, d)), moved(f(image), d // s)
            return torch.max(torch.abs(one - other)).item()

        assert check("shift_error", error).status == Status.RIGHT

    def test_by_indices_and_a_tensor_of_one(self):
        def error(function, x, rows, stride=1):
            y = function(x)
            before = (torch.arange(x.shape[-2]) - rows) % x.shape[-2]
            after = (torch.arange(y.shape[-2]) - rows // stride) % y.shape[-2]
            return (function(x[..., before, :]) - y[..., after, :]).abs().max()

        assert check("shift_error", error).status == Status.RIGHT


class TestConsistency:
    def test_by_sorting(self):
        def share(one, other):
            first, second = (
                s.sort(descending=True).indices[:, 0] for s in (one, other)
            )
            return torch.eq(first, second).double().mean().item()

        assert check("consistency", share).status == Status.RIGHT

    def test_by_rows(self):
        def share(one, other):
            pairs = zip(one.tolist(), other.tolist(), strict=True)
            same = [a.index(max(a)) == b.index(max(b)) for a, b in pairs]
            return sum(same) / len(same)

        assert check("consistency", share).status == Status.RIGHT
