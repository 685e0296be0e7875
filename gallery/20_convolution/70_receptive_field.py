"""
How far can one number see?
===========================

A 3 x 3 kernel sees nine pixels. A network of 3 x 3 kernels recognises a digit that fills
the image, so some number in it must see far more. How much each number sees follows
from kernel sizes, strides and dilations alone: on this page we count it, pixel by
pixel, find the two lines of arithmetic behind the count, and let the package read them
off any model.

You will

* predict the *receptive field* of a stack of layers: its size, its stride, its place;
* see why stride makes it grow fast, and why dilation can leave holes in it;
* trace a real network, and say which of its numbers see the whole image, and which only
  nearly.

**Before this:** you know kernel size, stride, padding and dilation of a layer.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, models, plotting
from cnn_tutorial import receptive_field as fields
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# We take one axis of an image and two convolutions with three weights each, no padding.
# One number of the second layer reads three numbers of the first. Which pixels do those
# read?

hidden = [0, 1, 2]  # what output 0 of the second layer reads
for i in hidden:
    print(f"hidden {i} reads pixels {[i, i + 1, i + 2]}")

predict(
    "How many different pixels does output 0 of the second layer depend on?",
    len({i + k for i in hidden for k in range(3)}),
    because="0, 1, 2, 3, 4. The three windows overlap: 5 pixels, not 3 * 3 = 9.",
)

# %%
# By hand
# -------
# The same for any stack: begin with one output, and replace it by what it reads, layer
# by layer, from the top down. Output ``i`` reads places ``i * stride + k * dilation``.
# A layer is written as (kernel size, stride, dilation).


def pixels_seen(layers, output=0):
    seen = {output}
    for kernel, stride, dilation in reversed(layers):
        seen = {i * stride + k * dilation for i in seen for k in range(kernel)}
    return sorted(seen)


conv, pool = (3, 1, 1), (2, 2, 1)
print(pixels_seen([conv, conv]))
print(pixels_seen([conv, conv, pool, conv]))

# %%
# Drawn: each layer's numbers stand above the middle of what they see. Below the pooling,
# neighbours are one pixel apart; above it, two.

plotting.field_cone(
    [conv, conv, pool, conv],
    names=["conv 3", "conv 3", "pool 2", "conv 3"],
    title="Ten pixels end in one number; above the pooling, a step is two pixels",
)

# %%
# The idea
# --------
# Counting sets is honest and slow. The picture shows the short cut. A window of size
# :math:`K` and dilation :math:`D` reaches :math:`(K - 1) D` *steps* further than its
# first element, and a step is :math:`j` pixels long, where :math:`j` is the product of
# all strides before. So two numbers go up through the layers:
#
# .. math:: r \leftarrow r + (K - 1)\,D\,j, \qquad j \leftarrow S\,j


def field_size(layers):
    r, j = 1, 1  # a pixel sees itself, and its neighbour is one pixel away
    for kernel, stride, dilation in layers:
        r += (kernel - 1) * dilation * j
        j *= stride
        print(f"kernel {kernel}, stride {stride}, dilation {dilation}: {r=} {j=}")
    return r


assert field_size([conv, conv, pool, conv]) == 10

# %%
# The order of the two lines matters: a layer's own stride moves its outputs apart, and
# only the layers after it feel that. Now the classic pattern, twice two convolutions and
# a pooling:

vgg_like = [conv, conv, pool, conv, conv, pool]
predict(
    "How many pixels does one number see after conv, conv, pool, conv, conv, pool?",
    fields.receptive_field([(k, s, 0, d) for k, s, d in vgg_like]).size[0],
    because="3, 5, 6 with steps of one pixel; then steps of two: 6 + 4 = 10, 14, 16.",
)

# %%
# The claim, checked
# ------------------
# Recursion and set agree on it, on dilated layers, and on the package's function, whose
# tuples hold (kernel size, stride, padding, dilation).

dilated = [(3, 1, 1), (3, 1, 2), (3, 1, 4)]
for layers, size in [(vgg_like, 16), (dilated, 15)]:
    assert field_size(layers) == len(pixels_seen(layers)) == size
    ours = fields.receptive_field([(k, s, 0, d) for k, s, d in layers])
    assert ours.size == (size, size)

# %%
# Turn one knob
# -------------
# There are many ways to 15 pixels. What do they cost? We count the weights of square
# kernels, for one input and one output channel.

ways = {
    "one 15 x 15": [(15, 1, 1)],
    "seven 3 x 3": [conv] * 7,
    "dilation 1, 2, 4": dilated,
    "stride 2 twice": [(3, 2, 1), (3, 2, 1), (3, 1, 1)],
}
for name, layers in ways.items():
    weights = sum(kernel**2 for kernel, _, _ in layers)
    print(f"{name:17} {len(pixels_seen(layers)):2} pixels, {weights:3} weights")

# %%
# Depth is cheaper than size, and stride and dilation are cheaper than depth. Stride pays
# with resolution. Dilation has another price. Watch the bottom row:

plotting.field_cone(
    [(3, 1, 2)] * 3,
    title="Dilation 2, three times: the window spans 13 pixels and reads 7 of them",
)

# %%
# Here the recursion says 13 and the set says 7. Every path moves in steps of two, so the
# odd pixels are never read: *gridding*. In two dimensions the same stack reads
# 7 * 7 = 49 of 169 pixels. The field's size is a span. It promises that nothing outside
# is read, and not that everything inside is.

predict(
    "And dilations 1, 2, 4: how many of the 15 pixels are read?",
    len(pixels_seen(dilated)),
    because="All. Steps of 1 fill the holes between steps of 2, and these the holes "
    "between steps of 4.",
)

# %%
# From a real network
# -------------------
# A model seldom comes as a list of layers. ``trace_fields`` runs a copy of any module
# without numbers, and every function that is called on the way says which pixels it
# brings together, also those without a module of their own, such as ``F.max_pool2d``.

trace = fields.trace_fields(models.LeNet(), (1, 32, 32))
trace

# %%
# A field has a place, too. ``centre of the first`` is where output 0 looks, in pixels;
# output ``i`` looks ``i`` strides further. Padding would move the centre and leave the
# size. Position (5, 6) of ``conv2``, written out:

seen = trace["conv2"].interval((5, 6))
print("rows", seen[0], "columns", seen[1])
digit = datasets.for_role("digits").test.scaled()[:1]  # (1, 1, H, W), 0-1
image = F.interpolate(digit, size=(32, 32))
plotting.field_windows(
    image,
    {name: trace[name].interval((5, 6)) for name in ("conv1", "conv2", "fc1")},
    title="What conv1 and conv2 see at position (5, 6), and what the first Linear sees",
)

# %%
# Is it true? Change every pixel outside the window, and the number must not move at all.

net = models.LeNet().eval()


def at_conv2(x):
    return net.conv2(F.max_pool2d(F.relu(net.conv1(x)), 2))[0, :, 5, 6]


(top, bottom), (left, right) = seen
other = torch.rand_like(image)
window = (..., slice(top, bottom + 1), slice(left, right + 1))
other[window] = image[window]
assert_close(at_conv2(other), at_conv2(image), rtol=0, atol=0)

# %%
# ``fc1`` flattens all maps, so it sees what they see together. The table says less than
# one might expect.

predict(
    "Of 32 rows, how many does `fc1`, and with it every score of this LeNet, see?",
    trace["fc1"].size[0],
    because="The second pooling meets 13 rows and drops the last one, which alone saw "
    "rows 30 and 31. Six fields of 10 pixels, 4 apart, end at row 5 * 4 + 9 = 29.",
)

# %%
# A digit that is written in the last two rows is invisible to this network:

scribble = image.clone()
scribble[..., 30:, :] = 1.0
print("largest change of a score:", (net(scribble) - net(image)).abs().max().item())
assert torch.equal(net(scribble), net(image))

# %%
# Branches, heads and gates
# -------------------------
# Where branches meet, side by side or in a sum, a number sees the *union* of what they
# saw. So a residual shortcut adds nothing to the size: it sees the middle of the field.
# Where a layer averages over all positions, it sees the whole image, and a gate that is
# computed from such an average hands this to everything it multiplies.


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.small = nn.Conv2d(1, 2, kernel_size=1)
        self.large = nn.Conv2d(1, 2, kernel_size=5, padding=2)
        self.gate = nn.Linear(4, 4)

    def forward(self, x):
        x = torch.cat([self.small(x), self.large(x)], dim=1)  # 1 and 5: 5
        squeezed = x.mean(dim=(2, 3))  # N, C: one number for each map
        return x * torch.sigmoid(self.gate(squeezed))[:, :, None, None]


torch.manual_seed(0)
block = Block()
fields.trace_fields(block, (1, 32, 32))

# %%
# *Squeeze and excitation* is this gate. Two kernels that see five pixels a side at most
# become a block that sees the image: a corner far away does change the middle.

far = image.clone()
far[..., 0, 0] = 1.0
moved = (block(far) - block(image))[0, :, 16, 16].abs().max().item()
print(f"change in the middle: {moved:.1e}")
assert moved > 0

# %%
# Where it breaks
# ---------------
# The union of two fields is a field only if both move at the same pace. And a network
# that decides by its pixels, or moves them about, has no field that could be known
# beforehand. The trace refuses, and says where.


class TwoPaces(nn.Module):
    def forward(self, x):
        return F.max_pool2d(x, 2) + x[:, :, :16, :16]


class Mirror(nn.Module):
    def forward(self, x):
        return x + x.flip(3)


for refused in (TwoPaces(), Mirror()):
    with expect_error(ValueError):
        fields.trace_fields(refused, (1, 32, 32))

# %%
# Takeaways
# ---------
# * A layer adds :math:`(K - 1) D j` pixels to the field, and its stride multiplies the
#   step :math:`j` of all layers after it.
# * Size is a span. Dilation with a common factor leaves holes in it: gridding.
# * A field has a stride and a centre; padding moves the centre and changes no size.
# * Branches give the union; global pooling, ``flatten`` with ``Linear``, and gates see
#   everything that their maps see. Check whether that is the whole image.
#
# Check yourself
# --------------
# Two lines of arithmetic do it, in the head.

ask("size_of_the_field")

# %%
# A field has a place, too.

ask("rows_in_the_field")

# %%
# Exercise
# --------
# Write the recursion with padding: size, stride, and the first pixel that output 0 sees.


def receptive_field(layers):
    """Return (size, stride, start) after layers (kernel, stride, padding, dilation)."""
    raise NotImplementedError


check("receptive_field", receptive_field)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("receptive_field")

# %%
# References
# ----------
# 1. A. Araujo, W. Norris, J. Sim. *Computing Receptive Fields of Convolutional Neural
#    Networks.* Distill 2019. `Article <https://distill.pub/2019/computing-receptive-fields/>`__
# 2. F. Yu, V. Koltun. *Multi-Scale Context Aggregation by Dilated Convolutions.* ICLR
#    2016. `arXiv:1511.07122 <https://arxiv.org/abs/1511.07122>`__
# 3. P. Wang et al. *Understanding Convolution for Semantic Segmentation.* WACV 2018.
#    Names gridding. `arXiv:1702.08502 <https://arxiv.org/abs/1702.08502>`__
# 4. J. Hu, L. Shen, G. Sun. *Squeeze-and-Excitation Networks.* CVPR 2018.
#    `arXiv:1709.01507 <https://arxiv.org/abs/1709.01507>`__
