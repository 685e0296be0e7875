"""
How large is the output?
========================

Five numbers decide how large a layer's output is: the size of the input, and the
layer's kernel, stride, padding and dilation. On this page we read the rule off a
picture. From then on we work in three steps: *predict* the size, *validate* the
prediction without a layer, *execute* the layer.

You will

* derive the output size from a picture, and predict it for square, rectangular and
  lopsided settings;
* validate a prediction by counting patches, and learn what that check cannot see;
* find out what each of the four settings does to the number of places.

**Before this:** a kernel slides over an image and takes a dot product in each place.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial import arithmetic, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# An image has two axes, and they do not know of each other. So we begin with one row:
# seven pixels, numbered, and a zero on each side.

row = F.pad(torch.arange(1.0, 8.0), (1, 1))
print(row.tolist())

# %%
# A window of three pixels starts at the left end and moves two pixels at a time. It
# stops when it would leave the row.

windows = row.unfold(0, size=3, step=2)  # places, pixels of a window
predict(
    "In how many places does the window stand?",
    len(windows),
    because="Its first pixel can be at 0, 2, 4 and 6.",
)

# %%
# Here are the places, one below the other. Count three lengths in the picture: the
# padded row, the *span* of the window, and the room that is left for it to move.

plotting.window_row(
    7,
    3,
    stride=2,
    padding=1,
    title="Room for three steps of two pixels: the window stands in four places",
)

# %%
# The window already stands in one place before it moves. Each step of :math:`S` pixels
# adds one more. That is the whole rule: *steps that fit, plus one*.
#
# Dilation changes only the span. With dilation 2 there is a gap of one pixel between
# neighbouring elements, and three elements reach over five pixels:

plotting.window_row(
    8,
    3,
    stride=2,
    dilation=2,
    title="Three elements with gaps span five pixels, and one pixel is left over",
)

# %%
# Struck out is what no window reads: the pixels in the gaps, and the last one. The room
# is three pixels and a step takes two, so one step fits. The pixel left over buys
# nothing, and so the formula rounds down (:math:`\lfloor\;\rfloor`):
#
# .. math::
#    H_{out} = \left\lfloor \frac{H + 2P - D(K - 1) - 1}{S} \right\rfloor + 1
#
# The padded row is :math:`H + 2P`, the span is :math:`D(K - 1) + 1`. What stands above
# the line is their difference: the room.
#
# Predict
# -------
# In code, once for each axis. Every setting may be one number for both axes, or a pair
# (vertical, horizontal).


def both(setting):
    return setting if isinstance(setting, tuple) else (setting, setting)


def get_size(height, width, kernel_size, stride=1, padding=0, dilation=1):
    size = []
    settings = zip(*map(both, (kernel_size, stride, padding, dilation)), strict=True)
    for n, (k, s, p, d) in zip((height, width), settings, strict=True):
        span = d * (k - 1) + 1
        room = n + 2 * p - span
        size.append(room // s + 1)
    return tuple(size)


# %%
# Four settings are worth knowing by heart, because most networks are made of them.
# Work each one out before you open the answer.

predict(
    "An image of 32 x 32 meets a 3 x 3 kernel. What comes out as it is; with padding "
    "1; with padding 1 and stride 2; with padding 2 and dilation 2?",
    ", ".join(
        "{} x {}".format(*get_size(32, 32, 3, **setting))
        for setting in (
            {},
            {"padding": 1},
            {"padding": 1, "stride": 2},
            {"padding": 2, "dilation": 2},
        )
    ),
    because="The span is 3, 3, 3 and 5; the room 29, 31, 31 and 31; a step takes 1, 1, "
    "2 and 1 pixels.",
)

# %%
# The numbers are fixed here, so that no change of this page can move them:

assert get_size(32, 32, 3) == (30, 30)
assert get_size(32, 32, 3, padding=1) == (32, 32)
assert get_size(32, 32, 3, padding=1, stride=2) == (16, 16)
assert get_size(32, 32, 3, padding=2, dilation=2) == (32, 32)

# %%
# The same four settings, drawn on 8 x 8 pixels. A dot marks where a window begins, so
# there are as many dots as output pixels. What no window reads is struck out.

settings = {
    "K3": {"kernel_size": 3},
    "K3, P1": {"kernel_size": 3, "padding": 1},
    "K3, P1, S2": {"kernel_size": 3, "padding": 1, "stride": 2},
    "K3, P2, D2": {"kernel_size": 3, "padding": 2, "dilation": 2},
}
sizes = [get_size(8, 8, **setting)[0] for setting in settings.values()]
assert sizes == [6, 8, 4, 8]
plotting.window_settings(8, settings, title="8 pixels become 6, 8, 4 and 8")

# %%
# Watch the windows walk at one pace on 4 x 4 pixels. Which two finish together, and
# why do the other two need 16 places?

plotting.window_animation(
    4,
    settings,
    title="At one pace: padding adds places, stride leaves places out",
    still=7,
)

# %%
# Without padding the window has four places. Padding 1 makes sixteen of them, and
# stride 2 leaves four of these again. The last window has gaps, and needs twice the
# padding to find as many places.
#
# Validate
# --------
# Before we trust a formula we count by another way. ``F.unfold`` lays every window of
# an image out as a column, and its number of columns is :math:`L`, the number of places
# in both directions together. So :math:`H_{out} \cdot W_{out} = L` must hold. We take a
# setting that differs in everything it can.

setting = {
    "kernel_size": (5, 3),
    "stride": (2, 1),
    "padding": (2, 0),
    "dilation": (1, 3),
}
image = torch.zeros(1, 1, 28, 45)  # N, C, H, W
predicted = get_size(28, 45, **setting)
patches = F.unfold(image, **setting)  # (1, 5 * 3, L)
predict(
    "28 x 45 pixels, kernel 5 x 3, stride (2, 1), padding (2, 0), dilation (1, 3): "
    "which size, and how many patches?",
    f"{predicted[0]} x {predicted[1]}, {patches.shape[-1]} patches",
    because="Vertically (28 + 4 - 5) // 2 + 1; horizontally the span is 7 and "
    "45 - 7 + 1 places remain.",
)

# %%
# The *area check* compares one number with another:

assert predicted[0] * predicted[1] == patches.shape[-1]

# %%
# It finds a missing padding or a forgotten stride. It does not find swapped axes, as a
# product does not mind the order. A check that cannot fail on your mistake is no check.
#
# Execute
# -------
# The layer itself has the last word, on both axes.

layer = nn.Conv2d(1, 1, **setting)
assert layer(image).shape[2:] == predicted
print("predicted", predicted, "| executed", tuple(layer(image).shape[2:]))

# %%
# Where it breaks
# ---------------
# A window that does not fit has no place to stand, and a formula does not notice. Ours
# says zero, and would go on to negative numbers. The layer and the package refuse.

print(get_size(4, 4, 7, padding=1))
with expect_error(RuntimeError):
    nn.Conv2d(1, 1, 7, padding=1)(torch.zeros(1, 1, 4, 4))
with expect_error(ValueError):
    arithmetic.get_size(4, 4, 7, padding=1)

# %%
# In the library
# --------------
# ``arithmetic.get_size`` is our predictor with checks, and ``arithmetic.get_area`` the
# area check. Page, package and layer must agree over a grid of settings. On PyTorch's
# *meta* device a layer computes shapes and no numbers.

grid = itertools.product(range(7, 12), (1, 2, 3), (1, 2, 3), (0, 1), (1, 2))
count = 0
for n, k, s, p, d in grid:
    page = get_size(n, n + 2, k, s, p, d)
    named = {"stride": s, "padding": p, "dilation": d}
    assert page == arithmetic.get_size(n, n + 2, k, **named)
    assert page[0] * page[1] == arithmetic.get_area(n, n + 2, k, **named)
    layer = nn.Conv2d(1, 1, k, **named, device="meta")
    assert page == layer(torch.empty(1, 1, n, n + 2, device="meta")).shape[2:]
    count += 1
print(count, "settings: page, package and layer agree")

# %%
# Takeaways
# ---------
# * The output size is the number of steps that fit into the room, plus one. The room is
#   the padded input less the span of the window.
# * Padding makes room, dilation takes it, stride divides it, and what is left over is
#   rounded away.
# * Predict, validate, execute. The area check finds a wrong count and not a swapped
#   axis.
# * What is rounded away are pixels. The next lesson looks for them.
#
# Check yourself
# --------------
# All five numbers in one row. Sketch it if you like.

ask("places_on_an_axis")

# %%
# And what the area check cannot see:

ask("wrong_size_unnoticed")

# %%
# Exercise
# --------
# Write the rule for one axis, from the picture and not from memory.


def output_size(size, kernel_size, stride=1, padding=0, dilation=1):
    """Return how many places a window has along an axis of `size` pixels."""
    raise NotImplementedError


check("output_size", output_size)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("output_size")

# %%
# References
# ----------
# 1. V. Dumoulin, F. Visin. *A guide to convolution arithmetic for deep learning.* 2016.
#    The pictures that made this arithmetic popular.
#    `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__
# 2. PyTorch documentation: `Conv2d
#    <https://docs.pytorch.org/docs/stable/generated/torch.nn.Conv2d.html>`__, under
#    *Shape*.
