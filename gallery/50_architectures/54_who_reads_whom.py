"""
Who reads whom in a DenseNet?
=============================

A dense layer *may* read everything that was made before it. A trained one has weights
for all of it, and weights can be looked at. But a weight that is not zero need not
matter. So we ask twice: first the weights, then the network itself, by an ablation: we
set weights for old channels to zero, and measure how much accuracy is lost.

You will

* draw who reads whom, as the paper does, and say what such a picture cannot tell;
* cut long connections in a trained network, one source at a time;
* compare the two answers, and a network that has learned nothing.

**Before this:** the lesson on DenseNet.
"""

import copy

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import (
    datasets,
    experiments,
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
clothes = datasets.for_role("grey")
clothes = clothes.limited(profile.pick(smoke=60, docs=600, full=9000))
info, seeds = clothes.info, (0, 1, 2)
print(f"{info.title}: {info.splits}")

# %%
# The question
# ------------
# A 1 x 1 convolution reads four channels: two that are old, two that are new. Its
# weights are a matrix, a row for each output, a column for each channel that it reads.

weight = torch.tensor([[4.0, -2.0, 1.0, 0.0], [0.0, 2.0, -1.0, 2.0]])  # C_out, C_in
old, new = weight.abs().split([2, 2], dim=1)
predict(
    "How large is the mean weight of the old channels, and that of the new ones, "
    "whatever their sign?",
    f"{old.mean()} and {new.mean()}",
    because="(4 + 2 + 0 + 2) / 4 and (1 + 0 + 1 + 2) / 4. The old ones are read more, "
    "as far as weights can tell.",
)

# %%
# A network to look into
# ----------------------
# Two blocks of four layers, growth 8, on images whose pixels are averaged in twos, from
# three seeds.


def build(recipe, info):
    shape = {"in_channels": info.channels, "num_classes": info.num_classes}
    return nn.Sequential(nn.AvgPool2d(2), models.DenseNet((4, 4), width=8, **shape))


recipe = experiments.Recipe(
    data=info.name,
    epochs=profile.pick(smoke=1, docs=4, full=10),
    batch_size=60,
    schedule="one-cycle",
    flip=True,
)
runs = [experiments.train(recipe, build, seed, data=clothes) for seed in seeds]
trained = [run.net for run in runs]
found = 100 * torch.tensor([run.validation_accuracy for run in runs])
print(f"{found.mean():.1f} % of the validation images, spread {found.std():.1f}")

# %%
# The first block, layer by layer. Each ``conv2`` makes 8 channels. The parameters of
# each ``conv1`` grow: it reads more and more.

block = summary.trace(trained[0][1].stages[0], (16, 14, 14))
block

# %%
# First answer: the weights
# -------------------------
# What a layer reads first passes a 1 x 1 convolution. Its columns come in groups: the
# input of the block, then what each layer made. The transition behind the block reads
# in the same way.


def readers(net):
    block, transition = net[1].stages[0], net[1].stages[1]
    return [layer.conv1 for layer in block.layers] + [transition[2]]


def groups(net):
    for j, conv in enumerate(readers(net)):
        yield conv.weight.detach().split([16] + [8] * j, dim=1)  # views of the weights


def reading(net):
    table = torch.full((5, 5), torch.nan)  # sources, readers
    for j, parts in enumerate(groups(net)):
        means = torch.stack([part.abs().mean() for part in parts])
        table[: j + 1, j] = means / means.mean()
    return table


shapes = [tuple(part.shape[:2]) for part in list(groups(trained[0]))[3]]
predict(
    "The fourth layer reads the input and three layers. Which shapes (C_out, C_in) "
    "have its four groups of weights?",
    ", ".join(map(str, shapes)),
    because="All make 4 * 8 channels in the middle. The input has 2 * 8 channels, a "
    "layer 8.",
)

# %%
# Means of each group, divided by the mean over the sources of that reader, for three
# seeds together. White is the mean, red is read more, blue is read less; a deep colour
# would be twice as much or half as much.

sources = ["input", *(f"layer {i}" for i in range(1, 5))]
table = torch.stack([reading(net) for net in trained]).mean(0)
plotting.ratios(
    table,
    title="How large the weights for each source are, over the mean of the reader",
    rows=sources,
    columns=["1", "2", "3", "4", "next"],
    row_label="made by",
    column_label="read by layer",
    decimals=2,
)

# %%
# The paper draws this for a network of forty layers (Fig. 5), and sees old channels
# read all over a block. Before we agree, the control: the same table for networks that
# have learned nothing.

training.seed_everything(0)
fresh = torch.stack([reading(build(recipe, info)) for _ in seeds])
known = ~table.isnan()
spread = {
    "untrained": (fresh.mean(0)[known] - 1).abs().mean(),
    "trained": (table[known] - 1).abs().mean(),
}
for name, distance in spread.items():
    print(f"{name:10} mean distance from 1: {distance:.3f}")

# %%
# Untrained weights are about equal for all sources, and that would *also* be "read all
# over the block". What training has done is the difference between the two.
#
# Second answer: an ablation
# --------------------------
# For one source at a time, all readers but the first get zeros in its columns. What a
# layer made may still be read by the layer behind it, and by nobody else.


def accuracy(net):
    score = training.evaluate(net, clothes.validation.batches(100))
    return round(100 * score.accuracy, 2)


def ablated(net, source):
    net = copy.deepcopy(net)
    for parts in list(groups(net))[source + 1 :]:
        parts[source].zero_()
    return net


assert_close(reading(ablated(trained[0], 2))[2, 3:], torch.zeros(2))
before = [accuracy(net) for net in trained]
lost = {
    name: [
        round(was - accuracy(ablated(net, k)), 2)
        for was, net in zip(before, trained, strict=True)
    ]
    for k, name in enumerate(sources[:-1])
}
plotting.bars(
    lost,
    title="Points lost when only the next layer may read a source, three seeds",
    xlabel="points",
)

# %%
# Long bars are old channels in use. Nothing was trained anew: a network that had grown
# up without these connections would have found other ways.

most = max(lost, key=lambda name: sum(lost[name]))
far = table.nan_to_num().triu(1)[:-1].sum(1) / torch.arange(4, 0, -1)  # long ones
heaviest = sources[far.argmax()]
predict(
    "Whose long connections are missed most, and is it the source with the largest "
    "weights on long connections?",
    f"{most}; {'yes' if most == heaviest else 'no, that is ' + heaviest}",
    because="A group of large weights can be balanced by others, or multiply channels "
    "that are nearly zero. Weights are a hint, an ablation is a measurement.",
)

# %%
# Where it breaks
# ---------------
# Groups must add up to what the layer reads. A list of sizes that forgets the input
# does not:

with expect_error(RuntimeError):
    readers(trained[0])[2].weight.split([8, 8], dim=1)

# %%
# Deviations
# ----------
# The paper looks at a network of three blocks with twelve layers each, growth 12,
# without 1 x 1 convolutions, trained on CIFAR-10 with augmentation. It shows the means
# themselves, where we divide by the mean of the reader. The control and the ablation
# are ours. Neither table takes into account that norms stand in front of the weights.
#
# Takeaways
# ---------
# * Weights for old channels exist in every dense network, trained or not.
# * What training changes shows in the difference to an untrained network.
# * To know whether something is used, take it away and measure.
#
# Check yourself
# --------------
# Two ways to look at a layer, and they need not agree.

ask("most_changed_without")

# %%
# Exercise
# --------
# Write the measure of the table: the mean size of the weights of each source.


def source_means(weight, sizes):
    """Return the mean of abs(weight) (C_out, C_in, 1, 1) for each group of inputs."""
    raise NotImplementedError


check("source_means", source_means)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("source_means")

# %%
# References
# ----------
# 1. G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger. *Densely Connected
#    Convolutional Networks.* CVPR 2017: Fig. 5 and the discussion of feature reuse.
#    `arXiv:1608.06993 <https://arxiv.org/abs/1608.06993>`__
