"""
The gradient folds the patches back
===================================

Forwards, a convolution copies pixels into a table and multiplies. Backwards, the
gradient arrives at the table and has to find its way home: every copy of a pixel sends
its part back to the one pixel it came from. The operation is called *fold*. It looks
like the inverse of *unfold*, and it is not.

You will

* fold a table by hand, and say in advance which pixels come back larger;
* write unfold as a matrix of zeros and ones, and see that fold is its transpose;
* compute all three gradients of a convolution with two products and a sum, and check
  them against autograd.

**Before this:** the lessons on the patch matrix and on autograd.
"""

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import convolution, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

generator = torch.Generator().manual_seed(0)

# %%
# The question
# ------------
# Sixteen pixels, all of them 1, and a 2 x 2 window. Unfold them, then put every column
# back where it came from. Where columns overlap, they add up.

ones = torch.ones(1, 1, 4, 4)
table = F.unfold(ones, 2)  # (1, 4, 9)
back = F.fold(table, output_size=(4, 4), kernel_size=2)
predict(
    "Sixteen ones are unfolded and folded again. "
    "What comes back in a corner, at an edge, in the middle?",
    [int(back[0, 0, 0, 0]), int(back[0, 0, 0, 1]), int(back[0, 0, 1, 1])],
    because="A corner is in one window, a pixel at the edge in two, one in the middle "
    "in four. Each window brings its copy back.",
)

# %%
# By hand
# -------
# Two loops over the places, as when we took the windows out. Only the direction of the
# copy has changed, and ``=`` has become ``+=``.


def fold(columns, height, width, k):
    image = torch.zeros(height, width)
    places = columns.T.reshape(height - k + 1, width - k + 1, k, k)
    for i in range(places.shape[0]):
        for j in range(places.shape[1]):
            image[i : i + k, j : j + k] += places[i, j]
    return image


assert_close(fold(table[0], 4, 4, 2), back[0, 0])
plotting.matrix(
    back[0, 0],
    title="How many windows read each pixel: corners once, the middle four times",
)

# %%
# So fold does not undo unfold: it multiplies each pixel by the number of windows that
# read it. Divide by that number, and the image is back.

x = torch.randn(1, 1, 4, 4, generator=generator)
assert_close(F.fold(F.unfold(x, 2), (4, 4), 2) / back, x)

# %%
# The idea: a transpose
# ---------------------
# Unfold copies numbers, so it is linear, so it is a matrix. To see the matrix, feed it
# one pixel at a time. Nine pixels are enough: 3 x 3, with four windows of four elements.

pixels = torch.eye(9).reshape(9, 1, 3, 3)  # image n has a 1 at pixel n
U = F.unfold(pixels, 2).reshape(9, 16).T  # (4*4 numbers of the table, 9 pixels)
plotting.matrix(
    U,
    highlight=(0, 4, 16, 1),
    title="Unfold as a matrix, a row for each copy: the middle pixel has four",
)

# %%
# Each row holds a single 1: one number of the table is one pixel. Each column holds as
# many as the pixel has copies. And fold? Its output pixel adds up its copies, which are
# the ones in a *column*. It is the transpose.

y = torch.randn(1, 4, 4, generator=generator)  # any table for a 3 x 3 image
assert_close((U.T @ y.flatten()).reshape(3, 3), F.fold(y, (3, 3), 2)[0, 0])
print("copies of each pixel:", U.sum(0).int().tolist())

# %%
# For operations that nobody wants to write as a matrix the transpose is called the
# *adjoint*, and it is recognised by what it does to inner products. For every image
# :math:`x` and every table :math:`y`
#
# .. math::
#    \langle \mathrm{unfold}(x),\, y \rangle = \langle x,\, \mathrm{fold}(y) \rangle .

x = torch.randn(1, 3, 11, 13, generator=generator, dtype=torch.float64)
knobs = {"kernel_size": (3, 5), "stride": 2, "padding": 1}
y = torch.randn(F.unfold(x, **knobs).shape, generator=generator, dtype=torch.float64)
left = (F.unfold(x, **knobs) * y).sum()
right = (x * F.fold(y, (11, 13), **knobs)).sum()
print(f"{left.item():.12f}  {right.item():.12f}")
assert_close(left, right)

# %%
# Backwards, by two products
# --------------------------
# Forwards, with a kernel matrix :math:`W` of shape (C_out, p) and a table :math:`P` of
# shape (p, L), the output is :math:`Y = WP + b`. Let :math:`G` be the gradient of the
# loss with respect to :math:`Y`: what the loss asks for at each output pixel. Then
#
# .. math::
#    \nabla_W = G P^\top, \qquad \nabla_P = W^\top G, \qquad
#    \nabla_b = \sum_{\text{places}} G,
#
# the rules of any product of matrices. What remains is the step from the table to the
# image, and for that we have :math:`\nabla_x = \mathrm{fold}(\nabla_P)`.


def backward(x, weight, g, **knobs):
    size = weight.shape[2:]
    patches = F.unfold(x, size, **knobs)  # N, p, L
    g = g.flatten(2)  # N, C_out, L
    for_weight = torch.einsum("nol,npl->op", g, patches).reshape(weight.shape)
    for_patches = weight.flatten(1).T @ g  # N, p, L
    for_x = F.fold(for_patches, x.shape[2:], size, **knobs)
    return for_x, for_weight, g.sum((0, 2))


# %%
# Batch, channels and sides are different primes again. Before you compare, predict.

weight = torch.randn(5, 3, 3, 5, generator=generator, dtype=torch.float64)
bias = torch.zeros(5, dtype=torch.float64)
x = torch.randn(2, 3, 11, 13, generator=generator, dtype=torch.float64)
out = F.conv2d(x, weight, bias, stride=2, padding=1)
predict(
    "x is (2, 3, 11, 13), weight (5, 3, 3, 5), stride 2, padding 1. Which shapes have "
    "the output, and the gradients for x, weight and bias?",
    ", ".join(str(tuple(t.shape)) for t in (out, x, weight, bias)),
    because="11 + 2 - 3 = 10, 10 // 2 + 1 = 6; 13 + 2 - 5 = 10, again 6. A gradient "
    "has the shape of what it changes: images and places have been added up.",
)

# %%
# The claim, checked: autograd returns the same three.

leaves = [t.clone().requires_grad_() for t in (x, weight, bias)]
for stride, padding, dilation in ((1, 0, 1), (2, 1, 1), (1, 2, 2), (3, 2, 2)):
    knobs = {"stride": stride, "padding": padding, "dilation": dilation}
    out = F.conv2d(*leaves, **knobs)
    g = torch.randn(out.shape, generator=generator, dtype=torch.float64)
    by_autograd = torch.autograd.grad(out, leaves, g)
    for ours, theirs in zip(backward(x, weight, g, **knobs), by_autograd, strict=True):
        assert_close(ours, theirs)

# %%
# Two things follow. The gradient of the kernel *adds up all places*: one shared kernel
# hears from every window. And it needs the table again, so that whoever builds the table
# forwards must keep it, or build it twice. How much does autograd keep for each version?


def kept(function, *arguments):
    sizes = {}

    def pack(tensor):
        sizes[tensor.data_ptr()] = tensor.nbytes
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        function(*arguments)
    return sum(sizes.values())


image = torch.randn(1, 16, 56, 56, requires_grad=True)
kernels = torch.randn(16, 16, 3, 3, requires_grad=True)
for function in (convolution.conv2d_unfold, F.conv2d):
    share = kept(function, image, kernels) / image.nbytes
    print(f"{function.__name__:14} keeps {share:.1f} times the image")

# %%
# Turn one knob
# -------------
# With stride 1 the windows cover the middle evenly. With stride 2 and a 3 x 3 window
# they do not. It is the checkerboard of an earlier lesson, seen from the other side:

reads = F.fold(F.unfold(torch.ones(1, 1, 9, 9), 3, stride=2), (9, 9), 3, stride=2)
plotting.matrix(
    reads[0, 0],
    title="Kernel 3, stride 2: some pixels are read four times, some once",
)

# %%
# There it marked the pixels that a transposed convolution *writes* more often. Here they
# are *read* more often, so that they receive more gradient. The cure is the same, a
# kernel whose side is a multiple of the stride:

image = torch.ones(1, 1, 10, 10)
even = F.fold(F.unfold(image, 4, stride=2), (10, 10), 4, stride=2)[0, 0]
print("kernel 4, stride 2, two pixels from the border:", even[2:-2, 2:-2].unique())

# %%
# Where it breaks
# ---------------
# If the stride is larger than the kernel, some pixels are never read. They receive no
# gradient at all, and whatever stands there, the layer cannot know. No error says so.

x = torch.randn(1, 1, 7, 7, requires_grad=True)
F.conv2d(x, torch.ones(1, 1, 2, 2), stride=3).sum().backward()
predict(
    "A 7 x 7 image, kernel 2, stride 3: how many pixels get no gradient?",
    f"{(x.grad == 0).sum()} of {x.numel()}",
    because="Places each way: (7 - 2) // 3 + 1 = 2. Four windows read four pixels "
    "each, none of them twice.",
)

# %%
# The zeros, row by row. The last two rows and columns are the remainder of the division:

print(x.grad[0, 0].int())

# %%
# A table that belongs to another image does raise.

with expect_error(ValueError):
    convolution.fold(torch.ones(1, 4, 9), output_size=(4, 5), kernel_size=2)

# %%
# In the library
# --------------
# ``convolution.fold`` is the same adjoint, and the gradient of the package's unfold.
# And the transposed convolution of an earlier lesson is our step backwards, run
# forwards. The columns that ``fold`` puts back are its stamps:

g = torch.randn(2, 5, 6, 6, generator=generator, dtype=torch.float64)
columns = weight.flatten(1).T @ g.flatten(2)
ours = convolution.fold(columns, (11, 13), (3, 5), stride=2, padding=1)
assert_close(ours, F.fold(columns, (11, 13), (3, 5), stride=2, padding=1))
assert_close(ours, F.conv_transpose2d(g, weight, stride=2, padding=1))

# %%
# Takeaways
# ---------
# * ``fold`` adds every copy of a pixel to the pixel it came from. It is the transpose
#   of ``unfold``, its adjoint, and not its inverse.
# * All gradients of a convolution are two matrix products, a sum and a fold.
# * The kernel's gradient adds up all places and all images, and needs the patches a
#   second time.
# * Stride makes the gradient uneven; a stride above the kernel's size leaves pixels
#   without any.
# * A transposed convolution is the backward pass of a convolution, used forwards.
#
# Check yourself
# --------------
# Count windows, down and across.

ask("folded_pixel")

# %%
# Now the sum behind one number of a gradient.

ask("terms_of_a_gradient")

# %%
# Exercise
# --------
# Write both gradients of a convolution with padding: for the image and for the kernel.


def convolution_gradients(x, weight, g, padding=0):
    """Return the gradients for x and weight, given that for the output (stride 1)."""
    raise NotImplementedError


check("convolution_gradients", convolution_gradients)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("convolution_gradients")

# %%
# References
# ----------
# 1. V. Dumoulin, F. Visin. *A guide to convolution arithmetic for deep learning.* 2016,
#    chapter 4: the convolution as a matrix, and its transpose.
#    `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__
# 2. A. Odena, V. Dumoulin, C. Olah. *Deconvolution and Checkerboard Artifacts.* Distill
#    2016. `Article <https://distill.pub/2016/deconv-checkerboard/>`__
