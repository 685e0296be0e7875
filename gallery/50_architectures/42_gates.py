"""
What do the gates say about a shirt?
====================================

A network with gates decides for each image which channels may speak. That is the story,
and it can be tested. Do gates tell classes apart? Where in the network? And would
anybody notice if an image were given the gates of another one? We train a small network
with gates and without, from three seeds each, and ask the trained ones.

You will

* measure whether gates gained anything, seed by seed;
* see the gates of trousers, sandals, shirts and bags, in the first block and in the
  last;
* exchange the gates of images, and find out how much of the work they do.

**Before this:** the lesson on squeeze and excitation, and the one on ablations.
"""

from functools import partial

import torch
from torch.testing import assert_close

from cnn_tutorial import (
    blocks,
    datasets,
    experiments,
    hooks,
    models,
    plotting,
    profiles,
    training,
)
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile = profiles.current()
clothes = datasets.for_role("grey")
clothes = clothes.limited(profile.pick(smoke=60, docs=1000, full=9000))
info, seeds = clothes.info, (0, 1, 2)
print(f"{info.title}: {info.splits}")

# %%
# The question
# ------------
# A gate may be open at one half for every image. Then it is a constant factor, and the
# batch norm in front of it, which has a factor of its own for each channel, could do
# the same. We check that with numbers: one layer with gates of a constant, one norm
# whose scale and shift have swallowed them.

x, gate = torch.randn(7, 5, 3, 2), torch.rand(5)
norm, swallowed = torch.nn.BatchNorm2d(5), torch.nn.BatchNorm2d(5)
with torch.no_grad():
    norm.bias.uniform_()
    swallowed.weight.copy_(norm.weight * gate)
    swallowed.bias.copy_(norm.bias * gate)
assert_close(norm(x) * gate.view(-1, 1, 1), swallowed(x))
predict(
    "When does a gate add anything to what a batch norm can do?",
    "only when it differs from image to image",
    because="A factor that is the same for all images is swallowed by the norm in "
    "front of it, exactly. So we must look at how gates vary.",
)

# %%
# Two networks, three seeds
# -------------------------
# A ResNet of three blocks for small images, with gates and without. All else is equal,
# seed by seed: the images, their order, the steps. Pixels are averaged in twos first,
# to save time.

gated = partial(blocks.SEBasicBlock, reduction=4)
kinds = {"plain": blocks.BasicBlock, "gated": gated}


def build(recipe, info):
    shape = {"in_channels": info.channels, "num_classes": info.num_classes}
    net = models.ResNet(kinds[recipe.model["kind"]], (1, 1, 1), width=8, **shape)
    return torch.nn.Sequential(torch.nn.AvgPool2d(2), net)


# %%
# The recipe is short: four epochs, a learning rate that rises and falls, mirrored
# images.

same = {"data": info.name, "batch_size": 50, "schedule": "one-cycle", "flip": True}
same["epochs"] = profile.pick(smoke=1, docs=4, full=8)
recipes = {kind: experiments.Recipe(model={"kind": kind}, **same) for kind in kinds}
runs = {
    name: [experiments.train(recipe, build, seed, data=clothes) for seed in seeds]
    for name, recipe in recipes.items()
}
scores = {
    name: [100 * run.validation_accuracy for run in found]
    for name, found in runs.items()
}
plotting.bars(
    scores,
    title="Validation accuracy without gates and with them, three seeds each",
    xlabel="percent",
)

# %%
# The difference seed by seed, as in the lesson on ablations, and what it is paid with:


def compared(with_it, without):
    d = torch.tensor(with_it) - torch.tensor(without)
    half = 4.303 * d.std() / len(d) ** 0.5  # 95 %, three seeds
    word = "not shown" if d.mean().abs() <= half else "shown"
    return f"{d.mean():+.1f} +- {half:.1f} points: {word}"


print("gated against plain", compared(scores["gated"], scores["plain"]))
own = [sum(p.numel() for p in found[0].net.parameters()) for found in runs.values()]
print(f"paid with {own[1] / own[0] - 1:+.1%} parameters")

# %%
# If nothing is shown, that is no refutation. On ImageNet the paper's gain is one and a
# half points for a ResNet-50 (Table 2), after a hundred epochs on more than a million
# images. A difference of that size hides in the spread of three short runs.
#
# The gates of a class
# --------------------
# We can still ask what trained gates do. The recorder of the lesson on hooks reads what
# the second layer of each block puts out, and the sigmoid makes gates of it.


def gates_of(net):
    """Return the gates of all validation images, (N, C), for each block."""
    with torch.no_grad(), hooks.ActivationRecorder(net, "*.excite") as recorder:
        net.eval()(clothes.validation.normalized())
    return [v.sigmoid().flatten(1) for v in recorder.activations.values()]


labels = clothes.validation.labels
gates = gates_of(runs["gated"][0].net)
predict(
    f"{len(labels):,} validation images, blocks of 8, 16 and 32 channels. Which shapes "
    "have the three tables of gates?",
    ", ".join(str(tuple(g.shape)) for g in gates),
    because="One gate for each image and channel, and none for places.",
)

# %%
# The mean gate of each channel, for four classes, in the first block:


def draw(gates, title):
    return plotting.lines(
        range(gates.shape[1]),
        {info.classes[k]: gates[labels == k].mean(0) for k in (1, 5, 6, 8)},
        title=title,
        xlabel="channel",
        ylabel="mean gate",
    )


draw(gates[0], "First block: mean gate of each channel, for four classes")

# %%
# And in the last one:

draw(gates[-1], "Last block: mean gate of each channel, for four classes")

# %%
# The paper draws such lines for ImageNet: one on top of the other in early blocks,
# apart in later ones, and close together again in the very last. A number says it for
# all channels and classes: which share of the gates' variation over images is variation
# *between classes*? A network that has learned nothing is the control, since its gates
# depend on the image as well.


def share_of_classes(gates, labels):
    means = torch.empty_like(gates)  # for each image the mean of its class
    for k in labels.unique():
        means[labels == k] = gates[labels == k].mean(0)
    between, total = ((g - gates.mean(0)).square().sum() for g in (means, gates))
    return 100 * (between / total.clamp(min=1e-9)).item()  # 0 where nothing varies


shares = {"untrained": [], "trained": []}
for run in runs["gated"]:
    training.seed_everything(run.seed)
    fresh = build(recipes["gated"], info)
    for name, net in zip(shares, (fresh, run.net), strict=True):
        shares[name].append([share_of_classes(g, labels) for g in gates_of(net)])
plotting.lines(
    [1, 2, 3],
    shares,
    title="How much of a gate's variation the class explains, by depth",
    xlabel="block",
    ylabel="percent",
)

# %%
# The verdict, from the numbers:

table = torch.tensor([shares["untrained"], shares["trained"]])[..., [0, -1]]
(_, fresh), (first, last) = table.movedim(1, -1).tolist()
print("last block, trained against untrained:", compared(last, fresh))
print("trained, last block against first:    ", compared(last, first))

# %%
# Another image's gates
# ---------------------
# Gates that follow the class are not yet gates that matter. So we interfere. In the
# trained network each image gets the mean gates of its batch, or those of its neighbour
# in the batch, or all gates at a half. Nothing is trained anew.

changes = {
    "its own gates": lambda g: g,
    "the mean gates": lambda g: g.mean(0, keepdim=True),
    "a neighbour's": lambda g: g.roll(1, 0),
    "all at a half": lambda g: torch.full_like(g, 0.5),
}


def accuracy(net, change):
    gated = [m for m in net.modules() if isinstance(m, blocks.SEBlock)]
    for block in gated:
        own = block.gates
        block.gates = partial(lambda own, x: change(own(x)), own)
    score = training.evaluate(net, clothes.validation.batches(100)).accuracy
    for block in gated:
        del block.gates  # the method of the class is back
    return 100 * score


left = {
    name: [accuracy(run.net, change) for run in runs["gated"]]
    for name, change in changes.items()
}
worst = min(list(changes)[1:], key=lambda name: sum(left[name]))
predict(
    "Which of the three exchanges costs most accuracy?",
    worst,
    because="Mean gates keep what all images have in common. A half keeps nothing that "
    "was learned. A neighbour's gates were made for another image. Which of these "
    "matters most is measured, and below we ask if it matters at all.",
)

# %%
# The accuracies, for all four:

plotting.bars(
    left,
    title="Validation accuracy of the same networks when gates are exchanged",
    xlabel="percent",
)

# %%
# Against its own gates, seed by seed:

own = left.pop("its own gates")
for name, values in left.items():
    print(f"{name:15} {compared(values, own)}")

# %%
# Read it with care. Mean gates take away what differs from image to image. A half for
# all also takes away what the gates had learned to do to every image alike, and that
# part a batch norm could have learned. Where no cost is shown, three short trainings
# have not made a network that needs those gates, however well they tell classes apart.
#
# Where it breaks
# ---------------
# A share between classes is never quite 0, even where classes mean nothing: with few
# images the means of classes differ by chance. Labels shuffled fifty times show how
# much.

for n in (30, 100, len(labels)):
    orders = [torch.randperm(len(labels))[:n] for _ in range(50)]
    chance = [share_of_classes(gates[-1][:n], labels[order]) for order in orders]
    print(f"{n:6,} images: {sum(chance) / 50:.1f} %, up to {max(chance):.1f} %")

# %%
# Ten classes take up about 9 of the :math:`n - 1` ways in which n values can differ. A
# share of thirty per cent from thirty images is nothing.
#
# And whoever exchanges gates has to keep their two axes of length 1. Without them, gates
# meet rows and columns instead of channels:

with expect_error(RuntimeError):
    torch.randn(3, 8, 5, 7) * gates[0][:3]

# %%
# Deviations
# ----------
# Against the paper: eight channels in the first block and reduction 4, in place of 64
# (256 behind the bottleneck) and 16; three blocks in place of sixteen; a few epochs of
# clothes in place of ImageNet. The paper averages the gates over fifty images of each
# class; we use all validation images, and add untrained networks and exchanged gates
# as controls.
#
# Takeaways
# ---------
# * A gate that is the same for all images is a batch norm's factor by another name.
# * Plots of gates by class need a control: untrained gates depend on the image, too.
# * To know whether gates matter, exchange them, and measure.
# * A gain that three seeds cannot show is neither there nor refuted; the price is known
#   to the last parameter.
#
# Check yourself
# --------------
# Four images and three gates are enough to see what a gate follows.

ask("what_a_gate_follows")

# %%
# Now read an experiment like the one with exchanged gates.

ask("what_gates_learned")

# %%
# Exercise
# --------
# Write the share of a variation that is variation between classes, for one gate.


def share_between(values, labels):
    """Return how much of the variation of values (N,) is between classes, 0-1."""
    raise NotImplementedError


check("share_between", share_between)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("share_between")

# %%
# References
# ----------
# 1. J. Hu, L. Shen, G. Sun. *Squeeze-and-Excitation Networks.* CVPR 2018. Gates by
#    class and depth are a figure of the section on the role of excitation.
#    `arXiv:1709.01507 <https://arxiv.org/abs/1709.01507>`__
# 2. J. Adebayo and others. *Sanity Checks for Saliency Maps.* NeurIPS 2018. Untrained
#    networks as a control. `arXiv:1810.03292 <https://arxiv.org/abs/1810.03292>`__
