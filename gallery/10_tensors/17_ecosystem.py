"""
What is PyTorch for, if there is NumPy?
=======================================

Both hold rows of numbers, both broadcast, their functions share most names. For many
tasks NumPy is the better choice, and a tutorial on PyTorch should say for which. On this
page the two work on the same memory, and we measure where each one wins. Then we look
around: what belongs to PyTorch today, what has ended, and who decides.

You will

* pass numbers back and forth without a copy, and know the three cases where it fails;
* measure what a call costs in either library, small and large;
* tell an outdated tutorial by the names it uses.

**Before this:** the lessons on tensors, shapes and places.
"""

import platform
import warnings
from importlib import metadata
from time import perf_counter

import numpy as np
import torch
from torch.testing import assert_close

from cnn_tutorial import plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# One piece of memory, seen by both. Each changes it in its own words.

array = np.arange(6.0).reshape(2, 3)
tensor = torch.from_numpy(array)
array += 1
tensor *= 10
print(array, tensor, sep="\n")
assert np.shares_memory(array, tensor.numpy())

# %%
# The same sum in both: ``axis`` here, ``dim`` there, and PyTorch accepts either word.

assert_close(torch.from_numpy(array.sum(axis=0)), tensor.sum(dim=0))
assert_close(tensor.sum(axis=0), tensor.sum(dim=0))
predict(
    "`array.mean(axis=1)` has shape (2,). What is the shape of "
    "`tensor.mean(dim=1, keepdim=True)`?",
    tuple(tensor.mean(dim=1, keepdim=True).shape),
    because="Axis 1 is used up, and keepdim leaves a 1 in its place.",
)

# %%
# Strides pass the border as well. A transposed array is a walk down the columns, and it
# arrives as one.

turned = torch.from_numpy(array.T)
predict(
    "`array` has shape (2, 3). Which shape and strides has "
    "`torch.from_numpy(array.T)`?",
    f"{tuple(turned.shape)}, {turned.stride()}",
    because="The next row is one number away, the next column three. No copy.",
)

# %%
# Below each tensor its memory, which is NumPy's.

plotting.memory(
    {"tensor": tensor, "turned": turned},
    title="One memory of NumPy, two walks of PyTorch",
)

# %%
# One difference bites early: decimals are ``float64`` in NumPy and ``float32`` in PyTorch.
# A model of ``float32`` weights refuses data that came from NumPy untouched.

print(np.array([0.1]).dtype, "|", torch.tensor([0.1]).dtype)
with expect_error(RuntimeError):
    torch.nn.Linear(3, 1)(tensor)

# %%
# The fix is ``tensor.float()``, a copy in half the bytes.
#
# Where it breaks
# ---------------
# The way back is ``.numpy()``, and three kinds of tensor refuse it: one that autograd
# watches, one of a dtype that NumPy does not have, and one on another device (we take
# ``meta``, which every machine has).

with expect_error(RuntimeError):
    torch.ones(2, requires_grad=True).numpy()
with expect_error(TypeError):
    torch.ones(2, dtype=torch.bfloat16).numpy()
with expect_error(TypeError):
    torch.ones(2, device="meta").numpy()

# %%
# The first message names its own cure, ``detach()``; against the others ``float()`` and
# ``cpu()`` help (not for ``meta``: it has no numbers). Only ``detach`` shares the memory.

watched = torch.ones(2, requires_grad=True)
plain = watched.detach().numpy()
plain[0] = 7
print(watched)

# %%
# What a call costs
# -----------------
# Now speed, on one thread for both. First a stopwatch for very short work: some hundred
# calls at a time.

threads = torch.get_num_threads()
torch.set_num_threads(1)


def microseconds(work, calls=200, repeat=5):
    work()
    taken = []
    for _ in range(repeat):
        start = perf_counter()
        for _ in range(calls):
            work()
        taken.append(1e6 * (perf_counter() - start) / calls)
    return min(taken)  # whatever else the machine does can only slow a call down


# %%
# We add vectors, from three numbers to a million, of the same ``float32``.

sizes = profiles.current().pick(
    smoke=[3, 100], docs=[3, 1_000, 10**6], full=[3, 1_000, 10**6]
)
adding = {"NumPy": [], "PyTorch": [], "PyTorch, watched": []}
for size in sizes:
    a = np.ones(size, dtype=np.float32)
    b = torch.from_numpy(a.copy())
    c = b.clone().requires_grad_()
    calls = 200 if size <= 10_000 else 4
    adding["NumPy"].append(microseconds(lambda a=a: a + a, calls))
    adding["PyTorch"].append(microseconds(lambda b=b: b + b, calls))
    adding["PyTorch, watched"].append(microseconds(lambda c=c: c + c, calls))
torch.set_num_threads(threads)

plotting.lines(
    sizes,
    adding,
    title="Adding two vectors: for short ones we pay for the call",
    xlabel="numbers in a vector",
    ylabel="microseconds",
    log="both",
)

# %%
# The flat part is the price of asking, whatever the size. Look at the left end alone, with
# plain Python beside it:

three = [1.0, 1.0, 1.0]
plain = microseconds(lambda: [number + number for number in three])
plotting.bars(
    {"a Python list": plain} | {name: times[0] for name, times in adding.items()},
    title=f"Adding {sizes[0]} numbers: a library has to pay off first",
    xlabel="microseconds",
)

# %%
# The verdict of this build:

for k in (0, -1):
    ratio = adding["PyTorch"][k] / adding["NumPy"][k]
    print(f"{sizes[k]:9,} numbers: PyTorch takes {ratio:.2f} times as long as NumPy")
noting = adding["PyTorch, watched"][0] / adding["PyTorch"][0]
print(f"{sizes[0]:9,} numbers: being watched makes it {noting:.2f} times as long")

# %%
# A ratio near 1 is a draw: this clock is not that fine. For short vectors the price is
# that of a call, and PyTorch's calls have more to decide: which device, which type, does
# anyone watch? In return one gets what NumPy does not have:
#
# * **gradients** of whatever was computed;
# * **devices**: the same line runs on CPU and GPU;
# * **compilers**: ``torch.compile`` fuses operations, ``torch.export`` ships a model
#   without Python;
# * layers, optimisers, loaders and trained models.
#
# NumPy carries most of science in Python, from SciPy to scikit-image. Tables, statistics,
# images for a plot: NumPy. Whatever learns, or needs a GPU: PyTorch. Between them, no copy.

x = torch.tensor(2.0, requires_grad=True)
(x**3).backward()
assert x.grad == 12  # 3 * 2**2; NumPy has nothing to ask

# %%
# Today
# -----
# PyTorch is ten years old, and its tutorials last longer than its tools. What runs here:

for name in ("torch", "torchvision", "numpy"):
    print(f"{name:12} {metadata.version(name)}")
print(f"{'Python':12} {platform.python_version()}")

# %%
# For years, ``torch.jit.script`` and ``torch.jit.trace`` (*TorchScript*) were the way to
# take a model out of Python. Ask this PyTorch what it thinks of them:

with warnings.catch_warnings(record=True) as caught:
    warnings.simplefilter("always")
    torch.jit.script(torch.nn.ReLU())
said = [w for w in caught if "deprecated" in str(w.message)]
for warning in said[:1]:
    print(f"{warning.category.__name__}: {warning.message}")
if not said:
    print(f"PyTorch {torch.__version__} does not warn yet; later ones do.")

# %%
# Its successor writes the graph down with all shapes checked. A dimension that may vary is
# declared, here the batch.

model = torch.nn.Sequential(torch.nn.Linear(3, 1), torch.nn.Sigmoid()).eval()
batch = torch.export.Dim("batch")
program = torch.export.export(model, (torch.ones(2, 3),), dynamic_shapes=({0: batch},))
calls = [str(n.target) for n in program.graph.nodes if n.op == "call_function"]
print(calls)
x = torch.randn(5, 3)
assert_close(program.module()(x), model(x))

# %%
# Two operations, and no Python left in them. What else has changed, as of November 2026:
#
# .. list-table::
#    :header-rows: 1
#
#    * - If a tutorial says
#      - then today
#    * - TorchScript, ``torch.jit``
#      - marked as deprecated in its documentation since July 2025: ``torch.compile``
#        for speed, ``torch.export`` or ONNX to ship [1]
#    * - ``torch.onnx`` by TorchScript
#      - goes through ``torch.export`` by default since 2.9, October 2025 [2]
#    * - TorchText
#      - ended: 0.18 of April 2024 was the last release [3]
#    * - TorchAudio
#      - in maintenance since 2.8, August 2025; reading files has moved to TorchCodec [4]
#    * - ``DataParallel``
#      - ``DistributedDataParallel``, DDP: a process for each GPU [5]
#    * - FSDP by wrapping
#      - ``fully_shard`` (FSDP2), public since 2.6 [6]
#    * - ``distributed.launch``
#      - ``torchrun``, since 1.10
#
# Several GPUs at once
# --------------------
# In *distributed data parallel* training every process holds the whole model and works on
# a part of the batch; the gradients are averaged, so that all copies stay the same. Where
# the model does not fit, *fully sharded* training splits weights, gradients and the
# optimiser's memory, too. One command starts the processes, on one machine or on many:
#
# .. code-block:: sh
#
#    torchrun --nproc-per-node=4 train.py
#
# The mean of the parts' gradients is the gradient of the whole, if the parts are equally
# large. That is all the mathematics there is, and it needs no GPU to check.

w = torch.zeros(3, requires_grad=True)
x, y = torch.randn(8, 3), torch.randn(8)


def gradient(x, y):
    return torch.autograd.grad(((x @ w - y) ** 2).mean(), w)[0]


parts = [gradient(x[rank::4], y[rank::4]) for rank in range(4)]  # four processes
assert_close(torch.stack(parts).mean(dim=0), gradient(x, y))
predict(
    "Batches of 8 samples on each of 4 GPUs: after how many samples does the model "
    "take one step?",
    8 * 4,
    because="Each step waits for the gradients of all four.",
)

# %%
# Who decides
# -----------
# PyTorch began in 2016 at Facebook, now Meta. Since September 2022 it belongs to the
# *PyTorch Foundation*, a part of the Linux Foundation. Its governing board (AMD, Amazon,
# Google, Meta, Microsoft and NVIDIA at the start) looks after money and name [7]. Technical
# decisions are made by maintainers, module by module, named in public [8]. In May 2025 it
# became an umbrella for further projects, beginning with vLLM and DeepSpeed [9].
#
# Takeaways
# ---------
# * ``from_numpy`` and ``numpy`` share memory; ``detach`` first if autograd watches, and
#   convert ``bfloat16``.
# * NumPy's decimals are ``float64``, PyTorch's ``float32``.
# * PyTorch adds gradients, devices and compilers. With few numbers we pay for the call,
#   in either library.
# * TorchScript is deprecated and TorchText has ended; ``torch.compile``,
#   ``torch.export`` and ``torchrun`` are the names to look for.
#
# Check yourself
# --------------
# One memory or two? Look at the types before you answer.

ask("seen_by_both")

# %%
# And several at work on one model:

ask("steps_on_gpus")

# %%
# Exercise
# --------
# Write the way back that works for every tensor with numbers, and copies only if it must.


def as_array(x):
    """Return a tensor as an array in the same memory; bfloat16 as float32."""
    raise NotImplementedError


check("as_array", as_array)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("as_array")

# %%
# References
# ----------
# Read in November 2026.
#
# 1. `TorchScript <https://docs.pytorch.org/docs/stable/jit.html>`__, with its warning.
# 2. `torch.onnx <https://docs.pytorch.org/docs/stable/onnx.html>`__.
# 3. `TorchText <https://docs.pytorch.org/text/stable/index.html>`__: "development is
#    stopped".
# 4. `TorchAudio, issue 3902 <https://github.com/pytorch/audio/issues/3902>`__: the
#    transition to maintenance.
# 5. `Distributed data parallel
#    <https://docs.pytorch.org/docs/stable/notes/ddp.html>`__.
# 6. `fully_shard
#    <https://docs.pytorch.org/docs/stable/distributed.fsdp.fully_shard.html>`__.
# 7. Linux Foundation. `Welcoming PyTorch
#    <https://www.linuxfoundation.org/blog/blog/welcoming-pytorch-to-the-linux-foundation>`__.
#    12 September 2022.
# 8. `PyTorch governance
#    <https://docs.pytorch.org/docs/stable/community/governance.html>`__.
# 9. PyTorch Foundation. `Expansion to an umbrella foundation
#    <https://pytorch.org/blog/pt-foundation-expands/>`__. 2025.
