"""
Batch norm is two layers in one
===============================

The same layer, the same image, two answers. Batch norm measures the batch in front of
it while it learns, and uses what it remembers when it has learned. One switch decides
which of the two layers you have, and most mishaps with batch norm are this switch in
the wrong position. On this page we build both layers, and the memory between them.

You will

* normalise a batch by hand, and say over which axes before you see it;
* keep the running statistics, and predict how long the first ones are remembered;
* tell in which of the two an image's answer depends on its neighbours.

**Before this:** the lessons on normalising and on training LeNet.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

digits = datasets.for_role("digits")
training.seed_everything(0)

# %%
# The question
# ------------
# Two images with two channels of two pixels each. Channel 0 holds small numbers,
# channel 1 large ones.

x = torch.tensor([[[[1.0, 3.0]], [[0.0, 0.0]]], [[[1.0, 3.0]], [[10.0, 10.0]]]])
norm = nn.BatchNorm2d(2)
out = norm(x).detach()  # (N, C, H, W) = (2, 2, 1, 2)
for k in range(2):
    print(f"channel {k}:", x[:, k].flatten().tolist(), "becomes", out[:, k].flatten())

# %%
# Both channels end at minus one and one. Somebody subtracted a mean and divided by a
# deviation. Which ones?

mean = x.mean(dim=(0, 2, 3), keepdim=True)
predict(
    "A batch has shape (N, C, H, W). Over which axes is the mean taken, and how many "
    "means are there?",
    f"over N, H and W: {mean.numel()} means here, shape {tuple(mean.shape)}",
    because="One for each channel. A kernel is the same at all places and for all "
    "images, and so is what undoes its scale.",
)

# %%
# By hand: the layer that learns
# ------------------------------
# A number epsilon under the root keeps a channel without any variation from being
# divided by zero. The variance is divided by how many numbers there are, not by one
# less.


def normalise(x, mean, var, eps=1e-5):
    return (x - mean.reshape(-1, 1, 1)) / (var.reshape(-1, 1, 1) + eps).sqrt()


def statistics(x, correction=0):
    values = x.transpose(0, 1).flatten(1)  # (C, N*H*W)
    return values.mean(dim=1), values.var(dim=1, correction=correction)


mean, var = statistics(x)
print("mean", mean.tolist(), "variance", var.tolist())
assert_close(normalise(x, mean, var), out)

# %%
# On real digits: six random kernels make six channels, each with a mean and a width of
# its own. Here is how often each value comes up, before the norm.

images = digits.train.normalized()
conv = nn.Conv2d(digits.info.channels, 6, 3)
with torch.no_grad():
    before = conv(images[:128])
after = normalise(before, *statistics(before))


def histogram(maps, k, low=-3.0, high=3.0):
    counts = torch.histc(maps[:, k].flatten(), 40, low, high)
    return 100 * counts / maps[:, k].numel()


values = torch.linspace(-3, 3, 41)[:-1] + 0.075
plotting.lines(
    values,
    {f"channel {k}": histogram(before, k) for k in range(3)},
    title="Before: three channels of the same digits, three means and three widths",
    xlabel="value",
    ylabel="% of the values",
)

# %%
# The tall peak is empty paper, the rest is ink. And after the norm:

plotting.lines(
    values,
    {f"channel {k}": histogram(after, k) for k in range(3)},
    title="After: still three shapes, each with mean 0 and deviation 1",
    xlabel="value",
    ylabel="% of the values",
)
assert_close(after.mean(dim=(0, 2, 3)), torch.zeros(6), rtol=0, atol=1e-4)

# %%
# *Normalised* does not mean *normally distributed*. Nobody bent the curves into bells.
# They were moved and stretched, no more: paper and ink are as different as before.
#
# A way back
# ----------
# Does the network lose something that it may need? Each channel gets a *scale* and a
# *shift* that are learned, ``weight`` and ``bias`` of the layer. They start at 1 and 0.

norm = nn.BatchNorm2d(6)
mean, var = statistics(before)
with torch.no_grad():
    norm.weight.copy_((var + norm.eps).sqrt())
    norm.bias.copy_(mean)
    restored = norm(before)
assert_close(restored, before, rtol=0, atol=1e-4)
parameters = sum(p.numel() for p in norm.parameters())
predict(
    "With which scale and shift does the layer give back what came in? "
    "And how many parameters has it for 6 channels?",
    f"the deviation and the mean; {parameters} parameters",
    because="x = mean + deviation * normalised x, channel by channel: 2 * 6 numbers.",
)

# %%
# What the network *can* be is the same with and without. What changes is how it gets
# there: mean and width of a channel are now two numbers that one step can change, and
# no longer the joint result of all the layers below.
#
# By hand: what it remembers
# --------------------------
# A digit that comes alone has no batch to be measured by. So the layer keeps an account
# during training: after each batch, nine tenths of the old value and one tenth of the
# new one. (The account of the variance takes the batch's variance divided by *one
# less*. That is how PyTorch does it.)

batches = digits.train.batches(32, shuffle=True, seed=0)
norm = nn.BatchNorm2d(6)
running_mean, running_var = torch.zeros(6), torch.ones(6)  # where PyTorch starts
path = []
with torch.no_grad():
    for pixels, _ in batches:
        maps = conv(pixels)
        mean, var = statistics(maps, correction=1)
        running_mean = 0.9 * running_mean + 0.1 * mean
        running_var = 0.9 * running_var + 0.1 * var
        path.append((mean[1].item(), running_mean[1].item()))
        norm(maps)
assert_close(norm.running_mean, running_mean, rtol=1e-4, atol=1e-5)
assert_close(norm.running_var, running_var, rtol=1e-4, atol=1e-5)

# %%
# Watch the account of one channel.

with torch.no_grad():
    overall = conv(images).mean(dim=(0, 2, 3))[1].item()
of_batch, remembered = zip(*path, strict=True)
steps = range(1, len(path) + 1)
plotting.lines(
    steps,
    {"batch": of_batch, "remembered": remembered, "all digits": [overall] * len(path)},
    title="Batches jump about their mean; the memory starts at 0 and settles",
    xlabel="batch",
    ylabel="mean of channel 1",
)

# %%
# For the first steps the memory is mostly its own starting value.

forgotten = next(k for k in range(1, 100) if 0.9**k < 0.01)
predict(
    "After one batch, which share of the running mean is still the 0 that it started "
    "from? After how many batches is it less than 1 %?",
    f"{0.9:.0%}; after {forgotten}",
    because="Each batch leaves nine tenths: 0.9 to the power of the number of batches.",
)

# %%
# The layer that has learned
# --------------------------
# ``eval()`` turns the switch: the remembered statistics take the place of those of the
# batch, and the account is closed.

norm.eval()
with torch.no_grad():
    out = norm(before)
ours = normalise(before, running_mean, running_var)
assert_close(out, ours, rtol=0, atol=1e-4)
print(f"largest difference between the two layers: {(out - after).abs().max():.3f}")

# %%
# They differ because memory is an average over many batches, and because it has not
# quite forgotten where it began.
#
# In this position nothing is measured any more. Each channel is multiplied by one fixed
# number and another is added. An image gets its answer whatever comes with it. In the
# other position its answer depends on its neighbours:

alone, others = before[:1], torch.cat([before[:1], before[1:32] + 1])
answers = {}
for name, switch in {"training": norm.train, "evaluation": norm.eval}.items():
    switch()
    with torch.no_grad():
        answers[name] = (norm(before[:32])[0] - norm(others)[0]).abs().max().item()
predict(
    "Digit 0 among 31 digits, then among 31 brighter ones. In which mode does its "
    "output change, and by how much at most?",
    ", ".join(f"{name}: {change:.2f}" for name, change in answers.items()),
    because="In training the mean of the batch is subtracted, and the neighbours make "
    "most of it.",
)

# %%
# Where it breaks
# ---------------
# One case is so hopeless that PyTorch refuses. A single image whose maps are one pixel
# has a variance of zero in each channel, and its normalised value is always 0.

with expect_error(ValueError):
    nn.BatchNorm2d(6)(torch.randn(1, 6, 1, 1))

# %%
# In the library
# --------------
# The whole layer is one function. It returns nothing about its account; it writes it
# into the tensors that it was given.

for momentum in (0.1, 0.3, 1.0):
    x = torch.randn(7, 5, 3, 2).double() * 3 + 1
    weight, bias, old_mean, old_var = torch.rand(4, 5).double() + 0.5
    kept_mean, kept_var = old_mean.clone(), old_var.clone()
    theirs = F.batch_norm(
        x, kept_mean, kept_var, weight, bias, training=True, momentum=momentum
    )
    ours = normalise(x, *statistics(x))
    assert_close(ours * weight[:, None, None] + bias[:, None, None], theirs)
    mean, var = statistics(x, correction=1)
    assert_close(torch.lerp(old_mean, mean, momentum), kept_mean)
    assert_close(torch.lerp(old_var, var, momentum), kept_var)

# %%
# PyTorch's ``momentum`` is the share of the *new* batch. In other libraries, and in the
# optimiser next door, the same word means the share of the old.
#
# Takeaways
# ---------
# * In training, batch norm subtracts the batch's mean and divides by its deviation, one
#   pair for each channel, over images and places.
# * A learned scale and shift can undo it: the network can do no less than before.
# * In evaluation it uses a memory of training batches, and an image no longer depends
#   on its neighbours.
# * The memory is changed by every call in training mode, with or without gradients.
# * ``train()`` before learning, ``eval()`` before judging, always. No error reminds you.
#
# Check yourself
# --------------
# Which of the two layers answers, and with whose mean?

ask("normalised_pixel")

# %%
# And what does it remember?

ask("running_mean_after")

# %%
# Exercise
# --------
# Write both layers in one function, with the account that the first one keeps.


def batch_norm(x, running_mean, running_var, training, momentum=0.1, eps=1e-5):
    """Return normalised x (N, C, H, W) and the running mean and variance after it."""
    raise NotImplementedError


check("batch_norm", batch_norm)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("batch_norm")

# %%
# References
# ----------
# 1. S. Ioffe, C. Szegedy. *Batch Normalization: Accelerating Deep Network Training by
#    Reducing Internal Covariate Shift.* ICML 2015. `arXiv:1502.03167
#    <https://arxiv.org/abs/1502.03167>`__
# 2. Y. Wu, J. Johnson. *Rethinking "Batch" in BatchNorm.* 2021. What goes wrong between
#    training and evaluation, and how to measure statistics anew. `arXiv:2105.07576
#    <https://arxiv.org/abs/2105.07576>`__
# 3. PyTorch. *BatchNorm2d.*
#    `Documentation <https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm2d.html>`__
