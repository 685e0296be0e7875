"""
One convolution, five machines
==============================

A matrix product with a table of patches says what a convolution *is*. It does not say
how a library computes it: there are loops, strides, tables, Fourier transforms, and
code written for one processor. All of them give the same numbers. What differs is the
time and the memory they take, and which of them wins depends on sizes that you choose.

You will

* write four machines for the same convolution and check them against PyTorch's;
* time them as the image grows, and again as the kernel grows, and see the order change;
* predict the memory of a patch matrix before it fills yours.

**Before this:** the lesson on the patch matrix.
"""

from statistics import median
from time import perf_counter

import numpy as np
import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import convolution, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.teaching import predict

image = torch.randn(64, 64)
kernel = torch.randn(3, 3)
reference = F.conv2d(image[None, None], kernel[None, None])[0, 0]  # (62, 62)

# %%
# Machine one: loops
# ------------------
# Two loops visit the places, two more the elements of the window. Nothing is hidden,
# nothing is stored, and every multiplication goes through the Python interpreter.


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
# NumPy can look at the same memory with four axes instead of two: window row, window
# column, and the element within. No pixel is copied to say so. The sum over windows is
# then one call.


def by_strides(image, kernel):
    windows = np.lib.stride_tricks.sliding_window_view(image.numpy(), kernel.shape)
    return torch.from_numpy(np.einsum("ijuv,uv->ij", windows, kernel.numpy()))


assert_close(by_strides(image, kernel), reference)

# %%
# Machine three: the table
# ------------------------
# The engine of the last lesson, with one channel. It copies pixels into columns so that
# a matrix product, the best-tuned routine on any computer, can do the rest.


def by_table(image, kernel):
    height, width = (s - k + 1 for s, k in zip(image.shape, kernel.shape, strict=True))
    table = F.unfold(image[None, None], kernel.shape)[0]  # kh*kw, L
    return (kernel.reshape(1, -1) @ table).reshape(height, width)


assert_close(by_table(image, kernel), reference)

# %%
# Machine four: the Fourier transform
# -----------------------------------
# A convolution of two signals is a product of their spectra, element by element. Two
# things need care. The transform *flips* the kernel, and deep learning does not, so we
# conjugate. And the transform wraps round at the border; there the result is wrong and
# we cut it off.


def by_fourier(image, kernel):
    spectrum = torch.fft.rfft2(image) * torch.fft.rfft2(kernel, s=image.shape).conj()
    wrapped = torch.fft.irfft2(spectrum, s=image.shape)
    return wrapped[
        : image.shape[0] - kernel.shape[0] + 1, : image.shape[1] - kernel.shape[1] + 1
    ]


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
# The image grows
# ---------------
# A stopwatch first. One call is too short and too noisy to time, so we call for a
# twentieth of a second, after one call that nobody counts, and take the median. One
# thread for everybody: we compare machines, not how many cores a library takes.

threads = torch.get_num_threads()
torch.set_num_threads(1)


def seconds(machine, *arguments, enough=0.05):
    machine(*arguments)
    taken = []
    while sum(taken) < enough:
        start = perf_counter()
        machine(*arguments)
        taken.append(perf_counter() - start)
    return median(taken)


# %%
# The kernel stays at 3 x 3 and the image's side doubles, so the work should grow four
# times from one point to the next. The loops stop early: they have told their story by
# then.

sides = profiles.current().pick(
    smoke=[16, 32], docs=[16, 32, 64, 128, 256, 512], full=[16, 32, 64, 128, 256, 512]
)
times = {name: [] for name in machines}
for side in sides:
    for name, machine in machines.items():
        slow = name == "loops" and side > 64
        times[name].append(
            float("nan")
            if slow
            else 1e3 * seconds(machine, torch.randn(side, side), kernel)
        )

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
# Beyond that every machine pays by the pixel, at prices of its own, and the order may
# change on the way. Where the loops stopped, the others were

at = sides.index(64) if 64 in sides else -1
for name in ("strides", "table", "Fourier", "F.conv2d"):
    gain = times["loops"][at] / times[name][at]
    print(f"{name:9} {gain:7.0f} times as fast as the loops")

# %%
# The kernel grows
# ----------------
# Now the image stays at 256 x 256 and the window grows. Before you look: which machine
# does not care how large the kernel is?

widths = profiles.current().pick(
    smoke=[3, 7], docs=[3, 7, 15, 31, 61], full=[3, 7, 15, 31, 61]
)
image = torch.randn(256, 256)
growing = {name: [] for name in ("strides", "table", "Fourier", "F.conv2d")}
for width in widths:
    window = torch.randn(width, width)
    for name, found in growing.items():
        found.append(1e3 * seconds(machines[name], image, window))

plotting.lines(
    widths,
    growing,
    title="Time of one convolution of a 256 x 256 image as the kernel grows",
    xlabel="side of the kernel (pixels)",
    ylabel="milliseconds",
    log="both",
)

# %%
# Fourier pays for the image and hardly for the kernel. Here is the verdict of the run
# that built this page:

fastest = [min(growing, key=lambda name: growing[name][k]) for k in range(len(widths))]
for width, name in zip(widths, fastest, strict=True):
    print(f"{width:2} x {width:<2} fastest: {name}")

# %%
# So "PyTorch's own is the fastest" is a statement about small kernels and many
# channels, which is what networks have. One channel and a large kernel is image
# processing, and there it can be a poor choice.
#
# The memory
# ----------
# A window reads :math:`k_h k_w` pixels and there are about :math:`HW/S^2` windows, so
# the table holds about :math:`k_h k_w / S^2` times the image. Predict the next line
# before you open it.

image = torch.randn(1, 3, 224, 224)
table = F.unfold(image, 7, stride=2, padding=3)  # the first layer of ResNet
predict(
    "A 7 x 7 window with stride 2 on a colour image: "
    "how many times the image is the table?",
    f"{table.numel() / image.numel():.2f} times",
    because=f"49 / 4 = 12.25. In bytes: {image.nbytes / 1e6:.1f} MB become "
    f"{table.nbytes / 1e6:.1f} MB, for a single image.",
)

# %%
# The view of the last lesson stores nothing. Yet a matrix product wants ordinary
# memory, and the moment the view is laid flat, the copy is made after all:

view = convolution.unfold_view(image, 7, stride=2)
flat = view.reshape(1, 3 * 49, -1)
shared = view.untyped_storage().data_ptr() == image.untyped_storage().data_ptr()
print("view: own memory", 0 if shared else view.nbytes, "bytes")
print(f"flat: own memory {flat.nbytes:,} bytes")
assert flat.data_ptr() != image.data_ptr()

# %%
# What libraries do about it
# --------------------------
# Libraries keep the product and avoid the table. *Implicit GEMM* computes the address
# of each element of the table when the product asks for it, tile by tile, so that the
# table never exists. *Winograd's* scheme trades multiplications for additions in small
# windows. *Direct* kernels are loops again, in machine code, arranged around the cache.
# Which one ran on your call is the library's choice: by sizes, data type, processor,
# and sometimes by trying.
#
# .. note::
#    "A convolution layer is im2col" is true of the mathematics, rarely of the machine.
#
# What a table costs beside the real thing, for a layer from the middle of a network:

x, w = torch.randn(1, 64, 28, 28), torch.randn(64, 64, 3, 3)
ours, theirs = convolution.conv2d_unfold, F.conv2d
assert_close(ours(x, w, padding=1), theirs(x, w, padding=1), rtol=1e-4, atol=1e-4)
ratio = seconds(lambda: ours(x, w, padding=1)) / seconds(
    lambda: theirs(x, w, padding=1)
)
print(f"the table takes {ratio:.1f} times as long as F.conv2d")
torch.set_num_threads(threads)

# %%
# Takeaways
# ---------
# * Loops, strides, tables and spectra are machines for one and the same sum; their
#   results differ in the last digits only, because they add in different orders.
# * The interpreter costs more than the arithmetic. That is why nobody writes the loops.
# * The table costs :math:`k_h k_w / S^2` times the image in memory; implicit GEMM
#   computes the same product without it.
# * The Fourier machine hardly cares about the kernel's size: it wins once kernels are
#   large enough.
# * Measure on your machine, with your sizes. The curves above are from the machine in
#   the stamp below.
#
# Exercise
# --------
# Write the rule that predicts a patch matrix's memory, for any layer.


def patch_matrix_bytes(input_size, kernel_size, stride=1, padding=0, itemsize=4):
    """Return the bytes of the patch matrix of an input (N, C, H, W), square kernel."""
    raise NotImplementedError


check("patch_matrix_bytes", patch_matrix_bytes)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("patch_matrix_bytes")

# %%
# References
# ----------
# 1. S. Chetlur and others. *cuDNN: Efficient Primitives for Deep Learning.* 2014.
#    Implicit GEMM. `arXiv:1410.0759 <https://arxiv.org/abs/1410.0759>`__
# 2. A. Lavin, S. Gray. *Fast Algorithms for Convolutional Neural Networks.* 2015.
#    Winograd's scheme. `arXiv:1509.09308 <https://arxiv.org/abs/1509.09308>`__
# 3. M. Mathieu, M. Henaff, Y. LeCun. *Fast Training of Convolutional Networks through
#    FFTs.* 2013. `arXiv:1312.5851 <https://arxiv.org/abs/1312.5851>`__
