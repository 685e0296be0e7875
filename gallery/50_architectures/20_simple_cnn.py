"""
One step, three times: SimpleCNN
================================

A convolution that keeps the size, a ReLU, a pooling that halves it, and twice the
channels: do this three times, decide with two affine maps, and you have the network of
most introductions. It has no paper and no trick. That makes it the best place to ask
what its plan is good for, and where it keeps 85 of 100 parameters.

You will

* say why channels double where sides halve, with two products;
* count 620,362 parameters, and predict which layer owns most of them;
* replace that layer by an average, take its dropout away, and read from three seeds
  each whether anything was lost.

**Before this:** LeNet, layer by layer; dropout; comparing recipes from several seeds.
"""

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.testing import assert_close

from cnn_tutorial import (
    arithmetic,
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

profile = profiles.current()

# %%
# The question
# ------------
# Take the shape of the maps through three steps. Nothing is computed yet.

channels, side, steps = 3, 32, []
for width in (32, 64, 128):
    work = arithmetic.conv_macs(channels, width, 3, side)
    channels, side = width, side // 2
    steps.append((channels, side, work))
predict(
    "A colour image of 32 x 32 pixels. Which shape leaves the third step?",
    f"{channels} x {side} x {side}",
    because="Padding 1 makes up for what a 3 x 3 window loses, and each pooling halves "
    "both sides: 32, 16, 8, 4.",
)

# %%
# How many numbers are on the way, and how many multiplications does each convolution
# need?

for channels, side, work in steps:
    print(
        f"{channels:3} x {side:2} x {side:2}  {channels * side**2:5,} numbers", end=""
    )
    print(f"  {work:9,} MACs")

# %%
# Two rules can be read from these lines. From step to step there are half as many
# numbers: a quarter of the places, twice the channels. So the network is forced to
# leave something out, a little at a time. And the work:

assert steps[1][2] == steps[2][2]
predict(
    "Conv2 and conv3 need equally many multiplications. How many would a fourth step "
    "need, from 128 to 256 channels?",
    f"{arithmetic.conv_macs(128, 256, 3, side):,}",
    because="The same again: 2 for the input channels * 2 for the output channels "
    "* 1/4 for the places = 1. Where sides halve and channels double, every step "
    "behind the first costs the same.",
)

# %%
# This rule is older than the network and outlives it: VGG has it, and each ResNet.
#
# By hand
# -------
# ``head`` is the knob that we will turn: flatten all places into one row, or take the
# mean over the places.


class SimpleCNN(nn.Module):
    def __init__(
        self, in_channels=3, width=32, hidden=256, size=32, drop=0.5, head="flat"
    ):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, padding=1)
        self.conv2 = nn.Conv2d(width, 2 * width, 3, padding=1)
        self.conv3 = nn.Conv2d(2 * width, 4 * width, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.head = head
        places = (size // 8) ** 2 if head == "flat" else 1
        self.fc1 = nn.Linear(4 * width * places, hidden)
        self.drop = nn.Dropout(drop)
        self.fc2 = nn.Linear(hidden, 10)

    def forward(self, x):  # (N, 3, 32, 32)
        x = self.pool(self.conv1(x).relu())  # (N, 32, 16, 16)
        x = self.pool(self.conv2(x).relu())  # (N, 64, 8, 8)
        x = self.pool(self.conv3(x).relu())  # (N, 128, 4, 4)
        x = x.flatten(1) if self.head == "flat" else x.mean(dim=(2, 3))
        return self.fc2(self.drop(self.fc1(x).relu()))


# %%
# Count before you build, one layer at a time:

count = {
    "conv1": arithmetic.conv_parameters(3, 32, 3),
    "conv2": arithmetic.conv_parameters(32, 64, 3),
    "conv3": arithmetic.conv_parameters(64, 128, 3),
    "fc1": arithmetic.linear_parameters(128 * 4 * 4, 256),
    "fc2": arithmetic.linear_parameters(256, 10),
}
total = sum(count.values())
assert total == sum(p.numel() for p in SimpleCNN().parameters()) == 620_362
predict(
    "Three convolutions and two affine maps. Which layer has most of the 620,362 "
    "parameters, and which share?",
    f"fc1, {count['fc1'] / total:.0%}",
    because="4 * 4 * 128 = 2,048 numbers times 256, and a bias each: 524,544. conv3, "
    f"the largest convolution, has {count['conv3']:,}.",
)

# %%
# The trace and its picture:

trace = summary.trace(SimpleCNN(), (3, 32, 32))
trace

# %%
# Look at the bars: work and parameters are in different places.

plotting.architecture(
    trace, title="SimpleCNN: the work is in conv2 and conv3, the parameters in fc1"
)

# %%
# The column *field* says that a number behind the last pooling depends on 22 x 22 of
# 32 x 32 pixels. What is further apart meets in fc1 for the first time. That is what
# these parameters are for: a weight of its own for each *place*. Do we need them?
#
# Train
# -----
# Clothes, a narrow version, a few passes; AdamW with one cycle. All choices are made on
# validation images.

clothes = datasets.for_role("grey")
clothes = clothes.limited(profile.pick(smoke=60, docs=1500, full=6000))
info, epochs = clothes.info, profile.pick(smoke=1, docs=5, full=6)
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])
print(f"{info.title}, of which we take\n{info.splits}")

# %%
# ``fit`` is the loop of the chapter on training. The seed decides first weights, the
# order of the images and what dropout drops.


def narrow(head="flat", drop=0.5):
    return SimpleCNN(info.channels, 8, 64, info.size[0], drop=drop, head=head)


def run(seed, watched=None, **settings):
    training.seed_everything(seed)
    net = narrow(**settings)
    batches = clothes.train.batches(50, shuffle=True, seed=seed, drop_last=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=5e-3)
    plan = OneCycleLR(optimizer, 5e-3, epochs * len(batches))
    layout = training.Precision("float32", channels_last=True)  # the faster order
    rest = {"scheduler": plan, "epochs": epochs, "precision": layout}
    return net, training.fit(net, batches, watched, optimizer=optimizer, **rest)


validation = clothes.validation.batches(250)
runs = {"flat, dropout 0.5": [run(seed, validation) for seed in seeds]}
plotting.curves(
    [record for _, record in runs["flat, dropout 0.5"]],
    title="SimpleCNN on clothes: with dropout, training need not look better",
)

# %%
# With dropout the training curves are measured while half of the hidden numbers are
# missing, and during the epoch, not after it. So they may look worse than those of
# images that were never trained on.
#
# One ablation, two knobs
# -----------------------
# Same images, same seeds, same recipe. First the dropout goes, then all the places.

runs["flat, no dropout"] = [run(seed, drop=0.0) for seed in seeds]
runs["mean, no dropout"] = [run(seed, head="mean", drop=0.0) for seed in seeds]
scores = {
    name: torch.tensor(
        [100 * training.evaluate(net, validation).accuracy for net, _ in found]
    )
    for name, found in runs.items()
}
plotting.bars(
    scores, title="Validation images named: does the head matter?", xlabel="% named"
)

# %%
# Rings are seeds. Compare seed by seed; a difference counts if it has the same sign
# for all of them.


def verdict(first, second):
    d = scores[first] - scores[second]  # one for each seed
    if len(d) < 3 or d.min() <= 0 <= d.max():
        return f"{d.mean():+.1f} points: no clear difference"
    return f"{d.mean():+.1f} points: {first if d.mean() > 0 else second} is better"


print("dropout:", verdict("flat, dropout 0.5", "flat, no dropout"))
print("places: ", verdict("flat, no dropout", "mean, no dropout"))
flat, mean = (
    sum(p.numel() for p in narrow(head).parameters()) for head in ("flat", "mean")
)
predict(
    f"The flat network has {flat:,} parameters here, and the one with the mean?",
    f"{mean:,}",
    because=f"fc1 reads 32 numbers in place of 32 * {info.size[0] // 8} * "
    f"{info.size[0] // 8}.",
)

# %%
# Hold the two verdicts against what each choice costs. A head that knows places can
# tell a collar at the top from a heel at the bottom; a mean cannot, except by what the
# convolutions noticed at the borders. Clothes in these images all hang in the middle,
# which suits the flat head. Networks after 2014 mostly take the mean, and buy back what
# it loses with depth.
#
# The test, once
# --------------
# Validation images chose. The chosen head meets the test images, once for each seed.

best = max(scores, key=lambda name: scores[name].mean())
tested = [
    100 * training.evaluate(net, clothes.test.batches(250)).accuracy
    for net, _ in runs[best]
]
print(f"chosen: {best}; test images named: {', '.join(f'{s:.1f} %' for s in tested)}")

# %%
# Where it breaks
# ---------------
# The flat head knows how many places there are, and only for that number does it work.
# The mean takes what it gets.

larger = torch.zeros(2, 3, 48, 40)
with expect_error(RuntimeError):
    SimpleCNN()(larger)
print("mean head:", tuple(SimpleCNN(head="mean")(larger).shape))

# %%
# In the library
# --------------
# ``models.SimpleCNN`` is the flat one, with checks. With the same numbers it must give
# the same scores.

ours, theirs = SimpleCNN().eval(), models.SimpleCNN().eval()
theirs.load_state_dict(ours.state_dict())
x = torch.randn(3, 3, 32, 32)
assert_close(theirs(x), ours(x))

# %%
# Deviations
# ----------
# There is no paper to deviate from: this plan, with widths 32, 64 and 128 and 256
# hidden numbers, stands in many introductions. Its parts are older. The alternation of
# convolution and pooling is LeNet's, ReLU and dropout before the last map are
# AlexNet's, and 3 x 3 windows with padding 1 are VGG's. Here it starts from PyTorch's
# first weights; the trained one has 8, 16 and 32 channels.
#
# Takeaways
# ---------
# * Halve the sides, double the channels: each further step costs the same and leaves
#   half of the numbers.
# * One affine map behind the flattening owns most of the parameters, since it has a
#   weight for each place.
# * A mean over the places needs a fraction of them and accepts any size. What it loses
#   or gains is measured, from several seeds.
#
# Check yourself
# --------------
# Draw the maps of each step before you count.

ask("numbers_read_by_the_head")

# %%
# What if channels and sides change by other factors than two?

ask("next_step")

# %%
# Exercise
# --------
# Count the whole family in one function: any number of steps, any widths.


def simple_cnn_parameters(widths, side, in_channels=3, hidden=256, num_classes=10):
    """Return the parameters of conv3x3-ReLU-pool for each width, then two maps."""
    raise NotImplementedError


check("simple_cnn_parameters", simple_cnn_parameters)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("simple_cnn_parameters")

# %%
# References
# ----------
# 1. Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. *Gradient-Based Learning Applied to
#    Document Recognition.* Proceedings of the IEEE 86(11), 1998.
# 2. M. Lin, Q. Chen, S. Yan. *Network In Network.* ICLR 2014, section 3.2: the mean
#    over the places in front of the decision. `arXiv:1312.4400
#    <https://arxiv.org/abs/1312.4400>`__
# 3. N. Srivastava and others. *Dropout: A Simple Way to Prevent Neural Networks from
#    Overfitting.* JMLR 15, 2014. `Paper
#    <https://jmlr.org/papers/v15/srivastava14a.html>`__
# 4. H. Xiao, K. Rasul, R. Vollgraf. *Fashion-MNIST.* 2017. `arXiv:1708.07747
#    <https://arxiv.org/abs/1708.07747>`__
