"""
A classifier whose digits move
==============================

Convolutions move along with their input, and strides do so in steps. What is left of it
in the answers of a trained network? We train two that differ in their last layers only,
on digits that stand in the middle, and then we move the digits.

You will

* predict from the strides alone at which shifts the answers cannot change;
* watch the accuracy of two readers while their digits move;
* teach one of them by moving the digits in training, too.

**Before this:** equivariance; a first look at training (``loss.backward()``, an
optimizer).
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile = profiles.current()
digits = datasets.for_role("digits", size=32)
info = digits.info

# %%
# The question
# ------------
# The digits are made half as large, 16 x 16, and put into the middle of 24 x 24 pixels.
# A shift moves them down; what leaves below comes back on top.


def centred(split, count):
    split = split.sample(min(count, len(split)))
    return F.pad(F.avg_pool2d(split.scaled(), 2), (4, 4, 4, 4)), split.labels


def shift(x, rows):
    return x.roll(rows, dims=-2)


images, labels = centred(digits.train, profile.pick(smoke=100, docs=1000, full=4000))
held_out, truth = centred(digits.test, profile.pick(smoke=50, docs=360, full=1000))
plotting.images(
    torch.cat([shift(held_out[:1], d) for d in (0, 1, 2, 4, 6, 8)]),
    labels=[f"by {d}" for d in (0, 1, 2, 4, 6, 8)],
    columns=3,
    title="One digit moves down by 0 to 8 pixels",
)

# %%
# You read it as easily at the end as at the beginning. Does a network that was trained
# on the first picture only?
#
# By hand
# -------
# Three convolutions, two poolings by 2. All borders wrap round, so that no zeros tell
# places apart. Only the end differs: one reader flattens its 32 maps of 6 x 6, the other
# takes the largest number of each map.


def reader(head):
    layers, c_in = [], info.channels
    for c_out in (8, 8, 32):
        layers += [nn.Conv2d(c_in, c_out, 3, padding=1, padding_mode="circular")]
        layers += [nn.ReLU(), nn.MaxPool2d(2)]
        c_in = c_out
    layers.pop()  # no pooling behind the third convolution
    if head == "flatten":
        layers += [nn.Flatten(), nn.Linear(32 * 6 * 6, info.num_classes)]
    else:
        layers += [nn.AdaptiveMaxPool2d(1), nn.Flatten()]
        layers += [nn.Linear(32, info.num_classes)]
    return nn.Sequential(*layers)


sizes = [
    sum(number.numel() for number in reader(head)[-1].parameters())
    for head in ("flatten", "global maximum")
]
predict(
    "How many parameters has the last layer of each reader?",
    f"{sizes[0]:,} and {sizes[1]:,}",
    because="Ten classes, each with a bias and 32 * 6 * 6 weights, or 32 weights.",
)

# %%
# Before anything is trained, one thing is certain about the second reader, whatever its
# weights will be.

torch.manual_seed(0)
fresh = reader("global maximum")
with torch.no_grad():
    start, *rest = [fresh(shift(held_out, d)) for d in range(9)]
predict(
    "Two poolings with stride 2, then a global maximum. Which shifts from 1 to 8 leave "
    "the scores as they were?",
    [d for d, other in enumerate(rest, start=1) if torch.allclose(other, start)],
    because="A shift by 4 moves the last maps by one whole place, and a maximum over "
    "all places does not notice.",
)

# %%
# Turn one knob: one pooling more, behind the third convolution.

assert_close(rest[3], start)
deeper = fresh[:-3].append(nn.MaxPool2d(2)).extend(fresh[-3:])
with torch.no_grad():
    start, *rest = [deeper(shift(held_out, d)) for d in range(9)]
predict(
    "Three poolings now, then the global maximum. Which shifts from 1 to 8 leave the "
    "scores as they were?",
    [d for d, other in enumerate(rest, start=1) if torch.allclose(other, start)],
    because="The same: the largest of all windows' maxima is the largest of the map, "
    "with windows or without. In front of `flatten` a third pooling would count.",
)

# %%
# Training: the loop that later chapters explain, six times through the digits. If
# ``reach`` is not 0, each batch is moved by a random number of rows first.


def train(net, reach=0):
    epochs = profile.pick(smoke=1, docs=6, full=6)
    optimizer = torch.optim.Adam(net.parameters())
    steps = epochs * math.ceil(len(images) / 64)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-2, steps)
    for _ in range(epochs):
        for batch in torch.randperm(len(images)).split(64):
            rows = int(torch.randint(-reach, reach + 1, ()))
            loss = F.cross_entropy(net(shift(images[batch], rows)), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()
    return net


# %%
# The measurement
# ---------------
# Each reader learns from the digits in the middle, from a few seeds, and reads test
# digits at nine heights.

seeds = profile.pick(smoke=[0], docs=[0, 1], full=[0, 1, 2])
shifts = list(range(9))


def measure(head, reach=0):
    found, scores = [], []
    for seed in seeds:
        torch.manual_seed(seed)
        net = train(reader(head), reach)
        with torch.no_grad():
            scores.append(torch.stack([net(shift(held_out, d)) for d in shifts]))
        found.append(100 * (scores[-1].argmax(-1) == truth).double().mean(1))
    # (seeds, 9), (seeds, 9, N, classes), the last network
    return torch.stack(found), torch.stack(scores), net


accuracy, scores = {}, {}
for head in ("flatten", "global maximum"):
    accuracy[head], scores[head], net = measure(head)
plotting.lines(
    shifts,
    accuracy,
    title="Two readers, trained on digits in the middle, read digits that move",
    xlabel="shift (pixels)",
    ylabel="accuracy (%)",
)

# %%
# In numbers:

print(f"{len(images)} digits to learn from, {len(truth)} to test, seeds {seeds}")
for head, values in accuracy.items():
    mean = values.mean(dim=0)
    still, by_4, worst = mean[0], mean[4], mean.min()
    print(f"{head:15} still {still:3.0f} %, by 4 {by_4:3.0f} %, worst {worst:3.0f} %")

# %%
# The convolutions are the same kind in both. What the flattening reader learned about
# the middle is about the middle: its last layer has a weight of its own for every
# place. The other reader comes back every four pixels, exactly, but not in between.

assert torch.equal(accuracy["global maximum"][:, 0], accuracy["global maximum"][:, 4])
assert torch.equal(accuracy["global maximum"][:, 0], accuracy["global maximum"][:, 8])

# %%
# Accuracy hides something. A digit that is read wrongly in both places counts the same
# as one that never moved. *Consistency* asks: how many get the same class as before,
# right or wrong?

for head, values in scores.items():
    named = values.argmax(dim=-1)  # (seeds, 9, N)
    same = (named == named[:, :1]).double().mean(dim=(0, 2))
    print(f"{head:15}", " ".join(f"{100 * share:4.0f}" for share in same), "%")

# %%
# Teach it
# --------
# What the layers do not give can be learned. The flattening reader starts again, and
# its training digits move by up to 4 rows, up or down. Nothing else changes.

accuracy["flatten, taught"], *_ = measure("flatten", reach=4)
plotting.lines(
    shifts,
    accuracy,
    title="The same, and a flattening reader whose training digits moved, too",
    xlabel="shift (pixels)",
    ylabel="accuracy (%)",
)

# %%
# The verdict of this run, inside and outside of what it was shown:

taught, plain = accuracy["flatten, taught"].mean(0), accuracy["flatten"].mean(0)
print(
    f"shifts 0 to 4: {plain[:5].mean():.0f} % before, {taught[:5].mean():.0f} % taught"
)
print(
    f"shifts 5 to 8: {plain[5:].mean():.0f} % before, {taught[5:].mean():.0f} % taught"
)

# %%
# Where it breaks
# ---------------
# A learned tolerance ends where the examples ended. One that is built in does not end,
# but covers only the move that it was built for. We turn the digits by 90 degrees and
# ask the reader with the global maximum:

with torch.no_grad():
    upright = (net(held_out).argmax(1) == truth).double().mean()
    turned = (net(held_out.rot90(1, (2, 3))).argmax(1) == truth).double().mean()
print(f"upright {100 * upright:.0f} %, turned {100 * turned:.0f} %")

# %%
# For digits that is as it should be: a 6 that is turned upside down is a 9.
#
# Takeaways
# ---------
# * What is certain follows from the layers: with stride 4 in all, circular borders and a
#   global maximum, shifts by multiples of 4 change nothing.
# * What a flattening layer learns about one place it knows about that place only.
# * Between the multiples of 4 its answers change, in spite of the global maximum.
# * Moved examples teach what the layers do not give, as far as the examples go.
# * The seeds are few: trust the shape of the curves, and not their decimals.
#
# Check yourself
# --------------
# Follow a shift through the strides, down to the last layer.

ask("shift_without_effect")

# %%
# And the measure of this page, on five digits:

ask("consistent_answers")

# %%
# Exercise
# --------
# Write the measure that looks at answers instead of truth.


def consistency(first, second):
    """Return the share of images that get the same class from both scores (N, C)."""
    raise NotImplementedError


check("consistency", consistency)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("consistency")

# %%
# References
# ----------
# 1. R. Zhang. *Making Convolutional Networks Shift-Invariant Again.* ICML 2019.
#    Consistency as a measure. `arXiv:1904.11486 <https://arxiv.org/abs/1904.11486>`__
# 2. O. S. Kayhan, J. C. van Gemert. *On Translation Invariance in CNNs: Convolutional
#    Layers can Exploit Absolute Spatial Location.* 2020.
#    `arXiv:2003.07064 <https://arxiv.org/abs/2003.07064>`__
