"""
Why 64 channels?
================

Layers have 16, 32, 64 or 128 channels, hardly ever 50 or 100. Ask why, and somebody
says: the hardware likes powers of two. That is a claim about a machine. We have one
here, so we ask it.

You will

* predict the time of a layer from its multiplications, and see where that fails;
* tell two explanations apart that both point at 64;
* see what a doubling of the channels costs.

**Before this:** counting multiplications; groups and 1 x 1 convolutions.
"""

import math
from itertools import pairwise
from statistics import median

import torch
import torch.nn.functional as F

from cnn_tutorial import arithmetic, benchmarks, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile = profiles.current()

# %%
# The question
# ------------
# A 3 x 3 layer from :math:`C` to :math:`C` channels on a map of 28 x 28 pixels. At each
# of 784 places it does :math:`9\,C^2` multiply-accumulates.

macs = {c: arithmetic.conv_macs(c, c, 3, 28) for c in range(48, 81)}
assert macs[64] == 64 * 64 * 3 * 3 * 28 * 28
predict(
    "How many more multiplications does a layer with 65 channels do than one with 64?",
    f"{macs[65] / macs[64] - 1:.1%} more",
    because="(65 / 64) squared. If time follows the work, nobody could notice.",
)

# %%
# By hand
# -------
# The stopwatch of the course calls all candidates in turns, in an order that changes
# from round to round, so that a machine that is busy for a moment is busy for all. What
# disturbs a call makes it longer, never shorter. We are after small differences, so the
# fastest of the rounds counts. One thread; the old number is put back.


def layer(c_in, c_out, kernel=3, groups=1):
    x = torch.randn(1, c_in, 28, 28)
    weight = torch.randn(c_out, c_in // groups, kernel, kernel)
    return lambda: F.conv2d(x, weight, padding=kernel // 2, groups=groups)


def seconds(layers):
    rounds = profile.pick(smoke=3, docs=31, full=31)
    found = benchmarks.compare(
        {str(c): call for c, call in layers.items()},
        baseline=str(next(iter(layers))),
        rounds=rounds,
        seconds=3,
        threads=1,
        tolerance=None,
    )
    return {c: min(row.times) for c, row in zip(layers, found.rows, strict=True)}


widths = profile.pick(smoke=[63, 64, 65], docs=list(macs), full=list(macs))
times = seconds({c: layer(c, c) for c in widths})

# %%
# The grey line is what we would expect: the time of 64 channels, scaled by the
# multiplications.

plotting.lines(
    widths,
    {
        "measured": [1e3 * times[c] for c in widths],
        "by the work": [1e3 * times[64] * macs[c] / macs[64] for c in widths],
    },
    roles={"by the work": "neutral"},
    title="Time of a layer with C channels: does it follow the work?",
    xlabel="channels C",
    ylabel="milliseconds",
)

# %%
# What the run says that built this page:

for c in (63, 65):
    print(
        f"{c} channels: {macs[c] / macs[64] - 1:+6.1%} work, "
        f"{times[c] / times[64] - 1:+6.1%} time, against 64"
    )
steps = max(widths[1:], key=lambda c: times[c] / times[c - 1])
print(f"the largest step up is from {steps - 1} to {steps} channels")

# %%
# The price of a multiplication
# -----------------------------
# Divide time by work, and we have a price. A line that falls within a step and jumps
# after it means: on a step, more channels cost nothing.

price = {c: 1e12 * times[c] / macs[c] for c in widths}  # picoseconds
plotting.lines(
    widths,
    {"price": list(price.values())},
    title="Picoseconds for one multiply-accumulate, by the number of channels",
    xlabel="channels C",
    ylabel="picoseconds",
)

# %%
# Is it powers of two?
# --------------------
# Between 48 and 80 only 64 is a power of two. But 48, 64 and 80 are multiples of 16,
# 56 and 72 of 8. We sort all widths by the largest power of two that *divides* them.

classes = {}
for c in widths:
    classes.setdefault(math.gcd(c, 16), []).append(price[c])
for divisor in sorted(classes):
    print(f"divisible by {divisor:2}: {median(classes[divisor]):5.1f} ps")
print("cheapest per multiplication:", sorted(widths, key=price.get)[:4])

# %%
# If powers of two were the reason, 64 would stand alone. The verdict of this run:

rivals = [price[c] for c in (48, 80) if c in price] or [float("nan")]
alone = price[64] < 0.9 * min(rivals)
print(
    f"64 costs {price[64]:.1f} ps, the better of 48 and 80 costs {min(rivals):.1f} ps:",
    "64 is special" if alone else "a multiple of 16 is as good",
)

# %%
# A model for the steps
# ---------------------
# Suppose the library cuts the channels into blocks of :math:`b` and fills up the last
# block with zeros. Then the time follows the *filled* work, :math:`(b \lceil C/b
# \rceil)^2`. We fit the one unknown factor for several :math:`b` and see which misses
# least.


def miss(block):
    filled = {c: (block * math.ceil(c / block)) ** 2 for c in widths}
    factor = median(times[c] / filled[c] for c in widths)
    return median(abs(times[c] / (factor * filled[c]) - 1) for c in widths)


for block in (1, 2, 4, 8, 16, 32):
    print(f"blocks of {block:2}: off by {miss(block):5.1%} (median)")
best = min((1, 2, 4, 8, 16, 32), key=miss)

# %%
# Why that size? A processor multiplies a whole *register* of numbers at once, and a
# register has a fixed number of bits.

capability = torch.backends.cpu.get_cpu_capability()
bits = {"AVX512": 512, "AVX2": 256}.get(capability, 128)
predict(
    f"PyTorch uses {capability} on this processor, with registers of {bits} bits. "
    "How many numbers of type float32 fit into one?",
    bits // 32,
    because=f"{bits} / 32. The model above fits best with blocks of {best}.",
)

# %%
# oneDNN, which PyTorch calls on many processors, can store the channels of a pixel in
# blocks of this size [1]. A block that is not full is computed all the same.
#
# Inputs or outputs?
# ------------------
# Turn one knob: vary the outputs and keep 64 inputs, then the other way round. Inputs
# are added up, outputs are stored. Do both come in steps?

some = profile.pick(smoke=[64, 65], docs=list(range(56, 73)), full=list(range(56, 73)))
outputs = seconds({c: layer(64, c) for c in some})
inputs = seconds({c: layer(c, 64) for c in some})
plotting.lines(
    some,
    {
        "64 -> C": [1e3 * outputs[c] for c in some],
        "C -> 64": [1e3 * inputs[c] for c in some],
    },
    title="Only one side of the layer changes: time by the channels of that side",
    xlabel="channels C",
    ylabel="milliseconds",
)

# %%
# The jump from 64 to 65 in numbers, and for two layers that work differently: a matrix
# at every pixel, and one kernel for each channel.

kinds = {
    "3 x 3, 64 -> C": outputs[65] / outputs[64],
    "3 x 3, C -> 64": inputs[65] / inputs[64],
}
for name, kernel, depthwise in (("1 x 1", 1, False), ("3 x 3 depthwise", 3, True)):
    pair = {c: layer(c, c, kernel, c if depthwise else 1) for c in (64, 65)}
    found = seconds(pair)
    kinds[name] = found[65] / found[64]
for name, ratio in kinds.items():
    print(f"{name:16} 65 channels take {ratio:.2f} times as long as 64")

# %%
# Where it breaks
# ---------------
# So the rule is about one library on one processor for one kind of layer. Another
# data type, another machine or another kernel may have other steps, or none: compare
# the last two lines above with the first two.
#
# What a doubling costs
# ---------------------
# Steps explain why a width is *rounded*. They do not explain why the next layer has
# twice as many channels. Work grows with the square of the width: we double a few times
# and compare time with work.

doubled = profile.pick(
    smoke=[16, 32], docs=[16, 32, 64, 128, 256], full=[16, 32, 64, 128, 256, 512]
)
taken = seconds({c: layer(c, c) for c in doubled})
work = {c: arithmetic.conv_macs(c, c, 3, 28) for c in doubled}
at = doubled[-1]
plotting.lines(
    doubled,
    {
        "measured": [1e3 * taken[c] for c in doubled],
        "by the work": [1e3 * taken[at] * work[c] / work[at] for c in doubled],
    },
    roles={"by the work": "neutral"},
    title="Twice the channels, four times the work: time of a layer by its width",
    xlabel="channels",
    ylabel="milliseconds",
    log="both",
)

# %%
# Twice the channels should take four times as long. Narrow layers have other things to
# pay for than multiplications:

for narrow, wide in pairwise(doubled):
    print(f"{narrow:3} -> {wide:3} channels: {taken[wide] / taken[narrow]:.1f} times")

# %%
# A network halves its maps as it goes: a quarter of the pixels. That leaves room to
# double the channels.

early = arithmetic.conv_macs(64, 64, 3, 56)
late = arithmetic.conv_macs(128, 128, 3, 28)
predict(
    "A layer with 64 channels on 56 x 56 pixels, and one with 128 channels on 28 x 28. "
    "Which does more multiplications?",
    "neither" if early == late else "they differ",
    because="Four times the pairs of channels at a quarter of the places. That is why "
    "widths double where sizes halve.",
)

# %%
# Takeaways
# ---------
# * Time follows the work only roughly. Where a library computes channels in blocks, a
#   block that is not full costs as much as a full one, and time has steps.
# * Where there are steps, a multiple of the block helps, whether it is a power of two
#   or not. 64 happens to be both.
# * Nothing in the mathematics prefers 64. Doubling is bookkeeping: sizes halve, widths
#   double, and every layer costs the same.
# * Such a rule is a measurement. It holds for the machine in the stamp below.
#
# Check yourself
# --------------
# These two need no clock: the model predicts the steps, the formula the work.

ask("filled_blocks")

# %%
# And when the map shrinks as well:

ask("width_and_side")

# %%
# Exercise
# --------
# MobileNet scales its widths by a factor and rounds them to a multiple of 8. Write that
# rounding.


def make_divisible(channels, divisor=8):
    """Return the nearest multiple of divisor that is at most 10 % below channels."""
    raise NotImplementedError


check("make_divisible", make_divisible)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("make_divisible")

# %%
# References
# ----------
# 1. oneDNN developer guide, *Understanding Memory Formats*: channels in blocks of 8 or
#    16, filled up with zeros.
#    `Page <https://uxlfoundation.github.io/oneDNN/dev_guide_understanding_memory_formats.html>`__
# 2. NVIDIA, *Convolutional Layers User's Guide*: which numbers of channels suit the
#    matrix units of a GPU.
#    `Page <https://docs.nvidia.com/deeplearning/performance/dl-performance-convolutional/index.html>`__
# 3. M. Sandler and others. *MobileNetV2.* 2018. Widths scaled by a factor.
#    `arXiv:1801.04381 <https://arxiv.org/abs/1801.04381>`__
