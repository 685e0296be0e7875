"""
Fewer bytes, another place
==========================

A tensor says what its numbers are, and two more things: how many bytes each one gets, its
*dtype*, and in whose memory they lie, its *device*. Both are one word to change. Both
change what a program costs, and the first one changes the numbers, too.

You will

* predict which numbers a float can hold, and see a sum that stops growing;
* move tensors between types and devices, and know when that makes a copy;
* time code that runs elsewhere without fooling yourself.

**Before this:** the lessons on strides and on shapes.
"""

from statistics import median
from time import perf_counter

import torch
from torch.testing import assert_close

from cnn_tutorial import plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

floats = (torch.float64, torch.float32, torch.float16, torch.bfloat16)

# %%
# The question
# ------------
# Add 1 to a number, a thousand times. We do it in two types.

totals = {}
for dtype in (torch.float32, torch.bfloat16):
    total = torch.zeros((), dtype=dtype)
    for _ in range(1000):
        total = total + 1
    totals[dtype] = total.item()
print(totals[torch.float32])

# %%
# As expected. ``bfloat16`` has half the bytes; networks are trained in it every day.

predict(
    "And what does the same sum give in `bfloat16`?",
    totals[torch.bfloat16],
    because="256 + 1 is 257, which bfloat16 does not have. It rounds to 256, and the "
    "sum stands still.",
)

# %%
# No type holds all numbers. A float is a binary fraction times a power of two, and the
# *gaps* between neighbours grow with the numbers. What each type offers:

for dtype in floats:
    info = torch.finfo(dtype)
    name = str(dtype).removeprefix("torch.")
    print(
        f"{name:9} {info.bits // 8} bytes, gap at 1: {info.eps:.1e}, "
        f"largest: {info.max:.1e}"
    )

# %%
# Bytes first. They are what fills a memory.

pixels = torch.empty(3, 3000, 4000, dtype=torch.uint8, device="meta")
predict(
    "A photograph of 4000 x 3000 pixels, three channels, one byte each, takes "
    f"{pixels.nbytes / 1e6:.0f} MB. And in `float32`?",
    f"{pixels.float().nbytes / 1e6:.0f} MB",
    because="Four bytes for each number. (Device `meta`, see below, stores none.)",
)

# %%
# ``float16`` and ``bfloat16`` spend the same two bytes differently: one has the finer
# gaps, the other reaches as far as ``float32``. Ask both for 70,000 and for 1.001:

number = torch.tensor([70_000.0, 1.001])
print("float16: ", number.half().tolist())
print("bfloat16:", number.bfloat16().tolist())

# %%
# Too large becomes infinite, too fine is rounded away. In learning, gradients range over
# many powers of ten and need no fine digits: hence ``bfloat16``.
#
# By hand
# -------
# Where are the gaps? Between 1 and 2 a type with :math:`f` fraction bits has
# :math:`2^f` steps of :math:`2^{-f}`. Between 2 and 4 it has as many, twice as wide,
# and so on. A float's gap is a power of two.


def gap(x, fraction_bits):
    power = torch.floor(torch.log2(x))  # x lies between 2**power and 2**(power + 1)
    return 2.0 ** (power - fraction_bits)


x = torch.tensor([1.0, 1.5, 2.0, 100.0, 257.0])
assert_close(gap(x, 23), torch.nextafter(x, x + 1000) - x, rtol=0, atol=0)
print("gap of bfloat16 near 257:", gap(x, 7)[-1].item())

# %%
# The gap at 256 is 2, as the sum found out. Drawn for numbers over many sizes, with one
# line for the number 1 itself: beyond it, counting stops.

bits = {"float64": 52, "float32": 23, "float16": 10, "bfloat16": 7}
x = 2.0 ** torch.arange(-8.0, 16.0, dtype=torch.float64)
plotting.lines(
    x,
    {name: gap(x, f) for name, f in bits.items()} | {"a step of 1": x * 0 + 1},
    title="Gaps grow with the numbers: above the grey line, adding 1 goes wrong",
    xlabel="number",
    ylabel="distance to the next number",
    log="both",
)

# %%
# That is why libraries add up in ``float32`` even when the numbers are ``bfloat16``. The
# built-in sum does:

ones = torch.ones(1000, dtype=torch.bfloat16)
print("built-in sum:", ones.sum().item())

# %%
# Moving
# ------
# ``to`` takes a dtype, a device, or both; ``float()``, ``double()``, ``cpu()`` and
# ``cuda()`` are short for it. Where nothing has to change, it returns the very same tensor.

x = torch.arange(3.0)
assert x.to(torch.float32) is x
assert x.to("cpu") is x
there_and_back = torch.tensor([0.1]).to(torch.bfloat16).to(torch.float32)
print(f"0.1 in bfloat16 and back: {there_and_back.item():.6f}")

# %%
# The way back brings the type and not the digits. And the place? The course takes the
# best device that there is, an NVIDIA GPU (``cuda``), an Apple GPU (``mps``) or the CPU.

device = profiles.device()
x = torch.arange(6.0, device=device).view(2, 3)
print("this page was built on:", x.device.type)

# %%
# Every machine has one more device, ``meta``. Its tensors have a shape and no numbers: good
# for predicting shapes of models too large for you, and for our next error.

large = torch.empty(100_000, 50_000, device="meta")
narrow = torch.empty(50_000, 3, device="meta")
predict(
    f"`large` is (100000, 50000): {large.nbytes / 1e9:.0f} GB, if it had numbers. "
    "`narrow` is (50000, 3). What is the shape of `large @ narrow`?",
    tuple((large @ narrow).shape),
    because="The axis of 50,000 is used up, as in any matrix product. No number is "
    "needed for that.",
)

# %%
# Where it breaks
# ---------------
# Tensors compute where they are, and those that meet must be in one place.

with expect_error(RuntimeError):
    torch.ones(3, device="meta") + torch.ones(3)

# %%
# With a GPU the message says "cuda:0 and cpu", and the cause is nearly always the same: the
# model was moved, the data were not. Nothing moves by itself, because moving costs.
#
# What a copy costs
# -----------------
# A stopwatch: the median of a few calls, after one that nobody counts. The two calls of
# ``synchronize`` are for GPUs, and matter more than they seem.


def milliseconds(work, wait=True, repeat=5):
    work()  # warm-up: libraries load, memory is fetched
    taken = []
    for _ in range(repeat):
        if torch.accelerator.is_available():
            torch.accelerator.synchronize()
        start = perf_counter()
        work()
        if wait and torch.accelerator.is_available():
            torch.accelerator.synchronize()
        taken.append(perf_counter() - start)
    return 1e3 * median(taken)


side = profiles.current().pick(smoke=64, docs=512, full=1024)
x = torch.randn(side, side)
print(f"{x.nbytes / 1e6:.1f} MB")
print(f"a copy:               {milliseconds(x.clone):8.3f} ms")
print(f"another dtype:        {milliseconds(x.double):8.3f} ms")
print(f"to {device.type} and back: {milliseconds(lambda: x.to(device).cpu()):13.3f} ms")
print(f"a view:               {milliseconds(x.t):8.3f} ms")

# %%
# A copy is paid by the byte, a view by the call: no number moves. (Built on a CPU, the way
# "to the device and back" is none, and ``to`` returns what it was given.)
#
# A GPU does not wait
# -------------------
# A call on a GPU returns as soon as the work is *queued*. The clock that stops then has
# timed the queueing. ``synchronize`` waits for the result. Here are both clocks:

y = x.to(device)
for wait in (False, True):
    name = "with" if wait else "without"
    print(f"{name:7} waiting: {milliseconds(lambda: y @ y, wait):8.3f} ms")
if device.type == "cpu":
    print("Built on a CPU: it returns when done. The clocks differ by noise only.")

# %%
# On a GPU the first number can be a hundred times too small, and the missing time turns up
# in some innocent line later: ``print``, ``.item()``, ``.cpu()``, anything that needs the
# value. So three rules for honest times: warm up, wait, repeat. Transfers count, if your
# program makes them.
#
# Precision against time
# ----------------------
# One matrix product, four types, on this device. How far is each from the answer in
# ``float64``? (Errors as a share of the largest number.)

side = profiles.current().pick(smoke=64, docs=256, full=256)
x = torch.randn(side, side, dtype=torch.float64)
exact = x @ x
types = {"float64": floats[0], "float32": floats[1]}
types |= {"float16": floats[2], "bfloat16": floats[3]}
types = {k: v for k, v in types.items() if (device.type, k) != ("mps", "float64")}
times, errors = {}, {}
for name, dtype in types.items():
    y = x.to(device="cpu", dtype=dtype).to(device)
    times[name] = milliseconds(lambda y=y: y @ y)
    errors[name] = ((y @ y).cpu().double() - exact).abs().max() / exact.abs().max()

plotting.bars(
    {name: error for name, error in errors.items() if error > 0},
    title="Error of a matrix product by type: each has the digits it pays for",
    xlabel="error / largest result",
    log=True,
)

# %%
# And the time:

plotting.bars(
    times,
    title=f"Time of one {side} x {side} matrix product by type, on {device.type}",
    xlabel="milliseconds",
    log=True,
)

# %%
# The order of the errors belongs to the types. The order of the times belongs to the
# machine: a type is fast where the chip has circuits for it, and can be very slow where it
# does not. The fastest one here:

print(min(times, key=times.get), "| the slowest:", max(times, key=times.get))
assert errors["float32"] < errors["float16"] < errors["bfloat16"]

# %%
# In the library
# --------------
# *Mixed precision* takes the best of two: products in two bytes, sums and weights in four.
# ``torch.autocast`` chooses for each operation.

x = torch.randn(8, 8, device=device)
with torch.autocast(device.type, dtype=torch.bfloat16):
    print("product:", (x @ x).dtype, "| sum:", x.sum().dtype)

# %%
# Takeaways
# ---------
# * A float has gaps that grow with the number; ``bfloat16`` cannot count beyond 256.
# * ``float16`` is finer, ``bfloat16`` reaches further, both take two bytes.
# * ``to`` copies only if something changes. What meets must be on one device.
# * Warm up, synchronise, repeat: a GPU returns before it is done.
# * Which type is fast is a property of the chip. Measure it.
#
# Check yourself
# --------------
# Count gaps first, then bytes.

ask("stuck_sum")

# %%
# How much room will they need?

ask("batch_megabytes")

# %%
# Exercise
# --------
# Predict the gap next to any number, for a type with so many fraction bits.


def float_gap(x, fraction_bits):
    """Return the distance from x > 0 to the next larger float."""
    raise NotImplementedError


check("float_gap", float_gap)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("float_gap")

# %%
# References
# ----------
# 1. D. Kalamkar and others. *A Study of BFLOAT16 for Deep Learning Training.* 2019.
#    `arXiv:1905.12322 <https://arxiv.org/abs/1905.12322>`__
# 2. P. Micikevicius and others. *Mixed Precision Training.* ICLR 2018.
#    `arXiv:1710.03740 <https://arxiv.org/abs/1710.03740>`__
# 3. PyTorch. *CUDA semantics: asynchronous execution.*
#    `Documentation <https://docs.pytorch.org/docs/stable/notes/cuda.html>`__
