"""
A deeper network should never be worse
======================================

Add layers to a network that works. In the worst case the new ones copy what they are
given, and nothing is lost. So a deeper network can fit its training images at least as
well as a shallow one. In 2015 it was measured again and again that it does not. The
repair is one addition, and nearly every network since then has it.

You will

* make a network deeper without changing a single answer;
* watch plain networks learn less with more layers, and see what a shortcut changes;
* write the residual block for every case, and say where its shortcut needs weights.

**Before this:** a small ResNet learns to tell clothes apart; which ingredient earns its
place?
"""

from dataclasses import replace

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import blocks, datasets, experiments, models, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.summary import trace
from cnn_tutorial.teaching import expect_error, predict
from cnn_tutorial.training import evaluate

profile, clothes = profiles.current(), datasets.for_role("grey")
grey, info = clothes.limited(profile.pick(smoke=50, docs=800, full=3000)), clothes.info
threads = torch.get_num_threads()
torch.set_num_threads(1)  # small maps keep more than one waiting; put back below

# %%
# The question
# ------------
# Can a convolution with ReLU do nothing at all? Its kernel needs a one in the middle
# and zeros around it. PyTorch can start a layer like that and calls it *Dirac*.

copy = nn.Conv2d(1, 1, kernel_size=3, padding=1, bias=False)
nn.init.dirac_(copy.weight)
x = torch.tensor([[[[1.0, 2.0], [0.0, 4.0]]]])  # what a ReLU may hand on
print(copy.weight[0, 0].int())
predict(
    "These four numbers go through this convolution and a ReLU. What comes out?",
    F.relu(copy(x)).flatten().int().tolist(),
    because="Each pixel is multiplied by the one and its neighbours by zeros, and "
    "numbers that have been through a ReLU have nothing left for it to cut.",
)

# %%
# So there are weights with which a layer is invisible. Keep that in mind while we train
# *plain* networks: a stem, three stages of equal blocks, the mean over all places, one
# linear layer. A block is two convolutions, each with its norm and ReLU. With n blocks
# in a stage there are 6n + 2 layers with weights.
#
# The recipe follows the paper's in small: SGD with momentum at a rate of 0.1, and one
# cycle. The network halves the images first, so that the page can afford deep ones.

experiment = experiments.get_experiment("degradation")
short = replace(
    experiment.recipes["plain 8"],
    epochs=profile.pick(smoke=1, docs=4, full=8),
    images=None,
)


def runs(block, depth):
    recipe = replace(short, model={"block": block, "depth": depth})
    return [experiment.run(recipe, seed, data=grey) for seed in (0, 1, 2)]


# %%
# What we ask for is unusual: the accuracy on the images that the network was *taught*.
# Which network fits them better, 8 layers or more than twice as many?

depths = profile.pick(smoke=(8, 14), docs=(8, 20), full=(8, 20))
found = {f"plain {depth}": runs("plain", depth) for depth in depths}


def taught(runs):
    return torch.tensor([100 * run.train_accuracy for run in runs])  # percent


shallow, deep = (taught(found[f"plain {depth}"]) for depth in depths)
predict(
    f"Which gets more of its training images right, {depths[0]} or {depths[1]} layers? "
    "(Means of three seeds.)",
    f"{depths[0] if shallow.mean() > deep.mean() else depths[1]} layers: "
    f"{shallow.mean():.1f} % against {deep.mean():.1f} %",
    because="Only a measurement can tell. More layers can do more; can they also "
    "learn more?",
)

# %%
# A weak score on *new* images would have a name, overfitting. A weak score on the images
# that were taught is the opposite: a network that has learned too much by heart is
# excellent on those.
#
# The better network exists
# -------------------------
# We build it. Take the trained one with eight layers, and put behind each stage blocks
# whose convolutions copy and whose norms do nothing.


def invisible(channels):
    block = blocks.PlainBlock(channels, channels)
    for conv, norm, _ in block:
        nn.init.dirac_(conv.weight)
        norm.eps = 0.0  # mean 0 and variance 1 are what a new norm remembers
    return block


net, more = found["plain 8"][0].net.eval(), (depths[1] - 8) // 6
with torch.no_grad():
    pixels = grey.train.normalized()[:100]
    before = net(pixels)
    for stage, channels in zip(net[1].stages, (8, 16, 32), strict=True):
        stage.extend([invisible(channels) for _ in range(more)])
    assert_close(net.eval()(pixels), before)
layers = [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
accuracy = evaluate(net, grey.train.batches(500)).accuracy
print(f"{len(layers)} layers, {accuracy:.1%} of the training images, not one step")

# %%
# Same answers to the last digits, so the same accuracy. Good weights exist for the deep
# network, and training did not find them. The difficulty is in the search. The paper
# calls this *degradation*.
#
# By hand
# -------
# If copying is hard to learn, then let it be what a block does before it learns. Its
# layers compute what is to be *added* to the input: the *residual*. Here is all of it.


def inner(a, b, stride=1):
    return nn.Sequential(
        nn.Conv2d(a, b, 3, stride, padding=1, bias=False),
        nn.BatchNorm2d(b),
        nn.ReLU(),
        nn.Conv2d(b, b, 3, padding=1, bias=False),
        nn.BatchNorm2d(b),
    )


def past(a, b, stride=1):
    if stride == 1 and a == b:
        return nn.Identity()
    return nn.Sequential(nn.Conv2d(a, b, 1, stride, bias=False), nn.BatchNorm2d(b))


class Residual(nn.Module):
    def __init__(self, a, b, stride=1):
        super().__init__()
        self.inner, self.past = inner(a, b, stride), past(a, b, stride)

    def forward(self, x):  # (N, a, H, W)
        return F.relu(self.inner(x) + self.past(x))  # (N, b, H/stride, W/stride)


# %%
# Only the line with the plus is new. The shortcut ``past`` is the identity wherever
# shapes agree, and has no weights then. Where maps shrink or channels grow, a 1 x 1
# convolution with the same stride makes the shapes agree: option B of the paper.
#
# A plain block becomes a residual one without a new parameter, except for these
# projections. How many parameters do they add in the paper's smallest network?

residual, plain = models.resnet20(), models.plain20()
counts = [sum(p.numel() for p in net.parameters()) for net in (residual, plain)]
predict(
    "ResNet-20 has three stages of 16, 32 and 64 channels. How many parameters do its "
    "shortcuts add to those of plain-20?",
    f"{counts[0]:,} - {counts[1]:,} = {counts[0] - counts[1]:,}",
    because="Two projections: 16 * 32 + 2 * 32 and 32 * 64 + 2 * 64. The paper's table "
    "says 0.27 million.",
)

# %%
# The claim, checked; in the library
# ----------------------------------
# ``blocks.BasicBlock`` and ``blocks.PlainBlock`` are the two sides of this page, and
# ``models.resnet20`` and ``models.plain20`` the paper's smallest pair. Our block against
# the package's, with the same numbers in it:

for a, b, stride in ((8, 8, 1), (8, 8, 2), (5, 7, 1), (5, 7, 2)):
    ours, theirs = Residual(a, b, stride), blocks.BasicBlock(a, b, stride=stride)
    pairs = zip(theirs.state_dict(), ours.state_dict().values(), strict=True)
    theirs.load_state_dict(dict(pairs))
    x = torch.randn(3, a, 11, 13)
    assert_close(ours(x), theirs(x))

# %%
# The same block, drawn from its trace. Two ways lead to the sum:

plotting.architecture_graph(
    trace(blocks.BasicBlock(8, 16, stride=2), (8, 14, 14)),
    title="Two ways to the sum: through two convolutions, and past them",
)

# %%
# The smallest residual network of this kind, traced, stage by stage. Read the field:
# how much of the image one number can have seen.

small = models.resnet8(in_channels=info.channels, num_classes=info.num_classes, width=8)
trace(small, info.input_size).stages()

# %%
# With a shortcut
# ---------------
# The same depths, the same seeds, the same recipe. The only difference is the plus (and
# two small projections).

found |= {f"residual {depth}": runs("residual", depth) for depth in depths}
torch.set_num_threads(threads)
for name, of in found.items():
    print(f"{name:12} {taught(of).mean():.1f} % of the training images right")

# %%
# The verdict comes from the numbers: what depth changes, seed by seed. A difference
# counts if it is larger than its own uncertainty.


def lost(found, shallow, deep):
    d = taught(found[deep]) - taught(found[shallow])  # one for each seed
    half = 4.303 * d.std() / len(d) ** 0.5  # 95 %, three seeds
    word = "not shown" if d.mean().abs() <= half else "yes" if d.mean() < 0 else "no"
    print(f"{deep} gets fewer right than {shallow}: {word}")
    print(f"    {d.mean():+.1f} +- {half:.1f} points")


for kind in ("plain", "residual"):
    lost(found, *(f"{kind} {depth}" for depth in depths))

# %%
# A few epochs measure, above all, how *fast* a network learns. Perhaps a plain deep
# network only takes longer?
#
# The recorded run
# ----------------
# So the same was run on more images and for longer, at more depths. The deepest plain
# network also got a second chance with a fifth of the learning rate: a rate that suits
# a shallow network may be too high for a deep one.

recording = experiments.recorded("degradation")
recording

# %%
# Accuracy on the training images at the end:

recorded = recording.runs
known = sorted({recipe.model["depth"] for recipe in experiment.recipes.values()})
plotting.lines(
    known,
    {
        kind: torch.stack([taught(recorded[f"{kind} {d}"]) for d in known], dim=1)
        for kind in ("plain", "residual")
    },
    title="Recorded: what depth does to the fit, without and with shortcuts",
    xlabel="layers",
    ylabel="% of the training images right",
)

# %%
# The same verdict function, on the recorded numbers. The last one asks whether the
# lower rate rescued the plain network.

for kind in ("plain", "residual"):
    lost(recorded, f"{kind} {known[0]}", f"{kind} {known[-1]}")
lost(recorded, f"plain {known[0]}", f"plain {known[-1]}, lower rate")

# %%
# Look at the whole way, too. A network that is slow, but on its way, has a curve that
# still falls when the run ends.

deepest = [name for name in recorded if str(known[-1]) in name]
curves = {
    name: [run.curves["train_loss"] for run in recorded[name]] for name in deepest
}
plotting.lines(
    range(1, 1 + len(curves[deepest[0]][0])),
    curves,
    title="Recorded: training loss of the deepest networks",
    xlabel="epoch",
    ylabel="training loss",
)

# %%
# A curve that still falls at the right edge says that more time would bring it further.
# What the record shows is this: after the same time, and at either rate, a plain network
# of this depth has learned less than the residual one, and less than a shallow one.
#
# The paper saw the same on a million photographs: with 18 layers, plain and residual
# networks were equally good (27.9 % errors each), with 34 the plain one got worse
# (28.5 %) and the residual one better (25.0 %; Table 2).
#
# Where it breaks
# ---------------
# Leave the projection out where shapes differ, and the sum refuses.

maps = torch.randn(3, 8, 11, 13)
with expect_error(RuntimeError):
    inner(8, 16)(maps) + maps

# %%
# Not every wrong sum raises an error. One channel fits any number of channels by
# *broadcasting*. A block that reads a grey image and forgets its projection adds the
# image to each of its maps.

one = torch.randn(3, 1, 11, 13)
print(tuple((inner(1, 16)(one) + one).shape), "and no error")

# %%
# Deviations
# ----------
# What differs from the paper's section 4.2:
#
# * shortcuts that change shape are 1 x 1 convolutions (option B); the paper's small
#   networks leave out pixels and add channels of zeros (option A, no weights);
# * a sample of Fashion-MNIST, halved to 14 x 14, in place of CIFAR-10;
# * 8, 16 and 32 channels in place of 16, 32 and 64;
# * one cycle in place of three steps, no crops and no flips (we ask for the fit), and
#   far fewer epochs.
#
# Takeaways
# ---------
# * A deeper network contains the shallower one: layers that copy change no answer. If
#   it fits its own training images worse, the search has failed, and not the network.
# * A residual block computes what to add. The shortcut is free where shapes agree, and
#   a 1 x 1 convolution with a norm where they do not.
# * How much a plain network loses with depth, and that a shortcut prevents it, is a
#   measurement: the figures above show ours, with three seeds each.
# * Watch the shapes of a sum: one channel broadcasts without a word.
#
# Check yourself
# --------------
# Where does the ReLU stand? Brackets decide.

ask("output_of_a_block")

# %%
# Then shapes: which sums go through, and which should not have?

ask("sum_without_projection")

# %%
# Exercise
# --------
# Write the block as the package has it, in one class.


class BasicBlock(nn.Module):
    """Two 3x3 convolutions with norms, and the input added before the last ReLU."""

    def __init__(self, in_channels, channels, stride=1):
        raise NotImplementedError

    def forward(self, x):
        """Return the output, shape (N, channels, ceil(H/stride), ceil(W/stride))."""
        raise NotImplementedError


check("BasicBlock", BasicBlock)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("BasicBlock")

# %%
# References
# ----------
# 1. K. He, X. Zhang, S. Ren, J. Sun. *Deep Residual Learning for Image Recognition.*
#    CVPR 2016. Degradation: Figure 1, Table 2 and section 4.2; options A and B: section
#    3.3 and Table 3. `arXiv:1512.03385 <https://arxiv.org/abs/1512.03385>`__
# 2. R. K. Srivastava, K. Greff, J. Schmidhuber. *Highway Networks.* 2015. A shortcut
#    with gates that are learned, some months earlier. `arXiv:1505.00387
#    <https://arxiv.org/abs/1505.00387>`__
# 3. K. He, J. Sun. *Convolutional Neural Networks at Constrained Time Cost.* CVPR 2015.
#    Deeper, and in the end worse; the first paper names it as an earlier report.
#    `arXiv:1412.1710 <https://arxiv.org/abs/1412.1710>`__
