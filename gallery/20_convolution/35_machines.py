"""
One convolution, five machines
==============================

A matrix product with a table of patches says what a convolution *is*. It does not say
how to compute it: there are loops, strides, tables, Fourier transforms, and code
written for one processor. All of them give the same numbers. What differs is the time
they take, and which of them wins depends on sizes that you choose.

You will

* write four machines for the same convolution and check them against PyTorch's;
* time them as the image grows, and again as the kernel grows, and see the order change;
* know when to reach for the two machines of the package that no layer uses.

**Before this:** the lesson on the patch matrix.
"""

from functools import partial

import numpy as np
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import benchmarks, convolution, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

image, kernel = torch.randn(64, 64), torch.randn(3, 3)
reference = F.conv2d(image[None, None], kernel[None, None])[0, 0]  # (62, 62)

# %%
# The question
# ------------
# One image, one kernel, one channel. All machines below compute the numbers in
# ``reference``.

predict(
    "A 3 x 3 window on 64 x 64 pixels: how many multiplications is that?",
    f"{reference.numel() * kernel.numel():,}",
    because="There are 62 * 62 places and 9 multiplications at each. One core of a "
    "processor multiplies that often in some ten microseconds. Keep it in mind.",
)

# %%
# Machine one: loops
# ------------------
# Two loops visit the places, two more the elements of the window. Nothing is hidden,
# and every multiplication goes through the Python interpreter.


def by_loops(image, kernel):
    (height, width), (kh, kw) = image.shape, kernel.shape
    out = torch.zeros(height - kh + 1, width - kw + 1)
    image, kernel = image.tolist(), kernel.tolist()
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            out[i, j] = sum(
                kernel[u][v] * image[i + u][j + v] for u in range(kh) for v in range(kw)
            )
    return out


assert_close(by_loops(image, kernel), reference)

# %%
# Machine two: strides
# --------------------
# NumPy can look at the same memory with four axes instead of two: row and column of
# the place, row and column within the window. No pixel is copied to say so. The sum
# over windows is then one call.


def by_strides(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image.numpy(), kernel.shape)
    return torch.from_numpy(np.einsum("ijuv,uv->ij", windows, kernel.numpy()))


assert_close(by_strides(image, kernel), reference)

# %%
# Machine three: the table
# ------------------------
# The engine of the lesson on patches, with one channel. It copies pixels into columns
# so that a matrix product, the best-tuned routine on any computer, can do the rest.


def by_table(image, kernel):
    height, width = (s - k + 1 for s, k in zip(image.shape, kernel.shape, strict=True))
    table = F.unfold(image[None, None], kernel.shape)[0]  # kh*kw, L
    return (kernel.reshape(1, -1) @ table).reshape(height, width)


assert_close(by_table(image, kernel), reference)

# %%
# Machine four: the Fourier transform
# -----------------------------------
# A convolution of two signals is a product of their spectra, element by element. Two
# things need care. The product *flips* the kernel, and deep learning does not, so we
# conjugate. And the transform wraps round at the border: what leaves on the right comes
# in on the left. There the result is wrong, and we cut it off.


def by_fourier(image, kernel):
    spectrum = torch.fft.rfft2(image) * torch.fft.rfft2(kernel, s=image.shape).conj()
    wrapped = torch.fft.irfft2(spectrum, s=image.shape)
    height, width = (s - k + 1 for s, k in zip(image.shape, kernel.shape, strict=True))
    return wrapped[:height, :width]


assert_close(by_fourier(image, kernel), reference, rtol=1e-4, atol=1e-4)

# %%
# The fourth check needed a wider tolerance. Each machine adds the same products in
# another order, and the Fourier transform mixes *all* pixels before it separates them
# again. How far is each from the answer in double precision?


def library(image, kernel):
    return F.conv2d(image[None, None], kernel[None, None])[0, 0]


machines = {
    "strides": by_strides,
    "table": by_table,
    "Fourier": by_fourier,
    "F.conv2d": library,
    "loops": by_loops,
}
exact = library(image.double(), kernel.double())
for name, machine in machines.items():
    print(f"{name:9} largest error {(machine(image, kernel) - exact).abs().max():.1e}")

# %%
# The clock
# ---------
# How to time code is a question of its own: a later lesson takes it up. Here we borrow
# its answer. ``compare`` checks that all return the same, then lets the machines take
# turns, on one thread: we compare machines, not how many cores a library uses.

seconds = profiles.current().pick(smoke=0.02, docs=0.15, full=0.15)


def timed(image, kernel, names):
    calls = {name: partial(machines[name], image, kernel) for name in names}
    settings = {"baseline": "F.conv2d", "tolerance": 1e-3, "threads": 1}
    return benchmarks.compare(calls, seconds=seconds, **settings)


timed(image, kernel, machines)

# %%
# The last row is the interpreter at work. It takes far longer to find two numbers and
# to call the multiplication than to multiply, which is why nobody writes the loops.
#
# The image grows
# ---------------
# The kernel stays at 3 x 3 and the image's side doubles.

predict(
    "Side twice as long, same kernel. "
    "By about how much does the number of multiplications grow?",
    f"{((512 - 2) / (256 - 2)) ** 2:.2f} times",
    because="Twice the rows and twice the columns, less a border. A line that pays by "
    "the pixel climbs by that from each point to the next.",
)

# %%
# The loops stop early: they have told their story by then.

sides = profiles.current().pick(
    smoke=[16, 32], docs=[16, 32, 64, 128, 256, 512], full=[16, 32, 64, 128, 256, 512]
)
times = {name: [] for name in machines}
for side in sides:
    names = [name for name in machines if name != "loops" or side <= 64]
    found = timed(torch.randn(side, side), kernel, names)
    for name, line in times.items():
        line.append(1e3 * found[name].seconds if name in found else float("nan"))

plotting.lines(
    sides,
    times,
    title="Time of one 3 x 3 convolution as the image grows",
    xlabel="side of the image (pixels)",
    ylabel="milliseconds",
    log="both",
)

# %%
# Small images cost what it takes to *call* a function, and there the lines are flat.
# Beyond that every machine pays by the pixel, at prices of its own, and lines may cross
# on the way.
#
# The kernel grows
# ----------------
# Now the image stays at 128 x 128 and the window grows. Before you look: which machine
# does not care how large the kernel is?

widths = profiles.current().pick(
    smoke=[3, 7], docs=[3, 7, 15, 31, 61], full=[3, 7, 15, 31, 61]
)
image, quick = torch.randn(128, 128), ("strides", "table", "Fourier", "F.conv2d")
found = [timed(image, torch.randn(width, width), quick) for width in widths]

plotting.lines(
    widths,
    {name: [1e3 * one[name].seconds for one in found] for name in quick},
    title="Time of one convolution of a 128 x 128 image as the kernel grows",
    xlabel="side of the kernel (pixels)",
    ylabel="milliseconds",
    log="both",
)

# %%
# Fourier pays for the image and hardly for the kernel. Here is the verdict of the run
# that built this page:

for width, one in zip(widths, found, strict=True):
    gain = one.ratio("F.conv2d", to=one.fastest)
    print(f"{width:2} x {width:<2} fastest: {one.fastest:9} {gain:6.1f} x F.conv2d")

# %%
# So "PyTorch's own is the fastest" is a statement about small kernels and many
# channels, which is what networks have. One channel and a large kernel is image
# processing, and there it can be a poor choice.
#
# In the library
# --------------
# The package has the Fourier machine for every setting of a layer. It must agree with
# the one on this page.

kernel = torch.randn(15, 15)
x, weight = image[None, None], kernel[None, None]
assert_close(convolution.conv2d_fft(x, weight)[0, 0], by_fourier(image, kernel))

# %%
# And it has a sixth machine, for kernels that are a product of a column and a row, or a
# sum of a few such products. Blurring down and then across is one of them: two passes
# of 15 multiplications instead of one of 225.

bell = torch.exp(-(torch.linspace(-3, 3, 15) ** 2) / 2)
separable = torch.outer(bell, bell)[None, None]  # rank 1
assert_close(
    convolution.conv2d_low_rank(x, separable, max_rank=1),
    F.conv2d(x, separable),
    rtol=1e-4,
    atol=1e-4,
)
predict(
    "How many multiplications per output pixel, in two passes and in one?",
    f"{2 * len(bell)} and {len(bell) ** 2}",
    because="15 down and 15 across, against 15 * 15. The wider the kernel, the more "
    "two passes save.",
)

# %%
# Most kernels are no such product, and the machine says so instead of guessing:

with expect_error(ValueError):
    convolution.conv2d_low_rank(x, weight, max_rank=1)

# %%
# Takeaways
# ---------
# * Loops, strides, tables and spectra are machines for one and the same sum; their
#   results differ in the last digits only, because they add in different orders.
# * The interpreter costs more than the arithmetic. That is why nobody writes the loops.
# * The Fourier machine hardly cares about the kernel's size: it wins once kernels are
#   large enough. Two passes win where the kernel is a product of two vectors.
# * Times are of the machine in the stamp below. Measure on yours, with your sizes.
# * Time is one price. The next lesson looks at the other one, memory.
#
# Check yourself
# --------------
# Which side does each machine pay for?

ask("growing_bill")

# %%
# And where the ring closes:

ask("wrapped_results")

# %%
# Exercise
# --------
# Write the Fourier machine for an image and a kernel of any size. The kernel is not
# flipped, and only places where it lies within the image count.


def fourier_convolution(image, kernel):
    """Slide a kernel (kh, kw) over an image (H, W) by way of their spectra."""
    raise NotImplementedError


check("fourier_convolution", fourier_convolution)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("fourier_convolution")

# %%
# References
# ----------
# 1. M. Mathieu, M. Henaff, Y. LeCun. *Fast Training of Convolutional Networks through
#    FFTs.* 2013. `arXiv:1312.5851 <https://arxiv.org/abs/1312.5851>`__
# 2. C. Van Loan. *Computational Frameworks for the Fast Fourier Transform.* SIAM 1992.
#    Why wrapping round is what the transform does.
