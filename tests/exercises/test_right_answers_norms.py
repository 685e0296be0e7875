"""Other right answers to the exercises on norms, dropout and optimisers."""

from __future__ import annotations

import copy
import math

import torch
import torch.nn.functional as F
from torch.nn.utils.fusion import fuse_conv_bn_weights

from cnn_tutorial.exercises import Status, check


def test_batch_norm_by_pytorch():
    def by_pytorch(images, mean, var, learning, share=0.1, small=1e-5):
        mean, var = mean.clone(), var.clone()
        out = F.batch_norm(
            images, mean, var, training=learning, momentum=share, eps=small
        )
        return out, mean, var

    assert check("batch_norm", by_pytorch).status == Status.RIGHT


def test_batch_norm_by_rows_of_a_matrix():
    def by_rows(x, mean, var, training, momentum=0.1, eps=1e-5):
        rows = x.movedim(1, 0).reshape(x.shape[1], -1)
        used = mean, var
        if training:
            used = rows.mean(1), rows.pow(2).mean(1) - rows.mean(1).pow(2)
            count = rows.shape[1]
            mean = mean.lerp(used[0], momentum)
            var = var.lerp(used[1] * count / (count - 1), momentum)
        shape = (1, -1, 1, 1)
        out = (x - used[0].view(shape)) * (used[1].view(shape) + eps).rsqrt()
        return out, mean, var

    assert check("batch_norm", by_rows).status == Status.RIGHT


def test_dropout_by_where():
    def by_where(drawn, values, rate, learning):
        zero = torch.zeros_like(values)
        thinned = torch.where(drawn < rate, zero, values.div(1 - rate))
        return thinned if learning else values.clone()

    assert check("dropout_by", by_where).status == Status.RIGHT


def test_adamw_step_by_pytorch():
    def by_pytorch(p, m, v, slope, step, lr, decay):
        weights = p.clone().requires_grad_()
        optimizer = torch.optim.AdamW([weights], lr=lr, weight_decay=decay)
        optimizer.state[weights] = {
            "step": torch.tensor(float(step - 1)),
            "exp_avg": m.clone(),
            "exp_avg_sq": v.clone(),
        }
        weights.grad = slope.clone()
        optimizer.step()
        state = optimizer.state[weights]
        return weights.detach(), state["exp_avg"], state["exp_avg_sq"]

    assert check("adamw_step", by_pytorch).status == Status.RIGHT


def test_warmup_cosine_by_squares_and_by_pytorch():
    def by_squares(now, end, first, top):
        if now < first:
            return top / first * now
        return top * math.cos(math.pi / 2 * (now - first) / (end - first)) ** 2

    def by_pytorch(step, steps, warmup, peak):
        sgd = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
        plan = torch.optim.lr_scheduler.CosineAnnealingLR(sgd, steps - warmup)
        for _ in range(max(step - warmup, 0)):
            sgd.step()
            plan.step()
        rise = min(step / warmup, 1) if warmup else 1
        return rise * plan.get_last_lr()[0]

    assert check("warmup_cosine", by_squares).status == Status.RIGHT
    assert check("warmup_cosine", by_pytorch).status == Status.RIGHT


def test_fold_norm_by_pytorch_and_by_rows():
    def by_pytorch(w, gamma, beta, mean, var, small=1e-5):
        fused = fuse_conv_bn_weights(w, None, mean, var, small, gamma, beta)
        return fused[0].detach(), fused[1].detach()

    def by_rows(kernel, scale, shift, mean, var, eps=1e-5):
        rows = zip(kernel, scale, shift, mean, var, strict=True)
        found = [
            (k * a * (v + eps) ** -0.5, b - m * a * (v + eps) ** -0.5)
            for k, a, b, m, v in rows
        ]
        return tuple(torch.stack(part) for part in zip(*found, strict=True))

    assert check("fold_norm", by_pytorch).status == Status.RIGHT
    assert check("fold_norm", by_rows).status == Status.RIGHT


def test_scores_of_by_a_copy_and_by_inference_mode():
    def by_a_copy(network, images):
        with torch.no_grad():
            return copy.deepcopy(network).eval()(images)

    def by_inference_mode(net, x):
        modes = {name: part.training for name, part in net.named_modules()}
        try:
            with torch.inference_mode():
                return net.eval()(x)
        finally:
            for name, part in net.named_modules():
                part.training = modes[name]

    assert check("scores_of", by_a_copy).status == Status.RIGHT
    assert check("scores_of", by_inference_mode).status == Status.RIGHT
