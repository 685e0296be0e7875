"""
Train or eval: the switch that raises no error
==============================================

Two layers of the last lessons do one thing while a network learns and another while it
is judged. One switch turns them all. Forget it, and everything runs: the loss falls,
scores are printed, files are saved, and the numbers are wrong. On this page we forget
it in four ways, so that you recognise each of them by what it looks like.

You will

* find out which layers listen to the switch at all;
* see what mode and order of the images make of one trained network's score;
* repair running statistics, and keep a frozen network really frozen.

**Before this:** the lessons on batch norm and dropout.
"""

import copy

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import blocks, datasets, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile, digits = profiles.current(), datasets.for_role("digits")
info = digits.info
training.seed_everything(0)

# %%
# Who listens?
# ------------
# ``net.train()`` and ``net.eval()`` set one attribute, ``training``, on every module
# below. What a module does about it is its own affair. Ask each: the same input in both
# modes, is the answer the same?

layers = [
    nn.Conv2d(4, 4, 3),
    nn.BatchNorm2d(4),
    nn.ReLU(),
    nn.MaxPool2d(2),
    nn.Dropout(0.5),
    nn.GroupNorm(2, 4),
]
x = torch.randn(8, 4, 6, 6)
listening = [
    type(layer).__name__
    for layer in layers
    if not torch.equal(layer.train()(x), layer.eval()(x))
]
names = ", ".join(type(layer).__name__ for layer in layers)
predict(
    f"{names}: which of them answer differently in training and in evaluation?",
    ", ".join(listening),
    because="One measures the batch and one draws random numbers. Group norm measures "
    "each image alone, in both modes.",
)

# %%
# A small network with both of them in it:

net = nn.Sequential(
    blocks.ConvNormAct(info.channels, 16, stride=2),
    blocks.ConvNormAct(16, 32, stride=2),
    *(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.1)),
    nn.Linear(32, info.num_classes),
)
batches = digits.train.batches(64, shuffle=True, seed=0)
epochs = profile.pick(smoke=1, docs=12, full=1)
optimizer = torch.optim.AdamW(net.parameters())
plan = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.03, epochs * len(batches))
training.fit(net, batches, optimizer=optimizer, scheduler=plan, epochs=epochs)
learned = copy.deepcopy(net)

# %%
# One: judged in training mode
# ----------------------------
# The same validation digits, once shuffled and once sorted by class, as files lie in
# folders. Batches of twenty.


def accuracy(net, split):
    with torch.no_grad():
        right = [net(x).argmax(1) == y for x, y in split.batches(20)]
    return torch.cat(right).float().mean().item()


held_out = digits.validation
rows = torch.randperm(len(held_out), generator=torch.Generator().manual_seed(0))
heaps = {
    "shuffled": held_out.subset(rows),
    "sorted": held_out.subset(held_out.labels.argsort()),
}
table = {}
for training_mode in (False, True):
    for order, heap in heaps.items():
        name = f"{'training' if training_mode else 'evaluation'}, {order}"
        table[name] = 100 * accuracy(copy.deepcopy(net).train(training_mode), heap)
plotting.bars(
    table,
    title="One network, one set of digits: mode and order decide the score",
    xlabel="% read",
)

# %%
# In evaluation mode the order cannot matter. In training mode a batch of sevens has the
# mean of sevens subtracted, and what makes them sevens goes with it.

assert table["evaluation, shuffled"] == table["evaluation, sorted"]

# %%
# Two: looking changes the network
# --------------------------------
# We asked for no gradients. Which entries of the network's state did the visit change?

visited = copy.deepcopy(net).train()
accuracy(visited, heaps["sorted"])
before, after = net.state_dict(), visited.state_dict()
moved = [name for name in before if not torch.equal(before[name], after[name])]
predict(
    f"The network has {len(before)} entries in its state. How many did one look in "
    "training mode change, under `no_grad`?",
    f"{len(moved)}: {', '.join(sorted({name.split('.')[-1] for name in moved}))}",
    because="Three buffers of each batch norm. Weights are changed by an optimiser, "
    "buffers by every call in training mode.",
)

# %%
# The network now remembers held-out digits, the last ones best. We judge it in the right
# mode, before and after. One look may be too little to turn an answer; the loss tells
# more than the count of right answers.

for name, one in {"before": net, "after": visited}.items():
    scores, labels = training.predict(one, held_out.batches(256))
    right = (scores.argmax(1) == labels).double().mean()
    print(f"{name:6} {right:.1%} right, loss {F.cross_entropy(scores, labels):.4f}")

# %%
# Where the loss has fallen, that is no comfort. The network has learned something from
# the digits that are to judge it, and no gradient was needed for that. It is *leakage*.
#
# Three: judged too early
# -----------------------
# Sixteen steps of training from the start. The running statistics are still to almost a
# fifth what they were set to, 0 and 1, and the rest is of weights that have moved on.
# ``update_bn`` goes once through the training digits and takes the plain average of what
# it sees.

training.seed_everything(0)
young = copy.deepcopy(learned)
for part in young.modules():
    if hasattr(part, "reset_parameters"):
        part.reset_parameters()
first = [batch for batch, _ in zip(batches, range(16), strict=False)]
optimizer = torch.optim.AdamW(young.parameters(), lr=0.01)
training.fit(young, first, optimizer=optimizer, epochs=1)
early = accuracy(young.eval(), held_out)
torch.optim.swa_utils.update_bn(batches, young)
print(
    f"as remembered {early:.1%}, measured anew {accuracy(young.eval(), held_out):.1%}"
)

# %%
# A validation curve that is poor for an epoch and then jumps may be this. It is no
# reason to judge in training mode.
#
# Four: frozen, and moving all the same
# -------------------------------------
# To keep a trained part as it is, one switches off the gradients of its parameters. The
# first lesson on modules has shown that its buffers move all the same. How far do the
# answers go with them? The frozen network is called twenty times with other images,
# brighter ones, as they come to a network that gets a second task.

frozen = copy.deepcopy(net).requires_grad_(requires_grad=False)
brighter = digits.train.normalized()[:64] + 1
read = [100 * accuracy(frozen.eval(), held_out)]
for _ in range(20):
    frozen.train()(brighter)
    read.append(100 * accuracy(frozen.eval(), held_out))
pairs = zip(frozen.parameters(), net.parameters(), strict=True)
assert all(torch.equal(one, other) for one, other in pairs)
predict(
    "Every parameter is frozen, and equal to before in each bit. The first task was to "
    f"read validation digits: {read[0]:.0f} % of them. How many after the calls?",
    f"{read[-1]:.0f} %",
    because="Batch norm now subtracts the mean of the brighter images, also from "
    "digits that are not brighter.",
)

# %%
# Call by call, each with the same 64 brighter images:

plotting.lines(
    range(21),
    {"still read": read},
    title="No weight moves, and what was learned fades: a frozen network, called",
    xlabel="calls in training mode",
    ylabel="% of validation digits",
)

# %%
# Buffers need no gradient to move. A frozen part has to be in evaluation mode as well,
# and *stay* there: ``net.train()`` at the head of the next epoch wakes it again.
#
# ``eval`` does not stop the recording of the graph, and ``no_grad`` does not turn the
# layers, as the training loop has shown. For judging you want both.
#
# In the library
# --------------
# ``training.evaluate`` and ``training.predict`` turn the switch, record no graph, and
# put every module back into the mode that it had, one by one.

mixed = copy.deepcopy(net).train()
mixed[0].eval()  # a frozen part in a network that learns
modes = [part.training for part in mixed.modules()]
scores, _ = training.predict(mixed, held_out.batches(20))
assert modes == [part.training for part in mixed.modules()]
with torch.no_grad():
    assert_close(scores, net.eval()(held_out.normalized()), rtol=1e-4, atol=1e-4)

# %%
# Takeaways
# ---------
# * Batch norm and dropout listen to the switch; most layers do not.
# * A score that depends on the order of the images was taken in training mode.
# * Every call in training mode moves the running statistics, also without gradients,
#   also of frozen parts.
# * Young statistics can be measured anew; judging in training mode is no remedy.
# * ``eval()`` for the layers, ``no_grad()`` for the graph: two switches.
#
# Check yourself
# --------------
# Who has moved?

ask("what_moves")

# %%
# And who is in which mode?

ask("parts_in_training_mode")

# %%
# Exercise
# --------
# Judge a network and leave it as you found it, each part in its own mode.


def scores_of(net, x):
    """Return net(x) in evaluation mode, without a graph; leave all modes as before."""
    raise NotImplementedError


check("scores_of", scores_of)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("scores_of")

# %%
# References
# ----------
# 1. Y. Wu, J. Johnson. *Rethinking "Batch" in BatchNorm.* 2021. `arXiv:2105.07576
#    <https://arxiv.org/abs/2105.07576>`__
# 2. PyTorch. *Autograd mechanics: locally disabling gradient computation, and
#    evaluation mode.* `Documentation
#    <https://docs.pytorch.org/docs/stable/notes/autograd.html>`__
