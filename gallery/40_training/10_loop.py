"""
Five lines that train, and why in this order
============================================

Scores, loss, clear, gradients, step: a network learns by five lines, repeated. Swap two
of them and the program still runs, prints losses, and learns nothing, or something
else. On this page we swap them all and look. Then we build the loop that the rest of
the course uses, with the modes and the switches that belong to it.

You will

* say what a parameter's ``.grad`` holds after each line of a step;
* tell the four harmless-looking orders apart by the losses that they give;
* write ``train_epoch`` and ``evaluate``, and find the package's functions equal.

**Before this:** the lessons on autograd, on ways down, and on LeNet.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, digits = profiles.current(), datasets.for_role("digits")
info = digits.info
train = digits.train.batches(64, shuffle=True, seed=0)
print(f"{info.title}, profile {profile.name}: {len(train)} batches of 64")

# %%
# The question
# ------------
# One parameter, ``w``, and a loss of ``3 * w``. Its slope is 3 wherever ``w`` is. We
# ask for it twice.

w = torch.tensor(1.0, requires_grad=True)
(3 * w).backward()
print("after the first backward:", w.grad.item())
(3 * w).backward()
predict(
    "The slope is still 3. What does `w.grad` hold now?",
    w.grad.item(),
    because="`backward` adds to what is there: 3 + 3. Nobody has cleared it.",
)

# %%
# PyTorch adds on purpose. A parameter that is used in two places gets the sum of two
# slopes, and a batch too large for the memory can be fed in parts. The price: between
# two steps somebody has to clear.
#
# By hand
# -------
# Here is a network small enough to watch, with a layer of dropout that will matter
# below, and one batch of digits. Five lines make a step.


def small_net():
    return nn.Sequential(
        nn.Conv2d(info.channels, 8, 5, stride=2),  # (N, 8, H', W')
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(4),  # (N, 8, 4, 4)
        nn.Flatten(),
        nn.Dropout(0.3),
        nn.Linear(128, info.num_classes),
    )


training.seed_everything(0)
net = small_net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
images, labels = next(iter(train))
for _ in range(5):
    scores = net(images)
    loss = F.cross_entropy(scores, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"{loss.item():.3f}", end="  ")

# %%
# Same batch, five steps, and the loss moves. Three of the lines act on what the network
# holds: *clear*, *backward*, *step*. We give their order as words, so that one function
# can run any of them.


def losses_of(order, batches):
    torch.manual_seed(0)
    net = small_net()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    losses = []
    for images, labels in batches:
        loss = F.cross_entropy(net(images), labels)
        act = {"clear": optimizer.zero_grad, "backward": loss.backward}
        act["step"] = optimizer.step
        for word in order.split():
            act[word]()
        losses.append(loss.item())
    return losses, net


steps = profile.pick(smoke=20, docs=80, full=200)
fixed = [batch for _ in range(steps // len(train) + 1) for batch in train][:steps]
right, learned = losses_of("clear backward step", fixed)
print(f"{len(right)} steps: from {right[0]:.2f} to {right[-1]:.2f}")

# %%
# Now the other orders. Clearing *after* the step first.

after, other = losses_of("backward step clear", fixed)
predict(
    "`backward`, `step`, then clear. Which difference does it make to the losses?",
    f"{max(abs(a - b) for a, b in zip(right, after, strict=True))}",
    because="None at all. Between two backward calls there is one clearing, and the "
    "first one finds nothing to add to.",
)

# %%
# The same to the last bit, weights included. We can rely on it:

assert right == after
assert_close(other.state_dict(), learned.state_dict(), rtol=0, atol=0)

# %%
# One place to the left, and the same three words mean something else.

late, unmoved = losses_of("backward clear step", fixed)
untrained = losses_of("", [])[1]
still = torch.equal(unmoved[0].weight, untrained[0].weight)
predict(
    "`backward`, clear, `step`. What has the network learned?",
    "nothing: its weights are those it began with" if still else "something",
    because="The gradients are gone before the step can use them. No error: a step "
    "without gradients is a step of length zero.",
)

# %%
# And without any clearing, each step follows the sum of all gradients since the
# beginning. That is momentum that never fades.

never = losses_of("backward step", fixed)[0]
runs = {"clear first": right, "clear too early": late, "never clear": never}
smooth = {name: F.avg_pool1d(torch.tensor([y]), 5, 1)[0] for name, y in runs.items()}
plotting.lines(
    range(steps - 4),
    smooth,
    title="The same batches and first weights; only the place of zero_grad differs",
    xlabel="step (mean of five)",
    ylabel="loss",
)

# %%
# What is left of the mistake depends on the learning rate. The verdict of this run:

for name, losses in smooth.items():
    print(f"{name:16s} ends at {losses[-1]:.2f}")
assert smooth["clear first"][-1] < smooth["clear too early"][-1]

# %%
# Where it breaks
# ---------------
# One order does raise. ``step`` between the forward pass and ``backward`` changes
# weights that the graph still needs.

with expect_error(RuntimeError):
    losses_of("step clear backward", fixed)

# %%
# PyTorch counts the changes of each tensor, and ``backward`` compares. This is the
# error behind many a puzzling message about *inplace operation*.
#
# Another trap sits in the sum of the losses. A loss is a tensor with a graph behind it,
# and so is the sum. We add up seven, and walk back along the additions.

total = sum(F.cross_entropy(net(images), labels) for _ in range(7))
node, kept = total.grad_fn, 0
while node.name().startswith("Add"):  # each holds the graph of one loss
    node, kept = node.next_functions[0][0], kept + 1
predict(
    "Seven losses summed as tensors. How many forward passes does the sum keep alive?",
    kept,
    because="Each loss keeps its whole graph, feature maps included. `loss.item()` is "
    "a number and keeps nothing.",
)

# %%
# The loop
# --------
# Everything so far, in the place where it belongs. The loss of a batch is a mean over
# its images, so it counts as many times as there are images.


def train_epoch(net, batches, optimizer):
    net.train()
    total, right, count = 0.0, 0, 0
    for images, labels in batches:
        scores = net(images)
        loss = F.cross_entropy(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        right += (scores.argmax(1) == labels).sum().item()
        count += len(labels)
    return total / count, right / count


# %%
# Judging has the same sums and no step, and needs two switches. ``net.eval()`` changes
# what layers compute: dropout stops. ``torch.no_grad()`` changes what autograd notes
# down: nothing. Neither implies the other, as the anatomy of a module has shown, and
# judging wants both: the first for right numbers, the second for memory and time. (A
# later lesson forgets the first one in four ways.)


@torch.no_grad()
def evaluate(net, batches):
    net.eval()
    total, right, count = 0.0, 0, 0
    for images, labels in batches:
        scores = net(images)
        total += F.cross_entropy(scores, labels).item() * len(labels)
        right += (scores.argmax(1) == labels).sum().item()
        count += len(labels)
    return total / count, right / count


# %%
# In the library
# --------------
# ``training.train_epoch`` and ``training.evaluate`` are these two, with clipping,
# precision and more around them. Same seed, same batches: the same numbers, or this
# page would not have been built.

validation = digits.validation.batches(256)


def start():
    training.seed_everything(1)
    net = small_net()
    return net, torch.optim.AdamW(net.parameters(), lr=1e-2)


net, optimizer = start()
ours = *train_epoch(net, fixed, optimizer), *evaluate(net, validation)
net, optimizer = start()
taught = training.train_epoch(net, fixed, optimizer=optimizer)
judged = training.evaluate(net, validation)
assert ours == (taught.loss, taught.accuracy, judged.loss, judged.accuracy)
print(f"on validation digits: loss {judged.loss:.3f}, accuracy {judged.accuracy:.1%}")

# %%
# ``fit`` calls both, epoch after epoch, and keeps the history. Who wants to look on
# hangs in a *callback*, an object that is told of each event. ``ProgressBar`` is one: it
# draws a bar on a terminal and is silent where nobody watches, as here.

net, optimizer = start()
epochs = profile.pick(smoke=2, docs=6, full=3)
recipe = {"epochs": epochs, "callbacks": [training.ProgressBar()]}
record = training.fit(net, train, validation, optimizer=optimizer, **recipe)

# %%
# The record holds one number per epoch and quantity, with seed, versions and hardware,
# and can be saved as JSON. Its curves:

plotting.curves(record, title="Loss and accuracy, epoch by epoch, of one seed")

# %%
# Does the validation curve lie *above* the other one? The two are not measured in the
# same way. What a training curve measures is the next lesson.
#
# Takeaways
# ---------
# * ``backward`` adds. One clearing between two backward calls, and never between
#   ``backward`` and ``step``.
# * A wrong order mostly raises nothing. Look at whether the loss falls.
# * ``eval`` and ``no_grad`` are two switches: one for layers, one for autograd.
# * Sum numbers, not tensors, and weigh each batch by its images.
#
# Check yourself
# --------------
# Follow ``.grad`` through the lines, round by round.

ask("weight_after_orders")

# %%
# And the two switches:

ask("switches_on")

# %%
# Exercise
# --------
# A colleague's loop runs, and its network hardly learns. The code was
#
# .. code-block:: python
#
#    def repaired_epoch(net, batches, optimizer):
#        net.eval()
#        losses = []
#        for images, labels in batches:
#            scores = net(images).softmax(dim=1)
#            loss = F.cross_entropy(scores, labels)
#            loss.backward()
#            optimizer.zero_grad()
#            optimizer.step()
#            losses.append(loss)
#        return sum(losses) / len(losses)
#
# It has five faults. Repair them all; return the mean loss per image, a number.


def repaired_epoch(net, batches, optimizer):
    """Train net for one epoch and return the mean loss per image, as a float."""
    raise NotImplementedError


check("repaired_epoch", repaired_epoch)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("repaired_epoch")

# %%
# References
# ----------
# 1. A. Karpathy. *A Recipe for Training Neural Networks.* 2019. How loops fail without
#    an error, and what to look at. `Post
#    <https://karpathy.github.io/2019/04/25/recipe/>`__
# 2. PyTorch. *Autograd mechanics*: gradient modes, evaluation mode, in-place checks.
#    `Notes <https://pytorch.org/docs/stable/notes/autograd.html>`__
