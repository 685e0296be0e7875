"""
The gradient takes every path
=============================

A plain network is one long chain. Its gradient passes through every layer, and each of
them can spoil it. A residual network is a bundle of chains, most of them short. On this
page we count the paths, measure what arrives at each layer of real networks, and make
all blocks start as nothing at all.

You will

* expand a stack of blocks into its paths, and say which of them carry the gradient;
* measure gradient norms in plain and residual networks of 32 layers, and check the
  story of vanishing gradients;
* start each block as the identity, and predict what moves in the first step.

**Before this:** a deeper network should never be worse; what batch norm does to
training.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import blocks, datasets, experiments, models, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.summary import trace
from cnn_tutorial.teaching import predict
from cnn_tutorial.training import seed_everything

profile, clothes = profiles.current(), datasets.for_role("grey")
info, grey = clothes.info, clothes.limited(profile.pick(smoke=50, docs=600, full=5000))
shape = {"in_channels": info.channels, "num_classes": info.num_classes}

# %%
# The question
# ------------
# Layers of one number. A plain layer multiplies by its slope. A residual layer adds its
# input: y = x + 0.1 x. Fifty of each in a row, and autograd at the end.

derivative = {}
for name, layer in {
    "plain": lambda y: 0.1 * y,
    "residual": lambda y: y + 0.1 * y,
}.items():
    x = y = torch.ones((), dtype=torch.float64, requires_grad=True)
    for _ in range(50):
        y = layer(y)
    y.backward()
    derivative[name] = x.grad.item()
predict(
    "Fifty layers, slope 0.1 each. How large is the derivative of the plain chain, and "
    "how large that of the residual one?",
    ", ".join(f"{name} {value:.3g}" for name, value in derivative.items()),
    because="0.1 ** 50 against 1.1 ** 50. One dies out, the other one grows: a "
    "shortcut does not promise a good size, but nothing dies.",
)

# %%
# By hand: paths
# --------------
# Two residual layers with slopes a and b multiply to :math:`(1 + a)(1 + b) = 1 + a + b +
# ab`: four terms, and each is a way through the network. Past both; through the first;
# through the second; through both. With fifty layers there are :math:`2^{50}` ways, and
# those through k layers weigh :math:`0.1^k` each.

weights = [math.comb(50, k) * 0.1**k for k in range(51)]
assert math.isclose(sum(weights), derivative["residual"])
shares = torch.tensor(weights) / sum(weights)
counts = torch.tensor([float(math.comb(50, k)) for k in range(51)])
plotting.lines(
    range(31),  # the other half of the paths mirrors the first
    {"gradient": 100 * shares[:31], "paths": (100 * counts / counts.sum())[:31]},
    title="Most paths are long; nearly all of the gradient comes by short ones",
    xlabel="layers on the path, of 50",
    ylabel="% of all",
)

# %%
# Long paths are many and light. The typical one goes through 25 layers and weighs
# 0.1 to the power of 25. What is left for the short ones?

print(f"{shares[:11].sum():.1%} of the gradient by paths of at most ten layers")
print(f"the largest share by paths of {shares.argmax()} layers")

# %%
# So a deep residual network learns like an ensemble of shallow ones that share their
# layers. That is a way of seeing, due to Veit and others; they removed single blocks
# from trained networks, and little happened.
#
# Real networks
# -------------
# Now with convolutions, norms and clothes: 32 layers, plain and residual, and a variant
# whose blocks start in another way.

kinds = {
    "plain": (blocks.PlainBlock, {}),
    "residual": (blocks.BasicBlock, {}),
    "zero start": (blocks.BasicBlock, {"zero_last_norm": True}),
}


def network(kind, n=5):
    block, more = kinds[kind]
    return nn.Sequential(
        nn.AvgPool2d(2), models.ResNet(block, (n, n, n), width=8, **shape, **more)
    )


# %%
# One batch, one pass forward and one back. We note the gradient of the first convolution
# in each block; "2.3" is the third block of the second stage.

pixels, labels = next(iter(grey.train.batches(50, shuffle=True)))


def norms(kind, seed):
    seed_everything(seed)
    net = network(kind)
    F.cross_entropy(net(pixels), labels).backward()
    parts = {"stem": net[1].stem}
    for s, stage in enumerate(net[1].stages, start=1):
        parts |= {f"{s}.{k}": block for k, block in enumerate(stage, start=1)}
    first = {name: next(part.parameters()) for name, part in parts.items()}
    return {name: weight.grad.norm().item() for name, weight in first.items()}


found = {kind: [norms(kind, seed) for seed in (0, 1, 2)] for kind in kinds}
plotting.gradient_flow(
    {
        kind: {name: [run[name] for run in runs] for name in runs[0]}
        for kind, runs in found.items()
    },
    title="Before the first step: what arrives at the first convolution of each block",
)

# %%
# Read it from bottom to top, as the gradient travels. The ends in numbers, as the ratio
# of the stem's gradient to that of the last block:

ratios = {
    kind: torch.tensor([run["stem"] / run["3.5"] for run in found[kind]])
    for kind in ("plain", "residual")
}
for kind, ratio in ratios.items():
    print(f"{kind:8} {ratio.mean():5.1f} ({ratio.min():.1f} to {ratio.max():.1f})")
vanish = (ratios["plain"] < 1).all()
print("the plain network's gradient", "vanishes" if vanish else "does not vanish")

# %%
# A ratio far below one would be a *vanishing* gradient, the usual explanation of why
# plain networks are hard to train. The authors of ResNet say in section 4.1 of their
# paper that it is not the reason: their plain networks have norms. Norms keep signals alive, and a gradient
# that has to pass dozens of them *grows* on its way to the first layers (Yang and
# others have the theory). Shortcuts make it grow less.
#
# Is that all that shortcuts do? It is being argued about. One more answer: in a deep
# plain network, gradients for two images that look alike have nothing in common
# (Balduzzi and others).
#
# A block that starts as nothing
# ------------------------------
# The crosses are zeros. If the last norm of each block starts with scale 0 instead of 1,
# the inner layers add nothing, and the block is the identity.

block = blocks.BasicBlock(5, 5)
nn.init.zeros_(block.last_norm.weight)
x = torch.rand(3, 5, 7, 7)  # not negative, as behind a ReLU
assert_close(block(x), x)
block(x).square().sum().backward()
moves = [n for n, p in block.named_parameters() if p.grad.abs().max() > 0]
predict(
    "Two convolutions and two norms. Which of their parameters get a gradient in the "
    "very first step?",
    ", ".join(moves),
    because="Everything before the last norm reaches the output multiplied by its "
    "scale, 0. The scale itself and the shift get theirs, and from the second step on "
    "all parts move.",
)

# %%
# So the deep network starts as a shallow one and grows into its depth. The stem does get
# its gradient: past all the blocks.
#
# Where it breaks
# ---------------
# Zeros are safe *because* something goes past them. Do the same to a plain network:

seed_everything(0)
net = network("plain")
for block in (block for stage in net[1].stages for block in stage):
    nn.init.zeros_(block[1][1].weight)
F.cross_entropy(net(pixels), labels).backward()
moves = [n for n, p in net.named_parameters() if p.grad.abs().max() > 0]
predict(
    "The second norm of each plain block starts at 0. Which parameters of the whole "
    "network still get a gradient?",
    ", ".join(moves),
    because="Zeros come out of every block, and a ReLU lets no gradient pass at 0. "
    "Only the last bias, which stands behind all of them, can learn.",
)

# %%
# Does it help to learn?
# ----------------------
# With and without zero start: 32 layers, the same short recipe, three seeds. Small maps
# and few channels keep more than one thread waiting, so the page takes one.

epochs = profile.pick(smoke=1, docs=4, full=8)
settings = {"batch_size": 50, "schedule": "one-cycle", "epochs": epochs}
recipe = experiments.Recipe(data="fashion-sample", **settings)


def run(kind, seed):
    return experiments.train(recipe, lambda *_: network(kind), seed, data=grey)


threads = torch.get_num_threads()
torch.set_num_threads(1)
trained = {
    kind: [run(kind, seed) for seed in (0, 1, 2)] for kind in ("residual", "zero start")
}
torch.set_num_threads(threads)
plotting.lines(
    range(1, 1 + epochs),
    {name: [run.curves["train_loss"] for run in of] for name, of in trained.items()},
    title="With and without zero start: who learns faster?",
    xlabel="epoch",
    ylabel="training loss",
)

# %%
# Training images right at the end, seed by seed:

usual, zero = (
    torch.tensor([100 * run.train_accuracy for run in found])
    for found in trained.values()
)
d = zero - usual
half = 4.303 * d.std() / len(d) ** 0.5  # 95 %, three seeds
word = "not shown" if d.mean().abs() <= half else "helps" if d.mean() > 0 else "hurts"
print(f"usual {usual.mean():.1f} %, zero start {zero.mean():.1f} %")
print(f"difference {d.mean():+.1f} +- {half:.1f} points: {word}")

# %%
# It was proposed for batches of 8,192 images, where the first steps are the dangerous
# ones. What it does for batches of 50 is what you see above.
#
# In the library
# --------------
# ``zero_last_norm=True`` is a setting of every residual network here. The network of
# this page, stage by stage:

net = network("zero start")[1]
assert not any(block.last_norm.weight.any() for stage in net.stages for block in stage)
table = trace(net, (info.channels, 14, 14))
table.stages()

# %%
# In this picture the gradient of the loss enters at the lower end and climbs. Each stage
# is five blocks, and the shortcuts carry it through them.

plotting.architecture(
    table, title="A narrow ResNet-32: most parameters sit in the last of three stages"
)

# %%
# Deviations
# ----------
# * Eight channels and a sample of Fashion-MNIST, halved. Veit and others looked at 110
#   layers on CIFAR-10; zero start was proposed for ResNet-50 on ImageNet.
# * We measure the gradient of *weights*. Its size depends on the size of the maps, too,
#   which is why it jumps where a stage begins.
#
# Takeaways
# ---------
# * Slopes multiply along a path and add over paths. Most of a residual network's
#   gradient comes by short ones.
# * With norms, gradients need not vanish in plain networks either. Measure before you
#   name a reason.
# * A last norm that starts at 0 makes each block start as the identity. Without a
#   shortcut the same zeros stop all learning.
#
# Check yourself
# --------------
# Count the paths of one length, then weigh them.

ask("carried_by_paths")

# %%
# Which zeros stop what?

ask("parts_that_learn")

# %%
# Exercise
# --------
# Sort the gradient of a stack by the length of its paths, when each block has a slope
# of its own.


def gradient_by_paths(slopes):
    """Return [sum over all paths through k branches of their product, for each k]."""
    raise NotImplementedError


check("gradient_by_paths", gradient_by_paths)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("gradient_by_paths")

# %%
# References
# ----------
# 1. A. Veit, M. Wilber, S. Belongie. *Residual Networks Behave Like Ensembles of
#    Relatively Shallow Networks.* NeurIPS 2016. `arXiv:1605.06431
#    <https://arxiv.org/abs/1605.06431>`__
# 2. K. He, X. Zhang, S. Ren, J. Sun. *Deep Residual Learning for Image Recognition.*
#    CVPR 2016. Section 4.1: not vanishing gradients; Table 6: 20 to 1,202 layers.
#    `arXiv:1512.03385 <https://arxiv.org/abs/1512.03385>`__
# 3. G. Yang and others. *A Mean Field Theory of Batch Normalization.* ICLR 2019. Why
#    gradients grow through norms without shortcuts. `arXiv:1902.08129
#    <https://arxiv.org/abs/1902.08129>`__
# 4. D. Balduzzi and others. *The Shattered Gradients Problem.* ICML 2017.
#    `arXiv:1702.08591 <https://arxiv.org/abs/1702.08591>`__
# 5. P. Goyal and others. *Accurate, Large Minibatch SGD.* 2017. Section 5.1: the last
#    norm starts at zero. `arXiv:1706.02677 <https://arxiv.org/abs/1706.02677>`__
