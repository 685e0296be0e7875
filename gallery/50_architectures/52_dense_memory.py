"""
Few parameters, much memory
===========================

A dense network has few parameters, and yet it is known to fill the memory of a machine.
Parameters are not what fills it. For every layer the same channels are copied once
more, and on the way back each copy is still there. On this page we count the copies,
look over autograd's shoulder while it puts them aside, and foretell to the byte what a
block keeps.

You will

* tell how much of a dense block's memory is different, and how much is copies;
* see what the backward pass needs, tensor by tensor, and weigh it;
* see what happens when all layers share one memory.

**Before this:** the lesson on the dense block, and the one on memory.
"""

import torch
from torch import nn

from cnn_tutorial import benchmarks, blocks, datasets, models, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

torch.manual_seed(0)
clothes = datasets.for_role("grey")
print(f"{clothes.info.title}: images of {clothes.info.input_size}")

# %%
# The question
# ------------
# One channel goes in, four layers make one channel each. Behind each layer, all that
# there is gets laid side by side: ``torch.cat`` makes a new tensor and copies everything
# into it.

x, made = torch.zeros(1, 1, 1, 1), []
for _ in range(4):
    x = torch.cat([x, x.mean(1, keepdim=True)], dim=1)
    made.append(x.numel())
predict(
    "How many numbers do the four concatenations hold together? "
    "And how many different ones are there?",
    f"{sum(made)}: {' + '.join(map(str, made))}; {x.numel()} different ones",
    because="Each number is copied into every concatenation that comes after it.",
)

# %%
# With c channels and L layers of growth k, the different numbers are :math:`c + Lk` for
# each pixel. The copies are the sum of :math:`c + ik` for i from 1 to L: *quadratic* in
# the number of layers. A block of a DenseNet-BC of depth 100 has :math:`c = 24`,
# :math:`k = 12` and :math:`L = 16`.


def concatenated(c, k, depth):
    return sum(c + i * k for i in range(1, depth + 1))


depths = [1, 2, 4, 8, 16, 24, 32, 48]
plotting.lines(
    depths,
    {
        "in concatenations": [concatenated(24, 12, depth) for depth in depths],
        "different": [24 + 12 * depth for depth in depths],
    },
    title="Channels in a dense block: those that are different, and all the copies",
    xlabel="layers",
    ylabel="channels",
)

# %%
# What autograd keeps
# -------------------
# Without gradients a copy is given back as soon as the next one is made. With them it
# is kept. Two images of clothes, made into 24 channels, go through a block; the scales
# of the lesson on memory report the most that was held at once.

stem = nn.Conv2d(clothes.info.channels, 24, 3, stride=2, padding=1, bias=False)
with torch.no_grad():
    x = stem(clothes.train.normalized()[:2])
block = blocks.DenseBlock(24, 16, growth=12)


def without_gradients():
    with torch.no_grad():
        return block(x)


most = {
    "with gradients": benchmarks.memory(lambda: block(x)) / 1e6,
    "without": benchmarks.memory(without_gradients) / 1e6,
}
plotting.bars(
    most,
    title="The same forward pass: most memory held at once, in MB",
    xlabel="MB",
)

# %%
# The difference waits for the backward pass. PyTorch lets us look on: every tensor that
# it puts aside goes through a hook of ours. Tensors that share memory count once, and
# parameters do not count.


def kept(module, x):
    own = {t.untyped_storage().data_ptr() for t in module.state_dict().values()}
    found = {}

    def put_aside(tensor):
        memory = tensor.untyped_storage()
        if memory.data_ptr() not in own:
            found[memory.data_ptr()] = memory.nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(put_aside, lambda tensor: tensor):
        out = module(x)  # kept until we have counted
    del out
    return sum(found.values())


# %%
# A layer that reads c channels keeps them twice: as the norm has read them, and as the
# ReLU has left them, for the convolution behind it. The same for the 4k channels in the
# middle. Besides, each norm keeps a mean and a deviation for each channel.


def foretold(c, k, depth, pixels):
    reads = [c + i * k for i in range(depth)]
    return 4 * sum(2 * (r + 4 * k) * pixels + 2 * (r + 4 * k) for r in reads)


pixels = x[:, 0].numel()
assert kept(block, x) == foretold(24, 12, 16, pixels)
predict(
    "Two images with 24 channels, sixteen layers of growth 12. How many times the "
    "memory of its input does the block keep?",
    f"{kept(block, x) / x.nbytes:.0f} times",
    because=f"{kept(block, x) / 1e6:.1f} MB, foretold to the byte. Its parameters are "
    f"{4 * sum(p.numel() for p in block.parameters()) / 1e6:.1f} MB.",
)

# %%
# The same scales for the whole network of depth 100, and one image of 32 x 32:

whole = models.densenet_bc100()
one = kept(whole, torch.randn(1, 3, 32, 32))
parameters = 4 * sum(p.numel() for p in whole.parameters())
predict(
    f"The network has {parameters / 1e6:.1f} MB of parameters and keeps "
    f"{one / 1e6:.0f} MB for one image. What does a batch of 64 keep?",
    f"{64 * one / 1e9:.1f} GB",
    because="What is kept grows with the batch, parameters do not.",
)

# %%
# Which part of that is copies? In the block above, of all that its layers keep:

reads = sum(24 + 12 * i for i in range(16))
shares = {
    "what norms have read": reads,
    "what ReLUs have left of it": reads,
    "the middle of the layers": 2 * 16 * 4 * 12,
}
plotting.bars(
    {name: 4 * channels * pixels / 1e6 for name, channels in shares.items()},
    title="What sixteen dense layers keep for the way back, in MB",
    xlabel="MB",
)

# %%
# More than two thirds are channels that layers have read, the old ones again and again.
# In a deeper block it would be nearly all: the middle grows with the depth, the copies
# with its square.
#
# Where it breaks
# ---------------
# Why copy at all? There is a daring idea: one large memory for all channels, into which
# each layer writes its own, so that nothing is ever copied. Autograd counts how often a
# memory has been written to, finds another count than when it put the view aside, and
# refuses.

memory = torch.zeros(1, 4, 5, 5)
memory[:, :2] = torch.randn(1, 2, 5, 5)
layer = blocks.DenseLayer(2, growth=2)
new = layer(memory[:, :2])  # the norm has put this view aside
memory[:, 2:] = new.detach()  # another part of the same memory
with expect_error(RuntimeError):
    new.sum().backward()

# %%
# It could not know that another part was written to. Pleiss and others share memory all
# the same, with backward passes written by hand. There is a way that needs none:
# forget, and compute again. That is the next lesson.
#
# Deviations
# ----------
# What a block keeps depends on the program, not on the paper: an activation that works
# in place, a norm joined with its ReLU, or a compiler keep less than PyTorch's separate
# operations, which we count here in single precision.
#
# Takeaways
# ---------
# * Few parameters, much memory: what is kept for the way back counts, times the batch.
# * What is different grows with the depth of a block, copies with its square.
# * Each norm keeps what it read, each ReLU what it left, and both can be foretold.
# * Without gradients nearly nothing is kept: judging costs less memory than learning.
#
# Check yourself
# --------------
# First count copies, then megabytes.

ask("times_copied")

# %%
# Now the whole network:

ask("memory_of_a_batch")

# %%
# Exercise
# --------
# How many bytes do all concatenations of a block hold?


def concatenated_bytes(input_size, depth, growth, itemsize=4):
    """Return the bytes of all concatenations made of an input (N, C, H, W)."""
    raise NotImplementedError


check("concatenated_bytes", concatenated_bytes)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("concatenated_bytes")

# %%
# References
# ----------
# 1. G. Pleiss, D. Chen, G. Huang, T. Li, L. van der Maaten, K. Q. Weinberger.
#    *Memory-Efficient Implementation of DenseNets.* 2017. `arXiv:1707.06990
#    <https://arxiv.org/abs/1707.06990>`__
# 2. PyTorch. *Hooks for saved tensors.*
#    `Tutorial <https://docs.pytorch.org/tutorials/intermediate/autograd_saved_tensors_hooks_tutorial.html>`__
