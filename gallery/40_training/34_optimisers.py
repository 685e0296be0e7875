"""
Two optimisers, written down
============================

Two recipes train most networks: SGD with momentum and weight decay, and AdamW. Their
names hide how short they are, three lines and five. We write both, find the one line in
which they differ in spirit, and then let them train the same network. It will matter
how we compare: with one learning rate for both, either can be made to look foolish.

You will

* write both steps by hand, and see them agree with PyTorch's to the last digits;
* predict the length of AdamW's first step without knowing the slope;
* find out why weight decay means two things, and compare the two optimisers fairly.

**Before this:** eight ways down, and the training loop.
"""

from __future__ import annotations

import torch
from torch import optim
from torch.testing import assert_close

from cnn_tutorial import datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, digits = profiles.current(), datasets.for_role("digits", size=32)
info = digits.info
training.seed_everything(0)

# %%
# By hand: SGD
# ------------
# Momentum we know: a velocity that fades and collects slopes. *Weight decay* adds a
# small multiple of each weight to its slope, as a term :math:`\frac{\lambda}{2} w^2` of
# the loss would. Unused weights fade.


def sgd_step(p, v, slope, lr, momentum, decay):
    slope = slope + decay * p
    v = momentum * v + slope
    return p - lr * v, v


# %%
# To check it we need slopes. Any will do; ten random ones for six parameters.


def follow(make, slopes, start):
    p = start.clone().requires_grad_()
    optimizer = make([p])
    for slope in slopes:
        p.grad = slope.clone()
        optimizer.step()
    return p.detach()


start, slopes = torch.randn(6).double(), torch.randn(10, 6).double()
p, v = start, torch.zeros(6).double()
for slope in slopes:
    p, v = sgd_step(p, v, slope, lr=0.1, momentum=0.9, decay=0.01)
library = follow(
    lambda ps: optim.SGD(ps, lr=0.1, momentum=0.9, weight_decay=0.01), slopes, start
)
assert_close(p, library)

# %%
# By hand: AdamW
# --------------
# AdamW keeps two accounts for each weight: the mean slope *m* and the mean squared
# slope *v*. The step is the one divided by the root of the other. Both start at zero
# and are too small at first; dividing by :math:`1 - \beta^t` corrects that.


def adamw(p, m, v, slope, step, lr, decay, betas=(0.9, 0.999)):
    m = betas[0] * m + (1 - betas[0]) * slope
    v = betas[1] * v + (1 - betas[1]) * slope**2
    mean, square = m / (1 - betas[0] ** step), v / (1 - betas[1] ** step)
    p = p * (1 - lr * decay)
    return p - lr * mean / (square.sqrt() + 1e-8), m, v


p, m, v = start, *torch.zeros(2, 6).double()
for step, slope in enumerate(slopes, start=1):
    p, m, v = adamw(p, m, v, slope, step, lr=0.1, decay=0.01)
library = follow(lambda ps: optim.AdamW(ps, lr=0.1, weight_decay=0.01), slopes, start)
assert_close(p, library)

# %%
# What does the division do? Three weights with three very different slopes, one step.

slope = torch.tensor([1000.0, 1.0, -0.001]).double()
zero = torch.zeros(3).double()
first, _, _ = adamw(zero, zero, zero, slope, 1, lr=0.01, decay=0.0)
predict(
    "Slopes 1000, 1 and -0.001, learning rate 0.01, no decay. How far does AdamW move "
    "each weight in its first step?",
    [round(value, 5) for value in first.tolist()],
    because="At first the mean is the slope and the root of the mean square its size: "
    "their ratio is the sign. Each weight moves by the learning rate.",
)

# %%
# So the rate of AdamW is a *distance*, and the rate of SGD a factor for slopes. There
# is no reason why one number should suit both. Ten steps with the slopes from above,
# and ten with slopes ten times as large:

longer = {}
for name, make in {
    "SGD": lambda ps: optim.SGD(ps, lr=0.01, momentum=0.9),
    "AdamW": lambda ps: optim.AdamW(ps, lr=0.01, weight_decay=0.0),
}.items():
    once, tenfold = (follow(make, k * slopes, start) - start for k in (1, 10))
    longer[name] = (tenfold.norm() / once.norm()).item()
predict(
    "Somebody multiplies the loss by 10. How many times as far do SGD and AdamW go?",
    ", ".join(f"{name}: {times:.2f} times" for name, times in longer.items()),
    because="SGD's step is proportional to the slope. In AdamW the factor divides out.",
)

# %%
# Two kinds of decay
# ------------------
# Now the line with ``decay``. SGD adds it to the slope; AdamW keeps it out of the
# accounts. There is also Adam, which does as SGD does. Give all three a weight of 1
# that the loss does not use, so that its slope is 0, and take 100 steps.

unused, nothing = torch.ones(1).double(), torch.zeros(100, 1).double()
kinds = {"SGD": optim.SGD, "AdamW": optim.AdamW, "Adam": optim.Adam}
left = {
    (name, decay): follow(
        lambda ps, kind=kind, decay=decay: kind(ps, lr=0.005, weight_decay=decay),
        nothing,
        unused,
    ).item()
    for name, kind in kinds.items()
    for decay in (0.01, 1.0)
}
for (name, decay), value in left.items():
    print(f"{name:6} decay {decay:<5} {value:.3f} is left of 1")
assert_close(left["SGD", 1.0], 0.995**100, rtol=1e-6, atol=0)
assert_close(left["AdamW", 1.0], 0.995**100, rtol=1e-6, atol=0)

# %%
# In SGD and AdamW a hundredfold decay shrinks a hundred times as fast. Adam's line is
# remarkable: the decay is divided by its own size like any slope, and its strength
# hardly matters. What one tunes there is something else. This is the whole difference
# between Adam and AdamW, and the reason for the W.
#
# Not every parameter should fade. A bias, or the scale of a norm, is not what makes a
# function wild; most recipes spare them. Whatever has one axis is left out:

net = models.LeNet(info.channels, info.num_classes)
groups = [
    {"params": [p for p in net.parameters() if p.ndim > 1], "weight_decay": 5e-4},
    {"params": [p for p in net.parameters() if p.ndim == 1], "weight_decay": 0.0},
]
sizes = [sum(p.numel() for p in group["params"]) for group in groups]
sgd = optim.SGD(groups, lr=0.05, momentum=0.9)
predict(
    f"This LeNet has {sum(sizes):,} parameters. How many of them are biases? And how "
    "many numbers do SGD with momentum and AdamW remember besides the parameters?",
    f"{sizes[1]} biases; SGD {sum(sizes):,}, AdamW {2 * sum(sizes):,}",
    because="6 + 16 + 120 + 84 + one for each class. One velocity for each parameter, "
    "or two accounts.",
)

# %%
# The comparison
# --------------
# Both train LeNet, for long enough that the slower one arrives too. Each gets the best
# of three rates, chosen with seed 0 on validation digits by the mean of the last three
# epochs, since single epochs jump. Then it runs from all seeds with that rate.

epochs = profile.pick(smoke=1, docs=8, full=3)
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])
validation = digits.validation.batches(256)
recipes = {
    "SGD": lambda ps, lr: optim.SGD(ps, lr=lr, momentum=0.9, weight_decay=5e-4),
    "AdamW": lambda ps, lr: optim.AdamW(ps, lr=lr, weight_decay=0.01),
}
rates = {"SGD": (0.01, 0.04, 0.16), "AdamW": (0.001, 0.004, 0.016)}


def run(name, lr, seed):
    training.seed_everything(seed)
    net = models.LeNet(info.channels, info.num_classes)
    optimizer = recipes[name](net.parameters(), lr)
    batches = digits.train.batches(64, shuffle=True, seed=seed)
    recipe = {"optimizer": optimizer, "epochs": epochs}
    return training.fit(net, batches, validation, **recipe)


def reached(record):
    late = record.curves["validation_accuracy"][-3:]
    return 100 * sum(late) / len(late)


# %%
# The search, which is the part that reports of such comparisons often leave out:

tried = {(name, lr): run(name, lr, 0) for name in recipes for lr in rates[name]}
best = {name: max(rates[name], key=lambda r: reached(tried[name, r])) for name in rates}
for name, lr in best.items():
    edge = "at the edge of" if lr != rates[name][1] else "in the middle of"
    print(f"{name:5} chose rate {lr}, {edge} what was searched")

plotting.bars(
    {f"{name}, {lr}": reached(record) for (name, lr), record in tried.items()},
    title="Which rate suits which optimiser? Six choices, one seed",
    xlabel="% of validation digits read",
)

# %%
# How far apart are the rates of one optimiser, and how far the best of each? A choice at
# the edge asks for a wider search. Now the optimisers.

runs = {
    name: [tried[name, lr] if seed == 0 else run(name, lr, seed) for seed in seeds]
    for name, lr in best.items()
}
plotting.curves(
    runs,
    title="SGD with momentum and AdamW, each with the best of three rates",
)

# %%
# And a verdict that knows the spread:

ends = {name: [reached(record) for record in records] for name, records in runs.items()}
for name, values in ends.items():
    print(f"{name:5} {min(values):.1f} to {max(values):.1f} %, rate {best[name]}")
low, high = sorted(ends, key=lambda name: sum(ends[name]))
apart = min(ends[high]) > max(ends[low])
print(f"{high} won with every seed" if apart else "the seeds differ more than the two")

# %%
# One network, one data set, a few epochs, no schedule. Do not take a law home from it.
# What tends to hold elsewhere: AdamW forgives a rate that is not quite right and does
# well early; SGD wants its rate tuned, remembers half as much, and trained most of the
# convolutional networks in the literature.
#
# Where it breaks
# ---------------
# An optimiser holds the parameters that it was given. Make a new network and keep the
# old optimiser, and it goes on improving a network that nobody asks any more. In plain
# PyTorch nothing is raised. Ours looks first:

other = models.LeNet(info.channels, info.num_classes)
with expect_error(ValueError):
    training.fit(other, validation, optimizer=sgd, epochs=1)

# %%
# Takeaways
# ---------
# * SGD's step is proportional to the slope; AdamW's is about as long as its learning
#   rate, whatever the slope. Their rates cannot be compared.
# * Decay in the slope and apart from it are the same for SGD, up to momentum, and they
#   are not for Adam. That is the W.
# * SGD with momentum keeps one number more for each parameter, AdamW two.
# * A comparison needs the best rate for each side, chosen on validation data, and seeds.
#
# Check yourself
# --------------
# Take one step by hand, with the optimiser that is named.

ask("one_step")

# %%
# And what does it carry along?

ask("numbers_remembered")

# %%
# Exercise
# --------
# One step of AdamW, from memory.


def adamw_step(p, m, v, slope, step, lr, decay):
    """Return (p, m, v) after step number `step` (1, 2, ...); betas 0.9 and 0.999."""
    raise NotImplementedError


check("adamw_step", adamw_step)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("adamw_step")

# %%
# References
# ----------
# 1. D. P. Kingma, J. Ba. *Adam: A Method for Stochastic Optimization.* ICLR 2015.
#    `arXiv:1412.6980 <https://arxiv.org/abs/1412.6980>`__
# 2. I. Loshchilov, F. Hutter. *Decoupled Weight Decay Regularization.* ICLR 2019.
#    `arXiv:1711.05101 <https://arxiv.org/abs/1711.05101>`__
# 3. D. Choi and others. *On Empirical Comparisons of Optimizers for Deep Learning.*
#    2019. How the search for rates decides who wins. `arXiv:1910.05446
#    <https://arxiv.org/abs/1910.05446>`__
