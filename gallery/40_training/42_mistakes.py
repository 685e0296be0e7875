"""
Read the mistakes, not only the score
=====================================

A score is one number for thousands of decisions. It does not say which classes suffer,
whether the network doubted, or whether anybody could have known better. The mistakes
do. This page sorts them in four ways.

You will

* build the confusion matrix by hand, and read rows and columns apart;
* look at the mistakes that the network was most sure of;
* ask three networks, and let one say "I do not know".

**Before this:** LeNet learns to read.
"""

import torch
from sklearn import metrics
from torch.testing import assert_close

from cnn_tutorial import datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile = profiles.current()
data = datasets.for_role("grey", size=28)
info, classes = data.info, data.info.classes
print(f"{info.title}: {len(data.validation)} validation images, {len(classes)} classes")

# %%
# Three networks
# --------------
# The same LeNet from three seeds. We look at *validation* images: who studies single
# mistakes starts to repair them, and then the images are no test any more.


def trained(seed):
    training.seed_everything(seed)
    net = models.LeNet(info.channels, info.num_classes, input_size=28)
    epochs = profile.pick(smoke=1, docs=3, full=8)
    count = profile.pick(smoke=100, docs=6000, full=50_000)
    part = data.train.sample(min(count, len(data.train)))
    batches = part.batches(64, shuffle=True, seed=seed)
    adam = torch.optim.AdamW(net.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 5e-3, epochs * len(batches))
    training.fit(net, batches, optimizer=adam, scheduler=schedule, epochs=epochs)
    return net


held_out = data.validation.batches(256)
nets = [trained(seed) for seed in (0, 1, 2)]
runs = [training.predict(net, held_out) for net in nets]
labels = runs[0][1]
for seed, (scores, _) in enumerate(runs):
    print(f"seed {seed}: {(scores.argmax(1) == labels).float().mean():.1%} right")

# %%
# From here on we read the first network. Ten images as they come, a tick where it is
# right, a cross where it is not, with the true class below.

shares = runs[0][0].softmax(dim=1)
sure, guess = shares.max(dim=1)
plotting.images(
    data.validation.images[:10],
    labels=labels[:10],
    predictions=guess[:10],
    classes=classes,
    columns=5,
    title="Ten validation images and what LeNet takes them for",
)

# %%
# Who is taken for whom
# ---------------------
# Count every pair of truth and guess. Row: what it is. Column: what it was taken for.

counts = torch.zeros(len(classes), len(classes), dtype=torch.int64)
for truth, taken in zip(labels.tolist(), guess.tolist(), strict=True):
    counts[truth, taken] += 1
predict(
    "The table has a cell for each pair. What do all cells sum to? And which cells "
    "make the accuracy?",
    f"{counts.sum()}; the diagonal over the sum, {counts.trace() / counts.sum():.1%}",
    because="Every image is in exactly one cell, and it is on the diagonal where truth "
    "and guess agree.",
)

# %%
# Orange cells are mistakes: the deeper, the more of the row.

plotting.confusion_matrix(
    counts, classes=classes, title="Where LeNet is wrong: which garments it mixes up"
)

# %%
# The table knows what the score does not. The pair that is mixed up most often:

wrong = counts.clone().fill_diagonal_(0)
truth, taken = divmod(int(wrong.argmax()), len(classes))
print(f"{classes[truth]} taken for {classes[taken]}: {wrong[truth, taken]} times")
print(f"{classes[taken]} taken for {classes[truth]}: {wrong[taken, truth]} times")

# %%
# Rows and columns
# ----------------
# Two questions sound alike. *Of all shirts, how many are found?* goes along a row and
# is called recall. *Of all that was called a shirt, how much is one?* goes down a
# column and is called precision. A network that says "shirt" to everything has a
# perfect answer to the first question.

recall = counts.diagonal() / counts.sum(dim=1)
precision = counts.diagonal() / counts.sum(dim=0).clamp(min=1)
worst = int(recall.argmin())
predict(
    f"The class with the lowest recall is {classes[worst]}. Is its precision as low?",
    f"recall {recall[worst]:.0%}, precision {precision[worst]:.0%}",
    because="Its row says how many are lost to other classes; its column says how many "
    "of the others come in. Nothing makes them equal.",
)

# %%
# In the library
# --------------
# scikit-learn counts the same table, and ``evaluate`` returns it, with recall and
# precision of every class, when asked to.

assert_close(counts.numpy(), metrics.confusion_matrix(labels, guess))
found = training.evaluate(nets[0], held_out, per_class=True).per_class
assert_close(torch.as_tensor(found.confusion), counts)
assert_close(torch.as_tensor(found.recall), recall.double(), atol=1e-6, rtol=0)

# %%
# The score that hides everything
# -------------------------------
# Suppose somebody asks for one class only: is it one of those, or not? A "network" that
# has never looked at an image says no, each time.

print(f"the class that is asked for: {classes[-2]}")
wanted = labels == len(classes) - 2
never = torch.zeros_like(wanted)
score = metrics.accuracy_score(wanted, never)
balanced = metrics.balanced_accuracy_score(wanted, never)
predict(
    "How good is the accuracy of that answer? And the mean of the recalls of both "
    "classes?",
    f"{score:.0%} and {balanced:.0%}",
    because="Most images are of other classes, and each of those is right. Of the two "
    "recalls one is 1 and the other 0.",
)

# %%
# Certain, and wrong
# ------------------
# The softmax gives each guess a share. Sort the mistakes by it, the surest first.

doubtless = torch.where(guess != labels, sure, -1.0)  # right guesses come last
order = doubtless.argsort(descending=True)[:10]
plotting.images(
    data.validation.images[order],
    labels=labels[order],
    predictions=guess[order],
    classes=classes,
    columns=5,
    title="The ten mistakes that LeNet was most sure of",
)

# %%
# Would you have known? Some of these labels are hard to defend. But it is the network's
# certainty that should make us think:

print("shares of these ten guesses:", *(f"{share:.2f}" for share in sure[order]))

# %%
# Is a share of 0.9 right nine times out of ten? Put the guesses into bins, and count.

for low, high in ((0.0, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 0.99), (0.99, 1.01)):
    inside = (sure >= low) & (sure < high)
    if inside.any():
        right = (guess == labels)[inside].float().mean()
        mean = sure[inside].mean()
        print(f"{inside.sum():5} images with mean share {mean:.2f}: {right:.2f} right")

# %%
# Where the last number is below the one before, the network promises too much. A share
# is what the loss needed, not a measured frequency; it may come near one, and it may
# not.
#
# Bad luck, or a hard image?
# --------------------------
# One network's mistake may be its own. If all three make *the same* mistake, the
# image, its label or the architecture is to blame.

guesses = torch.stack([scores.argmax(1) for scores, _ in runs])  # (3, N)
misses = (guesses != labels).sum(dim=0)
same = (guesses == guesses[0]).all(dim=0) & (misses == 3)
rate = (guesses != labels).float().mean(dim=1)
predict(
    "If the three missed images independently of one another, on how many would all "
    "three be wrong? And on how many are they?",
    f"{rate.prod() * len(labels):.1f} expected, {int((misses == 3).sum())} met",
    because="Independent means that the rates multiply. Networks of one kind, taught "
    "with the same images, find the same images hard.",
)

# %%
# And do they agree on what they take it for?

shared = int((misses == 3).sum())
print(
    f"missed by one network: {int((misses == 1).sum())}, by two:"
    f" {int((misses == 2).sum())}, by all three: {shared}"
)
print(f"of these {shared}, all three give the same wrong answer to {int(same.sum())}")

# %%
# A network may say that it does not know
# ---------------------------------------
# Turn one knob: hand the images of lowest share over to a person. How does the accuracy
# on the rest change?

ranked = (guess == labels)[sure.argsort(descending=True)].float()
kept = torch.linspace(0.1, 1, 19)
accuracy = [ranked[: int(part * len(ranked))].mean().item() for part in kept]
plotting.lines(
    100 * kept,
    {"accuracy on what is kept": [100 * a for a in accuracy]},
    title="What is right among the answers, when the surest are given first",
    xlabel="answered, per cent",
    ylabel="right, per cent",
)

# %%
# Where the line falls to the right, the shares are worth something after all: if not as
# probabilities, then as an order.
#
# Where it breaks
# ---------------
# A table needs to know all classes. Numbers that only *look* like classes are caught:

with expect_error(ValueError):
    plotting.confusion_matrix(counts[:, :3], title="Ten rows and three columns")

with expect_error(ValueError):
    plotting.images(
        data.validation.images[:1], labels=[len(classes)], classes=classes, title="?"
    )

# %%
# Takeaways
# ---------
# * A confusion matrix holds every decision; accuracy is its diagonal over its sum.
# * Rows tell what is lost, columns what comes in. With classes of unequal size accuracy
#   alone tells neither.
# * The surest mistakes show doubtful labels and twins among the classes. Whether a
#   share of 0.9 is right nine times out of ten has to be counted.
# * A mistake that every seed makes is no bad luck.
# * Shares put answers in a useful order, even where they are no probabilities.
#
# Check yourself
# --------------
# Read a small table, along the right line.

ask("number_from_the_table")

# %%
# Then let a network be silent:

ask("accuracy_of_the_rest")

# %%
# Exercise
# --------
# Find the mistakes that a network was most sure of.


def surest_mistakes(scores, labels, count):
    """Return the indices of the wrong guesses with the largest shares, surest first."""
    raise NotImplementedError


check("surest_mistakes", surest_mistakes)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("surest_mistakes")

# %%
# References
# ----------
# 1. C. Guo, G. Pleiss, Y. Sun, K. Weinberger. *On Calibration of Modern Neural
#    Networks.* ICML 2017. `arXiv:1706.04599 <https://arxiv.org/abs/1706.04599>`__
# 2. C. Northcutt, A. Athalye, J. Mueller. *Pervasive Label Errors in Test Sets
#    Destabilize Machine Learning Benchmarks.* NeurIPS 2021. `arXiv:2103.14749
#    <https://arxiv.org/abs/2103.14749>`__
# 3. Y. Geifman, R. El-Yaniv. *Selective Classification for Deep Neural Networks.*
#    NeurIPS 2017. `arXiv:1705.08500 <https://arxiv.org/abs/1705.08500>`__
