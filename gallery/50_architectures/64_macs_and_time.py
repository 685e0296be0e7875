"""
Fewer multiplications, less time?
=================================

Papers on efficient networks count multiply-accumulates, and their tables get shorter
every year. A machine does not count: it waits. It waits for products, and it waits for
numbers to arrive. On this page we hold a stopwatch to layers, blocks and whole networks
and see how far the count foretells the time, on the machine that built the page.

You will

* time three layers with exactly as many MACs, and explain why they differ;
* draw the roof under which a machine works, and say which layers touch which part;
* count in how many pairs of networks the one with fewer MACs is the slower one.

**Before this:** MBConv; a benchmark one can trust; memory and ``channels_last``.
"""

from copy import deepcopy
from itertools import combinations
from time import thread_time

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
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

profile = profiles.current()
rounds, batch = profile.pick(smoke=(1, 2), docs=(9, 8), full=(25, 8))


def timed(calls):  # in turns, one thread; only the time that the processor gave us
    settings = {"rounds": rounds, "threads": 1, "tolerance": None}
    first = next(iter(calls))
    with torch.no_grad():
        return benchmarks.compare(calls, baseline=first, clock=thread_time, **settings)


# %%
# The question
# ------------
# Three layers on maps of 28 x 28, some images at a time. One is full, from 16 to 32
# channels. One mixes only, from 64 to 72. One looks only, in 512 channels. Each has
# 4,608 weights and uses each of them at 784 places of an image.


def conv(c_in, c_out, kernel, groups=1):
    layer = nn.Conv2d(c_in, c_out, kernel, 1, kernel // 2, groups=groups, bias=False)
    return layer.requires_grad_(False), torch.randn(batch, c_in, 28, 28)


def macs_of(layer, x):
    return summary.trace(layer, x.shape[1:], batch_size=len(x)).macs


equal = {
    "full 3 x 3": conv(16, 32, 3),
    "1 x 1": conv(64, 72, 1),
    "depthwise": conv(512, 512, 3, groups=512),
}
assert {macs_of(*pair) for pair in equal.values()} == {batch * 4_608 * 784}
found = timed({name: lambda f=f, x=x: f(x) for name, (f, x) in equal.items()})
slowest = max(found.names, key=found.ratio)
predict(
    "The same number of multiplications. Which of the three takes longest, and how "
    "many times as long as the fastest?",
    f"{slowest}; {found.ratio(slowest, to=found.fastest):.1f} times",
    because="It is not the products. Count the numbers that each layer has to touch.",
)

# %%
# By hand
# -------
# A layer reads its input and its weights and writes its output, four bytes a number.
# MACs divided by these bytes are its *intensity*: how often a number is used while it
# is at hand.


def moved(layer, x):  # bytes
    return layer(x).nbytes + x.nbytes + layer.weight.nbytes


for name, (layer, x) in equal.items():
    intensity = macs_of(layer, x) / moved(layer, x)
    print(f"{name:10} {moved(layer, x) / 1e3:7,.0f} kB, {intensity:5.1f} MACs a byte")
predict(
    "A depthwise 3 x 3 layer uses each number of its input nine times. Why is its "
    "intensity so much less than nine MACs a byte?",
    f"{intensity:.1f}, about 9 / 8",
    because="Nine MACs for one number read and one written: eight bytes.",
)

# %%
# The roof
# --------
# A machine has two limits: how fast it multiplies, its *peak*, and how fast it moves
# numbers, its *bandwidth*. A layer of intensity :math:`I` cannot do better than the
# smaller of the peak and :math:`I` times the bandwidth. That is the *roofline* model. A
# copy shows the bandwidth. For the peak we take the best of seven layers, from poor to
# rich.

layers = equal | {
    "1 x 1, 16 to 16": conv(16, 16, 1),
    "depthwise 5 x 5": conv(64, 64, 5, groups=64),
    "full, 64 to 64": conv(64, 64, 3),
    "full, 128 to 128": conv(128, 128, 3),
}
calls = {name: lambda f=f, x=x: f(x) for name, (f, x) in layers.items()}
source, target = torch.randn(2, batch, 512, 28, 28)
times = timed(calls | {"copy": lambda: target.copy_(source)})
points = []
for name, (layer, x) in layers.items():
    work = macs_of(layer, x)
    points.append((work / moved(layer, x), work / min(times[name].times) / 1e9, name))
x, y, names = zip(*sorted(points), strict=True)
peak, bandwidth = max(y), 2 * source.nbytes / min(times["copy"].times) / 1e9
print(f"{peak:.0f} billion MACs a second, {bandwidth:.0f} GB a second")
print(f"both limits meet at {peak / bandwidth:.1f} MACs a byte")

# %%
# The grey line is what the two limits allow.

plotting.lines(
    [float(f"{i:.2g}") for i in x],
    {"roof": [min(peak, i * bandwidth) for i in x], "measured": y},
    roles={"roof": "neutral"},
    title="Seven layers and the roof above them: low where few MACs meet many bytes",
    xlabel="MACs for each byte that is moved",
    ylabel="billion MACs a second",
    log="both",
)

# %%
# How near does each come? A layer far below its roof pays for something that neither
# limit knows: the start of a call, an order of numbers that must be changed first, or a
# kernel that nobody has polished. One above it found its numbers nearer by than the
# copy did.

for i, speed, name in zip(x, y, names, strict=True):
    share = speed / min(peak, i * bandwidth)
    print(f"{name:16} {i:5.1f} MACs a byte, {share:4.0%} of the roof")

# %%
# One of those reasons can be switched. With ``channels_last`` the numbers of a place
# lie side by side in memory. No MAC more or less, no byte more or less:

order = {"memory_format": torch.channels_last}
for name, (layer, x) in equal.items():
    again, y = deepcopy(layer).to(**order), x.contiguous(**order)
    assert_close(again(y), layer(x), rtol=1e-3, atol=1e-4)
    both = timed({"usual": calls[name], "last": lambda f=again, y=y: f(y)})
    print(f"{name:16} channels_last takes {both.ratio('last'):4.0%} of the time")

# %%
# Within a block
# --------------
# An MBConv from 32 to 32 channels, on maps of 28 x 28. We count and time its parts;
# norms and activations have no products that anybody counts.

block = blocks.MBConv(32, 32, expansion=4).eval()
kinds = {"1 x 1": [0, 0], "depthwise": [0, 0], "norms, ReLU6": [0, 0]}
traced = summary.trace(block, (32, 28, 28), batch_size=batch, timed=True)
for row in traced.rows:
    layer = block.get_submodule(row.name)
    looks = isinstance(layer, nn.Conv2d) and layer.groups > 1
    kind = "depthwise" if looks else "1 x 1" if row.macs else "norms, ReLU6"
    kinds[kind][0] += row.macs / traced.macs
    kinds[kind][1] += row.seconds or 0
whole = sum(seconds for _, seconds in kinds.values())
plotting.bars(
    {
        f"{name}, {word}": 100 * (share if word == "MACs" else seconds / whole)
        for name, (share, seconds) in kinds.items()
        for word in ("MACs", "time")
    },
    roles={f"{name}, time": "output" for name in kinds}
    | {f"{name}, MACs": "neutral" for name in kinds},
    title="MBConv: where the MACs are, and where the time goes",
    xlabel="share, %",
)

# %%
# Can norms be had for nothing? In evaluation each is a factor and a shift for each
# channel, and *folding* puts both into the convolution in front. No MAC less, or more.


def folded(net):
    net = deepcopy(net)
    for part in net.modules():
        if isinstance(part, blocks.ConvNormAct):
            part[0], part[1] = fuse_conv_bn_eval(part[0], part[1]), nn.Identity()
    return net


x, shorter = torch.randn(batch, 32, 28, 28), folded(block)
assert_close(shorter(x), block(x), rtol=1e-3, atol=1e-5)
assert macs_of(shorter, x) == traced.macs
gain = timed({"as trained": lambda: block(x), "folded": lambda: shorter(x)})
print(f"folded: all of the MACs, {gain.ratio('folded'):.0%} of the time")

# %%
# Whole networks
# --------------
# Now real images, and seven networks, some narrower than usual. How long a network
# computes does not depend on what it has learned, so none has to be trained.

images = datasets.for_role("colour").test.normalized()[:batch]  # (N, 3, H, W)
nets = {"simple": {}, "vgg_small": {"width": 16}, "resnet8": {}, "resnet20": {}}
nets |= {"resnet18": {"width": 16}, "mobilenet_v2": {"width": 16}}
nets |= {"efficientnet_b0": {"width": 16}}
built = {
    name: models.create_model(name, in_channels=3, **settings).eval()
    for name, settings in nets.items()
}
macs = {k: macs_of(net, images) for k, net in built.items()}
found = timed({k: lambda net=net: net(images) for k, net in built.items()})
speeds = {k: macs[k] / found[k].seconds / 1e9 for k in sorted(macs, key=macs.get)}
plotting.bars(
    {f"{k} ({macs[k] / 1e6:.0f} M)": speed for k, speed in speeds.items()},
    title="From few MACs to many: were the count the time, all bars would be equal",
    xlabel="billion MACs a second",
)

# %%
# The count foretells the time if fewer MACs always take less of it. Here are the pairs
# for which that was wrong by more than 5 %:

pairs = list(combinations(speeds, 2))  # fewer MACs first
wrong = [(a, b) for a, b in pairs if found.ratio(a, to=b) > 1.05]
deep = sum(a in ("mobilenet_v2", "efficientnet_b0") for a, _ in wrong)
for a, b in wrong:
    less, longer = macs[a] / macs[b], found.ratio(a, to=b)
    print(f"{a}: {less:.0%} of the MACs of {b}, {longer:.1f} times its time")
predict(
    f"Seven networks make {len(pairs)} pairs. In how many of them was the network with "
    "fewer MACs the slower one?",
    f"{len(wrong)} of {len(pairs)}",
    because=f"In {deep} of them the slower one is built of MBConv: many thin layers, "
    "of which the depthwise ones and the norms move much and multiply little."
    if wrong
    else "On this machine, in this run, the order of the counts was that of the times.",
)

# %%
# Another machine has another roof. What is slow here may be fast on a phone, whose
# makers wrote kernels for depthwise layers, and the other way round on a GPU, where the
# roof bends at a much higher intensity.
#
# Where it breaks
# ---------------
# A comparison of times has to compare the same thing. ``compare`` refuses what differs:

with expect_error(ValueError):
    benchmarks.compare(
        {"one": lambda: block(x), "other": lambda: block(x) + 1}, baseline="one"
    )

# %%
# Deviations
# ----------
# The papers time phones, one image at a time; we time eight images on one thread
# of the machine below, without what other programs took of it. Widths are smaller than
# the papers', which lowers every intensity.
#
# Takeaways
# ---------
# * MACs are a property of a network, time is one of a network *on a machine*.
# * MACs for each byte say which limit a layer meets. Depthwise layers and norms move
#   much and multiply little.
# * Work without MACs takes time, too. Folding the norms takes it away, and no count
#   notices.
# * Compare MACs among networks of the same kind. Between kinds, measure.
#
# Check yourself
# --------------
# Two limits, and one of them counts.

ask("under_the_roof")

# %%
# A change to a layer may change the count, the time, or both.

ask("macs_after_a_change")

# %%
# Exercise
# --------
# Write the roofline of a whole network: the least seconds that its layers need.


def roofline_seconds(layers, macs_per_second, bytes_per_second):
    """Return the least seconds for layers, a list of (macs, bytes), one by one."""
    raise NotImplementedError


check("roofline_seconds", roofline_seconds)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("roofline_seconds")

# %%
# References
# ----------
# 1. S. Williams, A. Waterman, D. Patterson. *Roofline: An Insightful Visual Performance
#    Model for Multicore Architectures.* Communications of the ACM 52(4), 2009.
#    `doi:10.1145/1498765.1498785 <https://doi.org/10.1145/1498765.1498785>`__
# 2. N. Ma, X. Zhang, H.-T. Zheng, J. Sun. *ShuffleNet V2: Practical Guidelines for
#    Efficient CNN Architecture Design.* ECCV 2018, section 2.
#    `arXiv:1807.11164 <https://arxiv.org/abs/1807.11164>`__
# 3. M. Sandler and others. *MobileNetV2.* CVPR 2018, Table 4: MACs beside milliseconds.
#    `arXiv:1801.04381 <https://arxiv.org/abs/1801.04381>`__
