"""
A score is worth what its split is worth
========================================

Two people test the same model on the same photographs. One reports a score that the
other cannot reach, and both have counted correctly. They differ in one line: how the
images were divided. On this page we make three such mistakes on purpose, none of which
raises an error, and measure what each adds to the score. Before that, the arithmetic
that belongs to every data set: two numbers for each channel, and the way back from them.

You will

* standardise colour images by statistics of the training images, and recognise a wrong
  pair of numbers that many programs have copied;
* see scores rise by leaks, without any model getting better;
* find out what a test set is worth that has been looked at a thousand times.

**Before this:** the lessons on loading images, on normalisation, and LeNet's training.
"""

from dataclasses import replace

import torch
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, data = profiles.current(), datasets.for_role("colour")
print(data)

# %%
# Three heaps
# -----------
# The *training* images teach. The *validation* images choose: when to stop, which
# learning rate, which network. The *test* images measure, once, what was chosen. They
# are looked at last, and whatever is computed from images, a mean for instance, is
# computed from the first heap.

images, names = data.train.scaled(), data.info.classes  # (N, C, H, W), 0-1
plotting.images(
    data.train.images[:12],
    labels=[names[k] for k in data.train.labels[:12]],
    columns=4,
    title=f"{data.info.title}: twelve images that teach",
)

# %%
# By hand: two numbers for each channel
# -------------------------------------
# To standardise is to subtract a mean and divide by a deviation. Colour images have one
# pair for each channel.

mean = images.mean(dim=(0, 2, 3))
std = images.std(dim=(0, 2, 3), correction=0)
standard = (images - mean[:, None, None]) / std[:, None, None]
predict(
    "Which shape has `mean`? And which shape do we need to subtract it from "
    f"{tuple(images.shape)}?",
    f"{tuple(mean.shape)}, written as {tuple(mean[:, None, None].shape)}",
    because="One number for each channel; the axes for rows and columns must be there "
    "to be stretched, or the last axis would be taken for the channels.",
)

# %%
# Afterwards each channel has mean 0 and deviation 1:

assert_close(standard.mean((0, 2, 3)), torch.zeros(3), atol=1e-4, rtol=0)
assert_close(standard.std((0, 2, 3), correction=0), torch.ones(3), atol=1e-4, rtol=0)
print("mean", *(f"{value:.4f}" for value in mean))
print("std ", *(f"{value:.4f}" for value in std))

# %%
# Every data set has its own. These are CIFAR-10's, and you will meet them in half of
# all programs that read colour images:

cifar = datasets.describe("cifar10")
print("mean", cifar.mean, "std", cifar.std)
assert cifar.mean == (0.4914, 0.4822, 0.4465)
assert cifar.std == (0.2470, 0.2435, 0.2616)

# %%
# In the other half the deviations read 0.2023, 0.1994, 0.2010. Where do they come from?
# Somebody computed the deviation within each image, and averaged those. It looks like
# the same thing.

within = images.std(dim=(2, 3), correction=0).mean(dim=0)  # of each image, averaged
predict(
    "Is the mean deviation within images larger or smaller than the deviation of all "
    "pixels?",
    f"smaller: {within.mean():.3f} against {std.mean():.3f}, over the channels",
    because="All pixels together vary within images and from image to image. The "
    "second part is lost when each image is compared with its own mean.",
)

# %%
# That second part is the variance of the images' own means; the two variances add up.
#
# Does it matter? A wrong deviation scales all inputs by one factor, and a network can
# learn around it. It matters when the network is used with *other* numbers than those
# it was trained with. Keep them with the model.
#
# The way back
# ------------
# What a network is fed is no picture any more, and a plot refuses it:

with expect_error(ValueError):
    plotting.images(standard[:4], title="Standardised")

# %%
# To *denormalise* is to take both steps back, in the other order. Do this before you
# look; plots that stretch whatever they get hide mistakes here. The package does both
# ways with the numbers that it keeps.

back = standard * std[:, None, None] + mean[:, None, None]
assert_close(back, images)
assert_close(data.info.denormalize(data.train.normalized()), images)
wrong = (standard * mean[:, None, None] + std[:, None, None]).clamp(0, 1)
plotting.images(
    torch.cat([back[:4], wrong[:4]]),
    labels=["back"] * 4 + ["swapped"] * 4,
    columns=4,
    title="Denormalised, and with mean and deviation swapped",
)

# %%
# A leak between neighbours
# -------------------------
# Now the split. These patches were cut from ten photographs; the label says which one.
# Many overlap. The course divides each photograph into blocks, so that no two heaps
# share a pixel. What if we ignore that, and divide the training patches at random?
#
# Our model is the simplest there is: the label of the most similar training image.


def accuracy(train, test):
    pixels = train.scaled().flatten(1)  # (N, C*H*W)
    found = torch.cdist(test.scaled().flatten(1), pixels).argmin(dim=1)
    return (train.labels[found] == test.labels).float().mean().item()


patches = datasets.load("photo-patches")
patches = patches.limited(profile.pick(smoke=300, docs=6000, full=6000))
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])
random, blocks = [], []
for seed in seeds:
    seen, held_out = datasets.random_split(patches.train, [0.8, 0.2], seed=seed)
    random.append(accuracy(seen, held_out))
    blocks.append(accuracy(seen, patches.validation))

# %%
# Same model, same training patches, two ways to hold something out:

plotting.bars(
    {"held out at random": random, "held out by blocks": blocks},
    title="The same model on held-out patches: what overlaps is found again",
    xlabel="accuracy",
)

# %%
# Nothing became better but the score. Here is what the model has found where it was
# surest: the patch to be read, and its most similar training patch. Look for the same
# spot of the photograph.

test, train = held_out.scaled().flatten(1), seen.scaled().flatten(1)
distance, nearest = torch.cdist(test, train).min(dim=1)
contrast = held_out.scaled().std(dim=(2, 3)).mean(dim=1)  # within each channel
found = (distance / contrast).argsort()[:24:6]
pairs = torch.stack([held_out.images[found], seen.images[nearest[found]]])
plotting.images(
    pairs.flatten(0, 1),
    labels=["held out"] * 4 + ["trained on"] * 4,
    columns=4,
    title="Held out at random, above, and the nearest training patch, below",
)

# %%
# The rule is to divide *what must not be known*: photographs, patients, speakers, days;
# not files. CIFAR-10 itself has test images with a twin in the training set.
#
# A leak by copies
# ----------------
# The next one we make ourselves. Augmentation adds shifted copies of the images. It is
# convenient to do that first and divide afterwards.


def with_copies(split, copies=4):
    shifts = torch.randint(-1, 2, (copies, 2)).tolist()
    moved = [split.images.roll(shift, dims=(2, 3)) for shift in shifts]
    images = torch.cat([split.images, *moved])
    return replace(split, images=images, labels=split.labels.repeat(copies + 1))


copied_first, divided_first, fresh = [], [], []
for seed in seeds:
    torch.manual_seed(seed)
    pool = data.train.sample(min(1000, len(data.train)), seed=seed)
    seen, held_out = datasets.random_split(with_copies(pool), [0.8, 0.2], seed=seed)
    copied_first.append(accuracy(seen, held_out))
    fresh.append(accuracy(seen, data.validation))
    seen, held_out = datasets.random_split(pool, [0.8, 0.2], seed=seed)
    divided_first.append(accuracy(with_copies(seen), held_out))

# %%
# Guess the order of the three scores before you look.

middle = [sum(s) / len(s) for s in (copied_first, divided_first, fresh)]
predict(
    "Copies first, then divided; divided first, then copies; and the model of the "
    "first on validation images. Which accuracies?",
    ", ".join(f"{score:.0%}" for score in middle),
    because="Of five versions of an image, four in five are trained on: a held-out one "
    "nearly always finds its sister. The validation images have none.",
)

# %%
# The first score is an invention of the split. Where the second is still above the
# third, the pool holds neighbours too: patches that overlap, as above.
#
# A leak by looking
# -----------------
# The third leak needs no image at all. We test a *thousand* models on the same test
# set, and report the best. Our models are dice: they cannot read anything. Half of the
# images are used to choose, the other half is fresh.

count, tries, generator = 400, 1000, torch.Generator().manual_seed(0)
labels = torch.randint(10, (count,), generator=generator)
chosen, kept = [], []
for _ in range(20):
    guesses = torch.randint(10, (tries, count), generator=generator)
    used, other = (guesses == labels).float().split(count // 2, dim=1)
    best = [int(used.mean(1)[:n].argmax()) for n in (1, 10, 100, 1000)]
    chosen.append(used.mean(1)[best].tolist())
    kept.append(other.mean(1)[best].tolist())

# %%
# All of them are right once in ten, by luck. How good does the best of them look?

best_of_all = torch.tensor(chosen)[:, -1].mean()
predict(
    "1,000 dice, 200 test images, ten classes. What accuracy has the best die, on "
    "average over 20 repetitions?",
    f"{best_of_all:.1%}",
    because="Scores of dice scatter around 10 % with a deviation of "
    "sqrt(0.1 * 0.9 / 200) = 2.1 %; the largest of 1,000 lies 3 to 4 deviations up.",
)

# %%
# And on images that nobody chose by:

plotting.lines(
    [1, 10, 100, 1000],
    {"choosing": chosen, "fresh": kept},
    title="The best of many dice, on the images that chose it and on others",
    xlabel="models tried",
    ylabel="accuracy of the best",
    log="x",
)

# %%
# Every look at a test set with a choice behind it moves along the upper line. With
# validation images for the choices and one look at the test, we stay on the lower one.
#
# In the library
# --------------
# ``datasets.random_split`` has divided our images all along. It is *stratified*: each
# class keeps its proportion in every part, where chance alone would scatter. The parts
# share nothing.

pool = data.train.sample(100)
for stratify in (False, True):
    parts = datasets.random_split(pool, [50, 50], stratify=stratify)
    print(f"stratify={stratify!s:5}", parts[0].labels.bincount(minlength=10).tolist())
half, other = (part.labels.bincount() for part in parts)
assert_close(half, other, atol=1, rtol=0)

# %%
# Where it breaks
# ---------------
# A part that is too small for one image of each class cannot be stratified.

with expect_error(ValueError):
    datasets.random_split(pool, [95, 5])

# %%
# Takeaways
# ---------
# * Training images teach, validation images choose, test images measure, once.
# * Mean and deviation are taken over all pixels of the training images, a pair for each
#   channel, and belong to the model. The mean of deviations within images is another,
#   smaller number.
# * Divide what must not be known, not files; divide before you copy, augment or select.
# * The best of many models has partly been lucky, and more so the more there were.
#
# Check yourself
# --------------
# Two images are enough for the first part:

ask("deviation_of_pixels")

# %%
# And somebody tells how an experiment was done:

ask("what_leaks")

# %%
# Exercise
# --------
# Divide samples by *group*: all images of a person, say, go to one side.


def split_groups(groups, share):
    """Return indices to train on and to test on; no group (a list entry) in both.

    Whole groups, in order of first appearance, go to the test until it holds at least
    `share` (0-1) of all samples.
    """
    raise NotImplementedError


check("split_groups", split_groups)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("split_groups")

# %%
# References
# ----------
# 1. B. Barz, J. Denzler. *Do We Train on Test Data? Purging CIFAR of Near-Duplicates.*
#    Journal of Imaging 6, 2020. `arXiv:1902.00423 <https://arxiv.org/abs/1902.00423>`__
# 2. S. Kapoor, A. Narayanan. *Leakage and the reproducibility crisis in
#    machine-learning-based science.* Patterns 4, 2023.
#    `doi:10.1016/j.patter.2023.100804 <https://doi.org/10.1016/j.patter.2023.100804>`__
# 3. C. Dwork and others. *The reusable holdout: Preserving validity in adaptive data
#    analysis.* Science 349, 2015. What repeated looks cost, and what can be done.
# 4. B. Recht, R. Roelofs, L. Schmidt, V. Shankar. *Do ImageNet Classifiers Generalize to
#    ImageNet?* ICML 2019. A new test set after years of looking: scores fall, the order
#    of the models stays. `arXiv:1902.10811 <https://arxiv.org/abs/1902.10811>`__
