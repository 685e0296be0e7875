"""
Why does learning walk backwards?
=================================

The chain rule is a product, and a product can be multiplied out from either end. From
the inputs on: *forward mode*. From the result back: *reverse mode*, which is what
``backward`` does. Both are exact. One of them can be a thousand times as expensive, and
which one depends on two numbers that you can count beforehand.

You will

* differentiate in forward mode, with a few lines of Python of your own;
* predict what a gradient costs in either direction, then measure it;
* see why PyTorch draws its graph anew at each call, and what ``torch.compile`` changes.

**Before this:** the lesson on autograd.
"""

import warnings
from dataclasses import dataclass
from timeit import repeat

import torch
from torch.func import jacfwd, jacrev, jvp, vjp
from torch.testing import assert_close

from cnn_tutorial import plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Backpropagation walks the graph back, so it must have kept the graph. Could we have the
# derivative on the way *there*? Let each number carry its slope along: how fast it grows
# when the input does. Such a pair is a *dual number*.


@dataclass
class Dual:
    value: float
    slope: float

    def __add__(self, other):
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)


# %%
# The two methods are the sum rule and the product rule. Any function that adds and
# multiplies now differentiates itself, and stores nothing.


def cubic(x):
    return x * x * x + x * x


predict(
    "We start with `Dual(2.0, slope=1.0)`. What comes out of `cubic`?",
    cubic(Dual(2.0, 1.0)),
    because="8 + 4 = 12, and 3 x^2 + 2 x = 12 + 4 = 16.",
)

# %%
# PyTorch has the same thing for all of its operations. ``jvp`` takes a function, where
# to evaluate it, and the slopes of the inputs.

with warnings.catch_warnings():  # PyTorch's forward mode still loads old TorchScript.
    warnings.simplefilter("ignore", FutureWarning)
    value, slope = jvp(cubic, (torch.tensor(2.0),), (torch.tensor(1.0),))
ours = cubic(Dual(2.0, 1.0))
assert (value, slope) == (ours.value, ours.slope)
print(value, slope)

# %%
# Several inputs, several outputs
# -------------------------------
# Three numbers in, two out: six derivatives, an entry for each pair. They form the
# *Jacobian*, a row for each output, a column for each input.


def pair(x):
    return torch.stack([x[0] * x[1], x[1] + 3 * x[2]])


x = torch.tensor([2.0, 5.0, 1.0])
jacobian = jacrev(pair)(x)
_, column = jvp(pair, (x,), (torch.tensor([0.0, 1.0, 0.0]),))
_, pull = vjp(pair, x)
(row,) = pull(torch.tensor([0.0, 1.0]))
plotting.matrices(
    [jacobian, jacobian],
    titles=["one column", "one row"],
    roles=["neutral", "gradient"],
    windows={0: (0, 1, 2, 1), 1: (1, 0, 1, 3)},
    title="What one sweep brings: forward a column, backward a row",
)

# %%
# Forward, we say which input moves and learn what *all outputs* do: a column. Backward,
# we say which output we care about and learn what *all inputs* do to it: a row.
# (``jvp`` is Jacobian times vector, ``vjp`` vector times Jacobian.)

assert_close(column, jacobian[:, 1])
assert_close(row, jacobian[1])

# %%
# How much that matters depends on the shape of the Jacobian.

weights = sum(p.numel() for p in torch.nn.Linear(784, 10).parameters())
predict(
    "A layer from 784 pixels to 10 scores has a weight for each pair and 10 biases. "
    "There is one loss. How many sweeps does the gradient take, forward? And backward?",
    f"{weights:,} and 1",
    because="784 * 10 + 10 columns, one row.",
)

# %%
# The claim, measured
# -------------------
# A small network of two layers, with as many inputs and outputs as we like, and the two
# ways to its whole Jacobian: column by column, row by row.

generator = torch.Generator().manual_seed(0)


def network(inputs, outputs):
    first = torch.randn(64, inputs, generator=generator) / inputs**0.5
    second = torch.randn(outputs, 64, generator=generator) / 8
    return lambda x: torch.tanh(second @ torch.tanh(first @ x))


def forward(f, x):
    columns = [jvp(f, (x,), (unit,))[1] for unit in torch.eye(len(x))]
    return torch.stack(columns, dim=1)


def backward(f, x):
    y, pull = vjp(f, x)
    return torch.stack([pull(unit)[0] for unit in torch.eye(len(y))])


# %%
# A stopwatch, on one thread: the fastest of five calls.

threads = torch.get_num_threads()
torch.set_num_threads(1)


def milliseconds(way, f, x):
    return 1e3 * min(repeat(lambda: way(f, x), number=1, repeat=5))


# %%
# Now many inputs and one output, as in learning. Before you look: which curve rises?

sizes = [4**k for k in range(profiles.current().pick(smoke=2, docs=5, full=5))]


def compare(pairs):
    times = {"forward": [], "backward": []}
    for inputs, outputs in pairs:
        f, x = network(inputs, outputs), torch.ones(inputs)
        assert_close(forward(f, x), backward(f, x), rtol=1e-4, atol=1e-5)
        times["forward"].append(milliseconds(forward, f, x))
        times["backward"].append(milliseconds(backward, f, x))
    return times


many_in = compare([(size, 1) for size in sizes])
plotting.lines(
    sizes,
    many_in,
    title="Many inputs, one output: forward pays for each input",
    xlabel="inputs",
    ylabel="milliseconds",
    log="both",
)

# %%
# And one input, many outputs: how does everything change when one setting does?

many_out = compare([(1, size) for size in sizes])
plotting.lines(
    sizes,
    many_out,
    title="One input, many outputs: backward pays for each output",
    xlabel="outputs",
    ylabel="milliseconds",
    log="both",
)

# %%
# The verdict of the run that built this page:

torch.set_num_threads(threads)
for name, times in (("inputs", many_in), ("outputs", many_out)):
    ratio = times["forward"][-1] / times["backward"][-1]
    dear = "forward" if ratio > 1 else "backward"
    print(f"{sizes[-1]} {name}: {dear} takes {max(ratio, 1 / ratio):.0f} x as long")

# %%
# So learning walks backwards because it has millions of inputs, the weights, and one
# output, the loss. Fit three numbers to a hundred points, and forward is the better
# direction; we come back to that in the lessons on curves.
#
# What backward costs
# -------------------
# Reverse mode must keep what it met on the way: the derivative of a product needs both
# factors. We can watch it save.


def kept(depth):
    saved = []
    x = torch.ones(1000, requires_grad=True)
    hooks = torch.autograd.graph.saved_tensors_hooks(
        lambda tensor: saved.append(tensor.nbytes) or tensor, lambda tensor: tensor
    )
    with hooks:
        for _ in range(depth):
            x = torch.tanh(x)
    return sum(saved)


predict(
    f"One layer of 1,000 numbers keeps {kept(1):,} bytes. And 100 such layers?",
    f"{kept(100):,} bytes",
    because="Each layer keeps its own 1,000 numbers of four bytes until `backward`.",
)

# %%
# The deeper, the more, and that is why training takes more memory than using a network.
# Forward mode forgets each layer once the next one has been computed.
#
# All sweeps at once
# ------------------
# The library has both directions for the whole Jacobian, ``jacfwd`` and ``jacrev``. They
# run all sweeps as one batch, which changes the clock and not the rule.

f, x = network(5, 3), torch.ones(5)
assert_close(jacfwd(f)(x), forward(f, x))
assert_close(jacrev(f)(x), backward(f, x))

# %%
# When is the graph drawn?
# ------------------------
# There was a second decision when PyTorch was made. Others drew the graph first and
# ran it later, many times: a *static* graph. PyTorch draws while it runs, and throws the
# drawing away: *dynamic*. A loop over a sequence of any length is then a loop.

w = torch.tensor(0.5, requires_grad=True)


def read(sequence):
    state = torch.tensor(0.0)
    for item in sequence:
        state = torch.tanh(w * state + item)
    return state


plotting.graph(
    read([1.0, 2.0, 3.0]),
    names={"w": w},
    title="Three items, three rounds: this graph belongs to this input",
)

# %%
# ``Tanh`` stands there once for each item: each call has a graph of its own length. Now
# ask for one graph for all inputs, in advance. ``torch.fx`` runs a function once with
# placeholders instead of numbers, and writes down what it sees. Here is ``cubic`` again:

print(torch.fx.symbolic_trace(cubic).code.strip())

# %%
# That works while the way does not depend on the numbers. Here it does:


def halve(x):
    while x.sum() > 1:
        x = x / 2
    return x


print(halve(torch.tensor([3.0, 5.0])))
with expect_error(torch.fx.proxy.TraceError):
    torch.fx.symbolic_trace(halve)

# %%
# "Variables cannot be used as inputs to control flow": a placeholder has no number that
# could be compared with 1. The two kinds side by side:
#
# .. list-table::
#    :header-rows: 1
#
#    * - Asked about
#      - Static
#      - Dynamic
#    * - Definition
#      - first the whole graph, then run it
#      - by running ordinary Python
#    * - Flexibility
#      - branches and loops need operations of their own
#      - any ``if``, ``for``, recursion
#    * - Debugging
#      - errors surface far from the line that caused them
#      - at the line, with ``print`` and a debugger
#    * - Memory
#      - known in advance: planned, reused
#      - allocated as it comes; freed after ``backward``
#    * - Inputs of varying length
#      - padded, or dimensions declared as variable
#      - no question at all
#    * - Examples
#      - Theano, TensorFlow 1; ``torch.export``, ONNX
#      - PyTorch, TensorFlow 2 unless told otherwise
#
# ``torch.compile``, since PyTorch 2.0, softens the contrast. You write
# dynamic code. At its first call the compiler follows the Python bytecode, collects the
# tensor operations between two decisions into a static graph, and makes fast code of it.
# What the graph relied on (shapes, types, flags) it notes as *guards*. If a guard fails, it
# compiles again; lengths that have changed once are compiled as variable.
#
# Where it cannot follow, the graph *breaks*, and Python takes over for that line.
# ``torch.export`` allows no breaks: one graph for everything, or an error that says where.
#
# .. code-block:: python
#
#    fast = torch.compile(network)   # compiles at the first call: seconds to minutes
#    fast(x)                         # the same numbers, up to rounding
#
# It pays off over many calls, and it needs a C++ compiler, or Triton on a GPU. This page
# leaves it at the description.
#
# Takeaways
# ---------
# * Forward mode carries slopes along with values: a sweep for each input. Reverse mode
#   walks back from an output: a sweep for each output.
# * Learning has many inputs and one output. Hence backpropagation.
# * Reverse mode pays with memory: it keeps what the derivatives need, layer by layer.
# * PyTorch draws its graph at each call, so that Python's own branches and loops work;
#   ``torch.compile`` collects static pieces of it behind your back, with guards.
#
# Check yourself
# --------------
# Count inputs and outputs before you set off.

ask("fewest_sweeps")

# %%
# Forward mode once more, with a pencil:

ask("dual_product")

# %%
# Exercise
# --------
# Forward mode for polynomials. One loop, from the highest coefficient down, carries the
# value and its slope together.


def polynomial_slope(coefficients, x):
    """Return value and slope at x; the highest power's coefficient comes first."""
    raise NotImplementedError


check("polynomial_slope", polynomial_slope)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("polynomial_slope")

# %%
# References
# ----------
# 1. A. G. Baydin, B. A. Pearlmutter, A. A. Radul, J. M. Siskind. *Automatic
#    differentiation in machine learning: a survey.* JMLR 18, 2018.
#    `arXiv:1502.05767 <https://arxiv.org/abs/1502.05767>`__
# 2. J. Ansel and others. *PyTorch 2: Faster Machine Learning Through Dynamic Python
#    Bytecode Transformation and Graph Compilation.* ASPLOS 2024.
#    `doi:10.1145/3620665.3640366 <https://doi.org/10.1145/3620665.3640366>`__
# 3. PyTorch. *torch.func.* ``jvp``, ``vjp``, ``jacfwd``, ``jacrev``.
#    `Documentation <https://docs.pytorch.org/docs/stable/func.html>`__
