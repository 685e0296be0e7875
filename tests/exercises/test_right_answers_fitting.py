"""Right answers that are not the solution: fitting curves, images and their scale."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F
from sklearn.preprocessing import StandardScaler
from torch import nn
from torch.utils.data import BatchSampler
from torchvision.transforms.v2.functional import normalize, to_dtype

from cnn_tutorial import arithmetic
from cnn_tutorial.exercises import Status, check


def is_right(name, attempt):
    return check(name, attempt).status == Status.RIGHT


class TestFitLine:
    def test_by_an_optimiser(self):
        def fit(x, y, lr, steps):
            line = nn.Linear(1, 1)
            for parameter in line.parameters():
                nn.init.zeros_(parameter)
            optimizer = torch.optim.SGD(line.parameters(), lr)
            for _ in range(steps):
                optimizer.zero_grad()
                F.mse_loss(line(x[:, None])[:, 0], y).backward()
                optimizer.step()
            return torch.cat([line.weight[0], line.bias])

        assert is_right("fit_line", fit)

    def test_on_paper(self):
        def fit(x, y, lr, steps):
            a = b = 0.0
            for _ in range(steps):
                r = a * x + b - y
                a, b = a - lr * 2 * (r * x).mean(), b - lr * 2 * r.mean()
            return torch.tensor([a, b])

        assert is_right("fit_line", fit)


class TestDampedStep:
    def test_as_a_least_squares_problem_with_more_rows(self):
        def step(jacobian, residuals, damping):
            m = jacobian.shape[1]
            more = damping**0.5 * torch.eye(m)
            rows = torch.cat([jacobian, more])
            right = -torch.cat([residuals, torch.zeros(m)])
            return torch.linalg.lstsq(rows, right[:, None]).solution[:, 0]

        assert is_right("damped_step", step)

    def test_through_the_singular_values(self):
        def step(jacobian, residuals, damping):
            u, s, vt = torch.linalg.svd(jacobian, full_matrices=False)
            return -vt.T @ (s / (s**2 + damping) * (u.T @ residuals))

        assert is_right("damped_step", step)


class TestToBatch:
    def test_image_by_image_in_numpy(self):
        def batch(images):
            found = [np.moveaxis(image.numpy(), -1, 0) for image in images]
            return torch.from_numpy(np.stack(found).astype(np.float32) / 255)

        assert is_right("to_batch", batch)

    def test_by_torchvision(self):
        def batch(images):
            turned = [image.movedim(2, 0) for image in images]
            return to_dtype(torch.stack(turned), torch.float32, scale=True)

        assert is_right("to_batch", batch)


class TestLayerCost:
    def test_by_a_layer(self):
        def cost(c_in, c_out, k, height, width):
            layer = nn.Conv2d(c_in, c_out, k, padding="same", device="meta")
            out = layer(torch.empty(1, c_in, height, width, device="meta"))
            macs = layer.weight.numel() * out[0, 0].numel()
            return sum(p.numel() for p in layer.parameters()), macs, out.nbytes

        assert is_right("layer_cost", cost)

    def test_by_the_package(self):
        def cost(c_in, c_out, k, height, width):
            return (
                arithmetic.conv_parameters(c_in, c_out, k),
                arithmetic.conv_macs(c_in, c_out, k, (height, width)),
                height * width * c_out * 4,
            )

        assert is_right("layer_cost", cost)


class TestCut:
    def test_by_a_sampler(self):
        def pieces(order, size, drop_last=False):
            return list(BatchSampler(order, size, drop_last))

        assert is_right("cut", pieces)

    def test_one_entry_after_the_other(self):
        def pieces(order, size, drop_last=False):
            found = []
            for k, entry in enumerate(order):
                if k % size == 0:
                    found.append([])
                found[-1].append(entry)
            if drop_last and found and len(found[-1]) < size:
                found.pop()
            return found

        assert is_right("cut", pieces)


class TestStandardize:
    def test_by_torchvision(self):
        def both(train, test):
            flat = train.movedim(1, 0).flatten(1).double()
            variance, mean = torch.var_mean(flat, dim=1, correction=0)
            numbers = mean.tolist(), variance.sqrt().tolist()
            return normalize(train, *numbers), normalize(test, *numbers)

        assert is_right("standardize", both)

    def test_by_scikit_learn(self):
        def rows(images):
            return images.movedim(1, 3).flatten(0, 2).numpy()

        def both(train, test):
            scaler = StandardScaler().fit(rows(train))

            def scaled(images):
                n, c, h, w = images.shape
                found = torch.from_numpy(scaler.transform(rows(images)))
                return found.reshape(n, h, w, c).movedim(3, 1)

            return scaled(train), scaled(test)

        assert is_right("standardize", both)


class TestMomentumStep:
    def test_by_an_optimiser(self):
        def step(p, v, slope, lr, momentum):
            p = p.clone().requires_grad_()
            optimizer = torch.optim.SGD([p], lr, momentum)
            optimizer.state[p]["momentum_buffer"] = v.clone()
            p.grad = slope.clone()
            optimizer.step()
            return p.detach(), optimizer.state[p]["momentum_buffer"]

        assert is_right("momentum_step", step)

    def test_in_the_other_order(self):
        def step(p, v, slope, lr, momentum):
            moved = p - lr * slope - lr * momentum * v
            return moved, slope.add(v, alpha=momentum)

        assert is_right("momentum_step", step)
