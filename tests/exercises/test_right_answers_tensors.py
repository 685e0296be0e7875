"""Right answers to the exercises on tensors and gradients, written differently."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.exercises import Status, check


class TestStridesOf:
    def test_by_a_tensor(self):
        def strides(size):
            return torch.empty(size).stride()

        assert check("strides_of", strides).status == Status.RIGHT

    def test_by_products_of_what_is_behind(self):
        def strides(size):
            behind = (size[k + 1 :] for k in range(len(size)))
            return [int(np.prod(lengths)) for lengths in behind]

        assert check("strides_of", lambda s: tuple(strides(s))).status == Status.RIGHT


class TestBroadcastShape:
    def test_by_pytorch_and_by_a_sum(self):
        def by_pytorch(a, b):
            try:
                return tuple(torch.broadcast_shapes(a, b))
            except RuntimeError as error:
                raise ValueError from error

        def by_a_sum(a, b):
            return (np.empty(a) + np.empty(b)).shape

        assert check("broadcast_shape", by_pytorch).status == Status.RIGHT
        assert check("broadcast_shape", by_a_sum).status == Status.RIGHT

    def test_by_filling_up(self):
        def shape(a, b):
            axes = max(len(a), len(b))
            a, b = ([1] * (axes - len(s)) + list(s) for s in (a, b))
            pairs = list(zip(a, b, strict=True))
            if any(x != y and min(x, y) != 1 and 1 not in (x, y) for x, y in pairs):
                raise ValueError(f"{a} and {b} do not fit")
            return tuple(x * y if 1 in (x, y) else x for x, y in pairs)

        assert check("broadcast_shape", shape).status == Status.RIGHT


class TestFloatGap:
    def test_by_frexp_and_by_doubling(self):
        def by_frexp(x, bits):
            _, exponent = np.frexp(x)  # x = m * 2**exponent, m in [0.5, 1)
            return float(np.ldexp(1.0, int(exponent) - 1 - bits))

        def by_doubling(x, bits):
            power = 1.0
            while power > x:
                power /= 2
            while 2 * power <= x:
                power *= 2
            return power / 2**bits

        assert check("float_gap", by_frexp).status == Status.RIGHT
        assert check("float_gap", by_doubling).status == Status.RIGHT


class TestAsArray:
    def test_by_numpy_and_without_a_graph(self):
        def by_numpy(tensor):
            tensor = tensor.data
            wide = tensor.to(torch.promote_types(tensor.dtype, torch.float32))
            return np.asarray(wide if tensor.dtype is torch.bfloat16 else tensor)

        def by_force(tensor):
            small = tensor.dtype == torch.bfloat16
            return (tensor.to(torch.float32) if small else tensor).numpy(force=True)

        assert check("as_array", by_numpy).status == Status.RIGHT
        assert check("as_array", by_force).status == Status.RIGHT


class TestLogisticGradient:
    def test_by_autograd(self):
        def gradient(x, labels, w, b):
            w, b = w.clone().requires_grad_(), b.clone().requires_grad_()
            loss = nn.BCEWithLogitsLoss(reduction="sum")
            return torch.autograd.grad(loss(x @ w + b, labels), (w, b))

        assert check("logistic_gradient", gradient).status == Status.RIGHT

    def test_point_by_point(self):
        def gradient(points, labels, w, b):
            dw, db = torch.zeros(len(w)), torch.tensor(0.0)
            for point, label in zip(points, labels, strict=True):
                odds = torch.exp(point.dot(w) + b)
                mistake = odds / (1 + odds) - label
                dw, db = dw + mistake * point, db + mistake
            return [dw, db]

        def as_tuple(*given):
            return tuple(gradient(*given))

        assert check("logistic_gradient", as_tuple).status == Status.RIGHT


class TestPolynomialSlope:
    def test_by_numpy_and_by_autograd(self):
        def by_numpy(c, x):
            return np.polyval(c, x), np.polyval(np.polyder(c), x)

        def by_autograd(c, at):
            x = torch.tensor(at, dtype=torch.float64, requires_grad=True)
            powers = reversed(range(len(c)))
            value = sum(a * x**n for a, n in zip(c, powers, strict=True)) + 0 * x
            value.backward()
            return value.item(), x.grad.item()

        assert check("polynomial_slope", by_numpy).status == Status.RIGHT
        assert check("polynomial_slope", by_autograd).status == Status.RIGHT


class TestStableBce:
    def test_by_pytorch(self):
        def softplus(z, t):
            return F.softplus(z) - z * t

        def logsigmoid(z, t):
            return -t * F.logsigmoid(z) - (1 - t) * F.logsigmoid(-z)

        def logaddexp(z, t):
            return torch.logaddexp(z, torch.zeros_like(z)) - t * z

        for attempt in (softplus, logsigmoid, logaddexp):
            assert check("stable_bce", attempt).status == Status.RIGHT

    def test_by_cases(self):
        def loss(logits, labels):
            against = torch.where(labels == 1, -logits, logits)
            low = torch.where(against > 0, 0, against)  # no kink at 0
            high = torch.where(against > 0, against, 0)
            large = high + torch.log1p(torch.exp(-high))
            return torch.where(against > 0, large, torch.log1p(torch.exp(low)))

        assert check("stable_bce", loss).status == Status.RIGHT
