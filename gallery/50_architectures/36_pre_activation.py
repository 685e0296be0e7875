"""
Keep the road clear
===================

A shortcut that is blocked a little, block after block, is blocked altogether. The
residual block of 2015 has a ReLU in its way; the one of 2016 has nothing at all there,
and networks of a thousand layers learned. On this page we move two layers, get a
network whose output is a plain sum, and break it again by one small factor.

You will

* write the pre-activation block, and say what stands in the way in the usual one;
* check that a whole stage is its input plus what each block added;
* multiply the shortcut by a number below one, and predict what is left.

**Before this:** the gradient takes every path.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import blocks, datasets, experiments, models, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.summary import trace
from cnn_tutorial.teaching import expect_error, predict
from cnn_tutorial.training import seed_everything

profile, clothes = profiles.current(), datasets.for_role("grey")
info, grey = clothes.info, clothes.limited(profile.pick(smoke=50, docs=600, full=5000))

# %%
# The question
# ------------
# In the usual block the sum goes through a ReLU. Take a block whose inner layers return
# nothing, one channel, and maps of either sign.

x = torch.tensor([[[[-2.0, -1.0], [1.0, 2.0]]]])
inner = torch.zeros_like(x)
usual = F.relu(x + inner)
predict(
    "Inner layers that return zeros. What does the usual block, relu(x + inner), hand "
    "on? And what would x + inner?",
    f"{usual.flatten().int().tolist()}; {(x + inner).flatten().int().tolist()}",
    because="The ReLU stands in the shortcut. Behind it no number is below zero, "
    "whatever a block wanted to take away.",
)

# %%
# By hand
# -------
# *Pre-activation* moves norm and ReLU in front of the convolutions. The same layers, in
# another order: norm, ReLU, convolution, twice; then the sum, and nothing after it.


class PreActivation(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm1, self.norm2 = nn.BatchNorm2d(channels), nn.BatchNorm2d(channels)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)

    def branch(self, x):
        x = self.conv1(F.relu(self.norm1(x)))
        return self.conv2(F.relu(self.norm2(x)))

    def forward(self, x):
        return x + self.branch(x)


# %%
# The claim, checked
# ------------------
# Ours against the package's, and the count against that of the usual block:

ours, theirs = PreActivation(5), blocks.PreActBlock(5, 5)
ours.load_state_dict(theirs.state_dict())
x = torch.randn(3, 5, 11, 13)
assert_close(ours(x), theirs(x))
sizes = [
    sum(p.numel() for p in block.parameters())
    for block in (ours, blocks.BasicBlock(5, 5))
]
predict(
    "Five channels. How many parameters has the new block, and how many the usual one?",
    f"{sizes[0]} and {sizes[1]}",
    because="2 * 9 * 5 * 5 + 2 * 2 * 5 either way: layers were moved, not added.",
)

# %%
# Drawn from the trace. Between the input and the output there is one thing, the plus.

plotting.architecture_graph(
    trace(theirs, (5, 11, 13)),
    title="Pre-activation: nothing stands behind the sum",
)

# %%
# A stage is a sum
# ----------------
# Put six of them in a row, and write down what each adds. No block stands between
# another one and the end:
#
# .. math:: y = x + f_1(x) + \dots + f_6(x_5)

stage = nn.Sequential(*[PreActivation(5) for _ in range(6)])
stream, added, spreads = x, [], [x.std()]
for block in stage:
    added.append(block.branch(stream))
    stream = stream + added[-1]
    spreads.append(stream.std())
assert_close(stage(x), x + sum(added))
print("spread of the stream:", *(f"{spread:.2f}" for spread in spreads))

# %%
# The stream gets wider, because nothing in it takes away what is there. The norm in
# front of each branch shows it maps of the same width all the same. And the usual block?

usual, start = [blocks.BasicBlock(5, 5) for _ in range(6)], x.relu()
stream, added = start, []
for block in usual:
    added.append(block.conv2(block.conv1(stream)))
    stream = block(stream)
missing = (stream - (start + sum(added))).abs().max()
print(f"largest difference between output and sum: {missing:.2f}")
assert missing > 0.1

# %%
# Six ReLUs have cut something away in between. It is no sum any more.
#
# Turn one knob: a factor on the shortcut
# ---------------------------------------
# Multiply the shortcut by a number s a little below one. After L blocks
# :math:`s^L x` is left of the input, besides what the branches added on the way. A norm
# in front of a branch hides that the stream gets smaller: branches add as much as ever.


def left(s, depth=30):
    seed_everything(0)
    start = stream = torch.randn(8, 5, 11, 13)
    with torch.no_grad():
        for _ in range(depth):
            stream = s * stream + PreActivation(5).branch(stream)
    return (s**depth * start.std() / stream.std()).item()


plotting.bars(
    {f"s = {s}": 100 * left(s) for s in (1.0, 0.95, 0.9, 0.8)},
    title="How much of the stream after thirty blocks is still the input",
    xlabel="% of the spread",
    roles="input",
)

# %%
predict(
    "A factor of 0.5 in each of thirty shortcuts. By which factor has the input faded "
    "at the end, and a gradient that comes back along the shortcuts?",
    f"{0.5**30:.1e}, both",
    because="0.5 ** 30: the chain is back. With s = 0.5 the paper's network of 110 "
    "layers failed: more than 20 % errors on CIFAR-10 (Table 1).",
)

# %%
# Gates, dropout and 1 x 1 convolutions in the shortcut all made it worse in that table.
# A shortcut does its work by doing nothing.
#
# Does it help to learn?
# ----------------------
# Residual networks of 20 layers, usual, with pre-activation, and with shortcuts that
# fade, s = 0.5. The network halves the clothes first, so that the page can afford three
# seeds of each.

epochs = profile.pick(smoke=1, docs=4, full=8)
settings = {"batch_size": 50, "schedule": "one-cycle", "epochs": epochs}
recipe = experiments.Recipe(data="fashion-sample", **settings)


class Fading(blocks.PreActBlock):
    def forward(self, x):
        full = super().forward(x)
        return full - 0.5 * x if self.shortcut is None else full


kinds = {
    "usual": (blocks.BasicBlock, False),
    "pre-activation": (blocks.PreActBlock, True),
    "half a shortcut": (Fading, True),
}


# %%
# The same short recipe for all, one cycle up to a rate of 0.1:


def runs(kind):
    block, pre = kinds[kind]
    shape = {"in_channels": info.channels, "num_classes": info.num_classes, "width": 8}

    def build(_recipe, _info):
        net = models.ResNet(block, (3, 3, 3), pre_activation=pre, **shape)
        return nn.Sequential(nn.AvgPool2d(2), net)

    return [experiments.train(recipe, build, seed, data=grey) for seed in (0, 1, 2)]


threads = torch.get_num_threads()
torch.set_num_threads(1)  # small maps keep more than one waiting
trained = {kind: runs(kind) for kind in kinds}
torch.set_num_threads(threads)
taught = {
    kind: torch.tensor([100 * run.train_accuracy for run in found])
    for kind, found in trained.items()
}
plotting.bars(taught, title="Training images right after a short run", xlabel="percent")

# %%
# Seed by seed, against the usual block:

for kind in list(kinds)[1:]:
    d = taught[kind] - taught["usual"]
    half = 4.303 * d.std() / len(d) ** 0.5  # 95 %, three seeds
    word = (
        "not shown" if d.mean().abs() <= half else "better" if d.mean() > 0 else "worse"
    )
    print(f"{kind:15} {d.mean():+5.1f} +- {half:4.1f} points: {word}")

# %%
# The paper found little at 110 layers (6.6 % errors to 6.4 % on CIFAR-10) and much at
# 1,001 (7.6 % to 4.9 %; Table 3). Twenty layers are few, nine shortcuts are not thirty,
# and a short run is short: "not shown" would not contradict it.
#
# In the library
# --------------
# A network of these blocks needs two more things. Its stem has neither norm nor ReLU,
# since the first block begins with both; and both come once at the very end, since no
# block does it.

net = models.preact_resnet18(in_channels=1, width=16)
assert [type(layer) for layer in net.last] == [nn.BatchNorm2d, nn.ReLU]
table = trace(net, (1, 32, 32))
table.stages()

# %%
# Where it breaks
# ---------------
# A norm in *front* of the first convolution has the channels of what comes in; behind
# it, those of what goes out. Where a block widens, that is not the same:

habit = nn.Sequential(nn.BatchNorm2d(7), nn.ReLU(), nn.Conv2d(5, 7, 3, padding=1))
with expect_error(RuntimeError):
    habit(torch.zeros(3, 5, 11, 13))

# %%
# And where shapes differ, the shortcut is a 1 x 1 convolution, of the maps *behind* the
# first norm and ReLU. There the stream is interrupted, once for each stage.
#
# Deviations
# ----------
# * 20 layers, eight channels, halved images of Fashion-MNIST, hundreds of steps; the
#   paper has 110 to 1,001 layers and CIFAR-10, for 64,000 steps;
# * projections where shapes differ, as in option B;
# * ``preact_resnet18`` has the depths of ResNet-18, which its paper does not.
#
# Takeaways
# ---------
# * Pre-activation moves norm and ReLU in front of the convolutions; nothing stands
#   behind the sum.
# * The output of a stage is then its input plus what each block added.
# * A factor on the shortcut fades the input, and the gradient, exponentially.
# * What it gains depends on depth: measure it at yours.
#
# Check yourself
# --------------
# The same additions, with and without something in the way:

ask("behind_three_blocks")

# %%
# How far does the addition of one block get?

ask("left_of_an_addition")

# %%
# Exercise
# --------
# Shortcuts with a factor each: what is everything in the final sum multiplied by?


def weights_at_end(factors):
    """Return what the input, and then each block's addition, is multiplied by."""
    raise NotImplementedError


check("weights_at_end", weights_at_end)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("weights_at_end")

# %%
# References
# ----------
# 1. K. He, X. Zhang, S. Ren, J. Sun. *Identity Mappings in Deep Residual Networks.*
#    ECCV 2016. Figure 4: the order of the layers; Table 1: what stands in the shortcut;
#    Table 3: depths. `arXiv:1603.05027 <https://arxiv.org/abs/1603.05027>`__
# 2. K. He, X. Zhang, S. Ren, J. Sun. *Deep Residual Learning for Image Recognition.*
#    CVPR 2016. `arXiv:1512.03385 <https://arxiv.org/abs/1512.03385>`__
