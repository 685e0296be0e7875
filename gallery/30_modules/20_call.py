"""
Call the module, not its forward
================================

``model(x)`` and ``model.forward(x)`` return the same numbers, until one day they do
not. The difference is a dozen lines in ``nn.Module.__call__``, and tools that you rely
on live in them. Here we write those lines ourselves, record what runs in which order,
and break something on purpose.

You will

* build a module whose call runs hooks, and see the whole of the mechanism;
* record a call as a timeline, and the same call through ``forward``;
* test a popular claim about ``__call__`` and autograd, and find it false.

**Before this:** you have written a class with a ``forward`` method.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.nn.utils import prune
from torch.testing import assert_close

from cnn_tutorial import plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import CallTimeline
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 2, kernel_size=3)
        self.fc = nn.Linear(2, 5)

    def forward(self, x):
        x = F.relu(self.conv(x))  # (N, 2, H-2, W-2)
        return self.fc(x.mean(dim=(2, 3)))  # (N, 5)


# %%
# The question
# ------------
# One network, two ways in.

torch.manual_seed(0)
net = Net()
x = torch.randn(3, 1, 7, 11, requires_grad=True)  # gradients flow back to the input
assert_close(net(x), net.forward(x))

# %%
# Same numbers. Now we leave a note with the network: a function that is to run after
# each forward pass. PyTorch calls it a *forward hook*.

shapes = []
net.register_forward_hook(
    lambda module, args, output: shapes.append(tuple(output.shape))
)
net(x)
called = len(shapes)
net.forward(x)
predict(
    "We called the network once each way. How many shapes are in the list?",
    len(shapes),
    because=f"net(x) left {called}; net.forward(x) left {len(shapes) - called}. "
    "A direct call of forward runs no hook, and says nothing about it.",
)

# %%
# By hand
# -------
# Here is the mechanism, without PyTorch. Hooks before ``forward`` may replace the
# arguments, hooks after it may replace the output; ``None`` means "leave it".


class Callable:
    def __init__(self, forward):
        self.forward, self.before, self.after = forward, [], []

    def __call__(self, *args):
        for hook in self.before:
            changed = hook(self, args)
            args = args if changed is None else changed
        output = self.forward(*args)
        for hook in self.after:
            changed = hook(self, args, output)
            output = output if changed is None else changed
        return output


double = Callable(lambda number: 2 * number)
double.before.append(lambda module, args: (args[0] + 1,))
double.after.append(lambda module, args, output: print(f"{args[0]} became {output}"))
print("called:", double(10), "| forward:", double.forward(10))

# %%
# Ten went in, eleven was doubled, and the second hook saw it happen. Through
# ``forward`` neither hook ran and the answer is another number. ``nn.Module.__call__``
# does this and a little more: hooks for every module in the program, hooks on the way
# back, and a compiled version if there is one.
#
# The order of events
# -------------------
# We hang one hook of every kind on the network and record a call.

net = Net()
with CallTimeline(net) as through_call:
    net(x).sum().backward()

plotting.timeline(
    through_call.events,
    title="net(x): hooks surround every forward, of the network and of its layers",
)

# %%
# Read it from top to bottom. The network's own hooks open and close; each layer does
# the same inside; on the way back the order is reversed. For one layer, in words:

kinds = [event.kind for event in through_call.events if event.module == "conv"]
assert kinds == [
    *("global forward pre-hook", "forward pre-hook", "forward"),
    *("global forward hook", "forward hook"),
    *("global backward pre-hook", "backward pre-hook"),
    *("global backward hook", "backward hook"),
]

# %%
# *Global* hooks belong to no module: each module in the program runs them. Now the same
# through the side door:

with CallTimeline(net) as through_forward:
    net.forward(x).sum().backward()

plotting.timeline(
    through_forward.events,
    title="net.forward(x): the network's own hooks are gone, its layers keep theirs",
)

# %%
# The layers kept theirs, because ``forward`` *calls* them. Only the door that we did
# not use is silent. What exactly is missing:

kept = [(event.kind, event.module) for event in through_forward.events]
missing = [
    event for event in through_call.events if (event.kind, event.module) not in kept
]
assert {event.module for event in missing} == {""}
assert "forward" not in {event.kind for event in missing}
predict(
    "The network has two layers. How many events of the call are missing, and whose "
    "are they?",
    f"{len(missing)}, of the network alone",
    because="Two hooks before and two after, there and back, each once for this module "
    "and once for all modules. `forward` itself ran.",
)

# %%
# A myth, tested
# --------------
# One often reads that ``__call__`` builds autograd's graph and that ``forward`` alone
# would not train. The graph is built by *tensor operations*, wherever they run. If the
# claim were true, the gradients below would differ.

gradients = []
for way in (net, net.forward):
    net.zero_grad()
    way(x).square().sum().backward()
    gradients.append([parameter.grad.clone() for parameter in net.parameters()])
assert_close(gradients[0], gradients[1])
print("through forward:", net.forward(x).grad_fn.name())

# %%
# Where it breaks
# ---------------
# Silence is harmless as long as nobody listens. But PyTorch itself hangs hooks on
# modules. Pruning keeps the trained weight in ``weight_orig``, a mask of zeros and ones
# beside it, and a hook that multiplies the two before each forward pass.

layer = prune.random_unstructured(nn.Linear(3, 2), "weight", amount=0.5)
with torch.no_grad():
    layer.weight_orig.fill_(1.0)  # as if an optimiser had just stepped
row = torch.ones(1, 3)
stale = layer.forward(row)
fresh = layer(row)
assert not torch.equal(stale, fresh)
predict(
    "All trained weights are 1, half of the 3 x 2 are masked, the inputs are 1. To "
    "what do the outputs of the call add up, biases aside? Does `forward` agree?",
    f"call: {(fresh - layer.bias).sum():.1f}; "
    f"forward does not: {(stale - layer.bias).sum():.2f}",
    because="Three ones are left. `forward` saw the weight of before the step, which "
    "the hook had computed last.",
)

# %%
# The direct call used the weights of *before* the step. No error, no warning, a network
# that seems not to learn. Feature recorders, profilers, sharded training and
# quantisation observers wait at the same door.
#
# The compiled path is behind it too. ``compile`` swaps what ``__call__`` runs and
# leaves ``forward`` alone. Our compiler below only counts, and runs the graph as it
# came:

compiled = []


def counting(graph, inputs):
    compiled.append(len(list(graph.graph.nodes)))
    return graph.forward


net.compile(backend=counting)
net.forward(x)
after_forward = len(compiled)
net(x)
print(f"graphs compiled by forward: {after_forward}, by the call: {len(compiled)}")
assert after_forward == 0 < len(compiled)

# %%
# When is a direct call right? When you write a module that *delegates*, such as
# ``super().forward(x)`` in a subclass: the hooks have run already, and should not run
# twice.


class Noisy(Net):
    def forward(self, x):
        return super().forward(x + 0.1 * torch.randn_like(x))


noisy, count = Noisy(), []
noisy.register_forward_hook(lambda *_: count.append(1))
noisy(x)
assert len(count) == 1

# %%
# Takeaways
# ---------
# * A module's call is: hooks before, ``forward``, hooks after. Hooks may replace what
#   passes.
# * ``module.forward(x)`` skips the hooks and the compiled version of *that* module; the
#   layers inside still have theirs.
# * Autograd's graph does not depend on the door: gradients are the same.
# * What breaks is everything built on hooks, and it breaks without a message.
# * So: call modules. ``super().forward`` inside a ``forward`` is the exception.
#
# Check yourself
# --------------
# Two doors, one inside the other. Which hooks stand at an open one?

ask("hooks_that_run")

# %%
# What the hooks do to a number depends on the door, too.

ask("number_after_hooks")

# %%
# Exercise
# --------
# Complete the call. ``before`` and ``after`` are lists of hooks with the signatures
# above.


def call_with_hooks(forward, before, after, x):
    """Run the hooks in `before` on x, then forward, then the hooks in `after`."""
    raise NotImplementedError


check("call_with_hooks", call_with_hooks)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("call_with_hooks")

# %%
# References
# ----------
# 1. `torch.nn.Module
#    <https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html>`__, the
#    reference of every ``register_..._hook``.
# 2. M. Paganini, J. Forde. *Streamlining Tensor and Network Pruning in PyTorch.* 2020.
#    `arXiv:2004.13770 <https://arxiv.org/abs/2004.13770>`__
