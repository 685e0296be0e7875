"""
What one number really sees
===========================

The last lesson computed which pixels a number *can* depend on. Here we measure it, by
asking autograd how the number would change with each pixel. The usual recipe for this
picture loses pixels on the way. We find out where they go, and repair it.

You will

* measure a receptive field by gradients, and know three ways in which pixels hide from
  them;
* build a copy of a network in which nothing hides, and compare it with the trace;
* see the grid that dilation leaves, and how to choose dilations that leave none.

**Before this:** the receptive field as a count, and what ``backward`` computes.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial import plotting
from cnn_tutorial import receptive_field as fields
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Two convolutions, a pooling, a convolution. On paper one output sees 10 x 10 pixels.


def small_network(seed):
    torch.manual_seed(seed)
    first, second, third = (nn.Conv2d(c, 4, 3) for c in (1, 4, 4))
    return nn.Sequential(first, nn.ReLU(), second, nn.ReLU(), nn.MaxPool2d(2), third)


print(fields.trace_fields(small_network(0), (1, 24, 24)).output)

# %%
# Now the recipe that one finds everywhere: feed a black image, take one output, go
# backward, and count the pixels that received a gradient. We do it for ten networks
# that differ in their random weights only.


def gradient_at(net, x, row=4, column=4):
    x = x.clone().requires_grad_()
    net(x)[0, :, row, column].sum().backward()
    return x.grad[0, 0]  # (H, W)


black = torch.zeros(1, 1, 24, 24)
networks = [small_network(seed) for seed in range(10)]
counts = [int((gradient_at(net, black) != 0).sum()) for net in networks]
predict(
    "In how many of the ten networks does the recipe find all 100 pixels?",
    f"In {counts.count(100)}: it finds {counts}",
    because="The pixels that are missing do have an influence. The recipe hides them.",
)

# %%
# Where they hide
# ---------------
# First: a black image makes every map even, so all elements of a pooling window *tie*.
# A maximum gives its gradient to one winner. Twelve equal numbers, pooled by 2:

flat = torch.zeros(1, 1, 12, requires_grad=True)
F.max_pool1d(flat, 2).sum().backward()
predict(
    "Which of the pixels 0 to 11 get a gradient from the six maxima?",
    flat.grad[0, 0].nonzero().flatten().tolist(),
    because="In a tie the first element of the window wins.",
)

# %%
# So the last convolution reads pooled places 0, 1, 2, and these hand their gradient to
# 0, 2, 4, as if the pooling were one pixel wide. Two convolutions reach 4 pixels beyond:
# 0 to 8. Nine pixels a side, and 9 * 9 = 81 of 100: the number above.

assert 81 in counts
plotting.field_cone(
    [(3, 1, 1), (3, 1, 1), (1, 2, 1), (3, 1, 1)],
    names=["conv 3", "conv 3", "first of 2", "conv 3"],
    title="Where all windows tie, nine pixels get a gradient, and the tenth gets none",
)

# %%
# Second: a ReLU that is off passes nothing. On a black image only the biases speak, and
# if they turn off all four maps, no pixel is left. A picture scaled by its largest value
# then divides zero by zero. Here is the network with the fewest pixels:

worst = min(networks, key=lambda net: int((gradient_at(net, black) != 0).sum()))
picture = gradient_at(worst, black)
print("largest gradient:", picture.max().item())
print("scaled:", (picture / picture.max())[8, 8].item())

# %%
# Third: the recipe's position is often a number from another network. Here the output
# has 8 x 8 places, and the error is the friendly case; a negative index would have
# quietly measured the border.

with expect_error(IndexError):
    gradient_at(networks[0], black, row=16, column=16)

# %%
# Is a random image better? It has no ties. But each pooling window still has one winner,
# and ReLUs are off, here in one place, there in another. What one image hides, another
# may show:

generator = torch.Generator().manual_seed(0)
noise = torch.randn(4, 1, 1, 24, 24, generator=generator)
for number in (1, 2, 4):
    masks = [
        torch.stack([gradient_at(net, x) != 0 for x in noise[:number]]).any(dim=0)
        for net in networks
    ]
    print(f"images: {number}, pixels:", [int(mask.sum()) for mask in masks])

# %%
# Done right
# ----------
# Linear or not, a number reads the same pixels. So we may make the network *linear*: an
# average instead of the maximum, and positive weights and biases, so that no two ways
# cancel and, on a bright image, no ReLU is off. We do this to a copy, because whoever
# handed us the network still needs it, and in 64 bits, because many small factors are
# multiplied.


def linear_copy(net):
    layers = []
    for layer in copy.deepcopy(net).double():
        if isinstance(layer, nn.MaxPool2d):
            layer = nn.AvgPool2d(layer.kernel_size, layer.stride, layer.padding)
        for parameter in layer.parameters():
            nn.init.uniform_(parameter, 0.5, 1.0)
        layers.append(layer)
    return nn.Sequential(*layers)


net, bright = networks[0], torch.ones(1, 1, 24, 24, dtype=torch.float64)
seen = gradient_at(linear_copy(net), bright) != 0
print("pixels:", int(seen.sum()))
assert int(seen.sum()) == 100

# %%
# All hundred, from one image, with any positive weights. Side by side, with the number
# of pixels under each. The black image loses a row and a column, as a tie goes to the
# upper left; the random one loses what happened to be off:

masks = {
    "black image": gradient_at(net, black) != 0,
    "random image": gradient_at(net, noise[0]) != 0,
    "linear copy": seen,
}
plotting.images(
    torch.stack(list(masks.values()))[:, None, 4:22, 4:22].float(),
    labels=[f"{name}: {int(mask.sum())}" for name, mask in masks.items()],
    title="The same network, measured in three ways: only the last shows every pixel",
)

# %%
# In the library
# --------------
# The package does this for any model, sigmoids, norms and branches included. It must
# find our mask, and the mask must fill the interval that the trace computes.

measured = fields.gradient_footprint(net, (1, 24, 24), position=(4, 4))
assert torch.equal(measured.mask, seen)
traced = fields.trace_fields(net, (1, 24, 24)).output
assert measured.intervals == traced.interval((4, 4))
print(measured)

# %%
# Gridding, seen
# --------------
# A span is not a mask. Three 3 x 3 kernels with dilation 2 span 13 x 13 pixels.


def dilated(*dilations):
    return nn.Sequential(*(nn.Conv2d(1, 1, 3, dilation=d) for d in dilations))


masks = {}
for settings in ((2, 2, 2), (1, 2, 3), (1, 2, 4)):
    found = fields.gradient_footprint(dilated(*settings), (1, 17, 17))
    masks[f"dilation {settings}"] = found.mask

predict(
    "How many of the 169 pixels does the stack with dilation 2, 2, 2 read?",
    int(masks["dilation (2, 2, 2)"].sum()),
    because="7 of 13 rows and 7 of 13 columns: 49. The next output to the right reads "
    "other columns: the two share no pixel.",
)

# %%
# With 1, 2, 3 it reads the same 13 x 13 without a hole; with 1, 2, 4 even 15 x 15.

plotting.images(
    torch.stack(list(masks.values()))[:, None].float(),
    labels=list(masks),
    title="Which pixels one output reads: equal dilations leave a grid",
)

# %%
# Takeaways
# ---------
# * A gradient of zero does not mean that a pixel has no influence. Ties, maxima and
#   ReLUs hide pixels; a linear copy with positive weights shows all of them.
# * Take a position that exists, and do not divide by a maximum that may be zero.
# * The footprint fills the interval that the trace computes, and shows what an interval
#   cannot: the grid that equal dilations leave.
# * That a pixel is seen says nothing about how much it counts. That is the next lesson's
#   question.
#
# Check yourself
# --------------
# Draw the steps on paper; a choice that is wrong says which step it missed.

ask("rows_that_are_read")

# %%
# And what a gradient does not show:

ask("elements_with_a_gradient")

# %%
# Exercise
# --------
# Write the picture yourself, for networks of convolutions, ReLUs and max poolings.
# ``size`` is the image's (C, H, W), ``position`` the output's (row, column), and the mask
# holds ``True`` for each pixel that can change it.


def field_picture(net, size, position):
    """Return a mask (H, W) of what net's output depends on; size is (C, H, W)."""
    raise NotImplementedError


check("field_picture", field_picture)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("field_picture")

# %%
# References
# ----------
# 1. W. Luo, Y. Li, R. Urtasun, R. Zemel. *Understanding the Effective Receptive Field in
#    Deep Convolutional Neural Networks.* NeurIPS 2016. Fields measured by gradients.
#    `arXiv:1701.04128 <https://arxiv.org/abs/1701.04128>`__
# 2. P. Wang et al. *Understanding Convolution for Semantic Segmentation.* WACV 2018.
#    Gridding, and dilations without it. `arXiv:1702.08502
#    <https://arxiv.org/abs/1702.08502>`__
