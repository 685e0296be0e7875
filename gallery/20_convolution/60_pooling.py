"""
Pooling: one number for each window
===================================

A window again, and no kernel: a pooling layer looks at a few pixels and keeps one
number, the largest or the mean. Nothing is learned. The map shrinks, and what follows
becomes cheaper.

You will

* compute max and mean pooling of sixteen numbers in your head, and their gradients;
* tell which of the two is a convolution in disguise;
* predict sizes with padding and rounding, and what a border does to a mean.

**Before this:** the output size of a window with stride and padding; depthwise
convolution.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Sixteen numbers, and windows of 2 x 2 that stand side by side: stride 2.

x = torch.arange(1.0, 17.0).reshape(1, 1, 4, 4)  # N, C, H, W
print(x[0, 0])

# %%
# Four windows, four numbers.

largest, indices = F.max_pool2d(x, 2, return_indices=True)
mean = F.avg_pool2d(x, 2)
predict(
    "What are the maxima of the four windows, and what are their means?",
    f"maxima {largest.int().flatten().tolist()}, means {mean.flatten().tolist()}",
    because="The first window holds 1, 2, 5, 6: its largest is 6, its mean 14 / 4.",
)

# %%
# In this image the largest is always at the lower right. The mean lies between.

assert largest.flatten().tolist() == [6, 8, 14, 16]
assert mean.flatten().tolist() == [3.5, 5.5, 11.5, 13.5]
plotting.matrices(
    [x, "→", largest, mean],
    titles=["input", "max", "mean"],
    roles=["input", "output", "output"],
    windows={0: (0, 0, 2, 2), 1: (0, 0), 2: (0, 0)},
    title="Each window of 2 x 2 becomes one number",
)

# %%
# Let the window be the whole image, and one number remains for each channel: *global*
# pooling.

everything = F.adaptive_avg_pool2d(x, 1)
predict(
    "What is the global mean, and which shape has it?",
    f"{everything.item()}, shape {tuple(everything.shape)}",
    because="(1 + 16) / 2. The two axes of space stay, with length 1.",
)

# %%
# By hand
# -------
# The windows are those of a convolution. Take them out, and reduce each to one number
# where a convolution would multiply with a kernel.

assert everything.item() == 8.5
windows = x.unfold(2, 2, 2).unfold(3, 2, 2)  # N, C, H_out, W_out, kh, kw
assert_close(windows.amax(dim=(4, 5)), largest)
assert_close(windows.mean(dim=(4, 5)), mean)

# %%
# Is it a convolution?
# --------------------
# The mean is: every pixel of the window counts a quarter. Each channel is pooled on its
# own, so that the convolution is depthwise.

maps = torch.randn(2, 3, 11, 13)  # N, C, H, W
quarter = torch.full((3, 1, 2, 2), 1 / 4)
by_convolution = F.conv2d(maps, quarter, stride=2, groups=3)
assert_close(by_convolution, F.avg_pool2d(maps, 2))

# %%
# The maximum is not. A convolution is linear, so that the output of a sum is the sum of
# the outputs.

one, other = torch.tensor([[[[3.0, 0.0]]]]), torch.tensor([[[[0.0, 5.0]]]])
apart = F.max_pool2d(one, (1, 2)) + F.max_pool2d(other, (1, 2))
together = F.max_pool2d(one + other, (1, 2))
predict(
    "Pool (3, 0) and (0, 5) and add the maxima. Or add first and pool (3, 5). Which "
    "two numbers come out?",
    f"{apart.item():.0f} and {together.item():.0f}",
    because="3 + 5 against max(3, 5). What is not linear is no convolution.",
)

# %%
# On a real digit the difference is visible. The strokes are bright, so that the maximum
# makes them thicker. The mean makes them paler. The smallest pixel, which is minus the
# maximum of minus the image, makes them vanish.

digit = datasets.for_role("digits", size=32).test.scaled()[3:4]  # (1, 1, 32, 32)
pooled = torch.cat(
    [F.max_pool2d(digit, 4), F.avg_pool2d(digit, 4), -F.max_pool2d(-digit, 4)]
)
plotting.feature_maps(
    pooled,
    titles=["largest", "mean", "smallest"],
    title="A digit of 32 x 32 pixels in windows of 4 x 4: bold, pale, gone",
)

# %%
# What there is to learn
# ----------------------
# Nothing. The layer has no parameters, and it leaves the number of channels alone. Its
# effect is on what comes next.

pool = nn.MaxPool2d(2)
after = pool(torch.zeros(1, 64, 56, 56)).shape
work = [arithmetic.conv_macs(64, 128, 3, side) for side in (56, after[-1])]
assert sum(parameter.numel() for parameter in pool.parameters()) == 0
predict(
    "A 3 x 3 layer follows on 56 x 56 pixels. Which shape has its input if we pool by "
    "2 first, and how much of its work is left?",
    f"{tuple(after)}, and {work[1] / work[0]:.0%} of the multiplications",
    because="Half as many rows, half as many columns, the same 64 channels.",
)

# %%
# Backwards
# ---------
# The gradient of a mean goes to all pixels of the window in equal shares. The gradient
# of a maximum goes to the winner, whole; the others did not count.

x.requires_grad_()
(to_max,) = torch.autograd.grad(F.max_pool2d(x, 2).sum(), x)
(to_mean,) = torch.autograd.grad(F.avg_pool2d(x, 2).sum(), x)
plotting.matrices(
    [to_max, to_mean],
    titles=["of the maxima", "of the means"],
    roles=["gradient", "gradient"],
    title="Where the gradient goes: to the winner alone, or to all in equal shares",
)

# %%
# To send it there, the layer must remember who won. It can tell us: *indices* count the
# pixels of a channel from 0, row by row.

predict(
    "Which indices have the four winners 6, 8, 14, 16?",
    indices.flatten().tolist(),
    because="The image counts from 1 and indices from 0.",
)

# %%
# With the indices one can go back: *unpooling* puts each winner where it stood, and
# zeros elsewhere. Some networks draw their outputs this way.

assert indices.flatten().tolist() == [5, 7, 13, 15]
back = F.max_unpool2d(largest, indices, 2)
plotting.matrices(
    [largest, "→", back],
    roles=["output", "input"],
    title="Unpooling: the winners return to their places, the rest is lost",
)

# %%
# Pool the result again, and the winners are there. Unpool the pooled image, and most of
# the image is not.

assert_close(F.max_pool2d(back, 2), largest)
print("pixels that came back:", int((back == x).sum()), "of", x.numel())

# %%
# Which size?
# -----------
# The formula is that of a convolution, rounded down, so that a rest at the end is
# dropped. ``ceil_mode`` rounds up, unless the last window would start after the image:
# the lesson on rounding down took both apart. Windows may overlap as well; AlexNet used
# 3 x 3 with stride 2. The package predicts all of these sizes:

row = torch.arange(1.0, 8.0).reshape(1, 1, 1, 7)  # 1 to 7
settings = {
    "2": ((1, 2), None, 0, False),
    "2, ceil_mode": ((1, 2), None, 0, True),
    "3, stride 2": ((1, 3), (1, 2), 0, False),
    "3, stride 2, padding 1": ((1, 3), (1, 2), (0, 1), False),
}
for name, (kernel, stride, padding, ceil_mode) in settings.items():
    found = F.max_pool2d(row, kernel, stride, padding, ceil_mode=ceil_mode)
    size = arithmetic.pool_output_size(
        (1, 7), kernel, stride=stride, padding=padding, ceil_mode=ceil_mode
    )
    assert size == found.shape[2:]
    print(f"{name:24} {size[1]} windows: {found.int().flatten().tolist()}")

# %%
# The 7 is missing in the first line: no window reads it.
#
# Where it breaks
# ---------------
# What stands in the padding? For a maximum it cannot be zero: a zero would win against
# every negative number. It is minus infinity.

negative = -row
predict(
    "All pixels are negative, from -1 to -7, windows of 3 with stride 2 and padding 1. "
    "What is the first output?",
    int(F.max_pool2d(negative, (1, 3), (1, 2), (0, 1)).flatten()[0]),
    because="The window holds padding, -1 and -2. The padding must not win.",
)

# %%
# For a mean the padding *is* zero, and it is counted, unless you say otherwise. An
# image of ones shows it:

ones = torch.ones(1, 1, 3, 3)
counted = F.avg_pool2d(ones, 3, stride=1, padding=1)
left_out = F.avg_pool2d(ones, 3, stride=1, padding=1, count_include_pad=False)
plotting.matrices(
    [counted, left_out],
    titles=["counted (default)", "count_include_pad=False"],
    roles=["output", "output"],
    title="The mean of ones: with counted padding, borders fade and corners more",
)

# %%
# And a window must never see padding only. So the padding is at most half the window:

with expect_error(RuntimeError):
    F.max_pool2d(x, 2, padding=2)

# %%
# Takeaways
# ---------
# * Pooling takes the windows of a convolution and keeps one number of each, channel by
#   channel, without parameters.
# * The mean is a depthwise convolution with equal weights. The maximum is not linear,
#   so it is none.
# * The gradient of a maximum goes to the winner; the indices say who that was, and
#   unpooling needs them.
# * Sizes are rounded down unless ``ceil_mode`` is on. Padding is minus infinity for a
#   maximum, and a counted zero for a mean.
#
# Check yourself
# --------------
# The windows of a convolution, other arithmetic. Go through them one by one.

ask("max_pooled")

# %%
# And the way back, where two windows share a pixel:

ask("pooled_gradient")

# %%
# Exercise
# --------
# Write max pooling with stride and padding.


def max_pool(x, kernel_size, stride=None, padding=0):
    """Return the largest pixel of each window of x (N, C, H, W)."""
    raise NotImplementedError


check("max_pool", max_pool)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("max_pool")

# %%
# References
# ----------
# 1. D. Scherer, A. Müller, S. Behnke. *Evaluation of Pooling Operations in
#    Convolutional Architectures for Object Recognition.* ICANN 2010. Max against mean.
#    `doi:10.1007/978-3-642-15825-4_10 <https://doi.org/10.1007/978-3-642-15825-4_10>`__
# 2. M. D. Zeiler, R. Fergus. *Visualizing and Understanding Convolutional Networks.*
#    2013. Unpooling with indices. `arXiv:1311.2901 <https://arxiv.org/abs/1311.2901>`__
# 3. A. Krizhevsky, I. Sutskever, G. Hinton. *ImageNet Classification with Deep
#    Convolutional Neural Networks.* NIPS 2012. Overlapping windows.
#    `Paper <https://papers.nips.cc/paper/4824>`__
