"""
DenseNet: side by side, added, or replaced?
===========================================

A dense layer reads everything that was made before it. Is it that which helps, or would
any network of as many weights do as well? We put dense blocks together to the network
of the paper, count it, and train a small one against two rivals that differ from it in
one line.

You will

* say what a transition leaves over, and build a DenseNet in a dozen lines;
* find the hundred layers of a network that is called 100;
* compare three ways to hand on what was made, with as many parameters each.

**Before this:** the lesson on the dense block, and the one on ablations.
"""

import itertools

import torch
import torchvision
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import (
    blocks,
    datasets,
    experiments,
    models,
    plotting,
    profiles,
    summary,
)
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile = profiles.current()
clothes = datasets.for_role("grey")
clothes = clothes.limited(profile.pick(smoke=60, docs=600, full=9000))
info = clothes.info
print(f"{info.title}: {info.splits}")

# %%
# The question
# ------------
# Channels pile up in a dense block, and maps of different sizes cannot be laid side by
# side. So a network has several blocks with a *transition* in between: half the
# channels, by a 1 x 1 convolution, and half the sides, by an average.


def transition(channels, out_channels):
    return nn.Sequential(
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.Conv2d(channels, out_channels, 1, bias=False),
        nn.AvgPool2d(2),
    )


maps = torch.zeros(1, 192, 28, 28)
predict(
    "192 channels of 28 x 28 go into a transition. Which shape comes out?",
    tuple(transition(192, 96)(maps).shape),
    because="Half the channels, half the rows, half the columns: an eighth of the "
    "numbers is left.",
)

# %%
# By hand
# -------
# Stem, blocks with transitions between them, a last norm, the mean of each map, one
# linear layer. What kind of block it is, and which part of the channels a transition
# keeps, we leave open: that will be the experiment.


def dense_net(depths, growth, shape, block=blocks.DenseBlock, keep=0.5):
    channels = 2 * growth
    layers = [nn.Conv2d(shape[0], channels, 3, padding=1, bias=False)]
    for k, depth in enumerate(depths):
        if k:
            layers.append(transition(channels, int(keep * channels)))
        layers.append(
            block(int(keep * channels) if k else channels, depth, growth=growth)
        )
        channels = layers[-1].out_channels
    end = nn.BatchNorm2d(channels), nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten()
    return nn.Sequential(*layers, *end, nn.Linear(channels, shape[1]))


# %%
# With growth 12 and three blocks of sixteen layers this is the paper's DenseNet-BC of
# depth 100 for CIFAR-10, "0.8 million parameters" (Table 2). It agrees with the
# package's.

net, theirs = dense_net((16, 16, 16), 12, (3, 10)), models.densenet_bc100()
pairs = zip(theirs.state_dict(), net.state_dict().values(), strict=True)
theirs.load_state_dict(dict(pairs))
images = torch.randn(2, 3, 32, 32)
assert_close(net.eval()(images), theirs.eval()(images), rtol=1e-4, atol=1e-4)
assert sum(p.numel() for p in net.parameters()) == 769_162
convolutions = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
predict(
    "Where do the 100 layers come from?",
    f"{len(convolutions)} convolutions and a linear layer",
    because="The stem, 3 * 16 * 2 in the blocks, 2 in the transitions, and the head.",
)

# %%
# The large one for ImageNet has as many parameters as torchvision's. On the *meta*
# device networks have shapes and no numbers, and need no memory.

with torch.device("meta"):
    ours = models.densenet121(num_classes=1000, stem="large")
    theirs = torchvision.models.densenet121()
counts = {sum(p.numel() for p in net.parameters()) for net in (ours, theirs)}
assert counts == {7_978_856}

# %%
# Two rivals
# ----------
# Same layers, another line in the loop. In a *chain* a layer reads what the last one
# made. In a *sum* what it makes is added to what it read, which is a residual block.


class Chain(nn.Module):
    def __init__(self, channels, depth, growth):
        super().__init__()
        widths = [channels] + [growth] * depth
        self.layers = nn.ModuleList(map(blocks.DenseLayer, widths, widths[1:]))
        self.out_channels = growth

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x


class Sum(Chain):
    def __init__(self, channels, depth, growth):
        super().__init__(channels, depth, channels)

    def forward(self, x):
        for layer in self.layers:
            x = x + layer(x)
        return x


# %%
# Fair means: as many parameters. Both rivals get the smallest width with which they
# have at least as many as the dense network. Their transitions keep all channels,
# since nothing has piled up. Pixels are averaged in twos first, to save time.

kinds = {"dense": (blocks.DenseBlock, 0.5), "sum": (Sum, 1), "chain": (Chain, 1)}


def build(recipe, info):
    block, keep = kinds[recipe.model["kind"]]
    shape = info.channels, info.num_classes
    net = dense_net((4, 4), recipe.model["growth"], shape, block, keep)
    return nn.Sequential(nn.AvgPool2d(2), net)


# %%
# Fair also means: the same recipe.


def recipe(kind, growth):
    return experiments.Recipe(
        data=info.name,
        model={"kind": kind, "growth": growth},
        epochs=profile.pick(smoke=1, docs=4, full=10),
        batch_size=60,
        schedule="one-cycle",
        flip=True,
    )


def parameters(kind, growth):
    return sum(p.numel() for p in build(recipe(kind, growth), info).parameters())


least = parameters("dense", 8)
growths = {
    kind: next(g for g in itertools.count(1) if parameters(kind, g) >= least)
    for kind in kinds
}
predict(
    f"A dense layer makes 8 new channels; the network has {least:,} parameters. "
    "How many channels does a layer of as large a chain make?",
    growths["chain"],
    because="All that the next layer will ever know. Narrow layers with much to read, "
    "or wider ones with little: that is the question here.",
)

# %%
# Three seeds each, the same images in the same order.

runs = {
    kind: [
        experiments.train(recipe(kind, growth), build, seed, data=clothes)
        for seed in (0, 1, 2)
    ]
    for kind, growth in growths.items()
}
scores = {
    kind: torch.tensor([100 * run.validation_accuracy for run in found])
    for kind, found in runs.items()
}
plotting.bars(
    scores,
    title="Validation accuracy with as many parameters: side by side, added, replaced",
    xlabel="percent",
)

# %%
# Seed by seed, with the interval of the lesson on ablations:

for rival in ("sum", "chain"):
    d = scores["dense"] - scores[rival]
    half = 4.303 * d.std() / len(d) ** 0.5  # 95 %, three seeds
    word = "shown" if d.mean().abs() > half else "not shown"
    print(f"dense against {rival:5} {d.mean():+.1f} +- {half:.1f} points: {word}")
tested = torch.tensor([100 * run.test_accuracy for run in runs["dense"]])
print(f"dense: {tested.mean():.1f} % of the test images, spread {tested.std():.1f}")

# %%
# So short a training compares above all how fast networks begin to learn.
#
# The picture of the dense network. Its names are places in ``nn.Sequential``: 1.1 and
# 1.3 are the blocks. Look at the transition, 1.2, where the pile shrinks, and at where
# the multiplications are.

trace = summary.trace(runs["dense"][0].net, info.input_size)
plotting.architecture(
    trace, depth=2, title="The dense network: the transition, 1.2, shrinks the pile"
)

# %%
# Where it breaks
# ---------------
# The part of the channels that a transition keeps is called its *compression*. Above 1,
# channels would be added, which is no compression; the package refuses.

with expect_error(ValueError):
    models.DenseNet((4, 4), compression=1.5)

# %%
# Deviations
# ----------
# The network of depth 100 is the paper's, but for the start of the weights, where each
# program has its own. What we train is far smaller: eight layers, growth 8, images of
# 14 x 14, a few epochs, a one-cycle rate in place of stairs, no dropout. The paper
# compares with ResNets at their own best settings (Table 2), not at equal parameters
# and steps.
#
# Takeaways
# ---------
# * A DenseNet is stem, dense blocks, transitions that halve channels and sides, a mean.
# * Side by side, added, replaced: one line of the loop. With equal parameters the first
#   has the narrowest layers and the most to read.
# * The verdicts above are those of this budget. They are printed from the runs.
#
# The next lesson asks what it costs to keep everything. What the layers really read is
# measured later, in "Who reads whom in a DenseNet?"
#
# Check yourself
# --------------
# Run one of the three lines in your head.

ask("handed_on")

# %%
# Then take a name apart, as we did with the 100.

ask("layers_of_a_block")

# %%
# Exercise
# --------
# How many channels come out of the last block? From the plan alone.


def channels_at_end(depths, growth, keep=0.5):
    """Return the channels behind the last block; the stem makes 2 * growth."""
    raise NotImplementedError


check("channels_at_end", channels_at_end)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("channels_at_end")

# %%
# References
# ----------
# 1. G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger. *Densely Connected
#    Convolutional Networks.* CVPR 2017: Table 1 (ImageNet), Table 2 (CIFAR).
#    `arXiv:1608.06993 <https://arxiv.org/abs/1608.06993>`__
# 2. G. Huang and others. *Convolutional Networks with Dense Connectivity.* TPAMI 2019.
#    The longer version. `arXiv:2001.02394 <https://arxiv.org/abs/2001.02394>`__
