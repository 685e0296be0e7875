"""
Wide in the middle, thin at the ends
====================================

ResNet's bottleneck squeezes, looks around where it is narrow, and widens again.
MobileNetV2 turned that inside out: widen, look around where it is wide, and squeeze,
*without* a ReLU at the end. The looking is depthwise, so that width is cheap. The block
is called MBConv, and networks speak it in three dialects. On this page we write one
block that speaks all of them.

You will

* see what a ReLU destroys when channels are few, and how width saves it;
* write MBConv, predict its parameters, and check it against other people's;
* train the three dialects, and measure what a gate gains for its price.

**Before this:** look around, then mix; residual blocks; squeeze and excitation.
"""

from functools import partial

import torch
from torch import nn
from torch.testing import assert_close
from torchvision.models.efficientnet import MBConv as TheirMBConv
from torchvision.models.efficientnet import MBConvConfig
from torchvision.models.mobilenetv2 import InvertedResidual

from cnn_tutorial import (
    blocks,
    classifiers,
    datasets,
    models,
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

# %%
# The question
# ------------
# Two channels at one place: 1 and -2. A ReLU on them loses the -2 for good. Now widen
# first: copy both channels, and copy both with the other sign. Four channels, the same
# ReLU.

x = torch.tensor([1.0, -2.0])
widen = torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0, -1]])  # (4, 2)
wide = torch.relu(widen @ x)
print("two channels:", torch.relu(x).tolist(), "| four channels:", wide.tolist())
narrow = widen.T  # (2, 4)
assert torch.equal(narrow @ wide, x)
predict(
    "Which matrix with two rows brings both numbers back from the four?",
    narrow.int().tolist(),
    because=f"relu(a) - relu(-a) is a, whatever its sign: {(narrow @ wide).tolist()}.",
)

# %%
# Nothing is lost where there is room to keep it twice. So bend where it is wide, and
# leave the thin end alone: *widen, bend, look, bend, narrow*. What goes from block to
# block is thin, and is never cut off at zero. (The next page puts that to a test.)
#
# By hand
# -------
# ``ConvNormAct`` and ``SEBlock`` are known from earlier pages. The rest is short. ReLU6
# is a ReLU that ends at 6, meant for numbers with few bits on phones.


class Block(nn.Module):
    def __init__(
        self, c_in, c_out, expansion=6, stride=1, gate=None, act=nn.ReLU6, last=None
    ):
        super().__init__()
        conv, wide = partial(blocks.ConvNormAct, act=act), c_in * expansion
        layers = [] if expansion == 1 else [conv(c_in, wide, 1)]  # widen
        layers += [conv(wide, wide, 3, stride=stride, groups=wide)]  # look
        if gate is not None:
            layers += [gate(wide, act=act)]  # weigh the channels
        layers += [blocks.ConvNormAct(wide, c_out, 1, act=last)]  # narrow
        self.layers = nn.Sequential(*layers)
        self.adds_input = stride == 1 and c_in == c_out

    def forward(self, x):  # (N, c_in, H, W)
        out = self.layers(x)  # (N, c_out, H/stride, W/stride)
        return x + out if self.adds_input else out


# %%
# The gate is the one of squeeze-and-excitation: a quarter of the channels in its
# middle. A quarter of which? Here are the three dialects, for 32 channels that become
# 128 and 32 again:

dialects = {
    "MobileNetV2": Block(32, 32, 4),
    "gate from hidden": Block(32, 32, 4, gate=partial(blocks.SEBlock, reduction=4)),
    "EfficientNet": Block(
        32, 32, 4, gate=partial(blocks.SEBlock, hidden=8, bias=True), act=nn.SiLU
    ),
}
counts = {k: sum(p.numel() for p in b.parameters()) for k, b in dialects.items()}
predict(
    "32 channels, widened to 128, 3 x 3, a gate with 128 / 4 channels in its middle, "
    "no biases, three norms. How many parameters?",
    f"{counts['gate from hidden']:,}",
    because="Widen 32 * 128, look 128 * 9, gate 2 * 128 * 32, narrow 128 * 32; norms "
    "2 * (128 + 128 + 32).",
)

# %%
# The gate alone is nearly half of that. EfficientNet takes the quarter of the *input*,
# 8 channels, and MobileNetV2 has no gate.

assert counts["gate from hidden"] == 18_112
print(counts)
summary.trace(dialects["gate from hidden"], (32, 14, 14))

# %%
# Read down the column of shapes: 32, then 128 all the way, then 32. And down the MACs:
# the only layer that looks around is the cheapest of the three convolutions.

plotting.architecture(
    summary.trace(dialects["MobileNetV2"], (32, 14, 14)),
    depth=2,
    title="32, 128, 128, 32 channels: the layer that looks around costs least",
)

# %%
# The claim, checked
# ------------------
# torchvision has written both published dialects, separately from us. With their
# numbers in our blocks, all must agree; and ``blocks.MBConv`` must be this page's
# class.

config = MBConvConfig(6, 3, 1, 16, 16, 1)
gate = partial(blocks.SEBlock, hidden=4, bias=True)
pairs = [
    (Block(16, 16), InvertedResidual(16, 16, 1, 6)),
    (Block(16, 24, stride=2), InvertedResidual(16, 24, 2, 6)),
    (Block(16, 16, expansion=1), InvertedResidual(16, 16, 1, 1)),
    (Block(16, 16, gate=gate, act=nn.SiLU), TheirMBConv(config, 0.0, nn.BatchNorm2d)),
    (Block(16, 16), blocks.MBConv(16, 16)),
    (
        Block(16, 16, gate=partial(blocks.SEBlock, reduction=4)),
        blocks.MBConv(16, 16, se_reduction=4),
    ),
]
maps = torch.randn(3, 16, 11, 7)
for ours, theirs in pairs:
    numbers = zip(ours.state_dict(), theirs.state_dict().values(), strict=True)
    ours.load_state_dict(dict(numbers))
    assert_close(ours(maps), theirs(maps))

# %%
# All but one of these blocks add their input to what they make. The second cannot.

predict(
    "A block from 16 to 24 channels with stride 2 reads 3 images of 16 x 11 x 7. Which "
    "shape comes out, and is the input added?",
    f"{tuple(pairs[1][0](maps).shape)}; {'yes' if pairs[1][0].adds_input else 'no'}",
    because="(11 + 2 - 3) // 2 + 1 = 6, and 4. Neither sizes nor channels fit a sum. "
    "ResNet puts a 1 x 1 layer in the shortcut there; this block has none.",
)

# %%
# The networks
# ------------
# MobileNetV2 and EfficientNet-B0 are seventeen and sixteen such blocks in seven stages.
# At the papers' size they have

for name in ("mobilenet_v2", "efficientnet_b0"):
    net = models.create_model(name, in_channels=3, num_classes=1000, stem="large")
    trace = summary.trace(net, (3, 224, 224))
    print(f"{name:16}{trace.parameters:10,} parameters {trace.macs / 1e6:6.0f} M MACs")

# %%
# which the papers round to 3.4 and 5.3 million parameters, 300 and 390 million
# multiply-adds. And this is MobileNetV2 for images of 32 x 32, a quarter as wide:

small = models.mobilenet_v2(in_channels=1, width=8)
plotting.architecture(
    summary.trace(small, (1, 32, 32)),
    depth=2,
    title="MobileNetV2, a quarter as wide: weights at the end, work spread out",
)

# %%
# On real images
# --------------
# Seventeen blocks take longer than a page may; four of them will do. The question is
# what the gate of each dialect gains, and at which price.


def small_net(gate, act=nn.ReLU6):
    stem = blocks.ConvNormAct(clothes.info.channels, 16, stride=2)
    row, sizes = [], [(16, 16, 1), (16, 24, 2), (24, 24, 1), (24, 24, 1)]
    for c_in, c_out, stride in sizes:
        row.append(Block(c_in, c_out, 4, stride, gate and gate(c_in), act))
    end = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10)]
    return nn.Sequential(stem, *row, *end)


def from_hidden(c_in):
    return partial(blocks.SEBlock, hidden=4 * c_in // 4)


def from_input(c_in):
    return partial(blocks.SEBlock, hidden=c_in // 4, bias=True)


nets = {"no gate": None, "gate from hidden": from_hidden, "gate from input": from_input}
for name, gate in nets.items():
    trace = summary.trace(small_net(gate), clothes.info.input_size)
    print(f"{name:17}{trace.parameters:7,} parameters {trace.macs:10,} MACs")

# %%
# A gate is expensive in parameters and nearly free in multiplications: it works on one
# number for each channel. The same recipe for all, from three seeds; nothing is chosen
# here, so that the test images may judge, once for each seed.

recipe = classifiers.Recipe(epochs=profile.pick(smoke=1, docs=3, full=5))
train = clothes.limited(profile.pick(smoke=64, docs=1024, full=9000)).train
layout = training.Precision("float32", channels_last=True)


def score(gate, seed):
    training.seed_everything(seed)
    net = small_net(gate)
    recipe.fit(net, train, seed=seed, device=device, precision=layout)
    judged = training.evaluate(net, clothes.test.batches(250), device=device)
    return 100 * judged.accuracy


scores = {
    name: torch.tensor([score(gate, seed) for seed in range(3)])
    for name, gate in nets.items()
}
title = "Does a gate gain anything? Three dialects from three seeds"
plotting.bars(scores, title=title, xlabel="test accuracy, %")

# %%
# Seed by seed, by the interval of the lesson on ablations:

for name in list(nets)[1:]:
    d = scores[name] - scores["no gate"]
    half = 4.303 * d.std() / len(d) ** 0.5
    word = "not shown" if d.mean().abs() <= half else "more" if d.mean() > 0 else "less"
    print(f"{name} - no gate: {d.mean():+5.1f} +- {half:4.1f} points: {word}")

# %%
# What three seeds on a thousand images cannot show may still be true of a million
# images and days of training.
#
# Where it breaks
# ---------------
# A gate needs a channel. A quarter of the hidden channels is always there; a large
# reduction of few *input* channels is not.

with expect_error(ValueError):
    blocks.MBConv(16, 16, se_reduction=24, se_from="input")

with expect_error(ValueError):
    blocks.MBConv(16, 16, se_from="output")

# %%
# Deviations
# ----------
# * Our four blocks widen by 4 where the papers' widen by 6, and have windows of 3 x 3
#   only; EfficientNet has some of 5 x 5. What we train differs in the gate alone:
#   ReLU6 everywhere, where EfficientNet has SiLU.
# * For small images ``models.mobilenet_v2`` leaves out the first two halvings. There
#   is no stochastic depth, which EfficientNet trains with.
# * MobileNetV3 has a gate from the hidden channels as well, with other functions in it.
#
# Takeaways
# ---------
# * A ReLU destroys what few channels cannot keep twice. So the block bends where it is
#   wide, and its thin end is linear.
# * Depthwise looking makes width cheap: the price of MBConv is its two 1 x 1 layers.
# * One block, three dialects: no gate, a gate from the hidden channels, a gate from the
#   input. Say which when you quote a number of parameters.
# * The input is added at stride 1 and equal channels, and nowhere else.
#
# Check yourself
# --------------
# Two stages of blocks: look at stride and channels.

ask("inputs_added")

# %%
# And a quarter of what?

ask("middle_of_a_gate")

# %%
# Exercise
# --------
# Write the block as a function of its weights, without norms and gate.


def mbconv(x, widen, look, narrow, stride=1):
    """Widen (hidden, C) or None, look (hidden, k, k), narrow (C_out, hidden)."""
    raise NotImplementedError


check("mbconv", mbconv)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("mbconv")

# %%
# References
# ----------
# 1. M. Sandler and others. *MobileNetV2: Inverted Residuals and Linear Bottlenecks.*
#    CVPR 2018, Figure 1, Tables 1, 2 and 4, Figure 6.
#    `arXiv:1801.04381 <https://arxiv.org/abs/1801.04381>`__
# 2. M. Tan, Q. V. Le. *EfficientNet: Rethinking Model Scaling for Convolutional Neural
#    Networks.* ICML 2019, Tables 1 and 2.
#    `arXiv:1905.11946 <https://arxiv.org/abs/1905.11946>`__
# 3. J. Hu, L. Shen, G. Sun. *Squeeze-and-Excitation Networks.* CVPR 2018.
#    `arXiv:1709.01507 <https://arxiv.org/abs/1709.01507>`__
