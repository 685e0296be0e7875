"""
What rounding down throws away
==============================

The formula for the output size rounds down. That looks like a detail of arithmetic, and
it is not: whole rows of pixels may never be read. On this page we find them, choose
paddings that save them, and meet the one layer that may round up.

You will

* find the pixels that no window reads, and prove it with a gradient;
* choose the padding that keeps a size, or halves it exactly;
* predict the size after pooling with ``ceil_mode``, PyTorch's own rule included.

**Before this:** the output size as steps that fit into the room, plus one.
"""

import itertools
import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Eight pixels, a window of three, two pixels a step. These are all the windows:

row = torch.arange(8)
print(row.unfold(0, size=3, step=2).tolist())

# %%
# The room is five pixels: two steps of two, and one left over. Pixel 7 is in no window.
# On an image that is a whole row and a whole column.

numbered = torch.arange(64.0).reshape(1, 1, 8, 8)
seen = F.unfold(numbered, kernel_size=3, stride=2).unique()
predict(
    "A 3 x 3 window with stride 2 on 8 x 8 pixels: how many does no window read?",
    64 - len(seen),
    because="Three windows in a row reach over 3 + 2 + 2 = 7 pixels each way.",
)

# %%
# By gradient
# -----------
# A pixel that nobody reads cannot change the output, so its gradient is zero. We let
# all weights be one, so that no gradient is zero for another reason.

x = torch.ones(1, 1, 8, 8, requires_grad=True)
F.conv2d(x, torch.ones(1, 1, 3, 3), stride=2).sum().backward()
read = x.grad[0, 0] != 0  # (8, 8)
assert_close(read.nonzero().amax(dim=0), torch.tensor([6, 6]))
print("never read:", (~read).sum().item(), "of", read.numel())

# %%
# The struck-out pixels are those. No training can make this layer see them.

plotting.window_places(
    8, 3, stride=2, title="The last row and the last column are in no window"
)

# %%
# Turn one knob
# -------------
# With a zero on each side the windows begin one pixel earlier. Now what is left over is
# padding, and every pixel is read.

plotting.window_places(
    8,
    3,
    stride=2,
    padding=1,
    title="With padding 1 only zeros are left over, and every pixel is read",
)

# %%
# Kernel 3, padding 1, stride 2 is how most networks halve an image. Say what it does to
# an odd size.

sizes = {
    n: arithmetic.conv_output_size(n, 3, stride=2, padding=1) for n in range(1, 65)
}
assert all(out == math.ceil(n / 2) for n, out in sizes.items())
predict(
    "What becomes of 31 pixels, and what of 32?",
    f"{sizes[31]} and {sizes[32]}",
    because="The room is n - 1. It holds 15 steps of 2 pixels in both cases; for 32 "
    "one pixel is left over.",
)

# %%
# Half, rounded *up*. Two inputs share each output, so that an output does not tell
# where it came from. The lesson on transposed convolution has to live with that.
#
# Keep the size
# -------------
# At stride 1 nothing is left over, and the size stays when the zeros make up for the
# span: :math:`2P = D(K - 1)`.

predict(
    "Which padding keeps the size under a 5 x 5 kernel with dilation 3?",
    arithmetic.same_padding(5, dilation=3)[0][0],
    because="D(K - 1) = 3 * 4 = 12 zeros, half of them on each side.",
)

# %%
# ``padding="same"`` counts for you. An even kernel needs an odd number of zeros, and
# the extra one goes to the end:

image = torch.zeros(1, 1, 28, 45)
assert nn.Conv2d(1, 1, 5, dilation=3, padding="same")(image).shape == image.shape
print("zeros before and after, kernel 5:", arithmetic.same_padding(5)[0])
print("zeros before and after, kernel 4:", arithmetic.same_padding(4)[0])

# %%
# With a larger stride no padding keeps every size. TensorFlow's word means *divide by
# the stride, round up* there, and the zeros depend on the image; PyTorch refuses.

with expect_error(ValueError):
    nn.Conv2d(1, 1, 3, stride=2, padding="same")

# %%
# Pooling may round up
# --------------------
# A pooling window moves by the same rule. Its stride is the kernel size unless you say
# otherwise. Seven pixels in windows of two leave one over, and ``ceil_mode=True`` gives
# it a window that hangs over the end:

plotting.window_row(
    7, 2, stride=2, ceil_mode=True, title="The fourth window hangs over the end"
)

# %%
# What hangs over is no zero. It does not exist: the maximum is taken over the pixels
# that are there, and the average divides by their number.

row = torch.arange(1.0, 8.0).reshape(1, 1, 7)
print("largest:", F.max_pool1d(row, 2, ceil_mode=True).tolist()[0][0])
print("average:", F.avg_pool1d(row, 2, ceil_mode=True).tolist()[0][0])

# %%
# Rounding up is not the whole rule, though. Three pixels, padding 1, windows of two,
# stride 2: the room is 3, a step and a half, and rounding up says three places.

pool = nn.MaxPool2d(2, stride=2, padding=1, ceil_mode=True)
answer = tuple(pool(torch.ones(1, 1, 3, 3)).shape[2:])
predict(
    "What does PyTorch say for a 3 x 3 image?",
    f"{answer[0]} x {answer[1]}",
    because="The third window would begin at 4 in the padded row. The zero before the "
    "image and its three pixels are 0 to 3. PyTorch drops a last window that starts "
    "after them: it could see padding only.",
)

# %%
# So: round up, then take one away if the last window starts after the image. By hand:


def pool_size(n, k, s, p):
    places = math.ceil((n + 2 * p - k) / s) + 1
    return places - 1 if (places - 1) * s >= n + p else places


assert (pool_size(7, 2, 2, 0), pool_size(3, 2, 2, 1)) == (4, 2)

# %%
# In the library
# --------------
# ``arithmetic.pool_output_size`` has the same rule. Page, package and layer must agree:

count = 0
for n, k, s in itertools.product(range(5, 14), (1, 2, 3, 4), (1, 2, 3, 4)):
    for p in range(k // 2 + 1):
        named = {"stride": s, "padding": p, "ceil_mode": True}
        size = arithmetic.pool_output_size(n, k, **named)
        layer = nn.MaxPool2d(k, **named)
        pooled = layer(torch.empty(1, 1, n, n, device="meta"))
        assert pool_size(n, k, s, p) == size == pooled.shape[2]
        count += 1
print(count, "settings: page, package and layer agree")

# %%
# Where it breaks
# ---------------
# Padding of more than half a pooling window is refused, as a window could see nothing
# else. And what the floor took is missed as soon as a network wants its size back:

with expect_error(ValueError):
    arithmetic.pool_output_size(7, 2, padding=2)
x = torch.zeros(1, 1, 7, 7)
down = F.max_pool2d(x, 2)  # 7 -> 3
up = F.interpolate(down, scale_factor=2)  # 3 -> 6
with expect_error(RuntimeError):
    x + up

# %%
# Takeaways
# ---------
# * The floor throws away up to :math:`S - 1` rows and columns. Their gradient is zero:
#   for the layer they do not exist.
# * :math:`2P = D(K - 1)` keeps the size at stride 1. Kernel 3, padding 1, stride 2 gives
#   half, rounded up, and reads every pixel.
# * ``ceil_mode`` rounds up, unless the last window would start after the image.
# * Different inputs have the same output size. There is no way back without knowing
#   which it was.
#
# Check yourself
# --------------
# First the pixels that nobody reads, each way by itself.

ask("pixels_without_gradient")

# %%
# Then the pooling. Watch how it rounds.

ask("pooled_places")

# %%
# Exercise
# --------
# Write the size after pooling, with both ways of rounding.


def pooled_size(size, kernel_size, stride=None, padding=0, ceil_mode=False):
    """Return how many windows pooling has along an axis of `size` pixels."""
    raise NotImplementedError


check("pooled_size", pooled_size)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("pooled_size")

# %%
# References
# ----------
# 1. PyTorch documentation: `MaxPool2d
#    <https://docs.pytorch.org/docs/stable/generated/torch.nn.MaxPool2d.html>`__. The note
#    on ``ceil_mode`` has the rule about the last window.
# 2. V. Dumoulin, F. Visin. *A guide to convolution arithmetic for deep learning.* 2016.
#    `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__
