"""
What a ReLU destroys
====================

MobileNetV2's block ends without an activation, and its authors gave a reason: on few
channels a ReLU destroys what the next block needs, on many it does not. The picture
they drew for it is a spiral that random matrices widen. Here we draw it again, measure
it, and then ask whether a network on real images notices.

You will

* widen a spiral, bend it, bring it back, and measure what is lost;
* predict how often a ReLU on n channels sees nothing at all;
* take out the linear end, the shortcut and the width of MBConv, from three seeds each.

**Before this:** wide in the middle, thin at the ends.
"""

from functools import partial

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import (
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

# %%
# The question
# ------------
# Points in the plane are images with two channels and one pixel. A matrix makes other
# channels of the two. Then comes the ReLU. Here are some points of a spiral, turned by
# a matrix with two rows, before and after the bend:

angle = torch.linspace(0.5, 12, 300, dtype=torch.float64)
spiral = torch.stack([angle.cos(), angle.sin()]) * angle / 12  # (2, points)
widen = torch.tensor([[0.8, 0.6], [-0.6, 0.8]], dtype=torch.float64)  # (n, 2)
wide = torch.relu(widen @ spiral)  # (n, points)
for k in range(0, 300, 75):
    before, after = (widen @ spiral)[:, k].tolist(), wide[:, k].tolist()
    print("  ".join(f"{v:+.2f}" for v in before), "->", *(f"{v:.2f}" for v in after))
gone = (wide == 0).all(0).double().mean()
predict(
    "The two rows are at right angles. Of which share of the plane is nothing "
    "left, both channels zero?",
    f"a quarter; of these points {gone:.0%}",
    because="Each channel is zero on half of the plane, and the two halves share a "
    "quarter.",
)

# %%
# By hand
# -------
# What is left may still tell where the point was. The fairest judge is the best matrix
# that leads from the bent channels back to the plane: least squares finds it.


def brought_back(widen, points):  # (n, 2), (2, points)
    wide = torch.relu(widen @ points)  # (n, points)
    narrow = torch.linalg.lstsq(wide.T, points.T).solution.T  # (2, n)
    return narrow @ wide


def lost(widen, points):  # share of the squares that does not come back
    error = points - brought_back(widen, points)
    return (error.square().sum() / points.square().sum()).item()


both_signs = torch.tensor([[1.0, 0], [0, 1], [-1, 0], [0, -1]], dtype=torch.float64)
assert_close(brought_back(both_signs, spiral), spiral)
print(f"the two channels lose {lost(widen, spiral):.0%}; four chosen ones nothing")

# %%
# Here is the spiral that comes back from two channels.

axes = {"xlabel": "first channel", "ylabel": "second channel"}
title = "What is left of the spiral after a ReLU on two channels"
plotting.scatter(*brought_back(widen, spiral), title=title, **axes)

# %%
# And from thirty-two channels, whose matrix was drawn at random:

generator = torch.Generator().manual_seed(0)
widen = torch.randn(32, 2, generator=generator).double()
assert lost(widen, spiral) < 0.01
title = "After a ReLU on 32 channels the whole spiral comes back"
plotting.scatter(*brought_back(widen, spiral), title=title, **axes)

# %%
# Turn the knob in between: at each width, twenty seeds draw a matrix each.

widths = [2, 3, 4, 6, 8, 12, 16, 24, 32]
losses = [
    [
        100 * lost(torch.randn(n, 2, generator=generator).double(), spiral)
        for n in widths
    ]
    for _ in range(20)
]
plotting.lines(
    widths,
    {"lost": losses},
    title="A ReLU on few channels loses much, on many nearly nothing",
    xlabel="channels on which the ReLU acts",
    ylabel="lost, % of the squares",
    log="x",
)

# %%
# The reason is in the count of the first question. A point is lost for good where *all*
# channels are zero.

plane, shares = torch.randn(2, 100, generator=generator), {}
for n in (2, 4, 8):
    wide = torch.randn(4000, n, 2, generator=generator) @ plane  # matrices, n, points
    shares[n] = (wide < 0).all(1).float().mean()
    assert abs(shares[n] - 0.5**n) < 0.02
predict(
    "On average over random matrices: at which share of points are 2, 4, 8 channels "
    "all zero?",
    ", ".join(f"{share:.1%}" for share in shares.values()),
    because="One half to the power of n: 25 %, 6.2 %, 0.4 %.",
)

# %%
# On real images
# --------------
# That was geometry. Whether a *trained* network suffers from a ReLU at the thin end is
# another question, since it can choose its matrices. We take four blocks apart: a ReLU6
# at the end after all; nothing added; nothing widened.


class Block(blocks.MBConv):
    def __init__(self, c_in, c_out, stride=1, expansion=4, last=None, adds=True):
        super().__init__(c_in, c_out, stride=stride, expansion=expansion)
        self.last = last or nn.Identity()
        self.adds_input &= adds

    def forward(self, x):
        out = self.last(self.layers(x))
        return x + out if self.adds_input else out


def small_net(block):
    stem = blocks.ConvNormAct(clothes.info.channels, 16, stride=2)
    row = [block(16, 16), block(16, 24, stride=2), block(24, 24), block(24, 24)]
    end = [nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(24, 10)]
    return nn.Sequential(stem, *row, *end)


variants = {
    "MBConv": Block,
    "ReLU6 at the end": partial(Block, last=nn.ReLU6()),
    "nothing added": partial(Block, adds=False),
    "not widened": partial(Block, expansion=1),
}
x = torch.randn(3, 16, 7, 5)
ours, theirs = Block(16, 16), blocks.MBConv(16, 16, expansion=4)
ours.load_state_dict(theirs.state_dict())
assert_close(ours(x), theirs(x))

# %%
# Four such blocks stand in a row behind a stem.

trace = summary.trace(small_net(Block), clothes.info.input_size)
parameters = {
    name: summary.trace(small_net(block), clothes.info.input_size).parameters
    for name, block in variants.items()
}
fewer = [name for name, count in parameters.items() if count < trace.parameters]
predict(
    "Which of the three variants have fewer parameters than the network of MBConv?",
    f"{', '.join(fewer)}: {parameters[fewer[0]]:,} instead of {trace.parameters:,}",
    because="An activation and a sum hold no numbers. Width does: both 1 x 1 layers "
    "and the kernels between them grow with it.",
)

# %%
# So the third comparison is not fair in size, and cannot be: width is what it is about.

plotting.architecture(
    trace,
    depth=1,
    title="Four MBConvs: most work in the first, most weights in the last two",
)

# %%
# The same recipe for all, from three seeds; nothing is chosen here, so that the test
# images may judge, once for each seed.

recipe = classifiers.Recipe(epochs=profile.pick(smoke=1, docs=3, full=5))
train = clothes.limited(profile.pick(smoke=64, docs=1024, full=9000)).train
layout = training.Precision("float32", channels_last=True)


def score(block, seed):
    training.seed_everything(seed)
    net = small_net(block)
    recipe.fit(net, train, seed=seed, device=device, precision=layout)
    judged = training.evaluate(net, clothes.test.batches(250), device=device)
    return 100 * judged.accuracy


scores = {
    name: torch.tensor([score(block, seed) for seed in range(3)])
    for name, block in variants.items()
}
plotting.bars(
    scores,
    title="Which change costs accuracy? MBConv, and one thing at a time",
    xlabel="test accuracy, %",
)

# %%
# Seed by seed, by the interval of the lesson on ablations:

for name in list(variants)[1:]:
    d = scores["MBConv"] - scores[name]
    half = 4.303 * d.std() / len(d) ** 0.5
    word = "not shown" if d.mean().abs() <= half else "more" if d.mean() > 0 else "less"
    print(f"MBConv - {name:17} {d.mean():+5.1f} +- {half:4.1f} points: {word}")

# %%
# The paper reports that both the linear end and the shortcut gain (Figure 6), on
# ImageNet, with seventeen blocks. What three seeds on a thousand images cannot show may
# still be true, and what four blocks do not need seventeen may.
#
# Where it breaks
# ---------------
# A sum needs equal shapes, so that a block cannot be told to add at stride 2.

shrinking = Block(16, 16, stride=2)
shrinking.adds_input = True
with expect_error(RuntimeError):
    shrinking(x)

# %%
# Deviations
# ----------
# * The paper's Figure 1 brings the spiral back by the inverse of the widening matrix;
#   we take the best matrix, so that what we call lost is lost to every linear layer.
# * Our blocks widen by 4 and there are four of them; the paper's widen by 6.
#
# Takeaways
# ---------
# * Where all channels are zero, nothing is left. For n random channels that is one
#   half to the power of n of all directions.
# * So a ReLU is harmless where it is wide and costly where it is thin. That is an
#   argument from geometry, for matrices that nobody trained.
# * Whether a trained network notices is measured, with seeds and spread; the lines
#   above say what this run could tell.
#
# Check yourself
# --------------
# Draw the two rows as arrows before you choose.

ask("share_that_is_gone")

# %%
# Exercise
# --------
# Measure the damage: which share of the squares can no matrix bring back?


def lost_by_relu(widen, points):
    """Return the lost share (0-1) of points (d, N) after ReLU on widen (n, d)."""
    raise NotImplementedError


check("lost_by_relu", lost_by_relu)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("lost_by_relu")

# %%
# References
# ----------
# 1. M. Sandler and others. *MobileNetV2: Inverted Residuals and Linear Bottlenecks.*
#    CVPR 2018, section 3.2, Figures 1 and 6.
#    `arXiv:1801.04381 <https://arxiv.org/abs/1801.04381>`__
# 2. W. Shang and others. *Understanding and Improving Convolutional Neural Networks via
#    Concatenated Rectified Linear Units.* ICML 2016: both signs on purpose.
#    `arXiv:1603.05201 <https://arxiv.org/abs/1603.05201>`__
