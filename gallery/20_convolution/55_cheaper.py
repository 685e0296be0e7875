"""
Cheaper mixing: 1 x 1, groups, depthwise
========================================

A convolution does two jobs at once: it looks around in space, and it mixes channels.
Every pair of an output and an input pays for a window of its own. Three layers do less
and cost less: one does not look around, one mixes only in groups, one does not mix at
all. Put together, two of them come close to the expensive layer.

You will

* show that a 1 x 1 convolution is one matrix, applied to every pixel;
* turn groups into a table of kernels with empty blocks, and see what cannot pass;
* count what a depthwise separable layer saves, and time whether it is saved.

**Before this:** many channels, a kernel for each pair.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, benchmarks, convolution, datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# A window of 1 x 1 sees a single pixel. With one channel it could only make the image
# brighter or darker. With two it can do more. Look at the upper left pixel, which is 1
# in the first channel and 10 in the second.

x = torch.tensor([[[1.0, 2.0], [3.0, 4.0]], [[10.0, 20.0], [30.0, 40.0]]])  # C, H, W
matrix = torch.tensor([[1.0, 1.0], [-1.0, 1.0], [0.0, 2.0]])  # C_out, C_in
out = F.conv2d(x, matrix[:, :, None, None])
predict(
    "Three outputs: the sum, second minus first, twice the second. Which shape has the "
    "result, and which three numbers has its upper left pixel?",
    f"{tuple(out.shape)}, and {out[:, 0, 0].int().tolist()}",
    because="No place is lost with a 1 x 1 window; 1 + 10, 10 - 1, 2 * 10.",
)

# %%
# By hand
# -------
# The pixel is a vector with an entry for each channel, and the weight is a matrix. The
# same matrix meets every pixel. ``einsum`` says it in one line; ``nn.Linear`` does the
# same once the channels stand last.

by_einsum = torch.einsum("oc,chw->ohw", matrix, x)
by_linear = F.linear(x.permute(1, 2, 0), matrix).permute(2, 0, 1)
assert_close(by_einsum, out)
assert_close(by_linear, out)

# %%
# So the layer cannot know what is next to what. Shuffle all pixels of a photograph,
# convolve, and put them back: nothing has changed.

photo = datasets.for_role("colour").test.scaled()[0]  # (3, H, W)
order = torch.randperm(photo[0].numel())
shuffled = photo.flatten(1)[:, order].reshape(photo.shape)
mixed = F.conv2d(shuffled, matrix.new_ones(5, 3, 1, 1)).flatten(1)
restored = mixed[:, order.argsort()].reshape(5, *photo.shape[1:])
assert_close(restored, F.conv2d(photo, matrix.new_ones(5, 3, 1, 1)))

# %%
# Its use is to change the number of channels. Networks squeeze 256 maps into 64 this
# way, once at each place.

squeeze = nn.Conv2d(256, 64, kernel_size=1)
count = sum(parameter.numel() for parameter in squeeze.parameters())
predict(
    "How many parameters has a 1 x 1 convolution from 256 to 64 channels?",
    f"{count:,}",
    because="64 * (256 * 1 * 1 + 1).",
)

# %%
# Why squeeze? Because the 3 x 3 layer in the middle pays for *pairs* of channels. The
# bottleneck of ResNet-50 squeezes to a quarter, looks around there, and widens again.

assert count == arithmetic.conv_parameters(256, 64, 1) == 16_448
bottleneck = [(256, 64, 1), (64, 64, 3), (64, 256, 1)]
straight = arithmetic.conv_parameters(256, 256, 3)
narrow = sum(arithmetic.conv_parameters(*layer) for layer in bottleneck)
predict(
    "256 channels through a 3 x 3 layer, or through 256 -> 64 -> 64 -> 256 with 1 x 1, "
    "3 x 3, 1 x 1. How many times cheaper, roughly, is the second way?",
    f"{straight / narrow:.1f} times: {straight:,} against {narrow:,} parameters",
    because="The 3 x 3 in the middle costs a sixteenth. The 1 x 1 layers take part of "
    "that back.",
)

# %%
# Groups
# ------
# The second saving: cut the channels into parts that do not see each other. With
# ``groups=3`` six channels become three pairs. Each pair is convolved alone.

x = torch.randn(1, 6, 11, 13)
grouped = nn.Conv2d(6, 6, kernel_size=3, groups=3, bias=False)
parts = zip(x.chunk(3, dim=1), grouped.weight.chunk(3, dim=0), strict=True)
by_hand = torch.cat([F.conv2d(part, kernels) for part, kernels in parts], dim=1)
assert_close(by_hand, grouped(x))

# %%
# A full layer has a kernel for each of 6 * 6 pairs.

predict(
    "Which shape has the weight of this grouped layer?",
    tuple(grouped.weight.shape),
    because="Still six outputs, but each reads 6 / 3 = 2 inputs.",
)

# %%
# Draw all pairs and leave the missing ones empty. The kernels stand in blocks on the
# diagonal.

plotting.weight_table(
    grouped.weight,
    groups=3,
    title="Three groups: outputs read the inputs of their own block, and no others",
)

# %%
# Fill the empty places with zeros, and an ordinary layer does the same work, at full
# price.

dense = torch.zeros(6, 6, 3, 3)
for g in range(3):
    pair = slice(2 * g, 2 * g + 2)
    dense[pair, pair] = grouped.weight.detach()[pair]
assert_close(F.conv2d(x, dense), grouped(x))

# %%
# Where it breaks
# ---------------
# Groups must be able to share the channels out evenly:

with expect_error(ValueError):
    nn.Conv2d(6, 6, kernel_size=3, groups=4)

# %%
# The more important failure raises nothing. Stack as many grouped layers as you like,
# and information stays in its group. We ask by the gradient which inputs reach output
# channel 0:

x = torch.randn(1, 6, 11, 13, requires_grad=True)
(reach,) = torch.autograd.grad(grouped(grouped(x))[:, 0].sum(), x)
print("reached by inputs", reach.abs().sum(dim=(0, 2, 3)).nonzero().flatten().tolist())

# %%
# ShuffleNet deals the channels out anew between two layers, like cards: one channel of
# each group to every group.


def shuffle(x, groups):  # (N, C, H, W): deal out group by group
    return x.unflatten(1, (groups, -1)).transpose(1, 2).flatten(1, 2)


three = grouped(shuffle(grouped(shuffle(grouped(x), 3)), 3))
(reach,) = torch.autograd.grad(three[:, 0].sum(), x)
print("reached by inputs", reach.abs().sum(dim=(0, 2, 3)).nonzero().flatten().tolist())
assert (reach.abs().sum(dim=(0, 2, 3)) > 0).all()

# %%
# Depthwise
# ---------
# The third saving is the second at its extreme: as many groups as channels. Each
# channel is filtered on its own and nothing is mixed at all.

depthwise = nn.Conv2d(6, 6, kernel_size=3, groups=6, bias=False)
touched = x.detach().clone()
touched[:, 4] += 1
changed = (depthwise(touched) - depthwise(x)).abs().amax(dim=(0, 2, 3)) > 0
predict(
    "Change input channel 4 only. Which output channels of the depthwise layer change?",
    changed.nonzero().flatten().tolist(),
    because="Output 4 reads input 4 and no other; no other output reads it.",
)

# %%
# A depthwise layer looks around, a 1 x 1 layer mixes. One after the other they are a
# *depthwise separable* convolution. What can the pair do? Multiply the two weights
# together, and there it is: one full layer in which all outputs share the shape
# :math:`d_i` of the kernel on input :math:`i`, and only its strength :math:`a_{o,i}`
# is theirs.

pointwise = nn.Conv2d(6, 10, kernel_size=1, bias=False)
full = pointwise.weight * depthwise.weight[:, 0]  # (10, 6, 1, 1) * (6, 3, 3)
assert_close(pointwise(depthwise(x)), F.conv2d(x, full), rtol=1e-4, atol=1e-5)
plotting.weight_table(
    full, title="A separable layer, multiplied out: a column has one shape"
)

# %%
# Every column repeats one kernel, lighter, darker or negative. That is what is given
# up. What is gained? We count 3 x 3 layers from 128 to 128 channels.

separable = arithmetic.conv_parameters(128, 128, 3, groups=128)
separable += arithmetic.conv_parameters(128, 128, 1)
counts = {
    "full": arithmetic.conv_parameters(128, 128, 3),
    "4 groups": arithmetic.conv_parameters(128, 128, 3, groups=4),
    "separable": separable,
    "1 x 1": arithmetic.conv_parameters(128, 128, 1),
    "depthwise": arithmetic.conv_parameters(128, 128, 3, groups=128),
}
plotting.bars(
    {name: number / 1000 for name, number in counts.items()},
    roles="kernel",
    title="The mixing costs, not the looking around: parameters for 128 channels",
    xlabel="parameters (thousands)",
)

# %%
# Without biases a separable layer costs :math:`C_{in} K^2 + C_{in} C_{out}` where the
# full one costs :math:`C_{in} C_{out} K^2`: a share of :math:`1/C_{out} + 1/K^2`, a
# little above one ninth for 3 x 3.
#
# Fewer multiplications are not less time. A processor is fastest where it can reuse
# what it has fetched, and a depthwise layer uses each number nine times and drops it.
# Does the saving arrive? The single layers and the pair, timed in turns on one thread:

x = torch.randn(1, 128, 28, 28)
weights = {
    "full": torch.randn(128, 128, 3, 3),
    "depthwise": torch.randn(128, 1, 3, 3),
    "1 x 1": torch.randn(128, 128, 1, 1),
}
layers = {
    name: lambda w=w: F.conv2d(x, w, padding=w.shape[2] // 2, groups=128 // w.shape[1])
    for name, w in weights.items()
}
layers["separable"] = lambda: F.conv2d(layers["depthwise"](), weights["1 x 1"])
with torch.no_grad():
    found = benchmarks.compare(
        layers, baseline="full", rounds=25, seconds=0.6, threads=1, tolerance=None
    )

# %%
# Counted and timed, side by side, as shares of the full layer:

shares = {name: w.numel() / weights["full"].numel() for name, w in weights.items()}
shares["separable"] = shares["depthwise"] + shares["1 x 1"]
for name, share in shares.items():
    print(f"{name:10} {share:6.1%} of the MACs, {found.ratio(name):6.1%} of the time")
ratio = found.ratio("separable")
verdict = "arrives" if ratio < 1.25 * shares["separable"] else "arrives in part"
verdict = verdict if ratio < 1 else "does not arrive"
print(f"on this machine the saving of a separable layer {verdict}")

# %%
# In the library
# --------------
# The engine of the course takes groups too, and agrees with all three.

x = torch.randn(2, 6, 11, 13)
for weight, groups in ((grouped.weight, 3), (depthwise.weight, 6), (full, 1)):
    ours = convolution.conv2d_unfold(x, weight, groups=groups)
    assert_close(ours, F.conv2d(x, weight, groups=groups))

# %%
# Takeaways
# ---------
# * A 1 x 1 convolution is a matrix that meets every pixel alike. It mixes channels and
#   sees no neighbours.
# * Groups are a weight with empty blocks: a ``groups``-th of the price, and nothing
#   passes between groups unless the channels are shuffled.
# * Depthwise looks around and does not mix. With a 1 x 1 layer behind it, it is a full
#   layer whose kernels on one input all have the same shape.
# * Multiplications that are saved on paper are saved on the clock as far as the machine
#   can make use of it. Count, then measure.
#
# Check yourself
# --------------
# Count the pairs first, then what each of them pays.

ask("cheap_weights")

# %%
# What is saved is also not heard:

ask("who_hears")

# %%
# Exercise
# --------
# Write the dense weight that does what a grouped one does, for any number of groups.


def grouped_weight(weight, groups):
    """Return the dense weight of a grouped one (C_out, C_in/groups, kh, kw)."""
    raise NotImplementedError


check("grouped_weight", grouped_weight)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("grouped_weight")

# %%
# References
# ----------
# 1. M. Lin, Q. Chen, S. Yan. *Network In Network.* 2013. The 1 x 1 convolution.
#    `arXiv:1312.4400 <https://arxiv.org/abs/1312.4400>`__
# 2. K. He, X. Zhang, S. Ren, J. Sun. *Deep Residual Learning for Image Recognition.*
#    2015. The bottleneck. `arXiv:1512.03385 <https://arxiv.org/abs/1512.03385>`__
# 3. A. G. Howard and others. *MobileNets.* 2017. Depthwise separable layers, counted.
#    `arXiv:1704.04861 <https://arxiv.org/abs/1704.04861>`__
# 4. X. Zhang and others. *ShuffleNet.* 2017.
#    `arXiv:1707.01083 <https://arxiv.org/abs/1707.01083>`__
