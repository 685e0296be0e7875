"""
What makes a class a model?
===========================

``nn.Module`` can look like a language of its own. It is a Python class with one habit:
it watches what you assign to it. From that habit follows what an optimiser trains, what
a file keeps, what ``.to`` moves, and what ``print(net)`` cannot know. Here we write the
habit ourselves, take a model apart, and walk into the mistakes that raise no error.

You will

* say of any tensor in a model whether it is trained, saved and moved, before you look;
* list what ``print(net)`` leaves out, and find it elsewhere;
* save, reload, freeze and move a model, and see where each of them surprises.

**Before this:** you have seen ``nn.Conv2d`` and a Python class with ``__init__``.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial import plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import CallTimeline
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# This module has three tensors of three numbers each. One is a ``Parameter``, one was
# registered as a *buffer*, one is an attribute like any other.


class Shift(nn.Module):
    def __init__(self):
        super().__init__()
        self.gain = nn.Parameter(torch.ones(3))
        self.register_buffer("offset", torch.zeros(3))
        self.plain = torch.ones(3)

    def forward(self, x):
        return self.gain * x + self.offset + self.plain


shift = Shift()
trained = [name for name, _ in shift.named_parameters()]
saved = list(shift.state_dict())
shift.double()
names = "gain", "offset", "plain"
moved = [name for name in names if getattr(shift, name).dtype == torch.float64]
predict(
    "Which of the three does an optimiser train, which does a file keep, and which "
    "does `.double()` convert?",
    f"trained: {trained}; saved: {saved}; converted: {moved}",
    because="Parameters are all three. A buffer is state that no gradient changes. "
    "A plain tensor is invisible to the module, and stays behind without a word.",
)

# %%
# So there are two drawers, parameters and buffers, and a third for *children*, the
# modules inside. Whatever is in none of them does not belong to the model.
#
# By hand
# -------
# How does a parameter get into its drawer? Python calls ``__setattr__`` on every
# assignment ``self.name = value``. Six lines sort what arrives; five walk the tree.


class Watching:
    def __init__(self):
        self.__dict__.update(numbers={}, children={})

    def __setattr__(self, name, value):
        if isinstance(value, nn.Parameter):
            self.numbers[name] = value
        elif isinstance(value, Watching):
            self.children[name] = value
        super().__setattr__(name, value)

    def named_parameters(self, prefix=""):
        for name, value in self.numbers.items():
            yield prefix + name, value
        for name, child in self.children.items():
            yield from child.named_parameters(f"{prefix}{name}.")


# %%
# We build the same tree on our class and on PyTorch's, and compare the names.


def build(base):
    net = base()
    net.body, net.head, net.body.inner = base(), base(), base()
    for layer in (net.body, net.head, net.body.inner):
        layer.weight = nn.Parameter(torch.ones(3))
    net.scale = nn.Parameter(torch.ones(1))
    return net


ours, theirs = build(Watching), build(nn.Module)
names = [name for name, _ in ours.named_parameters()]
assert names == [name for name, _ in theirs.named_parameters()]
predict(
    "`scale` was assigned last. In which order do the four parameters come?",
    ", ".join(names),
    because="A module gives its own parameters first, then those of its children, in "
    "the order of assignment. The dots are the path through the tree.",
)

# %%
# The habit also explains a famous mistake. A Python list is no module, so that layers
# in a list are in no drawer. The network runs, and there is nothing to train.


class Stack(nn.Module):
    def __init__(self, container):
        super().__init__()
        self.layers = container([nn.Linear(5, 5), nn.Linear(5, 2)])


with expect_error(ValueError):
    torch.optim.SGD(Stack(list).parameters(), lr=0.1)
print("in a ModuleList:", len(list(Stack(nn.ModuleList).parameters())), "parameters")

# %%
# What a print shows
# ------------------
# Definition and execution are two methods. ``__init__`` says which parts there are;
# ``forward`` says what happens to them. Here the two disagree on purpose.


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.conv = nn.Conv2d(1, 4, kernel_size=3, padding=1)

    def forward(self, x, rounds=1):  # x: (N, 1, H, W)
        x = F.relu(self.norm(self.conv(x)))  # (N, 4, H, W)
        for _ in range(rounds):
            x = x + F.relu(self.norm(x))  # (N, 4, H, W)
        return self.head(x.mean(dim=(2, 3)))  # (N, 3)


torch.manual_seed(0)
net, x = Net(), torch.randn(7, 1, 11, 13)
print(net)

# %%
# That is what the constructors were told, in the order in which the parts were
# assigned. Which layer runs first, and how often does each run? The text does not say.
# A timeline of one call does.

with CallTimeline(net, probes=False) as timeline:
    net(x, rounds=2)

plotting.timeline(
    timeline.events,
    title="What runs is another order than print shows, and one layer runs three times",
    name="the network",
)

# %%
# No shape is in the print either, because a convolution takes images of any size. And
# ``F.relu``, ``+`` and ``mean`` are functions, not modules: they appear nowhere. They
# are in autograd's record, in the order in which they ran:

assert "relu" not in repr(net).lower()

plotting.graph(
    net.eval()(x, rounds=0).sum(),
    names=dict(net.named_parameters()),
    title="What print leaves out: ReLU, mean and the order are in the graph",
)

# %%
# Why apart? Because ``forward`` is ordinary Python that runs anew with every call. It
# may loop, branch, print, stop in a debugger. A subclass changes what happens, and the
# parts stay as they were: their numbers can be loaded.


class WithoutMean(Net):
    def forward(self, x, rounds=0):
        x = F.relu(self.norm(self.conv(x)))
        return self.head(x.amax(dim=(2, 3)))  # the largest, not the mean


other = WithoutMean().eval()
print(other.load_state_dict(net.state_dict()))
difference = (other(x) - net(x, rounds=0)).abs().max()
print(f"same numbers, another program: outputs differ by {difference:.2f}")

# %%
# The numbers of a model
# ----------------------
# ``state_dict`` lists parameters and buffers by their path. Count before you look.

state = net.state_dict()
predict(
    "A linear layer, a batch norm, a convolution. "
    "How many entries has the state dict, and how many of them are trained?",
    f"{len(state)} entries, {len(list(net.parameters()))} of them parameters",
    because="Weight and bias three times; batch norm keeps a running mean, a running "
    "variance and a counter as buffers.",
)

# %%
# The tensors in it are not copies. A "best model so far" that was kept like this
# follows the training, and at the end all of them are the last one.

best, safe = net.state_dict(), copy.deepcopy(net.state_dict())
with torch.no_grad():
    net.head.bias += 1  # as an optimiser does
print("kept bias has moved:", torch.equal(best["head.bias"], net.head.bias))
print("deep copy has moved:", torch.equal(safe["head.bias"], net.head.bias))

# %%
# Loading goes by name. Names that are missing or unknown are an error, unless one asks
# for a report instead. A part that moves to another model needs other names: that is
# the exercise of this page.

report = Net().load_state_dict({"tail.bias": torch.zeros(3)}, strict=False)
print(len(report.missing_keys), "missing; unknown:", report.unexpected_keys)

# %%
# Train, eval, freeze
# -------------------
# ``eval`` sets one flag, ``training``, in the module and in all its children. Layers
# that behave in two ways read it. People expect more of it.

net.eval()
predict(
    "After `net.eval()`: does `net(x)` still record for gradients?",
    "yes" if net(x).requires_grad else "no",
    because="The flag says how dropout and batch norm behave. Recording is switched "
    "off by `torch.no_grad()`, and parameters are frozen by `requires_grad_(False)`.",
)

# %%
# And freezing has a gap of its own. We freeze every parameter, and call the network once
# in training mode. Nothing should change. What does?

net.requires_grad_(False)
before = copy.deepcopy(net.state_dict())
net.train()(x)
after = net.state_dict()
changed = [name for name in before if not torch.equal(before[name], after[name])]
print("changed without a gradient:", *changed, sep="\n  ")
assert changed == ["norm.running_mean", "norm.running_var", "norm.num_batches_tracked"]

# %%
# Buffers are not trained; they are *updated*, by ``forward`` itself, and the answers
# drift with them. To keep a frozen part as it is, put it in ``eval`` mode as well.
#
# Where it breaks
# ---------------
# ``tensor.to`` returns another tensor. ``module.to`` changes the module, and returns
# it; an optimiser that was built before keeps its parameters.

weight = net.conv.weight
assert net.to(torch.float64) is net
assert net.conv.weight is weight
assert net.norm.running_mean.dtype == torch.float64

# %%
# The plain tensor of our first module shows what is lost. The device ``meta`` stands
# for any other: it has shapes and no numbers, and every machine has it.

with expect_error(RuntimeError):
    Shift().to("meta")(torch.ones(3, device="meta"))

# %%
# The repair is one line in ``__init__``: ``self.register_buffer("plain", ...)``.
#
# Takeaways
# ---------
# * A module sorts what is assigned to it: parameters are trained, buffers are kept and
#   moved, children are searched. The rest does not belong to the model.
# * ``print(net)`` repeats the constructors: no shapes, no order, no functions.
# * ``__init__`` defines and ``forward`` executes, anew each time; one set of numbers
#   serves several programs.
# * ``state_dict`` refers to the model's own memory. Copy what you want to keep.
# * ``eval`` does not stop gradients, and frozen parameters do not stop buffers.
#
# Check yourself
# --------------
# Count without building the model.

ask("tensors_of_a_model")

# %%
# Then the two that people confuse, mode and freezing:

ask("changed_by_a_call")

# %%
# Exercise
# --------
# A backbone was saved as a part of a larger model. Take its entries out of the state
# dict, under the names that the backbone itself uses.


def part_of_state(state, part):
    """Return the entries of the module at the path `part`, named as it names them."""
    raise NotImplementedError


check("part_of_state", part_of_state)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("part_of_state")

# %%
# References
# ----------
# 1. A. Paszke and others. *PyTorch: An Imperative Style, High-Performance Deep Learning
#    Library.* NeurIPS 2019. Why models are programs. `arXiv:1912.01703
#    <https://arxiv.org/abs/1912.01703>`__
# 2. `torch.nn.Module
#    <https://docs.pytorch.org/docs/stable/generated/torch.nn.Module.html>`__ in the
#    reference of PyTorch.
