"""
Which switches did nothing?
===========================

A list of tips for faster training is long, and each tip comes with a success story. We
start where the last lesson ended, with a loop that is fast already, and turn four more
switches: the compiler, more threads, a fused optimiser, and an end to ``.item()``. Some
of them may disappoint us, and that is worth knowing.

You will

* look at a profile again, once the large posts in it have become small;
* compile a piece of a network, and say after how many calls that has paid;
* tell "a gain", "a loss" and "nothing to tell" apart, with rounds and not with hope.

**Before this:** the lesson on where the time goes.
"""

from copy import deepcopy
from time import perf_counter

import torch
import torch.nn.functional as F

from cnn_tutorial import benchmarks, datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, device = profiles.current(), profiles.device()
size = profile.pick(smoke=8, docs=64, full=64)
train = datasets.for_role("colour").train
net = models.resnet8(in_channels=3, num_classes=train.info.num_classes).to(device)
images, labels = next(iter(train.batches(size, device=device)))

# %%
# The question
# ------------
# One step in two ways: plain, and with both switches of the last lesson, short numbers
# and channels side by side. Here they are once more, with the package's names.


def step(net, optimizer, precision, count=size):
    x = images[:count].to(memory_format=precision.memory_format)
    with precision.autocast(device):
        loss = F.cross_entropy(net(x), labels[:count])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss


def made(precision, **settings):
    copy = deepcopy(net).to(memory_format=precision.memory_format)
    return copy, torch.optim.SGD(copy.parameters(), lr=0.01, **settings), precision


plain, fast = training.Precision(), training.Precision("bfloat16", channels_last=True)
ways = {name: made(way) for name, way in {"plain": plain, "fast": fast}.items()}
shares = {
    name: benchmarks.time_shares(lambda way=way: step(*way), most=99)
    for name, way in ways.items()
}
norm = {name: sum(v for k, v in s.items() if "norm" in k) for name, s in shares.items()}
predict(
    "Batch norms took some share of the plain step. Is their share of the fast step "
    "smaller, the same, or larger?",
    f"{norm['plain']:.0f} % of the plain step, {norm['fast']:.0f} % of the fast one",
    because="What a switch makes cheaper leaves a larger share to everything else, "
    "unless that became cheaper too.",
)

# %%
# Here is the fast step. Compare it with the profile of the last lesson: look at who is
# new on the list.

plotting.bars(
    dict(list(shares["fast"].items())[:8]),
    title="Where the fast step spends its time",
    xlabel="share of the time of a step, %",
)

# %%
# A stopwatch with a verdict
# --------------------------
# From here on gains will be small. So each comparison must say whether it can tell. We
# take the quartiles of the ratios: a gain is what three quarters of the rounds call a
# gain, by more than 2 %.


def verdict(comparison, name, before):
    low, high = sorted(1 / ratio for ratio in comparison.spread(name, to=before))
    words = "a gain" if low > 1.02 else "a loss" if high < 0.98 else "nothing to tell"
    return f"{name:20}{1 / comparison.ratio(name, to=before):5.2f} times: {words}"


# %%
# A method that finds gains must first show that it finds none where there is none. We
# let the fast step run against itself.

again = {"fast": lambda: step(*ways["fast"]), "itself": lambda: step(*ways["fast"])}
settings = {"tolerance": None, "rounds": profile.pick(smoke=2, docs=9, full=9)}
itself = benchmarks.compare(again, baseline="fast", **settings)
predict(
    "The fast step against itself: how far from 1 will the median of the ratios be?",
    f"{abs(itself.ratio('itself') - 1):.1%}",
    because="This is the error of the method on this machine, in this minute. No gain "
    "smaller than this means anything.",
)

# %%
# The compiler
# ------------
# ``torch.compile`` writes a program for a module and has it translated. Operations that
# follow each other melt into one, and what lies between them never reaches memory. A
# convolution with its norm and ReLU is the smallest piece where that can matter.

block = torch.nn.Sequential(
    torch.nn.Conv2d(16, 16, 3, padding=1, bias=False),
    torch.nn.BatchNorm2d(16),
    torch.nn.ReLU(),
).to(device)
maps = torch.randn(size, 16, 32, 32, device=device)
backend = profile.pick(smoke="eager", docs="inductor", full="inductor")
start = perf_counter()
try:
    compiled = torch.compile(block, backend=backend)
    difference = (compiled(maps) - block(maps)).abs().max().item()
    compiled(maps).mean().backward()
except Exception as error:  # a machine without a C++ compiler, for instance
    compiled, difference = block, 0.0
    print(f"not compiled, {type(error).__name__}: what follows compares equals")
once = perf_counter() - start
assert difference < 1e-3
print(f"first calls: {once:.1f} s, largest difference {difference:.0e}")

# %%
# The outputs differ by no more than roundings: the sums were taken in another order.
# The first call is long, unless an earlier run left its program in PyTorch's cache.
# What does each later call give back?

calls = {
    "as it is": lambda: block(maps).mean().backward(),
    "compiled": lambda: compiled(maps).mean().backward(),
}
table = benchmarks.compare(calls, baseline="as it is", **settings)
print(verdict(table, "compiled", "as it is"))

# %%
# A price that is paid once, and perhaps a gain with every call. If there is one, after
# how many calls are we even?

saved = table["as it is"].seconds - table["compiled"].seconds
predict(
    "The piece runs forwards and backwards once a step. After how many steps has the "
    "compiler paid for itself on this machine?",
    f"after {once / saved:,.0f}" if saved > 0 else "never",
    because=f"The first calls took {once:.1f} s; each later one takes "
    f"{1e3 * abs(saved):.2f} ms {'less' if saved > 0 else 'more'} than without.",
)

# %%
# Hold that against the steps of your training. An epoch of fifty thousand images in
# batches of 128 has 391; an experiment of two minutes may have fewer than it takes. In
# ``fit``, compile the model before you hand it over, or leave it.
#
# Three more
# ----------
# *Threads* share the work of an operation. A *fused* optimiser updates all weights in
# one go. ``.item()`` fetches a number, and on a GPU the processor waits for it. One
# knob at a time, on the fast step.

before = torch.get_num_threads()
fused = made(fast, fused=True)


def threaded(count):
    torch.set_num_threads(count)
    try:
        return step(*ways["fast"])
    finally:
        torch.set_num_threads(1)


knobs = {
    "one thread": lambda: threaded(1),
    "two threads": lambda: threaded(2),
    "fused optimiser": lambda: step(*fused),
    "with .item()": lambda: step(*ways["fast"]).item(),
}
with benchmarks.quiet(threads=1):
    knobs_table = benchmarks.compare(knobs, baseline="one thread", **settings)
assert torch.get_num_threads() == before
plotting.bars(
    {name: 1 / knobs_table.ratio(name) for name in knobs},
    title="Three more switches on the fast step, one at a time",
    xlabel="times as fast as one thread",
)

# %%
# And what this run can say about each:

for name in list(knobs)[1:]:
    print(verdict(knobs_table, name, "one thread"))

# %%
# Threads help while each has enough to do and nobody else wants the cores; with small
# batches, or on a busy machine, they wait for each other. The update is a small share
# of the step, so that even a free one could not give much: Amdahl again. And on a
# processor ``.item()`` has nothing to wait for. On a GPU it stops the flow of work, and
# ``fit`` fetches its losses in bunches for that reason.
#
# Bigger batches
# --------------
# One more tip: larger batches use the machine better. The same step with fewer images,
# and the time that each image takes:

sizes = [n for n in (2, 4, 8, 16, 32, 64) if n <= size]
runs = {str(n): lambda n=n: step(*ways["fast"], n) for n in sizes}
batches = benchmarks.compare(runs, baseline=str(size), **settings)
plotting.lines(
    sizes,
    {"fast step": [1e3 * batches[str(n)].seconds / n for n in sizes]},
    title="Time for one image, by the size of the batch",
    xlabel="images in a batch",
    ylabel="milliseconds an image",
    log="x",
)

# %%
# What is the largest step of that line worth, and the last one?

each = [batches[str(n)].seconds / n for n in sizes]
print(f"from {sizes[0]} to {size} images: each {each[0] / each[-1]:.2f} times as fast")
print(
    f"from {sizes[-2]} to {size} images: each {each[-2] / each[-1]:.2f} times as fast"
)

# %%
# Each step has a price that does not depend on the batch: starting some hundred
# operations, updating all weights. Large batches share it among many images. Where the
# line is flat there is nothing left to share: a larger batch then means fewer steps for
# the same data, and that changes what is learned.
#
# Where it breaks
# ---------------
# A compiler writes the program before it sees the numbers. Where the code asks for a
# number to decide what comes next, the program ends and Python takes over; with
# ``fullgraph=True`` we hear about it.


def doubtful(x):
    return x if x.sum() > 0 else -x


with expect_error(RuntimeError):
    torch.compile(doubtful, backend="eager", fullgraph=True)(torch.ones(3))

# %%
# Takeaways
# ---------
# * Profile again after each success: the list has another order.
# * A comparison needs a verdict that can be "nothing to tell", and a control: the same
#   thing against itself.
# * Compiling is a price paid once. Divide it by what a call saves.
# * Threads, a fused update and ``.item()`` matter where their share is large. Their
#   share is what we measure first.
#
# All of these leave the network the same, or nearly. How nearly, and when that matters,
# the next lesson asks.
#
# Check yourself
# --------------
# First read a comparison, then a bill.

ask("what_rounds_tell")

# %%
# The bill:

ask("balance_of_compiling")

# %%
# Exercise
# --------
# A change costs some seconds once and saves some with each call. When are we even? Mind
# the change that saves nothing.


def calls_to_even(once, before, after):
    """Return how many calls pay a price that is paid once; math.inf: no number does."""
    raise NotImplementedError


check("calls_to_even", calls_to_even)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("calls_to_even")

# %%
# References
# ----------
# 1. J. Ansel and others. *PyTorch 2: Faster Machine Learning Through Dynamic Python
#    Bytecode Transformation and Graph Compilation.* ASPLOS 2024.
#    `Paper <https://doi.org/10.1145/3620665.3640366>`__
# 2. P. Goyal and others. *Accurate, Large Minibatch SGD: Training ImageNet in 1 Hour.*
#    2017. What a larger batch asks of the learning rate. `arXiv:1706.02677
#    <https://arxiv.org/abs/1706.02677>`__
# 3. PyTorch. *Performance Tuning Guide.* `Page
#    <https://docs.pytorch.org/tutorials/recipes/recipes/tuning_guide.html>`__
