"""
A number feels less than it sees
================================

A deep stack of 3 x 3 kernels has a large receptive field on paper. But a pixel at its
edge reaches the output on a single way, and one in the middle on thousands. On this
page we count the ways, find a walk in them, and predict how wide the influence spreads
in a network before we measure it. The answer is a square root.

You will

* count the ways from each pixel to an output, and read them as a gradient;
* predict the width of the *effective* receptive field at any depth, and check the
  prediction on random networks;
* compare depth, large kernels, dilation, stride and shortcuts as means to see more.

**Before this:** the receptive field by recursion and by gradients.
"""

import math

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import plotting, profiles
from cnn_tutorial import receptive_field as fields
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# One axis, three layers with three weights each, all of them 1. The output is then a
# sum, and the gradient at a pixel says how often the pixel is in it: once for every way
# from the pixel to the output.

layer = nn.Conv1d(1, 1, kernel_size=3, bias=False)
nn.init.ones_(layer.weight)
x = torch.zeros(1, 1, 7, requires_grad=True)
layer(layer(layer(x))).sum().backward()
ways = x.grad[0, 0].int().tolist()
print(ways)

predict(
    "In two dimensions, how many times as many ways has the middle pixel of this field "
    "as a corner?",
    max(ways) ** 2 // min(ways) ** 2,
    because="7 ways down times 7 ways across, against 1 times 1.",
)

# %%
# By hand
# -------
# Where do 1, 3, 6, 7, 6, 3, 1 come from? One layer has the ways 1, 1, 1. Each further
# layer lets every way go on to the left, straight ahead or to the right, which is a sum
# of three shifted copies.


def count(depth):
    ways = [1]
    for _ in range(depth):
        padded = [0, 0, *ways, 0, 0]
        ways = [sum(padded[i : i + 3]) for i in range(len(ways) + 2)]
    return ways


print(count(2))
assert count(3) == ways

# %%
# The idea
# --------
# A way is a *walk*: at each of :math:`n` layers one step of -1, 0 or 1, each as likely
# as the others. The field is as wide as the longest walks, :math:`2n + 1` pixels. But
# only one walk in :math:`3^n` goes all the way to the left. In a typical walk steps to
# the left and to the right cancel. One step has the variance
# :math:`(1 + 0 + 1)/3 = 2/3`; independent steps add their variances:
#
# .. math:: \sigma = \sqrt{2n/3}
#
# The field grows like :math:`n`, the spread of the ways like :math:`\sqrt{n}`.

bells, places = {}, torch.arange(-30, 31)
for depth in (3, 12, 30):
    ways = [0] * (30 - depth) + count(depth) + [0] * (30 - depth)
    shares = torch.tensor(ways, dtype=torch.float64) / 3**depth
    spread = (shares * places**2).sum().sqrt().item()
    assert math.isclose(spread, math.sqrt(2 * depth / 3))
    print(f"depth {depth:2}: field {2 * depth + 1:2} pixels, spread {spread:.2f}")
    bells[f"depth {depth}"] = shares[23:38]  # the middle
plotting.lines(
    places[23:38].tolist(),
    bells,
    title="Ten times the depth, and a bell about three times as wide",
    xlabel="pixels from the middle",
    ylabel="share of the ways",
)

# %%
# In the library
# --------------
# ``effective_field`` measures this on a network: the absolute gradient of one output,
# averaged over images, as the share of each pixel. With weights of one it must find the
# walk, along both axes.


def chain(*settings):
    """Convolutions (kernel, stride, dilation), one channel, all weights 1."""
    layers = [nn.Conv2d(1, 1, k, s, dilation=d, bias=False) for k, s, d in settings]
    for layer in layers:
        nn.init.ones_(layer.weight)
    return nn.Sequential(*layers)


felt = fields.effective_field(chain(*[(3, 1, 1)] * 12), (1, 25, 25))
assert_close(felt.std, (math.sqrt(2 * 12 / 3),) * 2)
plotting.feature_maps(
    felt.shares,
    titles=["share of each pixel"],
    title="The whole picture is the field of one output; the middle is felt",
)

# %%
# Most of the field is nearly black. How large is the square in the middle that holds
# 95 % of the influence?

predict(
    "The field is 25 pixels wide. How wide is that square?",
    f"{felt.side(0.95):.0f} pixels",
    because="The standard deviation is the root of 8, 2.8. Of a bell in two "
    "dimensions, 95 % lie within about 2.2 of them to each side.",
)

# %%
# Weights with signs
# ------------------
# Nobody trains a network of ones. With random weights of both signs the ways partly
# cancel, and on average the gradient is zero. What is left is its size. The mean
# *square* of the gradient adds up along the ways, so the square spreads like the walk.
# The size is the root of that bell curve, and the root of a bell curve is a bell that is
# wider by :math:`\sqrt{2}`. Our prediction for random networks, once they are deep enough
# for a bell:
#
# .. math:: \sigma = \sqrt{4n/3}
#
# Four channels, ReLUs, and several networks to average over:

pick = profiles.current().pick
depths = pick(smoke=(1, 4), docs=(1, 2, 4, 8, 16), full=(1, 2, 4, 8, 16, 32))
seeds = range(pick(smoke=1, docs=4, full=16))


def random_network(depth, seed):
    torch.manual_seed(seed)
    channels = [1] + [4] * (depth - 1)  # what each layer takes
    convs = [nn.Conv2d(c, 4, 3, padding=1) for c in channels]
    return nn.Sequential(*(part for conv in convs for part in (conv, nn.ReLU())))


measured = []
for depth in depths:
    nets = [random_network(depth, seed) for seed in seeds]
    side = 2 * depth + 3
    found = fields.effective_field(nets, (1, side, side), samples=4)
    measured.append(found)
    spread, expected = sum(found.std) / 2, math.sqrt(4 * depth / 3)
    print(f"depth {depth:2}: {spread:.2f} / {expected:.2f} = {spread / expected:.2f}")

# %%
# The last number is measured over predicted, with nothing fitted. Look where it goes as
# the bell forms. On logarithmic axes, what grows like :math:`n` has
# slope 1, and what grows like its root has slope 1/2:

plotting.lines(
    depths,
    {
        "field": [2 * depth + 1 for depth in depths],
        "95 % square": [found.side() for found in measured],
        "spread": [sum(found.std) / 2 for found in measured],
        "predicted": [math.sqrt(4 * depth / 3) for depth in depths],
    },
    title="The field grows like the depth, the effective field like its root",
    xlabel="layers of 3 x 3 kernels",
    ylabel="pixels",
    log="both",
)

# %%
# Where it breaks
# ---------------
# The gradient must be there to be averaged. With biases far below zero all ReLUs are
# off, and shares of nothing cannot be computed. The package says so, where a division
# by the largest gradient would have returned ``nan``.

silent = random_network(4, seed=0)
for parameter in silent.parameters():
    nn.init.constant_(parameter, -1.0)
with expect_error(ValueError):
    fields.effective_field(silent, (1, 11, 11), inputs=torch.ones(1, 1, 11, 11))

# %%
# Turn one knob
# -------------
# Here are five ways to a field of 31 pixels. The last one adds a shortcut around each
# layer, as residual networks do: a walk may then also stand still.


class Shortcut(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1, bias=False)
        nn.init.constant_(self.conv.weight, 1 / 9)  # as much as the shortcut carries

    def forward(self, x):
        return x + self.conv(x)


designs = {
    "fifteen 3 x 3": chain(*[(3, 1, 1)] * 15),
    "five 7 x 7": chain(*[(7, 1, 1)] * 5),
    "dilation 1, 2, 4, 8": chain(*[(3, 1, d) for d in (1, 2, 4, 8)]),
    "stride 2, four times": chain(*[(3, 2, 1)] * 4),
    "fifteen shortcuts": nn.Sequential(*(Shortcut() for _ in range(15))),
}
for name, net in designs.items():
    size = fields.trace_fields(net, (1, 31, 31)).output.size[0]
    side = fields.effective_field(net, (1, 31, 31)).side()
    print(f"{name:20} sees {size}, 95 % within {side:.0f}")

# %%
# A few long steps spread the influence over nearly the whole field; many short steps
# gather it in the middle, and shortcuts more so. That is no verdict on a network:
# weights are not equal after training, which can widen the effective field [1].

walk = fields.effective_field(designs["fifteen shortcuts"], (1, 31, 31))
predict(
    "What is the variance of a walk through fifteen such shortcut layers?",
    f"{walk.std[0] ** 2:.3f}",
    because="The shortcut carries as much as the convolution, so half of the steps "
    "stand still: 15 times 1/3, where 15 convolutions alone have 15 times 2/3.",
)

# %%
# Takeaways
# ---------
# * The gradient at a pixel adds up over all ways to the output, and most ways end near
#   the middle.
# * The field grows like the depth :math:`n`. Its effective part grows like
#   :math:`\sqrt{n}`, so in a deep network most of the field is hardly felt.
# * For random weights we predicted the spread, :math:`\sqrt{4n/3}`, and measured it.
# * Stride and dilation widen what is felt, not only what is seen; shortcuts narrow it.
#
# Check yourself
# --------------
# Count the ways of a small stack, layer by layer.

ask("ways_to_the_output")

# %%
# Then think large. What is a width, what is an area?

ask("growth_of_the_field")

# %%
# Exercise
# --------
# Count the ways for layers with any kernel size, stride and dilation.


def count_ways(layers):
    """Return how often each pixel is read, for layers (kernel, stride, dilation)."""
    raise NotImplementedError


check("count_ways", count_ways)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("count_ways")

# %%
# References
# ----------
# 1. W. Luo, Y. Li, R. Urtasun, R. Zemel. *Understanding the Effective Receptive Field in
#    Deep Convolutional Neural Networks.* NeurIPS 2016. The root, for uniform and random
#    weights, and measurements of training, dilation, stride and shortcuts.
#    `arXiv:1701.04128 <https://arxiv.org/abs/1701.04128>`__
