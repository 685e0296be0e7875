"""
Normalisation adds no information
=================================

Pixels as bytes, pixels from 0 to 1, pixels with mean 0 and deviation 1: three ways to
write down the same picture. Nothing is learned by rewriting. And yet a network that
trains well on one may not train at all on another. On this page we take the three apart
and find that one of the two steps is a learning rate in disguise, and the other is not.

You will

* normalise images, and get each one back to the last byte;
* see on a map what a large mean does to the way down;
* measure three scalings of the same digits: once with one learning rate for all, and
  once with the best for each.

**Before this:** gradient descent on a curve, and images as tensors.
"""

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

data, profile = datasets.for_role("digits"), profiles.current()
train, test = data.train, data.test

# %%
# The question
# ------------
# To *standardise* is to subtract the mean and divide by the standard deviation, both
# taken over all training images, one pair for each channel:

scaled = train.scaled()  # (N, C, H, W), 0-1
mean = scaled.mean(dim=(0, 2, 3), keepdim=True)
std = scaled.std(dim=(0, 2, 3), keepdim=True, correction=0)  # divided by N
standard = (scaled - mean) / std
print(f"mean {mean.flatten().tolist()}, deviation {std.flatten().tolist()}")
predict(
    "Which shapes have `mean` and `standard`? And which value has a black pixel now?",
    f"{tuple(mean.shape)} and {tuple(standard.shape)}; "
    f"{((0 - mean) / std).flatten().tolist()[0]:.2f}",
    because="A number for each channel, whatever the batch. Black was 0, below the "
    "mean, and is negative now.",
)

# %%
# Did we lose or gain anything? Two numbers undo it.

back = standard * std + mean
print(f"largest difference after the way back: {(back - scaled).abs().max():.1e}")
assert_close(back, scaled)
assert torch.equal((back * 255).round().byte(), train.images)

# %%
# Each byte is the one it was. Whatever can be known from the standardised image can be
# known from the bytes. What has changed is the *shape of the hill* that training walks
# down.
#
# The smallest case
# -----------------
# One number per image, two parameters: from the brightness of a digit's upper half we
# predict that of its lower half, by :math:`w x + b`. In bytes first, then standardised.
# Level lines of the mean squared error show the hill.

upper, lower = train.images.float().flatten(2).mean(1).chunk(2, dim=1)
x, y = upper.mean(dim=1), lower.mean(dim=1)


def hill(x, y):
    rows = torch.stack([x, torch.ones_like(x)], dim=1).double()  # (N, 2)
    second = 2 * rows.T @ rows / len(rows)  # second derivatives in w and b
    return second, torch.linalg.lstsq(rows, y.double()[:, None]).solution[:, 0]


hills = {
    "bytes": hill(x, y),
    "standardised": hill((x - x.mean()) / x.std(), (y - y.mean()) / y.std()),
}
for name, (second, _) in hills.items():
    flat, steep = torch.linalg.eigvalsh(second)
    print(f"{name:12} steepest {steep:9.1f}, flattest {flat:.3f}: {steep / flat:9,.0f}")

# %%
# The last number is the *condition number*: how much steeper the hill is in its
# steepest direction than in its flattest. The learning rate has to suit the steepest;
# along the flattest, the same rate crawls. Here are 40 steps from zero on either hill.


def map_of(second, lowest, title):
    rate = 1 / torch.linalg.eigvalsh(second)[-1]  # what the steepest direction allows
    track = [torch.zeros(2).double()]
    for _ in range(40):
        track.append(track[-1] - rate * second @ (track[-1] - lowest))
    track = torch.stack(track)
    points = torch.cat([track, lowest[None]])
    low, high = points.amin(0), points.amax(0)
    middle, span = (low + high) / 2, 0.7 * (high - low).clamp(min=0.5)
    w, b = (torch.linspace(-1, 1, 61).double()[:, None] * span + middle).T
    away = torch.cartesian_prod(b, w).flip(1) - lowest  # (61 * 61, 2)
    heights = (away @ second * away).sum(1).reshape(61, 61) / 2
    tracks = {"40 steps": track, "lowest point": lowest[None]}
    plotting.paths(w, b, heights, tracks, title=title, xlabel="w", ylabel="b")


map_of(
    *hills["bytes"], "In bytes: down the wall of a valley, hardly on along its floor"
)

# %%
# In a valley this long the steps are used up at the wall. After standardising:

map_of(*hills["standardised"], "Standardised: a round bowl, and one step would do")

# %%
# Ten classes
# -----------
# Now the real thing: all pixels, ten classes, a linear classifier that begins at zero,
# so that no start favours anybody. What differs between seeds is the order of the
# digits.

epochs = profile.pick(smoke=1, docs=6, full=4)
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])


def fit(images, rate, seed, pixel_rate=1.0):
    x, order = images.flatten(1), torch.Generator().manual_seed(seed)
    weight = torch.zeros(data.info.num_classes, x.shape[1], requires_grad=True)
    bias = torch.zeros(data.info.num_classes, requires_grad=True)

    def loss(rows):
        return F.cross_entropy(F.linear(x[rows], weight, bias), train.labels[rows])

    found = []
    for _ in range(epochs):
        for batch in torch.randperm(len(x), generator=order).split(64):
            slopes = torch.autograd.grad(loss(batch), (weight, bias))
            with torch.no_grad():
                weight -= rate * pixel_rate * slopes[0]
                bias -= rate * slopes[1]
        found.append(loss(slice(None)).item())
    return found, weight.detach(), bias.detach()


# %%
# Shapes first.

x = train.images.flatten(1)
_, weight, bias = fit(scaled, 0.1, seed=0)
predict(
    "Which shapes have the images laid flat, `x`, and the weights of the classifier?",
    f"{tuple(x.shape)} and {tuple(weight.shape)}",
    because="A weight for each class and each pixel; channels, rows and columns are "
    "one axis now.",
)

# %%
# First with one learning rate for all three:

ways = {"bytes": train.images.float(), "0 to 1": scaled, "standardised": standard}
same = {name: [fit(x, 0.1, seed)[0] for seed in seeds] for name, x in ways.items()}
plotting.lines(
    range(1, epochs + 1),
    same,
    title="One learning rate for all, 0.1: bytes are thrown about",
    xlabel="epoch",
    ylabel="training loss",
    log=True,
)

# %%
# So one should divide by 255? Not so fast. A weight that multiplies bytes is 1/255 of
# one that multiplies numbers up to 1, and its slope is 255 times as large. To take the
# same step, its rate has to be 255 * 255 times smaller. Give the bytes that rate:

disguised, _, _ = fit(ways["bytes"], 0.1, seed=0, pixel_rate=1 / 255**2)
assert_close(disguised, same["0 to 1"][0], rtol=1e-3, atol=1e-4)
predict(
    "Weights for bytes with a rate of 0.1 / 65,025, biases with 0.1. How does the "
    "loss compare with that of images from 0 to 1?",
    f"{disguised[-1]:.4f} against {same['0 to 1'][0][-1]:.4f}",
    because="The same, but for rounding: step by step, the two runs hold the same "
    "classifier, written in other units.",
)

# %%
# Dividing by 255 was a learning rate in disguise. To be fair to all three, each gets
# the best of eight rates, chosen with seed 0, and then all seeds.

rates = [10.0**k for k in range(-6, 0)] + [0.3, 0.03]
best = {name: min(rates, key=lambda r: fit(x, r, 0)[0][-1]) for name, x in ways.items()}
fair = {
    f"{name}, rate {best[name]:g}": [fit(x, best[name], seed)[0] for seed in seeds]
    for name, x in ways.items()
}
plotting.lines(
    range(1, epochs + 1),
    fair,
    title="Each with the best of eight rates: closer, and not equal",
    xlabel="epoch",
    ylabel="training loss",
    log=True,
)

# %%
# At the end, smallest and largest over the seeds:

for name, runs in fair.items():
    ends = [run[-1] for run in runs]
    print(f"{name:25} {min(ends):.3f} to {max(ends):.3f}")

# %%
# What is left between bytes and 0 to 1 is chance and a coarse choice of rates: with
# rates that match, they were equal. Dividing by the deviation is a rate once more. The
# standardised digits differ from both by the *mean*:

for name, x in ways.items():
    rows = torch.cat([x.flatten(1), torch.ones(len(x), 1)], dim=1).double()
    steep = torch.linalg.eigvalsh(rows.T @ rows / len(rows)).flip(0)
    ratios = ", ".join(f"{steep[0] / steep[k]:6.1f}" for k in (1, 5, 10, 20))
    print(f"{name:12} steepest over 2nd, 6th, 11th, 21st: {ratios}")

# %%
# All images share their mean, a bright smear in the middle. In numbers that are never
# negative, this smear is by far the steepest direction, and it sets the learning rate
# for all the others. Dividing leaves the ratios alone; subtracting the mean takes it
# out. The full condition number would say nothing here: some pixels are black in every
# image, so the flattest direction is perfectly flat.
#
# Where it breaks
# ---------------
# A network is tied to the scaling it was trained with. Its statistics are part of the
# model, and the test images get *those of the training images*, not their own. Forget
# to scale at all, and see how many digits are still read:

_, weight, bias = fit(standard, best["standardised"], seed=0)
seen = {
    "by training statistics": (test.scaled() - mean) / std,
    "from 0 to 1": test.scaled(),
    "as bytes": test.images.float(),
}
for name, images in seen.items():
    right = F.linear(images.flatten(1), weight, bias).argmax(1) == test.labels
    print(f"test images {name:22} {right.float().mean():.1%} read")

# %%
# No error is raised, whatever the score. (Bytes do about as well as 0 to 1: all
# scores are 255 times as large, and the largest stays the largest.) And why not the
# test images' own statistics? Because a single image may have to be read alone, and
# because brightness itself may be a difference between training and test that should be
# seen, not removed.
#
# In the library
# --------------
# ``cnn_tutorial.datasets`` keeps the statistics of the training images with each data
# set, and takes the step in both directions.

print("mean", data.info.mean, "deviation", data.info.std)
kept_mean, kept_std = (
    torch.tensor(kept)[:, None, None] for kept in (data.info.mean, data.info.std)
)
assert_close(train.normalized(), (scaled - kept_mean) / kept_std)
assert_close(data.info.denormalize(train.normalized()), scaled)

# %%
# More is said about normalisation than we have tested here: that initial weights need
# it, that half precision needs it, that it keeps gradients from vanishing. Those claims
# need deeper networks, and get their own measurements in the chapter on training and on
# the page of myths.
#
# Takeaways
# ---------
# * Standardising can be undone to the last byte: no information is added or removed.
# * For gradient descent, dividing all pixels by one number is a change of learning
#   rate, and of nothing else.
# * Subtracting the mean changes the shape of the hill: it removes the direction that
#   forced small steps on all others.
# * Compare settings with the best learning rate for each, not with one for all.
# * Statistics come from the training images alone, belong to the model, and are used
#   unchanged on everything that it reads.
#
# Check yourself
# --------------
# Whose mean, whose deviation?

ask("standardised_pixel")

# %%
# And a learning rate in another disguise:

ask("matching_rate")

# %%
# Exercise
# --------
# Standardise training and test images, channel by channel.


def standardize(train, test):
    """Standardise (N, C, H, W) per channel by train's mean and deviation (over N)."""
    raise NotImplementedError


check("standardize", standardize)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("standardize")

# %%
# References
# ----------
# 1. Y. LeCun, L. Bottou, G. Orr, K.-R. Müller. *Efficient BackProp.* In Neural
#    Networks: Tricks of the Trade, Springer, 1998. Why inputs should have mean zero, by
#    the eigenvalues of the second derivatives.
# 2. Y. LeCun, I. Kanter, S. Solla. *Eigenvalues of covariance matrices: application to
#    neural-network learning.* Physical Review Letters 66, 1991.
