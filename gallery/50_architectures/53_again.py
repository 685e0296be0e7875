"""
Forget, and compute it again
============================

What a network keeps for the backward pass fills the memory long before its parameters
do. There is a cure that looks like a bad joke: throw away what was computed, and when
it is needed compute it once more. It is what makes large networks possible at all, and
it fits into ten lines. It is called *checkpointing*, though it has nothing to do with
the files of that name.

You will

* write it by hand, and prove that it changes no gradient;
* apply it to a dense block in two ways, and see one of them stay quadratic;
* measure what it saves and what it costs, and find the one thing that it does change.

**Before this:** the lesson on the memory of dense blocks.
"""

from functools import partial

import torch
from torch import nn
from torch.testing import assert_close
from torch.utils.checkpoint import checkpoint

from cnn_tutorial import (
    benchmarks,
    blocks,
    datasets,
    models,
    plotting,
    profiles,
    training,
)
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile = profiles.current()
threads = torch.get_num_threads()
torch.set_num_threads(1)  # put back at the end: times are easier to compare
torch.manual_seed(0)
clothes = datasets.for_role("grey").limited(
    profile.pick(smoke=60, docs=1000, full=5000)
)
print(f"{clothes.info.title}: {clothes.info.splits}")

# %%
# The question
# ------------
# Squares, one after the other: 3, 9, 81. The slope of the last one with respect to the
# first is the product of 2 * 3 and 2 * 9, so that the way back needs the 9 again.
# Nobody said that it has to be *kept*.

x = torch.tensor(3.0, requires_grad=True)
kept = (x**2) ** 2
kept.backward()
nine = x.detach() ** 2  # computed a second time, from the input
by_hand = (2 * x.detach()) * (2 * nine)
assert_close(by_hand, x.grad)
predict(
    "A chain of ten layers keeps its input only. What is the least that the way back "
    "must compute again, to have all ten inputs of the layers?",
    "the outputs of nine layers",
    because="The input is there; the output of the last layer is not needed for its "
    "own slope. Memory is exchanged for time.",
)

# %%
# By hand
# -------
# On the way there, keep what a layer has read, and nothing of what happens inside. On
# the way back run the layer a second time, now with a graph, and go backwards through
# that. As an operation of our own:


class Again(torch.autograd.Function):
    @staticmethod
    def forward(ctx, layer, x):  # runs without a graph
        ctx.layer = layer
        ctx.save_for_backward(x)
        return layer(x)

    @staticmethod
    def backward(ctx, gradient):
        x = ctx.saved_tensors[0].detach().requires_grad_()
        with torch.enable_grad():
            out = ctx.layer(x)  # the second time
        out.backward(gradient)  # also adds to the gradients of the layer's weights
        return None, x.grad


# %%
# A dense block that forgets, next to one that does not. Every gradient must agree.


def forgetful(block, x):
    for layer in block.layers:
        x = torch.cat([x, Again.apply(layer, x)], dim=1)
    return x


block = blocks.DenseBlock(24, 16, growth=12)


def gradients(function):
    block.zero_grad()
    x = torch.randn(2, 24, 14, 14, generator=torch.Generator().manual_seed(0))
    x.requires_grad_()
    function(x).square().mean().backward()
    return [x.grad, *(p.grad.clone() for p in block.parameters())]


assert_close(gradients(partial(forgetful, block)), gradients(block))

# %%
# In the library
# --------------
# PyTorch has this as ``torch.utils.checkpoint``, with what we left out: random numbers
# that come out the same the second time, so that dropout drops the same. The package's
# block uses it when it is told to ``recompute``.

thrifty = blocks.DenseBlock(24, 16, growth=12, recompute=True)
thrifty.load_state_dict(block.state_dict())
x = torch.randn(2, 24, 14, 14)
assert_close(thrifty(x), block(x))

# %%
# Something is still quadratic: the concatenations themselves, which each layer has
# *read* and which are therefore kept. So forget them too. We keep the parts only, and
# lay them side by side inside of what is run again.


def side_by_side(layer, *parts):
    return layer(torch.cat(parts, dim=1))


def most_forgetful(block, x):
    parts = [x]
    for layer in block.layers:
        new = checkpoint(side_by_side, layer, *parts, use_reentrant=False)
        parts.append(new)
    return torch.cat(parts, dim=1)


assert_close(gradients(partial(most_forgetful, block)), gradients(block))

# %%
# Now the scales of the lesson on memory: the most that tensors held at once, forwards
# and backwards, as blocks get deeper.

ways = {
    "keep all": lambda block, x: block(x),
    "layers again": forgetful,
    "copies again, too": most_forgetful,
}


def there_and_back(way, block):
    x = torch.zeros(8, 24, 14, 14, requires_grad=True)
    way(block, x).sum().backward()
    block.zero_grad()


deep = profile.pick(smoke=[2, 4], docs=[4, 8, 16, 24], full=[4, 8, 16, 32, 48])
held = {name: [] for name in ways}
for depth in deep:
    block = blocks.DenseBlock(24, depth, growth=12)
    for name, way in ways.items():
        peak = benchmarks.memory(partial(there_and_back, way, block))
        held[name].append(peak / 1e6)
plotting.lines(
    deep,
    held,
    title="Most memory held at once, forwards and backwards, by depth of the block",
    xlabel="layers",
    ylabel="MB",
)

# %%
# When layers run again, the curve still bends upwards: concatenations are kept. When
# copies are made again, too, it is nearly a straight line.
#
# And the price? Everything inside a layer is computed twice, once on the way there and
# once more on the way back.

predict(
    "If a backward pass costs twice a forward pass, how much longer should a step take "
    "with everything computed again?",
    f"{4 / 3 - 1:.0%}",
    because="1 + 2 becomes 1 + 1 + 2.",
)

# %%
# That is the count. This is the clock, on this machine:

comparison = benchmarks.compare(
    {name: partial(there_and_back, way, block) for name, way in ways.items()},
    baseline="keep all",
    tolerance=None,
    seconds=profile.pick(smoke=0.1, docs=1.0, full=3.0),
)
comparison

# %%
# Does training notice?
# ---------------------
# Gradients are equal, so losses must be. We train a small DenseNet twice from the same
# seed, on real images, with and without recomputing.


def trained(recompute):
    training.seed_everything(0)
    shape = {"in_channels": clothes.info.channels, "width": 6}
    net = models.DenseNet((3, 3), recompute=recompute, **shape)
    optimizer, losses = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9), []
    for images, labels in clothes.train.batches(50):
        loss = nn.functional.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    return net, torch.tensor(losses)


(usual, losses), (thrifty, again) = trained(recompute=False), trained(recompute=True)
assert_close(again[:5], losses[:5], rtol=1e-3, atol=1e-3)
plotting.lines(
    range(1, len(losses) + 1),
    {"keep all": losses, "layers again": again},
    title="The loss, batch by batch: two trainings, one curve",
    xlabel="batch",
    ylabel="loss",
)

# %%
# Where it breaks
# ---------------
# One thing is not the same. A batch norm that runs twice in a step also updates its
# running statistics twice.

counts = [net.stages[0].layers[0].norm1.num_batches_tracked for net in (usual, thrifty)]
predict(
    f"{len(losses)} batches. How many has the norm of the first layer counted, without "
    "recomputing and with it?",
    f"{counts[0]} and {counts[1]}",
    because="Its running statistics forget twice as fast: with momentum 0.1 a step "
    "leaves 0.81 of them in place of 0.9. Training does not use them, evaluation does.",
)

# %%
# So we evaluate both networks:

validation = clothes.validation.batches(100)
for name, net in (("keep all", usual), ("layers again", thrifty)):
    score = 100 * training.evaluate(net, validation).accuracy
    print(f"{name:13} {score:.1f} % of the validation images")

# %%
# If the two scores differ by more than roundings, that is why. One more thing has to be
# kept in mind. What is computed again must come out the same. A layer that depends on
# something that has changed in between gives wrong gradients; where shapes no longer
# agree, PyTorch notices.

calls = []


def forgetful_layer(x):
    calls.append(1)
    return x.sin().cos() if len(calls) == 1 else x.sin()


with expect_error(RuntimeError):
    x = torch.ones(3, requires_grad=True)
    checkpoint(forgetful_layer, x, use_reentrant=False).sum().backward()
torch.set_num_threads(threads)

# %%
# Deviations
# ----------
# Pleiss and others share the memory of concatenations and of norms between layers, and
# fill it again on the way back. Torchvision's DenseNet with ``memory_efficient=True``
# makes the concatenation, the first norm and the 1 x 1 convolution again, and keeps
# what comes after. Our last way runs whole layers again.
#
# Takeaways
# ---------
# * Checkpointing keeps inputs, forgets what comes of them, and computes it again.
# * Gradients are the same to the rounding; the price is time, and it is measured above.
# * What is an input decides: concatenations are kept if a layer is given them, and
#   forgotten if it makes them itself.
# * Batch norms update their running statistics twice. Everything that is computed twice
#   must come out the same.
#
# Check yourself
# --------------
# One thing is not the same when a layer runs twice.

ask("running_mean_of_a_norm")

# %%
# Exercise
# --------
# Write the way back: run the function again, and return the gradient of its input.


def backward_again(function, x, gradient):
    """Return the gradient of x, given the gradient of function(x); no graph is kept."""
    raise NotImplementedError


check("backward_again", backward_again)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("backward_again")

# %%
# References
# ----------
# 1. T. Chen, B. Xu, C. Zhang, C. Guestrin. *Training Deep Nets with Sublinear Memory
#    Cost.* 2016. `arXiv:1604.06174 <https://arxiv.org/abs/1604.06174>`__
# 2. G. Pleiss, D. Chen, G. Huang, T. Li, L. van der Maaten, K. Q. Weinberger.
#    *Memory-Efficient Implementation of DenseNets.* 2017. `arXiv:1707.06990
#    <https://arxiv.org/abs/1707.06990>`__
# 3. PyTorch. *torch.utils.checkpoint.*
#    `Documentation <https://docs.pytorch.org/docs/stable/checkpoint.html>`__
