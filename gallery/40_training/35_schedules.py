"""
A learning rate with a plan
===========================

Early on, long steps get somewhere. Late, they jump about the place where we want to
end. No single learning rate is right for both, so most recipes plan it: a *schedule*
says the rate of each step before the first one is taken. We draw the usual ones, write
one, and measure. Beside it stands a small change of the loss that is often used with
them, label smoothing.

You will

* write the cosine schedule, and predict rates of the one-cycle schedule;
* see what happens when a schedule is stepped in the wrong place;
* smooth labels by hand, and read from a measurement what it changes and what not.

**Before this:** two optimisers, written down.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import nn, optim
from torch.testing import assert_close

from cnn_tutorial import datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, digits = profiles.current(), datasets.for_role("digits", size=32)
info = digits.info

# %%
# By hand: half a cosine
# ----------------------
# From the peak to zero in T steps, flat at both ends:
#
# .. math::
#    \eta_t = \frac{\eta}{2} \left(1 + \cos \frac{\pi t}{T}\right)


def cosine(step, steps, peak):
    return peak * (1 + math.cos(math.pi * step / steps)) / 2


# %%
# A schedule in PyTorch is an object beside the optimiser that writes the rate into it.
# ``step()`` moves it on by one. We let it run without any training and note the rates.


def rates_of(make, steps, peak=0.1):
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
    schedule, rates = make(optimizer), []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return rates


steps = 100
by_library = rates_of(lambda o: optim.lr_scheduler.CosineAnnealingLR(o, steps), steps)
assert_close(by_library, [cosine(k, steps, 0.1) for k in range(steps)])
side = "above" if by_library[25] > 0.075 else "below"
predict(
    "A cosine from 0.1 over 100 steps. Which rate has step 50, and is step 25 above or "
    "below three quarters of the peak?",
    f"{by_library[50]:.3f}; step 25: {by_library[25]:.4f}, {side}",
    because="cos(pi/2) = 0 leaves half. At a quarter of the way the cosine is 0.707, "
    "not 0.5: the curve is flat near its top.",
)

# %%
# The one-cycle schedule rises first: from a 25th of the peak, over 30 % of the steps,
# then down to almost nothing. At first the weights are random and the slopes large and
# wild; short steps survive that, and a higher peak becomes possible.

library = optim.lr_scheduler
plans = {
    "constant": lambda o: library.ConstantLR(o, factor=1.0),
    "in stairs": lambda o: library.MultiStepLR(o, [50, 75], gamma=0.1),
    "cosine": lambda o: library.CosineAnnealingLR(o, steps),
    "one cycle": lambda o: library.OneCycleLR(o, 0.1, total_steps=steps),
}
planned = {name: rates_of(make, steps) for name, make in plans.items()}
plotting.lines(
    range(steps),
    planned,
    title="Four plans with one peak: the rate of each step",
    xlabel="step",
    ylabel="learning rate",
)

# %%
# Read the ends of the last curve before you look at its numbers.

one_cycle = planned["one cycle"]
predict(
    "The peak is 0.1. With which rate does one cycle begin, and where is its top?",
    f"{one_cycle[0]:.3f}; top at step {one_cycle.index(max(one_cycle))}",
    because="0.1 / 25, and 30 % of 100 steps, counted from 0.",
)

# %%
# It does a second thing that the picture does not show: while the rate goes up, the
# momentum goes down, and back.

sgd = optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1, momentum=0.9)
schedule = library.OneCycleLR(sgd, 0.1, total_steps=steps)
for step in range(steps):
    if step in (0, 29, 99):
        print(f"step {step:2}: momentum {sgd.param_groups[0]['momentum']:.3f}")
    sgd.step()
    schedule.step()

# %%
# Where it breaks
# ---------------
# A schedule counts calls. It does not know what we call a step. One cycle knows its
# length, and complains about one call too many:

with expect_error(ValueError):
    schedule.step()

# %%
# The other direction is silent. Planned for 100 steps and moved on once in each of 5
# epochs, where does it end?

per_epoch = rates_of(plans["one cycle"], 5)
predict(
    "One cycle over 100 steps, stepped 5 times in all. What is the highest rate that "
    "the training sees, as a share of the peak?",
    f"{max(per_epoch) / max(one_cycle):.0%}",
    because="It never leaves the foot of the hill. Training works, slowly, and no "
    "message says why.",
)

# %%
# ``training.fit`` steps one-cycle plans after each batch and the others after each
# epoch, unless ``schedule_by`` says otherwise, and it refuses a plan that ends too
# early.
#
# Does a plan help?
# -----------------
# LeNet, AdamW, one peak, three plans, some seeds. The peak is rather high, as it may be
# when it is not to be kept up until the end. Judged by validation digits.

epochs = profile.pick(smoke=1, docs=3, full=2)
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])
validation = digits.validation.batches(256)


def run(plan, seed, smoothing=0.0, peak=0.02):
    training.seed_everything(seed)
    net = models.LeNet(info.channels, info.num_classes)
    batches = digits.train.batches(64, shuffle=True, seed=seed)
    optimizer = optim.AdamW(net.parameters(), lr=peak)
    length = epochs * len(batches)
    schedule = {
        "constant": lambda: None,
        "cosine": lambda: library.CosineAnnealingLR(optimizer, length),
        "one cycle": lambda: library.OneCycleLR(optimizer, peak, length),
    }[plan]()
    recipe = {"optimizer": optimizer, "scheduler": schedule, "epochs": epochs}
    recipe["schedule_by"] = "step" if schedule else None
    recipe["loss"] = nn.CrossEntropyLoss(label_smoothing=smoothing)
    return training.fit(net, batches, validation, **recipe), net


# %%
# All of them, and their curves:

runs = {
    plan: [run(plan, seed) for seed in seeds]
    for plan in ("constant", "cosine", "one cycle")
}
plotting.curves(
    {plan: [record for record, _ in found] for plan, found in runs.items()},
    title="Three plans with one peak: mean and range over seeds",
)

# %%
# Look at the bands in the last epochs: what still jumps, and what has come to rest? In
# numbers:

ends = {
    plan: [record.curves["validation_accuracy"][-1] for record, _ in found]
    for plan, found in runs.items()
}
for plan, values in ends.items():
    print(f"{plan:10} {min(values):.1%} to {max(values):.1%}")
for plan in ("cosine", "one cycle"):
    clear = min(ends[plan]) > max(ends["constant"])
    print(f"{plan}: {'better with every seed' if clear else 'within the spread'}")

# %%
# Label smoothing, by hand
# ------------------------
# Cross-entropy asks for the whole share: 1 for the true class, 0 for all others, which
# no finite score can give. *Label smoothing* asks for a little less. A tenth of the
# share is spread evenly over all ten classes.

scores, labels = torch.randn(7, 10).double(), torch.arange(7)
smooth = 0.9 * F.one_hot(labels, 10) + 0.1 / 10
ours = -(smooth * scores.log_softmax(dim=1)).sum(dim=1).mean()
assert_close(ours, F.cross_entropy(scores, labels, label_smoothing=0.1))
lowest = -(smooth[0] * smooth[0].log()).sum()
predict(
    "Which target has the true class now, and which each other one? Can the loss still "
    "reach 0?",
    f"{smooth[0, 0]:.2f} and {smooth[0, 1]:.2f}; no, at best {lowest:.3f}",
    because="0.9 + 0.1 / 10, and 0.1 / 10. The loss is lowest where the shares equal "
    "the targets, and is then the targets' own entropy.",
)

# %%
# So losses with and without smoothing cannot be compared: they are measured on two
# scales. We judge both networks by the plain one.

runs["smoothed"] = [run("one cycle", seed, smoothing=0.1) for seed in seeds]
for name in ("one cycle", "smoothed"):
    scores, labels = zip(
        *(training.predict(net, validation) for _, net in runs[name]), strict=True
    )
    scores, labels = torch.cat(scores), torch.cat(labels)
    right = (scores.argmax(1) == labels).double().mean()
    share = scores.softmax(1).amax(1).mean()
    loss = F.cross_entropy(scores, labels)
    print(f"{name:10} right {right:.1%}, largest share {share:.3f}, loss {loss:.3f}")

# %%
# Compare the two columns that should agree in a network that knows how sure it may be:
# the fraction that is right, and the mean of the largest shares. Smoothing pulls the
# second down. Whether that brings it closer to the first depends on where it was. And
# the accuracy, seed by seed:

smoothed = [record.curves["validation_accuracy"][-1] for record, _ in runs["smoothed"]]
wins = sum(a > b for a, b in zip(smoothed, ends["one cycle"], strict=True))
ties = sum(a == b for a, b in zip(smoothed, ends["one cycle"], strict=True))
print(f"smoothing is ahead with {wins} of {len(seeds)} seeds, level with {ties}")

# %%
# Takeaways
# ---------
# * A schedule is a function from the step to the rate. Cosine falls from the peak to 0;
#   one cycle rises first and lets momentum do the opposite.
# * It counts calls: plan its length in the steps in which you call it.
# * Whether the end of training gains from a falling rate is a question for seeds.
# * Label smoothing asks for less than certainty. It changes shares and the scale of the
#   loss for certain, and accuracy perhaps.
#
# Check yourself
# --------------
# Two questions about plans, one for the curve and one for its length.

ask("cosine_rate")

# %%
# And the length:

ask("length_of_a_plan")

# %%
# Exercise
# --------
# The plan that most large models are trained with: up in a line, down along a cosine.


def warmup_cosine(step, steps, warmup, peak):
    """Return the rate at a step from 0 to steps: 0 up to peak, then down to 0."""
    raise NotImplementedError


check("warmup_cosine", warmup_cosine)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("warmup_cosine")

# %%
# References
# ----------
# 1. I. Loshchilov, F. Hutter. *SGDR: Stochastic Gradient Descent with Warm Restarts.*
#    ICLR 2017. The cosine. `arXiv:1608.03983 <https://arxiv.org/abs/1608.03983>`__
# 2. L. N. Smith, N. Topin. *Super-Convergence: Very Fast Training of Neural Networks
#    Using Large Learning Rates.* 2018. One cycle. `arXiv:1708.07120
#    <https://arxiv.org/abs/1708.07120>`__
# 3. R. Müller, S. Kornblith, G. Hinton. *When Does Label Smoothing Help?* NeurIPS 2019.
#    `arXiv:1906.02629 <https://arxiv.org/abs/1906.02629>`__
