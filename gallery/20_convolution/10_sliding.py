"""
A convolution is a dot product that slides
==========================================

Take three numbers, a window. Put it on the beginning of a row of numbers, multiply what
lies on top of each other, add up. Move one step to the right and do it again. That is
all a convolution layer does, in one dimension and in two. One confusion surrounds it:
some functions called *convolve* turn the three numbers round first, and those of deep
learning do not.

You will

* slide a kernel along a row and over an image, with loops that hide nothing;
* find out which functions of NumPy, SciPy and PyTorch flip the kernel, by a kernel that
  shows it;
* pad an image with zeros by hand, and let whole images take the place of the loops.

**Before this:** you can index an array, and you have met the dot product of two rows.
"""

import numpy as np
import scipy.ndimage
import scipy.signal
import torch
import torch.nn.functional as F

from cnn_tutorial import convolution, datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# The row counts from 1 to 7. The kernel holds one, ten and a hundred, so that a result
# can be *read*: its last digit is the pixel that met the 1, the digit before met the
# 10, and the first one met the 100.

x = np.array([1, 2, 3, 4, 5, 6, 7])
k = np.array([1, 10, 100])
window = x[2:5]
print(window, "meets", k)

# %%
# A dot product multiplies number by number and adds: 3 * 1 + 4 * 10 + 5 * 100.

predict(
    "The window lies on 3, 4, 5. Which number is `[3, 4, 5] @ [1, 10, 100]`?",
    window @ k,
    because="3 ones, 4 tens and 5 hundreds: 3 + 40 + 500.",
)

# %%
# By hand
# -------
# Now slide. The kernel is three wide and must not hang over, so its first element can
# stand on x[0], x[1] and so on up to x[4].

slid = [int(x[i : i + 3] @ k) for i in range(len(x) - len(k) + 1)]
print(slid)

# %%
# Seven numbers have become five, and each result spells its window backwards. The
# picture shows the one in the middle; the star stands for the slide.

plotting.matrices(
    [x, "⋆", k, "=", slid],
    titles=["row", "kernel", "result"],
    roles=["input", "kernel", "output"],
    windows={0: (0, 2, 1, 3), 2: (0, 2)},
    title="The window on 3, 4, 5 makes the third result",
)

# %%
# Who flips?
# ----------
# NumPy has a function for this, or so its name says.

print("np.convolve ", np.convolve(x, k, "valid"))
print("np.correlate", np.correlate(x, k, "valid"))

# %%
# The digits tell: ``np.convolve`` let the 1 meet the *last* pixel of the window and the
# 100 the first. It has turned the kernel round. Turn it round once more and both agree:

assert np.convolve(x, k[::-1], "valid")[2] == [3, 4, 5] @ k
assert np.convolve(x, k[::-1], "valid").tolist() == slid

# %%
# There are two operations, then, and they have two names. Mathematics writes
#
# .. math::
#    \text{convolution} \quad (x * w)_i = \sum_u w_u \, x_{i-u}
#
# .. math::
#    \text{cross-correlation} \quad (x \star w)_i = \sum_u w_u \, x_{i+u} .
#
# Read the signs. With :math:`i+u` kernel and row are walked in the same direction. With
# :math:`i-u` they are walked in opposite directions, and that is the flip. (Where the
# first result is counted from differs too, by :math:`K-1`; that only renames places.)
#
# Which one does a convolution *layer* compute? Ask everybody the same question. A
# result of 321 at the start means: not flipped.

row, three = torch.tensor(x)[None], torch.tensor(k)[None, None]  # (1, T), (1, 1, K)
asked = {
    "np.convolve": np.convolve(x, k, "valid"),
    "np.correlate": np.correlate(x, k, "valid"),
    "scipy.signal.convolve": scipy.signal.convolve(x, k, "valid"),
    "scipy.signal.correlate": scipy.signal.correlate(x, k, "valid"),
    "scipy.ndimage.convolve1d": scipy.ndimage.convolve1d(x, k)[1:-1],
    "scipy.ndimage.correlate1d": scipy.ndimage.correlate1d(x, k)[1:-1],
    "F.conv1d of PyTorch": F.conv1d(row, three)[0],
}
for name, found in asked.items():
    print(f"{name:26}", {123: "flips", 321: "does not flip"}[int(found[0])])

# %%
# Deep learning says convolution and computes cross-correlation. Nothing is lost: the
# numbers of a kernel are *learned*, and a layer that flipped would learn the same
# kernel the other way round. Something is lost when you carry a kernel from a textbook
# on signals into ``F.conv2d``, or weights the other way: then the flip is yours to do.
#
# .. warning::
#    A symmetric kernel cannot tell you whether a function flips. Test with one that has
#    no symmetry at all.

symmetric = np.array([1, 2, 1])
assert (np.convolve(x, symmetric) == np.correlate(x, symmetric, "full")).all()

# %%
# Why would anybody flip?
# -----------------------
# Let the row be an *impulse*: a single 1 among zeros. Before you open the answer, think
# of the window moving over it from the left. Which element of the kernel meets the 1
# first?

impulse = np.array([0, 0, 1, 0, 0])
predict(
    "An impulse goes in, with the kernel `[1, 10, 100]`. "
    "What does the version that does not flip make of it?",
    np.correlate(impulse, k, "same").tolist(),
    because="The window comes from the left, so its last element meets the impulse "
    "first. Without a flip an impulse becomes the kernel mirrored; with a flip it "
    f"becomes the kernel itself, {np.convolve(impulse, k, 'same').tolist()}.",
)

# %%
# That is why signal processing flips: what a filter does to an impulse *is* the filter.
# And with the flip, row and kernel can change places, as factors do. Without it they
# cannot.

a, b = np.array([1, 5, -2]), np.array([3, 1, 4, 1])
print("convolve: ", np.convolve(a, b), np.convolve(b, a))
print("correlate:", np.correlate(a, b, "full"), np.correlate(b, a, "full"))

# %%
# How far may the window go?
# --------------------------
# So far the window stayed inside. It may also hang over, on zeros. NumPy has three
# names for how far, PyTorch has a number, the *padding*.

for mode, zeros in (("valid", 0), ("same", 1), ("full", 2)):
    ours = np.correlate(x, k, mode)
    assert ours.tolist() == F.conv1d(row, three, padding=zeros)[0].tolist()
    print(f"{mode:6} padding {zeros}  {len(ours)} results  {ours}")

# %%
# Two dimensions
# --------------
# An image has rows and columns, so the window is a rectangle and slides both ways. The
# trick with the digits still works.

image = np.array([[1, 2, 3], [4, 5, 6]])
kernel = np.array([[1, 10], [100, 1000]])
predict(
    "The 2 x 2 window lies on 1, 2 and, below, 4, 5. "
    "Which number comes out, without a flip?",
    (image[:2, :2] * kernel).sum(),
    because="1 * 1 + 2 * 10 + 4 * 100 + 5 * 1000. Read it from the back.",
)

# %%
# As formulas, with the place :math:`(i, j)` and the kernel element :math:`(u, v)`:
#
# .. math::
#    (x \star w)_{i,j} = \sum_{u=0}^{k_h-1} \sum_{v=0}^{k_w-1} w_{u,v} \, x_{i+u,\,j+v}
#
# .. math::
#    (x * w)_{i,j} = \sum_{u=0}^{k_h-1} \sum_{v=0}^{k_w-1} w_{u,v} \, x_{i-u,\,j-v}
#
# The first is ours, and it reads as a program: two loops for the place, two for the
# sums. Padding comes before them. We make a larger image of zeros and lay the small one
# into its middle.


def slide(image, kernel, padding=0):
    (height, width), (kh, kw) = image.shape, kernel.shape
    padded = np.zeros((height + 2 * padding, width + 2 * padding))
    padded[padding : padding + height, padding : padding + width] = image
    out = np.zeros((padded.shape[0] - kh + 1, padded.shape[1] - kw + 1))
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            for u in range(kh):
                for v in range(kw):
                    out[i, j] += kernel[u, v] * padded[i + u, j + v]
    return out


print(slide(image, kernel))

# %%
# One ring of zeros makes room for places at the border, and the output grows:

plotting.matrices(
    [np.pad(image, 1), "⋆", kernel, "=", slide(image, kernel, padding=1)],
    titles=["image in zeros", "kernel", "result"],
    roles=["input", "kernel", "output"],
    windows={0: (0, 0, 2, 2), 2: (0, 0)},
    title="With a ring of zeros the first window sees one pixel of the image",
)

# %%
# The claim, checked
# ------------------
# In two dimensions the flip goes both ways: up and down, left and right, half a turn.
# It is not a transpose. SciPy has both versions, PyTorch has one.

generator = np.random.default_rng(0)
image, kernel = generator.normal(size=(11, 13)), generator.normal(size=(3, 4))
ours = slide(image, kernel)
assert np.allclose(ours, scipy.signal.correlate2d(image, kernel, "valid"))
assert np.allclose(ours, scipy.signal.convolve2d(image, kernel[::-1, ::-1], "valid"))
theirs = F.conv2d(torch.tensor(image)[None, None], torch.tensor(kernel)[None, None])
assert np.allclose(ours, theirs[0, 0])

# %%
# Does it matter on a picture? This kernel subtracts the left neighbour from the right
# one. Flipped, it subtracts right from left.

digit = datasets.for_role("digits").test.scaled()[0, 0].numpy()  # (H, W), 0-1
edges = np.array([[-1.0, 0.0, 1.0]] * 3)
straight = slide(digit, edges, padding=1)
flipped = slide(digit, edges[::-1, ::-1], padding=1)
assert np.allclose(straight, -flipped)
plotting.feature_maps(
    np.stack([straight, flipped]),
    titles=["as it is", "flipped"],
    title="The same kernel with and without the flip: every edge changes its sign",
)

# %%
# Without the loops
# -----------------
# Four nested loops in Python are slow, since the interpreter touches every product. Two
# of them go away when we turn them inside out: take *one* kernel element at a time and
# let it meet its pixel in all places at once. Those pixels are the image, shifted.


def shift_and_add(padded, kernel):
    (height, width), (kh, kw) = padded.shape, kernel.shape
    h_out, w_out = height - kh + 1, width - kw + 1
    out = np.zeros((h_out, w_out))
    for u in range(kh):
        for v in range(kw):
            out += kernel[u, v] * padded[u : u + h_out, v : v + w_out]
    return out


assert np.allclose(shift_and_add(image, kernel), ours)

# %%
# The other two go when NumPy hands us all windows as one array of four axes: place
# ``i, j``, element ``u, v``. The formula is then one line, letter by letter.

windows = np.lib.stride_tricks.sliding_window_view(image, kernel.shape)
assert np.allclose(np.einsum("ijuv,uv->ij", windows, kernel), ours)
predict(
    f"The image is {image.shape}, the kernel {kernel.shape}. "
    "Which shape has the array of all windows?",
    windows.shape,
    because="11 - 3 + 1 = 9 and 13 - 4 + 1 = 10 places; each window is 3 by 4.",
)

# %%
# Where it breaks
# ---------------
# What if the kernel is longer than the row? No place is left for it. PyTorch and the
# package refuse. NumPy swaps the two, in silence, and returns an answer to a question
# that nobody asked.

short = np.array([1, 2])
print("np.correlate:", np.correlate(short, k, "valid"))
with expect_error(ValueError):
    convolution.correlate1d(short, k)

# %%
# In the library
# --------------
# The package has both operations by their right names, and the loops in two dimensions
# with everything a layer can do. They must agree with this page.

assert convolution.correlate1d(x, k).tolist() == slid
assert convolution.convolve1d(x, k).tolist() == np.convolve(x, k, "valid").tolist()
loops = convolution.conv2d_loops(
    torch.tensor(image)[None], torch.tensor(kernel)[None, None], padding=2
)
assert np.allclose(loops[0], slide(image, kernel, padding=2))

# %%
# Takeaways
# ---------
# * A convolution layer slides a kernel and takes a dot product in each place. It does
#   not flip: mathematics calls that cross-correlation.
# * ``np.convolve`` and everything called *convolve* in SciPy flip; ``correlate`` and
#   PyTorch's ``conv`` functions do not. ``k[::-1]``, or ``kernel[::-1, ::-1]``,
#   translates.
# * A symmetric kernel hides the difference, so test with one that is not.
# * Zero padding is a larger image of zeros with the small one in it. It makes room for
#   more places.
# * The four loops can be turned inside out; what they compute stays the same.
#
# Check yourself
# --------------
# Does this function flip? Read the digits before you choose.

ask("slid_number")

# %%
# Now a single 1 among zeros.

ask("answer_to_an_impulse")

# %%
# Exercise
# --------
# Write the naive convolution yourself, for one image and one kernel, with zero padding.
# Loops are welcome; a library's convolution would miss the point. Image and kernel are
# tensors here: where the page has ``np.zeros``, take ``torch.zeros``.


def sliding_convolution(image, kernel, padding=0):
    """Slide kernel (kh, kw) over image (H, W), with `padding` zeros on each side."""
    raise NotImplementedError


check("sliding_convolution", sliding_convolution)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("sliding_convolution")

# %%
# References
# ----------
# 1. I. Goodfellow, Y. Bengio, A. Courville. *Deep Learning.* MIT Press 2016, section
#    9.1: why the layer keeps the name and drops the flip.
#    `Chapter 9 <https://www.deeplearningbook.org/contents/convnets.html>`__
# 2. S. W. Smith. *The Scientist and Engineer's Guide to Digital Signal Processing.*
#    1997, chapter 6: convolution from the impulse.
#    `Chapter 6 <https://www.dspguide.com/ch6.htm>`__
