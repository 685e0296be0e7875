"""
A gate for every channel
========================

The weights of a convolution are the same for every image. A channel that looks for
shoe soles speaks up on shirts as well, and the next layer has to cope. A
*squeeze-and-excitation* block looks at the whole image first, and then turns each
channel up or down. It was the idea of the network that won the last ImageNet
competition, in 2017, and it is said to cost next to nothing. We build it, put it in
its place, and ask three times for the price. What trained gates do is the next lesson.

You will

* compute gates by hand, and count what they cost before you build them;
* put the gate where it belongs in a residual block, and see what happens elsewhere;
* tell three prices apart: numbers to store, multiplications, and seconds.

**Before this:** the lesson on the residual block.
"""

from functools import partial

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import (
    benchmarks,
    blocks,
    datasets,
    models,
    plotting,
    profiles,
    summary,
)
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

clothes = datasets.for_role("grey")
info = clothes.info
images = clothes.train.normalized()[:50]
torch.manual_seed(0)
print(f"{info.title}: {info.input_size}, {info.num_classes} classes")

# %%
# The question
# ------------
# One image, two channels of two pixels. Channel 0 is loud, channel 1 is quiet. Each is
# *squeezed* to its mean, and a small network makes two numbers of the two means: one
# weight matrix down to a single number, a ReLU, another one up again.

x = torch.tensor([[[[2.0, 4.0]], [[0.0, 2.0]]]])  # (N, C, H, W) = (1, 2, 1, 2)
down = torch.tensor([[1.0, -1.0]])  # hidden, C: how much louder is channel 0?
up = torch.tensor([[1.0], [-1.0]])  # C, hidden: if so, open it and close the other
means = x.mean(dim=(2, 3))  # (1, 2)
inner = torch.relu(means @ down.T) @ up.T  # (1, 2)
print("means", means.tolist(), "of them comes", inner.tolist())

# %%
# A sigmoid bends any number to between 0 and 1: those are the *gates*. Each channel is
# multiplied by its own.

gates = torch.sigmoid(inner)
loud, quiet = (x * gates[..., None, None])[0, :, 0]  # two pixels each
predict(
    "What becomes of the two channels?",
    f"{loud[0]:.2f}, {loud[1]:.2f} and {quiet[0]:.2f}, {quiet[1]:.2f}",
    because=f"The gates are {gates[0, 0]:.2f} and {gates[0, 1]:.2f}: the sigmoid of 2 "
    "and of -2. All pixels of a channel share a gate.",
)

# %%
# By hand
# -------
# The whole block has two layers with weights. In between there are fewer numbers than
# channels, by a factor called *reduction*.


class SqueezeExcite(nn.Module):
    def __init__(self, channels, reduction=16):
        super().__init__()
        self.squeeze = nn.Linear(channels, channels // reduction, bias=False)
        self.excite = nn.Linear(channels // reduction, channels, bias=False)

    def forward(self, x):  # (N, C, H, W)
        mean = x.mean(dim=(2, 3))  # (N, C)
        gates = torch.sigmoid(self.excite(torch.relu(self.squeeze(mean))))  # (N, C)
        return x * gates[..., None, None]


block = SqueezeExcite(64, reduction=16)
count = sum(p.numel() for p in block.parameters())
assert count == 512
predict(
    "64 channels, reduction 16, no biases. How many parameters?",
    count,
    because="64 * 4 down and 4 * 64 up. One 3 x 3 convolution between 64 and 64 "
    f"channels has {9 * 64 * 64:,}.",
)

# %%
# The package's block has 1 x 1 convolutions where ours has linear layers. On maps of a
# single pixel these are the same thing, and with equal weights the answers are too.

theirs = blocks.SEBlock(64, reduction=16)
pairs = zip(theirs.state_dict().items(), block.state_dict().values(), strict=True)
theirs.load_state_dict({name: ours.view_as(w) for (name, w), ours in pairs})
maps = torch.randn(3, 64, 5, 7)
assert_close(block(maps), theirs(maps))

# %%
# A gate also changes what a layer can *see*. We alter the last pixel and look at the
# first.

altered = maps.clone()
altered[:, :, -1, -1] += 100
difference = (block(altered) - block(maps))[:, :, 0, 0].abs().max()
predict(
    "A pixel in the lower right corner changes. Does the block's output in the upper "
    "left corner?",
    "yes" if difference > 0 else "no",
    because="The gate is made of a mean over all places. Behind the first gate every "
    "number depends on the whole image, however small the kernels are.",
)

# %%
# Where the gate stands
# ---------------------
# In a residual block it stands behind the second norm, *before* the addition: it weighs
# what the block wants to add, and not what passes by.


class SEBasicBlock(blocks.BasicBlock):
    def __init__(self, in_channels, channels, stride=1, reduction=16):
        super().__init__(in_channels, channels, stride=stride)
        self.gate = SqueezeExcite(channels, reduction)

    def forward(self, x):
        new = self.gate(self.conv2(self.conv1(x)))
        return torch.relu(new + self.shortcut(x))


ours, theirs = SEBasicBlock(8, 8, reduction=4), blocks.SEBasicBlock(8, 8, reduction=4)
pairs = zip(theirs.state_dict().items(), ours.state_dict().values(), strict=True)
theirs.load_state_dict({name: own.view_as(w) for (name, w), own in pairs})
maps = torch.randn(3, 8, 11, 7)
assert_close(ours(maps), theirs(maps))

# %%
# Now we move the gate. Behind the addition it would weigh the shortcut as well, the
# way that residual networks were built to keep open. Fresh gates are about a half; we
# make them exactly that, and let sixteen blocks add nothing yet.

gate = SqueezeExcite(8, reduction=4)
nn.init.zeros_(gate.excite.weight)  # sigmoid of 0
before = behind = torch.ones(1, 8, 4, 4)
left = {"before the addition": [1.0], "behind it": [1.0]}
for _ in range(16):
    new = torch.zeros_like(before)  # what a block adds that has learned nothing
    before, behind = gate(new) + before, gate(new + behind)
    left["before the addition"].append(before.mean().item())
    left["behind it"].append(behind.mean().item())
predict(
    "The gate stands behind the addition. After sixteen blocks, what is left of a "
    "signal of 1? And if it stands before the addition?",
    f"{left['behind it'][-1]:.6f}, and {left['before the addition'][-1]:.0f}",
    because="A half to the power of 16, and nothing is taken from what passes by.",
)

# %%
# The paper compares four places in a ResNet-50. Three are about equally good, and the
# one behind the addition is worse (section 6.5 of its longer version).

plotting.lines(
    range(17),
    left,
    title="A signal on its way through sixteen blocks, for two places of the gate",
    xlabel="blocks",
    ylabel="what is left of 1",
    log=True,
)

# %%
# The whole network
# -----------------
# Nothing else changes: a ResNet whose blocks have gates. Eight channels are few, so our
# reduction is 4. In the table of one block, look at the parameters, the MACs and the
# field of the gate.

gated = partial(blocks.SEBasicBlock, reduction=4)
kinds = {"plain": blocks.BasicBlock, "gated": gated}
summary.trace(gated(8, 16, stride=2), (8, 28, 28))

# %%
# The picture is drawn from the trace of a whole network, the kind that the next lesson
# trains. There is a block in each stage, and a gate in each block.

shape = {"in_channels": info.channels, "num_classes": info.num_classes, "width": 8}
nets = {name: models.ResNet(kind, (1, 1, 1), **shape) for name, kind in kinds.items()}
traces = {name: summary.trace(net, info.input_size) for name, net in nets.items()}
plotting.architecture(
    traces["gated"], depth=3, title="Most parameters are where most channels are"
)

# %%
# What does it cost?
# ------------------
# Three prices: numbers to store, multiplications, and seconds. The first two stand in
# the traces. The third must be measured.

more = {}
for price, field in (("parameters", "parameters"), ("MACs", "macs")):
    plain, with_gates = (getattr(traces[name], field) for name in kinds)
    more[price] = 100 * (with_gates / plain - 1)
    print(f"{price:10} {plain:>9,} and {with_gates:>9,}: {more[price]:+.2f} %")


def step(net):
    net.zero_grad()
    net.train()(images).square().sum().backward()


comparison = benchmarks.compare(
    {name: partial(step, net) for name, net in nets.items()},
    baseline="plain",
    tolerance=None,
    seconds=profiles.current().pick(smoke=0.1, docs=1.0, full=2.0),
)
comparison

# %%
# Side by side:

more["seconds of a training step"] = 100 * (comparison.ratio("gated") - 1)
plotting.bars(
    more,
    title="What gates add to a small ResNet",
    xlabel="percent more than without gates",
)

# %%
# A gate has hardly any multiplications, but it reads all its maps twice more, once for
# the means and once to multiply them. Reading takes time, too, and so do many small
# layers one after the other. Here is what came out on this machine:

dearer = more["seconds of a training step"] > max(1.0, 2 * more["MACs"])
print("the clock says more than the count" if dearer else "clock and count agree")

# %%
# Nor are parameters always few: they are where channels are. We count those of all
# gates in a ResNet-50, whose stages put out 256, 512, 1,024 and 2,048 channels:

per_stage = {
    channels: depth * 2 * channels * (channels // 16)
    for channels, depth in zip((256, 512, 1024, 2048), (3, 4, 6, 3), strict=True)
}
total = sum(per_stage.values())
assert total == 2_514_944  # the paper: 2.5 million
predict(
    "A tenth is added to the 25 million parameters of a ResNet-50. Which share of it "
    "sits in the three gates of the last stage?",
    f"{per_stage[2048] / total:.0%}",
    because="The two matrices grow with the square of the channels: "
    + ", ".join(f"{n:,}" for n in per_stage.values())
    + ". The paper drops these three, and loses less than 0.1 points (top 5).",
)

# %%
# Where it breaks
# ---------------
# A reduction larger than the number of channels leaves nothing in the middle. PyTorch
# builds such layers with a warning, and the gates are a half for ever; the package
# refuses.

with expect_error(ValueError):
    blocks.SEBlock(8, reduction=16)

# %%
# Deviations
# ----------
# Against the paper: 1 x 1 convolutions in place of linear layers, which changes
# nothing; reduction 4 in place of 16, since our network has an eighth of the channels;
# a ResNet for small images, with three blocks in place of sixteen. No biases: the
# longer version of the paper recommends that for residual networks.
#
# Takeaways
# ---------
# * Squeeze: a mean for each channel. Excite: two small layers and a sigmoid. Then
#   multiply.
# * A gate lets the whole image speak to every place, in a single block.
# * It weighs what a residual block adds, and leaves the shortcut alone.
# * Hardly any multiplications is not the same as hardly any time, and a tenth of the
#   parameters is not hardly any.
#
# Does it gain anything? What do gates say about a shirt? That is the next lesson.
#
# Check yourself
# --------------
# A half in the right place, or in the wrong one: follow the signal.

ask("gated_signal")

# %%
# And the price, when a network gets wider:

ask("gate_weights")

# %%
# Exercise
# --------
# Write the block as a function of the maps and its two matrices.


def se_block(x, down, up):
    """Return x (N, C, H, W) times its gates; down is (hidden, C), up is (C, hidden)."""
    raise NotImplementedError


check("se_block", se_block)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("se_block")

# %%
# References
# ----------
# 1. J. Hu, L. Shen, G. Sun. *Squeeze-and-Excitation Networks.* CVPR 2018: Fig. 1 to 3,
#    Table 2. Places and reductions are compared in section 6 of the longer version of
#    2019. `arXiv:1709.01507 <https://arxiv.org/abs/1709.01507>`__
# 2. O. Russakovsky and others. *ImageNet Large Scale Visual Recognition Challenge.*
#    2015. The competition. `arXiv:1409.0575 <https://arxiv.org/abs/1409.0575>`__
