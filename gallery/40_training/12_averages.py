"""
What a training curve measures
==============================

A network learns, and its training accuracy stays *below* its validation accuracy. Does
it know strange digits better than those it was taught? No: the two numbers are measured
in different ways. On this page we measure one network in four ways on the same images,
and take the difference apart.

You will

* see what one short batch does to a mean of means, on a loss that matters;
* say why training accuracy is too low at first, and which part of it is dropout,
  augmentation, or the past;
* give a curve its spread, and tell what a seed fixes and what it does not.

**Before this:** the training loop.
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
print(f"{info.title}, profile {profile.name}, on the processor")

# %%
# The question
# ------------
# Three images with a loss of 0.5 and one with 4.5, in a batch of three and a batch of
# one.

losses = [torch.full((3,), 0.5), torch.full((1,), 4.5)]
means = torch.stack([loss.mean() for loss in losses])
predict(
    "The mean of the two batch means is 2.5. What is the mean loss of the images?",
    torch.cat(losses).mean().item(),
    because="(3 * 0.5 + 4.5) / 4. The lonely image counted as much as three.",
)

# %%
# A last batch of one image is rare, a short one is not: ours has
# ``len(data) % batch_size`` images. Does it matter? With a trained network and a real
# split the two means nearly agree, *if* the images are in random order. They often are
# not. Folders are read class by class, and the last batch is then all of one kind.


def small_net():
    return nn.Sequential(
        nn.Conv2d(info.channels, 8, 5, stride=2),
        nn.ReLU(),
        nn.AdaptiveAvgPool2d(4),
        nn.Flatten(),
        nn.Dropout(0.5),
        nn.Linear(128, info.num_classes),
    )


training.seed_everything(0)
net = small_net()
train = digits.train.batches(64, shuffle=True, seed=0)
adam = torch.optim.AdamW(net.parameters(), lr=1e-2)
epochs = profile.pick(smoke=1, docs=3, full=1)
record = training.fit(net, train, optimizer=adam, epochs=epochs)
print(f"loss of the last epoch: {record.curves['train_loss'][-1]:.2f}")

# %%
# The judge
# ---------
# Each batch gives its mean loss and its number of right answers. We keep both means of
# the loss, the wrong one for the record.


@torch.no_grad()
def judge(net, batches):
    net.eval()
    means, total, right, count = [], 0.0, 0, 0
    for images, labels in batches:
        scores = net(images)
        means.append(F.cross_entropy(scores, labels).item())
        total += means[-1] * len(labels)
        right += (scores.argmax(1) == labels).sum().item()
        count += len(labels)
    return {"loss": total / count, "accuracy": right / count} | {
        "mean of means": sum(means) / len(means)
    }


some = digits.validation.subset(range(min(180, len(digits.validation))))
by_class = some.subset(some.labels.argsort(stable=True))
sizes = range(8, len(by_class), 4)
found = [judge(net, by_class.batches(size)) for size in sizes]
both = {name: [each[name] for each in found] for name in ("mean of means", "loss")}
plotting.lines(
    sizes,
    both,
    title="One network, one set of images: the mean of batch means depends on the size",
    xlabel="batch size",
    ylabel="loss",
)

# %%
# The loss by images stays whatever the batch size. The mean of means is a property of
# the batches as much as of the network: it jumps where a small rest is left over, and
# the rest is all of the last class. The package counts by images:

result = training.evaluate(net, by_class.batches(100))
ours = judge(net, by_class.batches(16))
assert_close((result.loss, result.accuracy), (ours["loss"], ours["accuracy"]))

# %%
# What about leaving the short batch out? That is what ``drop_last=True`` does. It is
# fine for training, where the next epoch brings the others. A judge who drops images
# has judged another set.

size = len(some) // 4 + 5
kept = some.batches(size, drop_last=True)
predict(
    f"{len(some)} images, batches of {size}, `drop_last=True`. "
    "How many images are judged?",
    training.evaluate(net, kept).count,
    because=f"{len(kept)} full batches of {size}.",
)

# %%
# An average over nothing is an error and not zero:

with expect_error(ValueError):
    training.evaluate(net, [])

# %%
# Four ways to measure the same digits
# ------------------------------------
# Now the curves. Training accuracy is usually collected *on the way*: the scores are
# there already, and looking costs nothing. But these are scores of a network that
# changes from batch to batch, with dropout on, about images that were shifted at
# random. We collect it so, and after each epoch measure three times more, each time
# taking one thing away.


@torch.no_grad()
def share_right(net, batches):
    found = [(net(images).argmax(1) == labels).float() for images, labels in batches]
    return torch.cat(found).mean().item()


shifts = [datasets.RandomCrop(4)]
shifted = digits.train.batches(64, shuffle=True, seed=0, augment=shifts)
plain = digits.train.batches(256)
training.seed_everything(0)
net = small_net()
adam = torch.optim.AdamW(net.parameters(), lr=1e-2)
names = "on the way", "after the epoch", "and without dropout", "and unshifted"
curves = {name: [] for name in names}
for _ in range(profile.pick(smoke=2, docs=8, full=3)):
    curves[names[0]].append(training.train_epoch(net, shifted, optimizer=adam).accuracy)
    net.train()
    curves[names[1]].append(share_right(net, shifted))
    net.eval()
    curves[names[2]].append(share_right(net, shifted))
    curves[names[3]].append(share_right(net, plain))

# %%
# Four numbers, each an honest "training accuracy" of the same epoch. Before you look:

epoch_1 = {name: values[0] for name, values in curves.items()}
predict(
    "In the first epoch, which of the four is lowest?",
    min(epoch_1, key=epoch_1.get),
    because=", ".join(f"{name}: {value:.0%}" for name, value in epoch_1.items())
    + ". On the way, the network of the first steps counts as much as the last.",
)

# %%
# The figure takes the difference apart. From the lowest line upwards: the past, then
# dropout, then the shifts.

epochs = range(1, len(curves[names[0]]) + 1)
plotting.lines(
    epochs,
    curves,
    title="Training accuracy of one run, measured in four ways",
    xlabel="epoch",
    ylabel="share of training digits",
)

# %%
# How much is which, in the first epoch and in the last?

for epoch in (0, -1):
    on_the_way, after, calm, unshifted = (curves[name][epoch] for name in names)
    print(f"epoch {epochs[epoch]}: the past {after - on_the_way:+.1%}, ", end="")
    print(f"dropout {calm - after:+.1%}, shifts {unshifted - calm:+.1%}")

# %%
# The past fades as the network settles. Dropout and shifts stay: they make the task
# harder on purpose, and only while it is learned. So a training curve *below* the
# validation curve is no riddle and no sign of a leak, and the gap between the two is
# not yet overfitting. To measure overfitting, judge both sets alike:

unseen = training.evaluate(net, digits.validation.batches(256)).accuracy
print("training minus validation accuracy")
print(f"gap as the curves show it: {curves['on the way'][-1] - unseen:+.1%}")
print(f"gap, both judged alike:    {curves['and unshifted'][-1] - unseen:+.1%}")

# %%
# What a seed fixes
# -----------------
# A seed makes a run repeatable: first weights, order of batches, shifts, masks of
# dropout. We train with three seeds, and with one of them twice.


def run(seed):
    training.seed_everything(seed)
    net = small_net()
    batches = digits.train.batches(64, shuffle=True, seed=seed, augment=shifts)
    optimizer = torch.optim.AdamW(net.parameters(), lr=1e-2)
    judged = digits.validation.batches(256)
    epochs = profile.pick(smoke=2, docs=8, full=3)
    return training.fit(net, batches, judged, optimizer=optimizer, epochs=epochs)


records = [run(seed) for seed in (0, 1, 2)]
again = run(0)
same = again.curves["train_loss"] == records[0].curves["train_loss"]
assert same
predict(
    "Seed 0 a second time, on this machine. Are the losses equal to the last bit?",
    "yes" if same else "no",
    because="The same numbers are drawn and added in the same order. On another kind "
    "of processor, or with another number of threads, sums may round differently.",
)

# %%
# The band is the spread of three seeds.

plotting.curves(records, title="Three seeds: the lines are means, the bands the spread")

# %%
# A seed fixes luck, it does not remove it. The last column is what another seed may
# change without any merit:

last = torch.tensor([record.curves["validation_accuracy"][-1] for record in records])
print(f"validation accuracy {last.mean():.1%}, seeds from {last.min():.1%} ", end="")
print(f"to {last.max():.1%}; one digit is {1 / len(digits.validation):.1%}")

# %%
# Takeaways
# ---------
# * Add up over images and divide once. A mean of batch means depends on the batch size.
# * Training accuracy collected on the way is of a network in motion, with dropout and
#   augmentation. It is a sign of life, and no rival of the validation accuracy.
# * Overfitting is a gap between two numbers measured alike.
# * A seed makes a run repeatable. Only several seeds tell what a difference is worth.
#
# Check yourself
# --------------
# Count images, not batches.

ask("mean_loss")

# %%
# Four ways to measure, and one difference that counts:

ask("overfitting_gap")

# %%
# Exercise
# --------
# Write the judge: mean loss and accuracy over all images. Whoever calls you may be in
# the middle of training, so leave the network in the mode in which you found it.


def judge_net(net, batches):
    """Return mean loss and accuracy over all images; leave the mode as it was."""
    raise NotImplementedError


check("judge_net", judge_net)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("judge_net")

# %%
# References
# ----------
# 1. X. Bouthillier et al. *Accounting for Variance in Machine Learning Benchmarks.*
#    MLSys 2021. What varies with the seed, and how much. `arXiv:2103.03098
#    <https://arxiv.org/abs/2103.03098>`__
# 2. PyTorch. *Reproducibility*: what a seed covers and what it does not. `Notes
#    <https://pytorch.org/docs/stable/notes/randomness.html>`__
