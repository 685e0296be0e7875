"""
Does dropout help?
==================

Dropout throws away half of what a layer has computed, at random, anew for every step.
It sounds like sabotage and was for years the first thing to try against overfitting.
On this page we build it in two lines, find out what the odd factor in them is for, and
then ask the question that is asked too rarely: does it help *here*?

You will

* write dropout by hand, and predict what the values that survive become;
* see why the same layer does nothing at all when the network is judged;
* train with three rates on few images and on many, and read a verdict from the spread.

**Before this:** the lessons on batch norm and on training LeNet.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, digits = profiles.current(), datasets.for_role("digits")
info = digits.info
training.seed_everything(0)

# %%
# The question
# ------------
# Ten thousand ones go in, and each is thrown away with probability p = 0.2.

ones = torch.ones(10_000)
out = nn.Dropout(0.2)(ones)
values, counts = out.unique(return_counts=True)
predict(
    "Which values come out, about how often, and what is their mean, about?",
    ", ".join(
        f"{v:.2f}: {c} times" for v, c in zip(values, counts.tolist(), strict=True)
    )
    + f"; mean {out.mean():.2f}",
    because="A fifth is 0. The others are divided by 1 - 0.2 = 0.8, so that the mean "
    "stays.",
)

# %%
# By hand
# -------
# A number between 0 and 1 is drawn for each value; the value stays where that number is
# at least p. What stays is divided by the share that stays.


def dropout(x, p):
    keep = torch.rand_like(x) >= p
    return x * keep / (1 - p)


x = torch.tensor([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0, 6.0])
for _ in range(3):
    print(dropout(x, 0.5).tolist())

# %%
# Ours and PyTorch's draw their numbers in different ways, so that they cannot be
# compared draw by draw. But we can ask PyTorch which values it keeps, with ones, and
# start the same draw again.

torch.manual_seed(1)
kept = F.dropout(torch.ones(8), 0.5) > 0
torch.manual_seed(1)
assert_close(F.dropout(x, 0.5), x * kept / 0.5)

# %%
# Why divide?
# -----------
# The next layer adds up what it gets. Without the factor its sums would be smaller
# while it learns than when all values are there. Here is the mean of more and more
# draws of one sum, with the factor and without.

draws = torch.stack([dropout(x, 0.5).sum() for _ in range(2000)])
number = torch.arange(1, 2001)
with_factor = draws.cumsum(0) / number
plotting.lines(
    number,
    {
        "with factor": with_factor,
        "without": with_factor / 2,
        "no dropout": [x.sum().item()] * len(draws),
    },
    title="With the factor, the average draw is what the layer gives without dropout",
    xlabel="draws",
    ylabel="mean of the sum",
    log="x",
)

# %%
# On average nothing has changed; a single draw may be far off. That makes the second
# position of the switch so simple:

layer = nn.Dropout(0.5).eval()
predict(
    "`nn.Dropout(0.5).eval()` gets [3, 1, 4]. What comes out?",
    layer(torch.tensor([3.0, 1.0, 4.0])).tolist(),
    because="All that went in, not divided by anything. The factor was paid for during "
    "training, and using the network costs nothing.",
)

# %%
# A crowd of networks
# -------------------
# Eight values can be thrown away in :math:`2^8` ways: 256 thinned-out networks that
# share their weights. Each step trains one of them. For a *linear* layer the mean over
# all of them is exactly what evaluation gives.

linear = nn.Linear(8, 3)
masks = torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * 8)  # (256, 8)
with torch.no_grad():  # at p = 0.5 every way is equally likely
    crowd = linear(masks * x / 0.5)  # (256, 3)
    assert_close(crowd.mean(dim=0), linear(x), rtol=0, atol=1e-4)
    bent = crowd.relu().mean(dim=0)
    print("mean of ReLUs", *(f"{value:.2f}" for value in bent))
    print("ReLU of mean ", *(f"{value:.2f}" for value in linear(x).relu()))

# %%
# With a ReLU behind it the two differ: the network that is judged is only near the
# average of its crowd.
#
# In maps
# -------
# In a feature map a lost pixel is no great loss, for its neighbours say much the same.
# ``nn.Dropout2d`` throws away whole maps instead.

conv = nn.Conv2d(info.channels, 6, 3, padding=1)
with torch.no_grad():
    maps = conv(digits.train.normalized()[:1]).relu()  # (1, 6, H, W)
    pixels, whole = F.dropout(maps, 0.5), F.dropout2d(maps, 0.5)
plotting.feature_maps(
    torch.cat([pixels[0, :3], whole[0, :3]]),
    titles=["pixels"] * 3 + ["whole maps"] * 3,
    columns=3,
    title="Dropout leaves each map readable; Dropout2d keeps a map or loses it",
)

# %%
# Does it help?
# -------------
# A network with more weights than it needs, once with few digits to learn from and once
# with many. Dropout sits before both linear layers. What is chosen by this comparison
# is chosen on validation digits; the test digits stay where they are.


def network(p):
    height, width = (side // 4 for side in info.size)
    return nn.Sequential(
        *(nn.Conv2d(info.channels, 8, 3, stride=2, padding=1), nn.ReLU()),
        *(nn.Conv2d(8, 16, 3, stride=2, padding=1), nn.ReLU(), nn.Flatten()),
        *(nn.Dropout(p), nn.Linear(16 * height * width, 64), nn.ReLU()),
        *(nn.Dropout(p), nn.Linear(64, info.num_classes)),
    )


def run(p, split, epochs, seed):
    training.seed_everything(seed)
    net = network(p)
    optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
    batches = split.batches(64, shuffle=True, seed=seed)
    training.fit(net, batches, optimizer=optimizer, epochs=epochs)
    learned = training.evaluate(net, split.batches(256))
    return learned, training.evaluate(net, digits.validation.batches(256))


# %%
# Each heap gets about as many steps. We ask both times with dropout *off*: what has
# been learned by heart, and what is read of digits never seen.

seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])
few = digits.train.sample(min(200, len(digits.train)))
heaps = {"few": (few, 15), "many": (digits.train, 3)}
rates, found = (0.0, 0.2, 0.5), {}
for heap, (split, epochs) in heaps.items():
    epochs = profile.pick(smoke=1, docs=epochs, full=2)
    print(f"{heap}: {len(split)} images, {epochs} epochs")
    for p in rates:
        found[heap, p] = [run(p, split, epochs, seed) for seed in seeds]
        learned = min(on_train.accuracy for on_train, _ in found[heap, p])
        new = [on_new.accuracy for _, on_new in found[heap, p]]
        print(f"  p {p}: learned {learned:6.1%}, new {min(new):.1%} to {max(new):.1%}")

# %%
# All seeds, so that luck can be seen:

plotting.bars(
    {
        f"{heap}, p = {p}": [100 * (1 - new.accuracy) for _, new in found[heap, p]]
        for heap in heaps
        for p in rates
    },
    title="Validation digits misread, with few and with many digits to learn from",
    xlabel="% misread",
)

# %%
# Is a difference larger than what another seed changes? We take the best rate above
# zero and ask whether its *worst* seed beats the *best* seed without dropout. That is a
# strict question, and with three seeds a fair one.


def verdict(heap, better):
    of = {p: [better(new) for _, new in found[heap, p]] for p in rates}
    best = max(rates[1:], key=lambda p: sum(of[p]))
    if min(of[best]) > max(of[0.0]):
        return f"helped (p = {best})"
    if sum(of[best]) <= sum(of[0.0]):
        return "no rate helped"
    return f"better on average (p = {best}), within the spread of seeds"


for heap in heaps:
    print(f"{heap:4} accuracy: {verdict(heap, lambda new: new.accuracy)}")
    print(f"{heap:4} loss:     {verdict(heap, lambda new: -new.loss)}")

# %%
# Read the lines for what they are: one network, one kind of image, one length of
# training. Dropout takes from the network the means to learn by heart. Where that is
# not what is wrong, it takes something else: strength, or time. Convolutions with batch
# norm and much data mostly go without it today, or keep it for the last layer.
#
# Where it breaks
# ---------------
# A rate is a probability.

with expect_error(ValueError):
    nn.Dropout(1.5)

# %%
# The next one raises nothing, and is hard to find. Batch norm *behind* dropout remembers
# how widely its inputs are spread. Dropout keeps their mean, and not their spread:

x = torch.randn(100_000).relu()
spread = {p: F.dropout(x, p).var() / x.var() for p in (0.2, 0.5)}
by_hand = x.square().mean() / 0.5 - x.mean() ** 2
assert_close(spread[0.5] * x.var(), by_hand, rtol=0.1, atol=0)
predict(
    "With p = 0.5, how many times the variance without dropout is that with it: 1, or "
    "more?",
    f"{spread[0.5]:.1f} times (p = 0.2: {spread[0.2]:.1f} times)",
    because="The squares of what stays are four times as large, and half of them stay: "
    "the mean square doubles.",
)

# %%
# In evaluation dropout is gone, and batch norm goes on dividing by the wider spread
# that it remembers. So dropout belongs behind the last norm, or nowhere.
#
# Takeaways
# ---------
# * Dropout sets values to zero with probability p and divides the others by 1 - p, so
#   that their mean stays.
# * In evaluation it does nothing at all: exactly the mean of the crowd for a linear
#   layer, nearly for a network.
# * Whether it helps depends on data, network and length of training. Measure it, with
#   seeds.
# * It changes variances, which a batch norm behind it remembers wrongly.
#
# Check yourself
# --------------
# One value, and then a sum.

ask("value_that_stays")

# %%
# Somebody has written it otherwise:

ask("sums_when_judged")

# %%
# Exercise
# --------
# Write it with its switch. The random numbers are given, so that answers can be
# compared.


def dropout_by(noise, x, p, training):
    """Drop x where noise (same shape, 0 to 1) is below p; leave it in evaluation."""
    raise NotImplementedError


check("dropout_by", dropout_by)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("dropout_by")

# %%
# References
# ----------
# 1. N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov. *Dropout:
#    A Simple Way to Prevent Neural Networks from Overfitting.* JMLR 15, 2014. There the
#    factor is paid in evaluation. `Paper <https://jmlr.org/papers/v15/srivastava14a.html>`__
# 2. J. Tompson, R. Goroshin, A. Jain, Y. LeCun, C. Bregler. *Efficient Object
#    Localization Using Convolutional Networks.* CVPR 2015. Whole maps. `arXiv:1411.4280
#    <https://arxiv.org/abs/1411.4280>`__
# 3. X. Li, S. Chen, X. Hu, J. Yang. *Understanding the Disharmony between Dropout and
#    Batch Normalization by Variance Shift.* CVPR 2019. `arXiv:1801.05134
#    <https://arxiv.org/abs/1801.05134>`__
