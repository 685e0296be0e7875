"""
Shift first or convolve first?
==============================

Move a picture, then convolve it. Or convolve it, then move the result. If both give the
same, the convolution is *equivariant* to the move :math:`T`:

.. math::
   f(T x) = T f(x) .

That is the reason why a detector that is learned in one corner works in all the others.
On this page we find where the equation is exact, where it breaks, and by how many
pixels.

You will

* check the equation for convolutions, ReLUs, pooling and whole networks;
* predict how many pixels a border of zeros spoils, and count them;
* see what a turn does, and why it is no shift.

**Before this:** padding, stride and pooling.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

torch.manual_seed(0)
digit = datasets.for_role("digits", size=32).test.scaled()[:1]  # (1, 1, 32, 32)

# %%
# The question
# ------------
# One bright pixel, and a kernel without any symmetry. :math:`T` moves everything one
# pixel down; what leaves below comes back on top.


def shift(x, rows):
    return x.roll(rows, dims=-2)


def conv(x, weight):  # borders wrap round, the size stays
    margin = weight.shape[-1] // 2
    return F.conv2d(F.pad(x, (margin,) * 4, mode="circular"), weight)


x = torch.zeros(1, 1, 5, 5)
x[0, 0, 1, 3] = 1
kernel = torch.tensor([[[[1.0, 2, 3], [4, 5, 6], [7, 8, 9]]]])
predict(
    "Convolve and then move, or move and then convolve. In how many of the 25 pixels "
    "do the results differ?",
    int((conv(shift(x, 1), kernel) != shift(conv(x, kernel), 1)).sum()),
    because="The same weights meet the same pixels, one row further down.",
)

# %%
# Here are both ways. The pattern is the kernel, seen in a mirror twice, because each
# output pixel looks at the bright one from the other side.

plotting.matrices(
    [x, "→", conv(x, kernel), "→", shift(conv(x, kernel), 1)],
    titles=["x", "f(x)", "T f(x)"],
    roles=["input", "output", "output"],
    title="Convolve, then move down",
)

# %%
# And the other way round:

plotting.matrices(
    [x, "→", shift(x, 1), "→", conv(shift(x, 1), kernel)],
    titles=["x", "T x", "f(T x)"],
    roles=["input", "input", "output"],
    title="Move down, then convolve: the same in the end",
)

# %%
# By hand
# -------
# Why must it be so? Write the pixel :math:`i` of the convolution of a shifted row:
#
# .. math::
#    \sum_u w_u \, x_{(i+u)-d} = \sum_u w_u \, x_{(i-d)+u} .
#
# On the left the shifted input, on the right the output at :math:`i-d`. The weights do
# not depend on *where* they are, and nothing else is needed. On random numbers, for every
# shift there is:

x = torch.randn(2, 3, 11, 13)
weight = torch.randn(5, 3, 3, 3)
for rows in range(11):
    assert_close(conv(shift(x, rows), weight), shift(conv(x, weight), rows))

# %%
# Where it breaks: the border
# ---------------------------
# Real layers do not wrap round. They pad with zeros, and zeros mark a border that does
# not move with the picture. Where may the two sides differ? In rows whose window
# touches the border before the move or after it. With a margin of :math:`P` rows, and a
# shift by :math:`d` that is small against the height, these are :math:`2P` rows around
# the border, and :math:`2P` around the place where it went: :math:`2P + \min(d, 2P)`
# rows, as they overlap.


def spoiled(f, x, rows, stride=1):  # pixels of one channel that differ
    gap = f(shift(x, rows)) - shift(f(x), rows // stride)
    return int((gap.abs().amax(dim=(0, 1)) > 1e-9).sum())


def padded(weight):
    return lambda x: F.conv2d(x, weight, padding=weight.shape[-1] // 2)


x = torch.randn(1, 3, 31, 17, dtype=torch.float64)
counts = {}
for size in (3, 5, 7):
    weight = torch.randn(4, 3, size, size, dtype=torch.float64)
    for rows in (1, 2, 5, 9):
        margin = size // 2
        predicted = (2 * margin + min(rows, 2 * margin)) * 17
        counts[size, rows] = spoiled(padded(weight), x, rows)
        assert counts[size, rows] == predicted
predict(
    "An image of 31 x 17, a 5 x 5 kernel with padding 2, moved down by 9 rows. How "
    "many of the 527 pixels are spoiled?",
    counts[5, 9],
    because="2P + min(d, 2P) = 4 + 4 rows of 17 pixels.",
)

# %%
# Twelve settings, and each count is what the formula says. Layers add their margins:
# three layers of 3 x 3 reach as far as one of 7 x 7.

weights = [torch.randn(3, 3, 3, 3, dtype=torch.float64) for _ in range(3)]


def deep(x):
    for weight in weights:
        x = F.conv2d(x, weight, padding=1)
    return x


assert spoiled(deep, x, 9) == counts[7, 9]
gap = (deep(shift(x, 9)) - shift(deep(x), 9)).abs().amax(dim=1)
plotting.feature_maps(
    (gap > 1e-9).double(),
    titles=["yellow: spoiled"],
    title="Three layers with zeros around, moved by 9: 6 rows, and 6 around the border",
)

# %%
# So a network with zero padding can know where the border is. Give it a picture without
# any content, all ones, and it answers differently there:

flat = F.conv2d(torch.ones(1, 1, 6, 6), torch.ones(1, 1, 3, 3), padding=1)
plotting.matrix(
    flat,
    role="output",
    title="A constant image under a kernel of ones: zeros around it give places away",
)

# %%
# Whole networks
# --------------
# ReLU, bias, batch normalisation in evaluation mode: what treats every pixel alike
# commutes with a shift. If each layer does, so does the whole, one after the other. A
# small network with borders that wrap:

net = nn.Sequential(
    nn.Conv2d(3, 8, 3, padding=1, padding_mode="circular"),
    nn.BatchNorm2d(8),
    nn.ReLU(),
    nn.Conv2d(8, 8, 5, padding=2, padding_mode="circular", groups=4),
    nn.Sigmoid(),
    nn.Conv2d(8, 4, 1),
).eval()
x = torch.randn(2, 3, 24, 16)
with torch.no_grad():
    assert_close(net(shift(x, 7)), shift(net(x), 7))

# %%
# Stride
# ------
# With stride :math:`S` the output has :math:`S` times fewer rows. A move by :math:`S`
# pixels can be a move by one row of it. A move by less cannot be anything.

found, weight = {}, torch.randn(5, 3, 3, 3)
for name, stride, layer in (
    ("conv, stride 2", 2, lambda x, w=weight: conv(x, w)[:, :, ::2, ::2]),
    ("max 2 x 2", 2, lambda x: F.max_pool2d(x, 2)),
    ("mean 4 x 4", 4, lambda x: F.avg_pool2d(x, 4)),
):
    out = layer(x)
    gaps = [
        ((layer(shift(x, d)) - shift(out, d // stride)).norm() / out.norm()).item()
        for d in range(10)
    ]
    found[name] = gaps
    assert max(gaps[::stride]) < 1e-5 < min(g for d, g in enumerate(gaps) if d % stride)
predict(
    "Mean pooling with 4 x 4 windows, shifts from 0 to 9. For which of them is the "
    "difference zero?",
    [d for d, gap in enumerate(found["mean 4 x 4"]) if gap < 1e-5],
    because="Only for multiples of the stride.",
)

# %%
# Zeros at the multiples of the stride, for convolution and pooling alike:

plotting.lines(
    list(range(10)),
    found,
    title="f(T x) against T f(x): zero at multiples of the stride, and nowhere else",
    xlabel="shift (pixels)",
    ylabel="difference (share of the output)",
)

# %%
# Invariant or equivariant?
# -------------------------
# *Equivariant*: the answer moves along, as an answer to *where?* should. *Invariant*:
# the answer does not change at all, :math:`f(Tx) = f(x)`, as an answer to *whether?*
# should. The second comes from the first by forgetting places at the end: a global mean
# or maximum.

whether = nn.Sequential(net, nn.AdaptiveMaxPool2d(1), nn.Flatten())
with torch.no_grad():
    print(f"maps change by up to {(net(shift(x, 7)) - net(x)).abs().max():.2f}")
    print(f"maxima by {(whether(shift(x, 7)) - whether(x)).abs().max():.2f}")
    assert_close(whether(shift(x, 7)), whether(x))

# %%
# A turn is no shift
# ------------------
# Nothing was said about rotations. We turn a digit by 90 degrees, and look for edges
# after the turn or before it.

slope = torch.tensor([[[[-1.0, 0.0, 1.0]] * 3]])
turned_first, turned_last = conv(digit.rot90(1, (2, 3)), slope), conv(digit, slope)
plotting.feature_maps(
    torch.cat([turned_first, turned_last.rot90(1, (2, 3))]),
    titles=["turn, then convolve", "convolve, then turn"],
    title="Left-to-right edges of a digit: a turn does not commute",
)

# %%
# The first finds vertical edges of the turned digit. The second finds what were vertical
# edges and now lie flat. Turn the *kernel* as well, and the equation is back.

both = conv(digit.rot90(1, (2, 3)), slope.rot90(1, (2, 3)))
assert_close(both, turned_last.rot90(1, (2, 3)))
round_kernel = torch.tensor([[[[0.0, 1, 0], [1, -4, 1], [0, 1, 0]]]])
after = conv(digit, round_kernel).rot90(1, (2, 3))
predict(
    "This kernel takes the sum of the four neighbours minus four times the middle. "
    "Turn the digit by 90 degrees before it or after it: how large is the difference?",
    f"{(conv(digit.rot90(1, (2, 3)), round_kernel) - after).abs().max().item():.1f}",
    because="The kernel looks the same after the turn. All others have to be learned "
    "in several directions, or be turned on purpose.",
)

# %%
# Takeaways
# ---------
# * A convolution commutes with shifts, since its weights do not know where they are.
#   With wrapped borders that is exact, for whole networks too.
# * Zeros at the border spoil :math:`2P + \min(d, 2P)` rows; the margins of layers add
#   up.
# * A stride keeps the equation for multiples of itself, and for no other shift.
# * Equivariant answers move along, invariant ones stay. A global maximum or mean makes
#   the second from the first; flattening makes neither.
# * Rotation and scale are no shifts. Nothing in a convolution provides for them.
#
# Check yourself
# --------------
# First the border; its margin decides.

ask("rows_that_differ")

# %%
# Then any layer. Does its result move along, stay, or neither?

ask("result_of_a_shift")

# %%
# Exercise
# --------
# Write the measurement of this page as a function for any :math:`f`.


def shift_error(function, x, rows, stride=1):
    """Return the largest difference between f(T x) and T f(x), T a shift down."""
    raise NotImplementedError


check("shift_error", shift_error)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("shift_error")

# %%
# References
# ----------
# 1. T. Cohen, M. Welling. *Group Equivariant Convolutional Networks.* 2016. Kernels that
#    are turned on purpose. `arXiv:1602.07576 <https://arxiv.org/abs/1602.07576>`__
# 2. M. A. Islam, S. Jia, N. D. B. Bruce. *How Much Position Information Do Convolutional
#    Neural Networks Encode?* 2020. What zeros at the border give away.
#    `arXiv:2001.08248 <https://arxiv.org/abs/2001.08248>`__
# 3. O. S. Kayhan, J. C. van Gemert. *On Translation Invariance in CNNs: Convolutional
#    Layers can Exploit Absolute Spatial Location.* 2020.
#    `arXiv:2003.07064 <https://arxiv.org/abs/2003.07064>`__
