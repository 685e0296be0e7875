"""
Two small windows for one large
===============================

VGG's idea fits into a line: never use a window larger than 3 x 3, and use more of them.
Two in a row see what one of 5 x 5 sees, with fewer weights and one ReLU more. On this
page we take the claim apart. Without the ReLU two windows *are* one, and not even any
one. With it they are another network, and whether it is a better one is measured.

You will

* melt two 3 x 3 kernels into one of 5 x 5, and say why most 5 x 5 kernels cannot be
  made so;
* build a VGG-style network from one block, and predict what its 16-layer ancestor
  spends on a single affine map;
* train three networks that see the same pixels, and read which part of the idea shows.

**Before this:** SimpleCNN; receptive fields; batch norm.
"""

from collections import OrderedDict

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.testing import assert_close

from cnn_tutorial import (
    arithmetic,
    blocks,
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
training.seed_everything(0)

# %%
# The question
# ------------
# A row of pixels, one of them lit. A window of three ones adds up three neighbours, and
# then a second one does the same with the result.

row = torch.tensor([[[0.0, 0, 0, 0, 1, 0, 0, 0, 0]]])  # N, C, W
ones = torch.ones(1, 1, 3)
once = F.conv1d(row, ones, padding=1)
twice = F.conv1d(once, ones, padding=1)
print("once: ", once[0, 0].int().tolist())
print("twice:", twice[0, 0].int().tolist())
predict(
    "How many pixels does one number of the second layer depend on? "
    "And with three layers?",
    f"{(twice > 0).sum()}, and {(F.conv1d(twice, ones, padding=1) > 0).sum()}",
    because="Each further window of three adds one pixel on each side.",
)

# %%
# By hand: two kernels are one
# ----------------------------
# 1, 2, 3, 2, 1 is itself a kernel, and one pass with it does the same. In general, the
# large kernel is the first kernel laid down at each place of the second one, times the
# number that stands there.


def merged(first, second):
    big = torch.zeros(5, 5, dtype=first.dtype)
    for i in range(3):
        for j in range(3):
            big[i : i + 3, j : j + 3] += second[i, j] * first
    return big


first, second = torch.randn(2, 3, 3, dtype=torch.float64)
image = torch.randn(1, 1, 11, 13, dtype=torch.float64)
two = F.conv2d(F.conv2d(image, first[None, None]), second[None, None])
one = F.conv2d(image, merged(first, second)[None, None])
assert_close(one, two)

# %%
# With nothing but ones the large kernel looks like this:

plotting.matrix(
    merged(torch.ones(3, 3), torch.ones(3, 3)),
    title="Two windows of ones are one window that counts the middle most",
    role="kernel",
)

# %%
# The same answer from one layer. So two linear layers in a row are no deeper than one,
# and they can do *less*: 18 numbers go in, 25 come out, and most 5 x 5 kernels cannot
# be made this way. What makes a second layer worth having stands between the two:

bent = F.conv2d(F.conv2d(image, first[None, None]).relu(), second[None, None])
print(f"with a ReLU between, outputs differ by up to {(bent - two).abs().max():.1f}")

# %%
# The saving, counted for layers that read and write C channels. Weights of a
# convolution are also its multiplications for each place, so the work falls as much.

for small, large in ((2, 5), (3, 7)):
    saved = 1 - small * 9 / large**2
    print(f"{small * 9} C^2 weights in place of {large**2} C^2: {saved:.0%} saved")

# %%
# The network
# -----------
# A block is a few such layers and a pooling. Each convolution has a batch norm behind
# it and no bias; the next lesson is about that. A VGG-style network for small images
# has three blocks, the mean over all places, and a small head.


def block(c_in, c_out, count):
    layers = []
    for k in range(count):
        layers += [nn.Conv2d(c_out if k else c_in, c_out, 3, padding=1, bias=False)]
        layers += [nn.BatchNorm2d(c_out), nn.ReLU()]
    return nn.Sequential(*layers, nn.MaxPool2d(2))


def vgg_style(width=64):
    return nn.Sequential(
        OrderedDict(
            block1=block(3, width, 2),
            block2=block(width, 2 * width, 2),
            block3=block(2 * width, 4 * width, 3),
            mean=nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten()),
            fc1=nn.Sequential(nn.Linear(4 * width, 256), nn.ReLU(), nn.Dropout(0.5)),
            fc2=nn.Linear(256, 10),
        )
    )


# %%
# Where are its parameters? SimpleCNN had 85 of 100 behind its convolutions.

net = vgg_style()
assert sum(p.numel() for p in net.parameters()) == 1_805_002
convs = [m for m in net.modules() if isinstance(m, nn.Conv2d)]
share = sum(m.weight.numel() for m in convs) / 1_805_002
predict(
    "The network has 1,805,002 parameters. Which share of them is not in its "
    "convolutions?",
    f"{1 - share:.0%}",
    because="The head reads a mean over places: 256 numbers in place of 256 * 4 * 4. "
    "The last block alone has 1.5 million weights.",
)

# %%
# Its trace, stage by stage, and the picture that it makes:

trace = summary.trace(net, (3, 32, 32))
trace.stages(1)

# %%
# The side halves, the channels double, and a layer that keeps its channels costs the
# same in each block. Block 3 has one of them more than block 2. In the column of
# fields, seven small windows and three poolings reach further than the whole image.

plotting.architecture(
    trace.stages(1),
    title="VGG-style: weights are in the last block, hardly any in the head",
)

# %%
# The ancestor
# ------------
# VGG-16 of 2014 has 13 such layers in five blocks, no norms, and AlexNet's head. We
# build it without memory and count.

with torch.device("meta"):
    vgg16 = models.vgg16(num_classes=1000, norm=False, head="flat", hidden=4096)
total = sum(p.numel() for p in vgg16.parameters())
assert total == 138_357_544
table = arithmetic.linear_parameters(512 * 7 * 7, 4096)
predict(
    "VGG-16 has 138 million parameters. Which share is in its first affine map, which "
    "reads 512 maps of 7 x 7?",
    f"{table / total:.0%}",
    because=f"25,088 * 4,096 + 4,096 = {table:,}: about seven times as many as "
    "all 13 convolutions.",
)

# %%
# Train
# -----
# Three narrow networks that see the same pixels. All begin with the same layer. Then,
# twice, *large* has one 5 x 5, *two small* has two 3 x 3, and *no ReLU between* has two
# 3 x 3 that are one by the first half of this page (all but the borders, where the
# second one pads anew). Each ReLU has a norm in front.

clothes = datasets.for_role("grey")
clothes = clothes.limited(profile.pick(smoke=60, docs=1500, full=6000))
info, epochs = clothes.info, profile.pick(smoke=1, docs=4, full=6)
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])
print(f"{info.title}, of which we take\n{info.splits}")


def windows(kind, width):
    layer = blocks.ConvNormAct
    if kind == "large":
        return [layer(width, width, 5)]
    bare = {"norm": None, "act": None, "bias": False}
    between = bare if kind == "no ReLU between" else {}
    return [layer(width, width, 3, **between), layer(width, width, 3)]


def network(kind, width=12):
    body = [blocks.ConvNormAct(info.channels, width, 3), nn.MaxPool2d(2)]
    body += [*windows(kind, width), nn.MaxPool2d(2), *windows(kind, width)]
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, info.num_classes)
    return nn.Sequential(*body, *head)


# %%
# The same images in the same order for each seed; validation images judge.


def score(kind, seed):
    training.seed_everything(seed)
    net = network(kind)
    batches = clothes.train.batches(50, shuffle=True, seed=seed, drop_last=True)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    plan = OneCycleLR(optimizer, 1e-2, epochs * len(batches))
    layout = training.Precision("float32", channels_last=True)  # the faster order
    settings = {"scheduler": plan, "epochs": epochs, "precision": layout}
    training.fit(net, batches, optimizer=optimizer, **settings)
    return 100 * training.evaluate(net, clothes.validation.batches(250)).accuracy


kinds = ("large", "two small", "no ReLU between")
scores = {kind: torch.tensor([score(kind, s) for s in seeds]) for kind in kinds}
plotting.bars(
    scores,
    title="Same pixels seen: one large window, two small ones, two without a ReLU",
    xlabel="validation images named, %",
)

# %%
# Rings are seeds. A difference counts if all seeds agree on its sign.


def verdict(a, b):
    d = scores[a] - scores[b]
    clear = len(d) >= 3 and (d.min() > 0 or d.max() < 0)
    word = f"{a if d.mean() > 0 else b} is better" if clear else "no clear difference"
    return f"{a} against {b}: {d.mean():+.1f} points, {word}"


print(verdict("two small", "large"))
print(verdict("two small", "no ReLU between"))
for kind in kinds:
    traced = summary.trace(network(kind), info.input_size)
    print(f"{kind:16} {traced.parameters:6,} parameters {traced.macs:10,} MACs")

# %%
# Hold the verdicts against the work that was saved: equal scores for less work are a
# gain, too. Where an image comes in, nothing is saved. A first layer reads one or three
# channels, and a second one behind it reads C: there 25 C weights stand against
# 9 C + 9 C^2. First layers with large windows have stayed in use.
#
# Where it breaks
# ---------------
# Each block halves the sides. Five halvings need 32 pixels; 28 run out.

with expect_error(ValueError):
    summary.trace(models.vgg16(width=4), (3, 28, 28))

# %%
# In the library
# --------------
# ``models.vgg_small`` is the network of this page. The same numbers, the same scores:

ours, theirs = vgg_style(width=5).eval(), models.vgg_small(width=5).eval()
numbers = zip(theirs.state_dict(), ours.state_dict().values(), strict=True)
theirs.load_state_dict(dict(numbers))
x = torch.randn(2, 3, 37, 41)
assert_close(theirs(x), ours(x))

# %%
# Deviations
# ----------
# * VGG-16 is column D of Table 1; the network of this page has three blocks of 2, 2 and
#   3 layers, for 32 pixels.
# * A batch norm behind each convolution; the paper is older than batch norm.
# * A mean over the places and one hidden layer of 256 in place of two of 4,096.
# * Kaiming's first weights in the library. The paper first trained column A and started
#   the deeper ones from it.
#
# Takeaways
# ---------
# * Two 3 x 3 windows see 5 x 5 pixels with 18 weights in place of 25, for each pair of
#   channels.
# * Without a ReLU between them they are one layer, and a restricted one.
# * The price of VGG is its head: most of 138 million parameters. The mean over places
#   does away with it.
# * What depth gains beyond the saving is a measurement, and holds for what was
#   measured.
#
# Check yourself
# --------------
# Windows of other sizes, and more of them:

ask("weights_saved")

# %%
# And melting, with kernels short enough for the head:

ask("one_kernel_for_two")

# %%
# Exercise
# --------
# Melt two layers with many channels into one.


def merged_kernel(first, second):
    """Return the kernel (C_out, C_in, 5, 5) that does what first, then second do."""
    raise NotImplementedError


check("merged_kernel", merged_kernel)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("merged_kernel")

# %%
# References
# ----------
# 1. K. Simonyan, A. Zisserman. *Very Deep Convolutional Networks for Large-Scale Image
#    Recognition.* ICLR 2015. Table 1 for the plans, section 2.3 for the small windows,
#    section 3.1 for the first weights. `arXiv:1409.1556
#    <https://arxiv.org/abs/1409.1556>`__
# 2. M. Lin, Q. Chen, S. Yan. *Network In Network.* ICLR 2014. The mean over places.
#    `arXiv:1312.4400 <https://arxiv.org/abs/1312.4400>`__
