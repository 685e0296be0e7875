"""
Does a library build the table?
===============================

Time is one price of a convolution, memory is the other. The table of patches copies
every pixel as often as it is read, and a table that does not fit ends the program. So
"a convolution layer is im2col", as one often reads, would be bad news. We weigh the
machines, ask PyTorch which one it used, and build the trick that libraries use: the
product with a table that never exists.

You will

* predict the memory of a patch matrix before it fills yours;
* weigh machines as the image grows and as the kernel grows;
* write two of the ideas inside real libraries: implicit GEMM and Winograd's scheme.

**Before this:** the lesson on five machines.
"""

from functools import partial

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import benchmarks, convolution, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

threads = torch.get_num_threads()
torch.set_num_threads(1)  # put back at the end; PyTorch looks at it when it chooses
image = torch.randn(1, 3, 224, 224)  # a photograph, as networks get them

# %%
# The question
# ------------
# A window reads :math:`k_h k_w` pixels and there are about :math:`HW/S^2` windows, so
# the table holds about :math:`k_h k_w / S^2` times the image. The first layer of ResNet
# has a 7 x 7 window and stride 2.

table = F.unfold(image, 7, stride=2, padding=3)
predict(
    "How many times the image is the table of that layer?",
    f"{table.numel() / image.numel():.2f} times",
    because=f"49 / 4 = 12.25. In bytes: {image.nbytes / 1e6:.1f} MB become "
    f"{table.nbytes / 1e6:.1f} MB, for a single image.",
)

# %%
# The scales
# ----------
# ``benchmarks.memory`` calls a function and reports the most bytes that tensors and
# arrays held at once while it ran. A call that only makes the table must weigh what the
# table weighs, and perhaps a copy of the image on the way.

held = benchmarks.memory(lambda: F.unfold(image, 7, stride=2, padding=3))
print(f"predicted {table.nbytes / image.nbytes:.2f} images")
print(f"measured  {held / image.nbytes:.2f} images")
assert table.nbytes <= held < table.nbytes + 1.1 * image.nbytes

# %%
# And the view of the lesson on patches, which names the same windows and stores
# nothing? A matrix product wants ordinary memory, and the moment the view is laid flat,
# the copy is made after all:

view = convolution.unfold_view(image, 7, stride=2)
assert view.untyped_storage().data_ptr() == image.untyped_storage().data_ptr()
held = benchmarks.memory(lambda: view.reshape(1, 3 * 49, -1))
print(f"the view holds nothing, laid flat it holds {held / image.nbytes:.2f} images")

# %%
# The image grows
# ---------------
# Now three machines, one channel, a 3 x 3 kernel. We subtract the result, which
# everybody has to make, and divide by the image.

machines = {
    "table": convolution.conv2d_unfold,
    "Fourier": convolution.conv2d_fft,
    "F.conv2d": F.conv2d,
}


def extra(machine, x, weight):
    result = x.itemsize * (x.shape[-1] - weight.shape[-1] + 1) ** 2
    return (benchmarks.memory(partial(machine, x, weight)) - result) / x.nbytes


sides = profiles.current().pick(
    smoke=[16, 32], docs=[32, 64, 128, 256, 512], full=[32, 64, 128, 256, 512]
)
kernel = torch.randn(1, 1, 3, 3)
held = {
    name: [extra(machine, torch.randn(1, 1, s, s), kernel) for s in sides]
    for name, machine in machines.items()
}
plotting.lines(
    sides,
    held,
    title="Memory besides the result as the image grows, 3 x 3 kernel, in images",
    xlabel="side of the image (pixels)",
    ylabel="times the image",
    log="x",
)

# %%
# The table holds nine images less a border, as predicted; spectra take a few, whatever
# the kernel. The library's line may jump. Where it does, the mathematics is the
# same and the machine another one.
#
# Which machine ran?
# ------------------
# PyTorch's profiler knows. ``operations`` lists what a call started; we look for the
# names of convolutions.


def which(x, weight):
    names = benchmarks.operations(lambda: F.conv2d(x, weight))
    inner = [n for n in names if "conv" in n and n not in ("conv2d", "convolution")]
    return inner[-1].strip("_")


large = torch.randn(1, 1, 512, 512)
for name, x in {
    "16 x 16, single precision": torch.randn(1, 1, 16, 16),
    "512 x 512, single precision": large,
    "512 x 512, double precision": large.double(),
}.items():
    machine, weight = which(x, kernel.to(x.dtype)), kernel.to(x.dtype)
    images = extra(F.conv2d, x, weight)
    print(f"{name:28} {machine:20} holds {images:4.1f} images")

# %%
# ``slow_conv2d`` *is* the table: PyTorch keeps it for what no better machine covers,
# such as double precision on a processor, and for inputs so small that nothing else
# pays off. ``mkldnn_convolution`` is oneDNN, a library of kernels for processors. It
# likes channels in blocks of eight or sixteen, so a lonely channel is padded to a full
# block with zeros: that, not a table, is what it holds.
#
# .. note::
#    "A convolution layer is im2col" is true of the mathematics and sometimes of the
#    machine. Which machine depends on sizes, data type and processor. Ask it.
#
# The kernel grows
# ----------------
# Of the three machines, whose memory must climb with every larger kernel?

widths = profiles.current().pick(
    smoke=[3, 7], docs=[3, 7, 15, 31, 61], full=[3, 7, 15, 31, 61]
)
x = torch.randn(1, 1, 128, 128)
held = {
    name: [extra(machine, x, torch.randn(1, 1, k, k)) for k in widths]
    for name, machine in machines.items()
}
plotting.lines(
    widths,
    held,
    title="Memory besides the result as the kernel grows, 128 x 128 image, in images",
    xlabel="side of the kernel (pixels)",
    ylabel="times the image",
    log="both",
)

# %%
# The table's must: one row for each element of the window. Spectra are as large as the
# image, whatever the kernel. Where the line of the library stays far below the table's,
# it has built no table.
#
# Where it breaks
# ---------------
# Twelve million pixels, as a telephone takes them, and a 61 x 61 window. We do not
# build that table: a tensor on the ``meta`` device has a shape and no numbers.

photograph = torch.empty(1, 3, 3000, 4000, device="meta")
table = F.unfold(photograph, 61)
predict(
    "How much memory would the table take?",
    f"{table.nbytes / 1e9:,.0f} GB",
    because=f"{61 * 61:,} numbers of four bytes for every place and channel. "
    f"The photograph has {photograph.nbytes / 1e9:.3f} GB.",
)

# %%
# Implicit GEMM
# -------------
# GEMM is the name of the matrix product in libraries. Nothing forces us to have the
# whole table before we multiply: a few rows of the output need only the windows of
# these rows. We fill a strip of the table, multiply, and fill the same memory again.


def by_strips(x, weight, rows):
    (kh, kw), (height, width) = weight.shape[2:], x.shape[2:]
    out = torch.empty(x.shape[0], len(weight), height - kh + 1, width - kw + 1)
    for top in range(0, out.shape[2], rows):
        strip = x[:, :, top : top + rows + kh - 1]  # rows + kh - 1 rows of the image
        part = weight.flatten(1) @ F.unfold(strip, (kh, kw))  # N, C_out, rows*W_out
        out[:, :, top : top + rows] = part.reshape(*out.shape[:2], -1, out.shape[3])
    return out


x, weight = torch.randn(1, 16, 128, 128), torch.randn(16, 16, 3, 3)
assert_close(by_strips(x, weight, 8), F.conv2d(x, weight), rtol=1e-4, atol=1e-4)
for rows in (126, 32, 8, 1):
    held = benchmarks.memory(partial(by_strips, x, weight, rows))
    print(f"{rows:3} rows at a time: {held / x.nbytes:5.2f} images, result included")

# %%
# Same product, same numbers, and the memory is ours to choose. Libraries go to the end
# of this road: a tile is as small as the fastest memory of the processor, and its
# elements are not even copied. Their addresses are computed when the product asks.
#
# Winograd's scheme
# -----------------
# Other machines save multiplications instead of memory. Two neighbouring outputs of a
# row with a kernel of three take six multiplications by definition. Winograd needs
# four, because the windows overlap:


def two_outputs(d, g):
    half_sum, half_odd = (g[0] + g[2]) / 2, g[1] / 2  # once for each kernel
    m1, m4 = (d[0] - d[2]) * g[0], (d[1] - d[3]) * g[2]
    m2 = (d[1] + d[2]) * (half_sum + half_odd)
    m3 = (d[2] - d[1]) * (half_sum - half_odd)
    return torch.stack([m1 + m2 + m3, m2 - m3 - m4])


d, g = torch.randn(4), torch.randn(3)
assert_close(two_outputs(d, g), torch.stack([d[:3] @ g, d[1:] @ g]))
predict(
    "Rows and columns both: how many multiplications for 2 x 2 outputs, and how many "
    "by definition?",
    f"{4 * 4} and {2 * 2 * 3 * 3}",
    because="Four instead of six in each direction: 16 instead of 36, for a few more "
    "additions and a little less precision.",
)

# %%
# *Direct* kernels, last, are loops again, in machine code, arranged around the cache.
# Which of all these ran on your call is the library's choice, by sizes, data type,
# processor, and sometimes by trying.
#
# In the library
# --------------
# What does a table cost beside the real thing? A layer from the middle of a network:

x, weight = torch.randn(1, 64, 28, 28), torch.randn(64, 64, 3, 3)
calls = {
    "F.conv2d": partial(F.conv2d, x, weight, padding=1),
    "conv2d_unfold": partial(convolution.conv2d_unfold, x, weight, padding=1),
}
benchmarks.compare(calls, baseline="F.conv2d", seconds=0.3)

# %%
# Both gave the same numbers, or there would be no table above: ``compare`` refuses to
# time different work.

calls["without padding"] = partial(F.conv2d, x, weight)
with expect_error(ValueError):
    benchmarks.compare(calls, baseline="F.conv2d")
torch.set_num_threads(threads)

# %%
# Takeaways
# ---------
# * The table costs :math:`k_h k_w / S^2` times the image in memory. A view costs
#   nothing until somebody lays it flat.
# * Spectra take a few images, whatever the kernel.
# * Implicit GEMM computes the product with the table a piece at a time; Winograd's
#   scheme trades multiplications for additions; direct kernels are loops in machine
#   code.
# * A library has several machines and chooses. The profiler says which one ran.
#
# Check yourself
# --------------
# Two factors decide: what a window holds, and how many windows there are.

ask("doubled_knob")

# %%
# A line of code can be as heavy as a table, or weigh nothing.

ask("line_with_memory")

# %%
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
# 3. E. Georganas and others. *Anatomy of High-Performance Deep Learning Convolutions on
#    SIMD Architectures.* 2018. Direct kernels.
#    `arXiv:1808.05567 <https://arxiv.org/abs/1808.05567>`__
