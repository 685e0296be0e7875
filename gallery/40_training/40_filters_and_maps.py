"""
Filters and maps: what a picture of weights can say
===================================================

After training we open the network and look at its first filters. Two habits make such
pictures lie: a scale that hides the sign, and the belief that everything in the picture
was learned. On this page we repair both, and then follow one garment through three
layers.

You will

* draw 64 filters so that zero has one colour, and say what the usual scaling loses;
* measure how much of a filter is what it started as;
* look at single maps and at their mean, and know what the mean keeps silent about.

**Before this:** the lessons on batch norm and on hooks.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles, training
from cnn_tutorial.blocks import ConvNormAct
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import ActivationRecorder
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile = profiles.current()
data = datasets.for_role("grey", size=28)
info = data.info
count = min(len(data.train), profile.pick(smoke=100, docs=3000, full=30_000))
print(f"{info.title}: images of {info.input_size}, {info.num_classes} classes")

# %%
# A small network
# ---------------
# Three convolutions, each with batch norm and ReLU; then the mean over all places, and
# one linear layer. ``start`` shrinks the first filters before training; more of that
# below.


def new_net(seed, start=1.0):
    training.seed_everything(seed)
    net = nn.Sequential(
        ConvNormAct(info.channels, 64, 5, stride=2),
        ConvNormAct(64, 32, 3, stride=2),
        ConvNormAct(32, 64, 3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, info.num_classes),
    )
    net[0][0].weight.data *= start
    return net


def train(net):
    epochs = profile.pick(smoke=1, docs=3, full=5)
    batches = data.train.sample(count).batches(64, shuffle=True)
    optimizer = torch.optim.AdamW(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimizer, 1e-2, epochs * len(batches)
    )
    training.fit(net, batches, optimizer=optimizer, scheduler=schedule, epochs=epochs)
    return training.evaluate(net.eval(), data.validation.batches(256)).accuracy


net = new_net(seed=0)
before = net[0][0].weight.detach().clone()
print(f"right on validation images: {train(net):.1%}")

# %%
# The first convolution reads the image itself, so its kernels can be read as patterns
# of pixels.

filters = net[0][0].weight.detach()
first = net[0](data.validation.normalized()[:1])
predict(
    "What is the shape of its weight, and of its output for one image of 28 x 28?",
    f"{tuple(filters.shape)} and {tuple(first.shape)}",
    because="C_out, C_in, kh, kw; and with stride 2 the maps have half as many rows "
    "and columns as the image.",
)

# %%
# White is zero. Red adds what it covers, blue subtracts it.

plotting.kernels(
    filters, columns=16, title="Sixty-four trained filters: do you see edges, or noise?"
)

# %%
# What was learned, and what was there
# ------------------------------------
# Mostly noise. The network reads clothes, so why do its filters look like that? Compare
# each with what it was before the first step. The cosine is 1 for the same pattern, at
# whatever strength, and about 0 for patterns that have nothing to do with each other.

now, then = filters.flatten(1), before.flatten(1)
cosine = (now * then).sum(1) / (now.norm(dim=1) * then.norm(dim=1))
assert_close(cosine, F.cosine_similarity(now, then))
predict(
    "Training changed every weight. How alike are a filter and what it started as, on "
    "average?",
    f"cosine {cosine.mean():.2f}",
    because="The start is random and large; training adds a little to it. The picture "
    "shows the sum.",
)

# %%
# Batch norm follows, which divides each map by its own deviation: a filter does the
# same work at any length. So we may start with filters of a twentieth of the length.
# Then what is learned outweighs what was there.

small = new_net(seed=0, start=1 / 20)
x = data.validation.normalized()[:64]
usual, short = new_net(seed=0)[0](x), small[0](x)
change = (short - usual).abs().mean() / usual.mean()
print(f"change of the outputs by the smaller start, on average: {change:.1%}")

# %%
# What little there is comes from the constant in the norm's denominator. Now train.

print(f"right on validation images: {train(small):.1%}")
learned = small[0][0].weight.detach()
alike = F.cosine_similarity(learned.flatten(1), before.flatten(1)).mean()
print(f"cosine between a filter and its start, on average: {alike:.2f}")
figure = plotting.kernels(
    learned,
    columns=16,
    title="The same training from a small start: do you see edges, bars, corners?",
)

# %%
# Compare the two scores; with one seed each, a few points may be luck. What the first
# picture shows was, for the most part, never learned. Before we read meaning into a
# filter, we should know what it looked like untrained.
#
# The scale that hides the sign
# -----------------------------
# Many pictures of filters stretch each one from its smallest weight, black, to its
# largest, white. Every filter then looks lively, and zero is a different grey in each.


def min_max(weight):
    low, high = weight.amin((1, 2, 3), True), weight.amax((1, 2, 3), True)
    return (weight - low) / (high - low)


zero = -learned.amin((1, 2, 3)) / (learned.amax((1, 2, 3)) - learned.amin((1, 2, 3)))
print(f"the grey that means zero: from {zero.min():.2f} to {zero.max():.2f}")
plotting.images(
    min_max(learned)[:, :1],
    columns=16,
    title="The same filters, each from black to white: which ones subtract?",
)

# %%
# Nobody can answer that from the picture. Take the edge filter below, and the same with
# 2 added to each weight. Their min-max pictures are identical. Their answers are not.

edge = torch.tensor([[[[-1.0, 0.0, 1.0]] * 3]])  # (1, 1, 3, 3)
blob = edge + 2
assert_close(min_max(edge), min_max(blob))
flat = torch.ones(1, 1, 3, 3)
predict(
    "On a flat white patch, what do the two answer?",
    f"{F.conv2d(flat, edge).item():g} and {F.conv2d(flat, blob).item():g}",
    because="The edge filter subtracts as much as it adds: 3 - 3. The other has "
    "weights 1, 2, 3 in three rows, and only adds: 18.",
)

# %%
# In the library
# --------------
# ``plotting.kernels`` takes one limit for all filters, the largest absolute weight, and
# puts zero into the middle. By hand that is one line, and every filter keeps its sign
# and its strength:

limit = learned.abs().max()
signed = 0.5 + learned / (2 * limit)  # 0.5 is zero, whatever the filter
for drawn, ours in zip(figure.axes[0].images, signed, strict=True):
    theirs = torch.as_tensor(drawn.norm(drawn.get_array()).filled())
    assert_close(theirs, ours[0], check_dtype=False)

# %%
# Deeper filters have no picture
# ------------------------------
# A filter of the second layer reads 64 maps, not pixels. Its 64 slices can be drawn,
# but red in slice 7 means "more of what channel 7 answers to", which is no brightness.

with expect_error(ValueError):
    plotting.kernels(small[1][0].weight, title="All filters of the second layer")

# %%
# Look at what the layers put out instead. One garment, three depths, six maps each:

garment = data.validation.normalized()[3:4]
small.eval()
with ActivationRecorder(small, ["0", "1", "2"]) as recorder, torch.no_grad():
    small(garment)
maps = recorder.activations
plotting.activations(
    {"image": garment, **maps},
    title="Single maps: outlines first, then fewer places and odder answers",
)

# %%
# Read the scales above the rows, and count the places. How much is left of 28 x 28
# places after each layer?

shapes = [tuple(m.shape[1:]) for m in maps.values()]
predict(
    "28 pixels, strides 2, 2 and 1. Which shapes have the three outputs?",
    ", ".join(map(str, shapes)),
    because="Padding keeps the size but for the stride: 28, 14, 7 and 7.",
)

# %%
# The mean of all channels
# ------------------------
# A layer has too many maps for one picture, so people average them. The mean says
# *where* something answers. It cannot say *what*.

means = {name: m.mean(1, keepdim=True) for name, m in maps.items()}
plotting.activations(
    {"image": garment, **means}, title="The mean over channels: one map for each depth"
)

# %%
# How much does one map have to do with the mean of its layer? The correlation is 1 when
# a map brightens and darkens where the mean does.

for name, m in maps.items():
    alive = m[0].flatten(1)
    alive = alive[alive.std(1) > 0]
    rows = torch.cat([m[0].mean(0).flatten()[None], alive])
    with_mean = torch.corrcoef(rows)[0, 1:]
    print(
        f"layer {name}: {len(alive)} of {m.shape[1]} maps answer at all; correlation "
        f"with the mean from {with_mean.min():5.2f} to {with_mean.max():.2f}"
    )

# %%
# Some maps rise where the mean falls, and a map that is silent on an image leaves no
# trace in it at all.
#
# Takeaways
# ---------
# * Draw weights on one scale with zero in its middle; a min-max picture cannot tell an
#   edge from a blob.
# * A trained filter is its start plus what was learned. Compare with the start before
#   you call a pattern learned, or noise.
# * Kernels beyond the first layer are no pictures; look at what they put out.
# * The mean over channels shows places and hides what answered there.
# * So what do deeper channels answer to? The next lesson asks many images instead of
#   one.
#
# Check yourself
# --------------
# No picture needed for these two, only a few weights.

ask("grey_of_zero")

# %%
# And how much of a filter was there before?

ask("cosine_with_start")

# %%
# Exercise
# --------
# Write the scaling that keeps the sign: grey 0.5 is zero, and the largest absolute
# weight *of all filters* reaches 0 or 1.


def signed_picture(weight):
    """Return weights as greys 0-1 with zero at 0.5, on one scale for all filters."""
    raise NotImplementedError


check("signed_picture", signed_picture)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("signed_picture")

# %%
# References
# ----------
# 1. A. Krizhevsky, I. Sutskever, G. Hinton. *ImageNet Classification with Deep
#    Convolutional Neural Networks.* NeurIPS 2012. Figure 3, the most copied picture of
#    filters. `Paper <https://papers.nips.cc/paper/4824>`__
# 2. M. Zeiler, R. Fergus. *Visualizing and Understanding Convolutional Networks.* ECCV
#    2014. `arXiv:1311.2901 <https://arxiv.org/abs/1311.2901>`__
# 3. S. Ioffe, C. Szegedy. *Batch Normalization.* ICML 2015. Section 3.3, why the length
#    of a filter does not matter. `arXiv:1502.03167
#    <https://arxiv.org/abs/1502.03167>`__
