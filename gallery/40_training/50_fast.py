"""
Where does the time go?
=======================

A training loop works, and it is slow. There are a dozen switches that are said to make
it fast, and each of them helps somewhere. Before we turn any, we look where the time
goes. Then we turn them one after the other, in one run, and keep what *this* machine
rewards.

You will

* split the time of a loop, and say how much a switch can gain before you turn it;
* turn three switches in one run, and read off what each of them gave;
* let the machine choose, by measuring and not by rumour.

**Before this:** the training loop, and the lesson on a benchmark one can trust.
"""

from copy import deepcopy
from itertools import pairwise
from time import perf_counter

import torch
import torch.nn.functional as F
from torch.testing import assert_close
from torch.utils.data import DataLoader

from cnn_tutorial import benchmarks, datasets, models, plotting, profiles, training
from cnn_tutorial.benchmarks.suites.training import Pictures
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, device = profiles.current(), profiles.device()
size, steps = profile.pick(smoke=(8, 1), docs=(64, 3), full=(64, 3))
train = datasets.for_role("colour").train.subset(slice(size * steps))
net = models.resnet8(in_channels=3, num_classes=train.info.num_classes).to(device)
print(f"{train} on {device}, threads of PyTorch: {torch.get_num_threads()}")

# %%
# The question
# ------------
# Here is the loop of many tutorials. A ``DataLoader`` opens one picture after the
# other, crops it, flips it, turns it into numbers; the network computes in ``float32``;
# ``.item()`` fetches the loss of every step. We hold a stopwatch to both halves.


def step(net, images, labels, optimizer):
    loss = F.cross_entropy(net(images.to(device)), labels.to(device))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item()


pictures = DataLoader(Pictures(train), size, shuffle=True)
optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
waiting, computing, mark = 0.0, 0.0, perf_counter()
for images, labels in pictures:
    arrived = perf_counter()
    step(net, images, labels, optimizer)
    waiting, computing = waiting + arrived - mark, computing + perf_counter() - arrived
    mark = perf_counter()

share = waiting / (waiting + computing)
predict(
    "Of 100 seconds, how many does this loop wait for images?",
    f"{100 * share:.0f} seconds",
    because=f"{waiting / steps * 1e3:.0f} ms of a step for {size} pictures, "
    f"{computing / steps * 1e3:.0f} ms for network, gradients and update. The faster "
    "the device computes, the larger the share.",
)

# %%
# What a switch can gain
# ----------------------
# Say a share :math:`s` of the time becomes :math:`f` times as fast. The rest stays. The
# whole is then faster by
#
# .. math:: \frac{1}{(1 - s) + s / f}
#
# which is Amdahl's law, and it is merciless.


def amdahl(share, factor):
    return 1 / ((1 - share) + share / factor)


assert amdahl(0.5, 2) == 1 / 0.75
predict(
    "From now on images cost nothing at all. How much faster can this loop become?",
    f"{amdahl(share, float('inf')):.2f} times",
    because="Of the formula 1 / (1 - s) remains: what we did not touch.",
)

# %%
# So we look at the other half too. A *profiler* writes down each operation and how long
# it took by itself.

images, labels = next(iter(train.batches(size, device=device)))
plotting.bars(
    benchmarks.time_shares(lambda: step(net, images, labels, optimizer)),
    title="Where a step spends its time before we change anything",
    xlabel="share of a step, %",
)

# %%
# Convolutions, forwards and backwards, and what is between them. That tells us where to
# turn: at how images are made, and at how convolutions are computed.
#
# Switch 1: the whole batch at once
# ---------------------------------
# The loader above treats one picture at a time, with a little Python for each. Kept in
# memory as bytes, a batch is *one* tensor, and to flip and standardise it takes a few
# operations, however many pictures it holds.

raw, coin = train.images[:size], torch.rand(size) < 0.5


def one_by_one():
    pairs = zip(raw, coin, strict=True)
    return torch.stack([train.info.normalize(x.flip(2) if c else x) for x, c in pairs])


def at_once():
    x = train.info.normalize(raw)
    return torch.where(coin[:, None, None, None], x.flip(3), x)


both = {"one by one": one_by_one, "at once": at_once}
made = benchmarks.compare(both, baseline="one by one", seconds=0.1)


# %%
# Both return the same images: ``compare`` would have refused otherwise. How many times
# as fast is the second, and can this run tell? We call it a gain when three quarters of
# the rounds say so by more than 2 %.


def verdict(comparison, name, before):
    low, high = sorted(1 / ratio for ratio in comparison.spread(name, to=before))
    words = "a gain" if low > 1.02 else "a loss" if high < 0.98 else "nothing to tell"
    return f"{name:24}{1 / comparison.ratio(name, to=before):5.2f} times: {words}"


print(verdict(made, "at once", "one by one"))

# %%
# Compare that with the share of the time that the loop above spent on images: a large
# factor on a small share gives little. Bytes have another virtue.

predict(
    f"A batch of {size} pictures of 3 x 32 x 32 goes to the device. How many bytes is "
    "it as bytes, and how many as float32?",
    f"{raw.nbytes:,} and {4 * raw.nbytes:,}",
    because="One byte a number or four. Standardise after the journey.",
)

# %%
# Switch 2: the channels of a pixel side by side
# ----------------------------------------------
# Our tensors have the axes N, C, H, W, and memory is one long row. Which numbers are
# neighbours in it is another matter. Three channels of 2 x 2 pixels, numbered:

x = torch.arange(12).reshape(1, 3, 2, 2)
y = x.contiguous(memory_format=torch.channels_last)
assert torch.equal(x, y)
plotting.memory(
    {"as usual": x[0].flatten(1), "channels_last": y[0].flatten(1)},
    title="Channels in rows, pixels in columns; below, the same numbers in memory",
)

# %%
# Nothing about the tensor has changed: same shape, same element at every index. Only
# the walk through memory is another.

predict(
    f"`x.stride()` is {x.stride()}: the steps in memory from one element to the next, "
    "along N, C, H, W. What is `y.stride()`?",
    y.stride(),
    because="The next channel is the next number; the next pixel is 3 numbers on, and "
    "the next row 2 pixels, 6 numbers.",
)

# %%
# A convolution adds over channels at every place. Fast kernels want them side by side;
# with any other order they copy first.
#
# Switch 3: shorter numbers
# -------------------------
# ``bfloat16`` has half the bytes of ``float32``, and many processors have units that
# multiply it in bulk. Under ``autocast`` PyTorch uses it for products only.

layer = torch.nn.Conv2d(3, 4, 3).to(device)
with torch.autocast(device.type, torch.bfloat16):
    out = layer(images)
    loss = out.square().mean()
loss.backward()
predict(
    "`out` was computed under autocast. Of which type are `out`, `layer.weight` and "
    "`layer.weight.grad`?",
    ", ".join(str(t.dtype)[6:] for t in (out, layer.weight, layer.weight.grad)),
    because="Products are short. What is kept, and what the optimiser adds to it, "
    "stays long: small updates would be rounded away.",
)

# %%
# By hand
# -------
# All three switches fit into the loop that we have. Each is one argument.


def epoch(net, batches, dtype=None, layout=torch.contiguous_format):
    net.train().to(memory_format=layout)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01, momentum=0.9)
    short = torch.autocast(device.type, dtype, enabled=dtype is not None)
    for images, labels in batches:
        images = images.to(device, memory_format=layout)
        with short:
            loss = F.cross_entropy(net(images), labels.to(device))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.detach()


# %%
# The package has them as ``Precision``. It must end at the same weights as the page.

last, bf16 = torch.channels_last, torch.bfloat16
one, two = deepcopy(net), deepcopy(net)
batches = [(images, labels)]
epoch(one, batches, bf16, last)
sgd = torch.optim.SGD(two.parameters(), lr=0.01, momentum=0.9)
short = training.Precision("bfloat16", channels_last=True)
training.train_epoch(two, batches, optimizer=sgd, precision=short)
assert_close(two.state_dict(), one.state_dict())

# %%
# All in one run
# --------------
# Each line keeps the switches of the line before. The last one turns ``channels_last``
# off again: is it the numbers or the order? All take turns, so that whatever disturbs
# the machine disturbs all of them.

crop_and_flip = [datasets.RandomCrop(4), datasets.RandomFlip()]
memory = train.batches(size, shuffle=True, augment=crop_and_flip, device=device)
ways = {
    "the loop of tutorials": (pictures,),
    "+ batches from memory": (memory,),
    "+ channels_last": (memory, None, last),
    "+ bfloat16": (memory, bf16, last),
    "- channels_last": (memory, bf16),
}
copies = {name: deepcopy(net) for name in ways}
calls = {name: lambda name=name: epoch(copies[name], *ways[name]) for name in ways}
settings = {"tolerance": None, "rounds": profile.pick(smoke=1, docs=5, full=5)}
found = benchmarks.compare(calls, baseline="the loop of tutorials", **settings)
plotting.bars(
    {name: 1 / found.ratio(name) for name in ways},
    title="Each switch on top of the one before: speed in one run",
    xlabel="times as fast as the loop of tutorials",
)

# %%
# What did each switch give, and can this run tell?

for before, name in pairwise(ways):
    print(verdict(found, name, before))

# %%
# Compare the first line with what Amdahl allowed. And mind the last one: the same short
# numbers in the other order. How fast a combination is cannot be guessed from its
# parts; on some processors ``bfloat16`` alone is slower than what it replaces.
#
# Let the machine choose
# ----------------------
# So ``precision="auto"`` measures: some steps of a copy, all ways in turns, and what is
# not at least 5 % faster is not taken. The record says what was chosen, and by which
# numbers.

copy = deepcopy(net)
optimizer = torch.optim.SGD(copy.parameters(), lr=0.01, momentum=0.9)
record = training.fit(copy, memory, optimizer=optimizer, epochs=1, precision="auto")
for name, seconds in record.config["seconds_per_step"].items():
    print(f"{name:26}{1e3 * seconds:6.1f} ms a step")
print("chosen:", record.config["precision"])

# %%
# Where it breaks
# ---------------
# ``channels_last`` is an order of four axes. A vector has none, and a model that
# reshapes by hand with ``.view`` may find its numbers scattered:

with expect_error(RuntimeError):
    torch.zeros(3, 4).contiguous(memory_format=torch.channels_last)

with expect_error(RuntimeError):
    y.view(-1)

# %%
# Use ``flatten``: it copies where it must.
#
# Takeaways
# ---------
# * Measure the shares first. Amdahl's law says what a switch can gain at most.
# * Batches from memory remove Python from the images; ``channels_last`` changes the
#   walk through memory and no number; ``bfloat16`` makes products short and keeps
#   weights long.
# * What a combination gives is measured, in turns, in one run, on the machine that
#   trains. ``precision="auto"`` does that.
#
# There are more switches. The next lesson turns them, and most of them do little.
#
# Check yourself
# --------------
# Amdahl in your head.

ask("speed_of_the_whole")

# %%
# And a walk through memory:

ask("next_in_memory")

# %%
# Exercise
# --------
# Write Amdahl's law for several shares of the time, each with a factor of its own.


def speedup(shares, factors):
    """Return how many times as fast all is when parts of it become faster."""
    raise NotImplementedError


check("speedup", speedup)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("speedup")

# %%
# References
# ----------
# 1. G. Amdahl. *Validity of the single processor approach to achieving large scale
#    computing capabilities.* AFIPS 1967.
#    `Paper <https://doi.org/10.1145/1465482.1465560>`__
# 2. P. Micikevicius and others. *Mixed Precision Training.* ICLR 2018.
#    `arXiv:1710.03740 <https://arxiv.org/abs/1710.03740>`__
# 3. D. Kalamkar and others. *A Study of BFLOAT16 for Deep Learning Training.* 2019.
#    `arXiv:1905.12322 <https://arxiv.org/abs/1905.12322>`__
# 4. PyTorch. *Channels last memory format.* `Tutorial
#    <https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html>`__
