"""
Look inside without touching the code
=====================================

A network returns its last tensor. The interesting ones are on the way. Hooks let us
read them, and change them, while the class that somebody else wrote stays as it is.
They also stay behind, keep memory alive and change results if one is careless. This
page does all of it on purpose.

You will

* record what every layer of a network puts out, and its gradient;
* control the order of several hooks, and replace what a layer returns;
* leave no hook behind, even when the network raises.

**Before this:** the lesson on ``forward`` and the call.
"""

import gc
import weakref

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import ActivationRecorder, FeatureShapes
from cnn_tutorial.models import LeNet
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

digits = datasets.for_role("digits", size=32)
x = digits.test.normalized()[:4]  # (4, 1, 32, 32)
torch.manual_seed(0)
net = LeNet().eval()

# %%
# The question
# ------------
# ``LeNet`` has two convolutions and three linear layers; the next lesson builds it. What
# leaves its second convolution? ``forward`` keeps that in a local variable. A forward
# hook on the layer receives the module, its arguments and its output.

seen = {}
handle = net.conv2.register_forward_hook(
    lambda module, args, output: seen.update(conv2=output)
)
net(x)
predict(
    "conv1 shrinks 32 pixels to 30, pooling halves, conv2 has a 3 x 3 kernel and 16 "
    "channels. Which shape did the hook see for 4 images?",
    tuple(seen["conv2"].shape),
    because="30 / 2 = 15, and 15 - 3 + 1 = 13.",
)

# %%
# Three traps in one line
# -----------------------
# The hook is still there. It will run with every call until its *handle* is told to
# remove it.

handle.remove()
seen.clear()
net(x)
assert not seen

# %%
# Second trap: what we kept is not only a tensor. It holds on to the graph behind it,
# and with it to every activation that autograd needs. ``detach`` keeps the numbers and
# lets go of the rest.

kept = []
with_graph = net.conv2.register_forward_hook(lambda m, a, output: kept.append(output))
net(x)
with_graph.remove()
print("keeps the graph:", kept[0].grad_fn.name())
print("detached:", kept[0].detach().grad_fn)

# %%
# Third trap: an in-place operation behind the hook changes what we stored, since
# ``detach`` shares memory. The ReLU below runs in place, so that our record of the
# layer *before* it shows no negative number. ``clone`` makes the copy that a record
# should be.

pipe = nn.Sequential(nn.Linear(5, 7), nn.ReLU(inplace=True))
records = {}
pipe[0].register_forward_hook(
    lambda m, a, output: records.update(shared=output.detach())
)
pipe[0].register_forward_hook(
    lambda m, a, output: records.update(own=output.detach().clone())
)
with torch.no_grad():
    pipe(torch.randn(3, 5))
for name, record in records.items():
    print(f"{name:6} smallest value {record.min():5.2f}")
assert records["shared"].min() >= 0 > records["own"].min()

# %%
# Order, arguments, replies
# -------------------------
# Hooks run in the order in which they came, unless one asks to be first.

order, layer = [], nn.Linear(2, 2)
layer.register_forward_hook(lambda *_: order.append("first in"))
layer.register_forward_hook(lambda *_: order.append("second in"))
layer.register_forward_hook(lambda *_: order.append("prepended"), prepend=True)
layer(torch.ones(1, 2))
predict(
    "Two hooks were registered, then a third with `prepend=True`. Who runs when?",
    ", ".join(order),
    because="In the order of arrival, behind the one that jumped the queue.",
)

# %%
# A hook that returns something *replaces* the output. That is a tool: below it silences
# one channel, and the scores change.

quiet = net.conv1.register_forward_hook(
    lambda module, args, output: output * (torch.arange(6) != 2).reshape(6, 1, 1)
)
silenced = net(x)
quiet.remove()
print(f"largest change of a score: {(silenced - net(x)).abs().max():.3f}")

# %%
# It is also an accident that waits. ``list.append`` returns ``None`` and is safe; a
# function that returns what it measured is not.

measure = net.conv1.register_forward_hook(lambda module, args, output: output.mean())
with expect_error(RuntimeError):
    net(x)
measure.remove()

# %%
# Keyword arguments are left out of ``args`` unless the hook asks for them.

attention = nn.MultiheadAttention(embed_dim=6, num_heads=2)
attention.register_forward_pre_hook(
    lambda module, args, kwargs: print(
        "tensors:", len(args), "| options:", sorted(kwargs)
    ),
    with_kwargs=True,
)
tokens = torch.randn(5, 1, 6)
_ = attention(tokens, tokens, tokens, need_weights=False)

# %%
# By hand, once
# -------------
# A recorder that cleans up after itself is a context manager. Its ``finally`` runs when
# the block ends, when it is left early, and when the network raises.

from contextlib import contextmanager


@contextmanager
def recording(**layers):
    found, handles = {}, []
    for name, layer in layers.items():

        def store(module, args, output, name=name):
            found[name] = output.detach().clone()

        handles.append(layer.register_forward_hook(store))
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


with recording(conv1=net.conv1, conv2=net.conv2) as found:
    net(x)
print({name: tuple(tensor.shape) for name, tensor in found.items()})

# %%
# In the library
# --------------
# ``ActivationRecorder`` is this, with patterns for names, nested outputs and gradients.
# The two must agree:

with ActivationRecorder(net, ["conv*"]) as recorder:
    net(x)
assert_close(recorder.activations, found)

plotting.feature_maps(
    found["conv1"][0],
    columns=3,
    title="The first layer of an untrained LeNet: six blurred copies of a digit",
)

# %%
# Gradients come the same way. How large is the one that arrives at each layer's output,
# from the loss of these four digits?

with ActivationRecorder(net, gradients=True) as recorder:
    nn.functional.cross_entropy(net(x), digits.test.labels[:4]).backward()

plotting.bars(
    {name: gradient.norm().item() for name, gradient in recorder.gradients.items()},
    title="Size of the gradient that reaches each layer's output",
    xlabel="norm of the gradient",
    roles="gradient",
)

# %%
# Often the shapes are all that one wants to know. ``FeatureShapes`` stores nothing
# else.

with FeatureShapes(net) as shapes:
    net(x)
print(shapes)

# %%
# Where it breaks
# ---------------
# Give the network an image of a size that it was not made for. It raises in the middle,
# with our hooks on it. Are they still there?

with expect_error(ValueError, RuntimeError), ActivationRecorder(net) as recorder:
    net(torch.randn(1, 1, 28, 28))
hooks_left = sum(len(module._forward_hooks) for module in net.modules())
assert hooks_left == 0
predict(
    "The first affine map refused. Which layers are in the record, and how many hooks "
    "are left on the network?",
    f"{', '.join(recorder.activations)}; {hooks_left} hooks",
    because="What ran before the failure is kept, and the context took its hooks off "
    "on the way out.",
)

# %%
# A hook that stays also keeps alive whatever it refers to. Here a list of activations
# outlives every name that we had for it, until the handle goes.


class Storage(list):
    pass


storage = Storage()
handle = net.conv1.register_forward_hook(
    lambda m, a, output, storage=storage: storage.append(output)
)
alive = weakref.ref(storage)
del storage
gc.collect()
print("forgotten, but alive:", alive() is not None)
handle.remove()
gc.collect()
assert alive() is None

# %%
# Takeaways
# ---------
# * A forward hook sees ``(module, args, output)``; what it returns replaces the output.
# * Keep ``output.detach().clone()``: without the first you keep the graph, without the
#   second you keep memory that somebody may overwrite.
# * Every ``register`` returns a handle, and every handle wants its ``remove``. A
#   context manager does not forget.
# * Hooks run in order of arrival; ``prepend=True`` jumps the queue;
#   ``with_kwargs=True`` shows options.
#
# Check yourself
# --------------
# Queue them up in your head.

ask("order_of_hooks")

# %%
# And what a record holds in the end:

ask("record_of_a_layer")

# %%
# Exercise
# --------
# Write a recorder that leaves nothing behind.


def activation_recorder(model, names, x):
    """Run model(x) and return {name: output} for the named sub-modules."""
    raise NotImplementedError


check("activation_recorder", activation_recorder)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("activation_recorder")

# %%
# References
# ----------
# 1. `Forward hooks in the PyTorch reference
#    <https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html>`__
