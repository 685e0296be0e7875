"""
Look around, then mix
=====================

A 3 x 3 convolution does two jobs in one product: it looks around in each channel, and
it mixes the channels. In 2017 a family of networks for phones, MobileNets, gave each
job a layer of its own, and saved most of the multiplications. On this page we write
their block, count it, and ask a network on real images which of the two jobs it can do
without.

You will

* write the block that MobileNets are made of, and count it before you run it;
* see that a wider window costs next to nothing, and why;
* leave out the looking, the mixing and the bend between them, one at a time.

**Before this:** 1 x 1, groups and depthwise layers; batch norm; a small ResNet.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import (
    arithmetic,
    blocks,
    classifiers,
    datasets,
    plotting,
    profiles,
    summary,
    training,
)
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, device = profiles.current(), profiles.device()
clothes = datasets.for_role("grey")
print(f"{clothes.info.title} on {device}: {clothes.info.splits}")

# %%
# The question
# ------------
# Four channels of 5 x 5 zeros, and a single one: in the middle of channel 0. How far
# does that one get through each kind of layer? All weights are one, so that nothing
# cancels.

x = torch.zeros(1, 4, 5, 5)
x[0, 0, 2, 2] = 1
looked = F.conv2d(x, torch.ones(4, 1, 3, 3), padding=1, groups=4)  # depthwise
mixed = F.conv2d(x, torch.ones(4, 4, 1, 1))


def reach(out):
    lit = out[0] > 0  # C, H, W
    return f"channels {lit.any(2).any(1).sum()}, places {lit.any(0).sum()}"


predict(
    "How many channels, and how many places, does the one reach through a depthwise "
    "3 x 3 layer? And through a 1 x 1 layer?",
    f"{reach(looked)}; {reach(mixed)}",
    because="Depthwise, each channel keeps to itself. 1 x 1, each place does.",
)

# %%
# One after the other they reach what a full layer reaches. With ones everywhere it is
# even the same map.

both = F.conv2d(looked, torch.ones(4, 4, 1, 1))
assert_close(both, F.conv2d(x, torch.ones(4, 4, 3, 3), padding=1))
plotting.feature_maps(
    torch.cat([looked[0], mixed[0], both[0]]),
    titles=[f"{name} {c}" for name in ("looked", "mixed", "both") for c in range(4)],
    columns=4,
    title="Looking spreads over places, mixing over channels, the pair over both",
)

# %%
# Here is the price of mixing alone, when 256 channels are to become 64:

count = sum(p.numel() for p in blocks.ChannelMixer(256, 64).parameters())
full = arithmetic.conv_parameters(256, 64, 3)
assert (count, full) == (16_448, 147_520)
predict(
    "A 1 x 1 layer from 256 to 64 channels, with a bias. How many parameters? "
    "And with a window of 3 x 3?",
    f"{count:,} and {full:,}",
    because="A weight for each pair of channels, and nine for each pair.",
)

# %%
# By hand
# -------
# The block of MobileNets: each of the two convolutions has its own norm and its own
# ReLU. Norms make biases useless, so there are none.


class Separable(nn.Module):
    def __init__(self, c_in, c_out, kernel=3):
        super().__init__()
        self.look = nn.Conv2d(
            c_in, c_in, kernel, padding=kernel // 2, groups=c_in, bias=False
        )
        self.norm1 = nn.BatchNorm2d(c_in)
        self.mix = nn.Conv2d(c_in, c_out, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(c_out)

    def forward(self, x):  # (N, c_in, H, W)
        x = torch.relu(self.norm1(self.look(x)))  # (N, c_in, H, W)
        return torch.relu(self.norm2(self.mix(x)))  # (N, c_out, H, W)


block = Separable(64, 128)
weights = block.look.weight.numel() + block.mix.weight.numel()
total = sum(p.numel() for p in block.parameters())
predict(
    "64 channels in, 128 out. How many weights have the two convolutions, how many has "
    "a full 3 x 3 layer, and how many parameters has the block with its norms?",
    f"{weights:,}, {64 * 128 * 9:,} and {total:,}",
    because="64 * 9 + 64 * 128; 64 * 128 * 9; and two numbers for each of 64 + 128 "
    "channels of the norms.",
)

# %%
# The share that is left is :math:`1/C_{out} + 1/K^2`. Nearly all of it is mixing.
# The window is almost free, which invites us to turn that knob:

assert (weights, 64 * 128 * 9, total) == (8_768, 73_728, 9_152)
windows = [1, 3, 5, 7, 9, 11]
plotting.lines(
    windows,
    {
        "full": [64 * 128 * k * k / 1e3 for k in windows],
        "separable": [(64 * k * k + 64 * 128) / 1e3 for k in windows],
    },
    title="A wider window costs a separable layer next to nothing",
    xlabel="side of the window",
    ylabel="weights, thousands",
    log="y",
)

# %%
# A window of 11 x 11 costs the full layer 121 times what 1 x 1 costs. The separable one
# does not even double. Networks with windows of 7 x 7 came back with depthwise layers.
#
# In the library
# --------------
# ``blocks.DepthwiseSeparableConv`` is the class above. Equal numbers, equal answers:

theirs = blocks.DepthwiseSeparableConv(64, 128)
numbers = zip(theirs.state_dict(), block.state_dict().values(), strict=True)
theirs.load_state_dict(dict(numbers))
batch = torch.randn(3, 64, 11, 7)
assert_close(theirs(batch), block(batch))

# %%
# On real images
# --------------
# A stem that halves the maps, three stages, global average pooling, one linear layer.
# What a stage is made of is the argument.


def small_net(stage):
    return nn.Sequential(
        blocks.ConvNormAct(clothes.info.channels, 16, 3, stride=2),
        stage(16, 32),
        nn.MaxPool2d(2),
        stage(32, 64),
        stage(64, 64),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, clothes.info.num_classes),
    )


trace = summary.trace(small_net(Separable), clothes.info.input_size)
plotting.architecture(
    trace, depth=1, title="Three separable blocks: most weights are in the last two"
)

# %%
# The table says how much looking and mixing cost in each of them.

trace

# %%
# And now the variants. Two of them have one job only, one has no bend between the jobs.
# Looking without mixing can still make more channels: two kernels on each.

stages = {
    "full 3 x 3": lambda a, b: blocks.ConvNormAct(a, b, 3),
    "separable": Separable,
    "no ReLU between": lambda a, b: nn.Sequential(
        blocks.ConvNormAct(a, a, 3, groups=a, act=None), blocks.ConvNormAct(a, b, 1)
    ),
    "mixing only": lambda a, b: blocks.ConvNormAct(a, b, 1),
    "looking only": lambda a, b: blocks.ConvNormAct(a, b, 3, groups=a),
}
for name, stage in stages.items():
    macs = summary.trace(small_net(stage), clothes.info.input_size).macs
    print(f"{name:16}{macs:10,} MACs")

# %%
# Each is trained by the recipe of the small ResNet from three seeds, on a part of the
# images. Nothing is chosen here, so that the test images may judge, once for each seed.

recipe = classifiers.Recipe(epochs=profile.pick(smoke=1, docs=3, full=5))
train = clothes.limited(profile.pick(smoke=64, docs=1024, full=9000)).train
layout = training.Precision("float32", channels_last=True)


def score(stage, seed):
    training.seed_everything(seed)
    net = small_net(stage)
    recipe.fit(net, train, seed=seed, device=device, precision=layout)
    judged = training.evaluate(net, clothes.test.batches(250), device=device)
    return 100 * judged.accuracy


scores = {
    name: torch.tensor([score(stage, seed) for seed in range(3)])
    for name, stage in stages.items()
}
plotting.bars(
    scores,
    title="What is learned with both jobs, without the bend, and with one job",
    xlabel="test accuracy, %",
)

# %%
# The verdicts, seed by seed, by the interval of the lesson on ablations:


def verdict(a, b):
    d = scores[a] - scores[b]
    half = 4.303 * d.std() / len(d) ** 0.5
    word = "not shown" if d.mean().abs() <= half else "more" if d.mean() > 0 else "less"
    print(f"{a} - {b}: {d.mean():+.1f} +- {half:.1f} points: {word}")


for name in list(stages)[1:]:
    verdict("full 3 x 3", name)
verdict("separable", "no ReLU between")

# %%
# Three seeds on few images: small differences stay open. MobileNets have the ReLU
# between; Xception, of the same year, found that it learns better without.
#
# Where it breaks
# ---------------
# Looking alone cannot choose its number of channels: each output belongs to one input.

with expect_error(ValueError):
    nn.Conv2d(64, 100, 3, groups=64)

# %%
# Deviations
# ----------
# * Our network has three blocks, MobileNet thirteen (Table 1 of the paper), and a
#   stride of 2 in the depthwise layers where we have max pooling.
# * On ImageNet, Table 4 of the paper has 71.7 % for full and 70.6 % for separable
#   layers, with 4,866 and 569 million multiply-adds. Ours are other images, and a
#   training of seconds.
#
# Takeaways
# ---------
# * A full layer looks and mixes in one product; a separable block does one after the
#   other, for :math:`1/C_{out} + 1/K^2` of the price.
# * The price that is left is mixing. Windows are cheap.
# * What it gives up: all outputs share one kernel on each input.
# * Which job a network can do without is a question for an experiment, and three seeds
#   are the least that answer it.
#
# Check yourself
# --------------
# Which layer spreads where?

ask("reach_of_a_one")

# %%
# And who pays when the window grows?

ask("price_of_a_window")

# %%
# Exercise
# --------
# Write the pair as a function of its weights, without norms: look with zero padding so
# that the size stays, bend, mix.


def separable_conv(x, look, mix, stride=1):
    """Look with (C, k, k), ReLU, mix with (C_out, C); x is (N, C, H, W), k odd."""
    raise NotImplementedError


check("separable_conv", separable_conv)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("separable_conv")

# %%
# References
# ----------
# 1. A. G. Howard and others. *MobileNets: Efficient Convolutional Neural Networks for
#    Mobile Vision Applications.* 2017, section 3.1, Tables 1 and 4.
#    `arXiv:1704.04861 <https://arxiv.org/abs/1704.04861>`__
# 2. F. Chollet. *Xception: Deep Learning with Depthwise Separable Convolutions.* CVPR
#    2017, section 4.7: no activation between.
#    `arXiv:1610.02357 <https://arxiv.org/abs/1610.02357>`__
# 3. M. Lin, Q. Chen, S. Yan. *Network In Network.* 2013.
#    `arXiv:1312.4400 <https://arxiv.org/abs/1312.4400>`__
