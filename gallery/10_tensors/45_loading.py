"""
Who brings the images?
======================

A network wants a batch. A disk has files. Between them lie three jobs: find image
number 17, prepare it, put some together. Programs that do all three inside the model
work once, for one data set, and leak in ways that nobody sees. On this page we do each
job in a few lines, by itself, and meet the leaks.

You will

* write a data set and a loader, and check them against PyTorch's;
* predict how many batches there are and how large the last one is;
* split without overlap, and catch a transform that acts where it should not.

**Before this:** images as tensors.
"""

from time import perf_counter

import torch
from torch.testing import assert_close
from torch.utils.data import DataLoader, Subset, default_collate, random_split

from cnn_tutorial import datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

source = datasets.for_role("digits").train
print(source)

# %%
# The question
# ------------
# For PyTorch a *data set* is anything that knows how long it is and can hand over
# sample number ``i``. Two methods, and no batch anywhere: it does not know in which
# company its samples will travel.


class Digits:
    def __init__(self, images, labels, transform=None):
        self.images, self.labels, self.transform = images, labels, transform

    def __len__(self):
        return len(self.images)

    def __getitem__(self, i):
        image = self.images[i] / 255  # C, H, W
        if self.transform is not None:
            image = self.transform(image)
        return image, int(self.labels[i])


digits = Digits(source.images, source.labels)
image, label = digits[17]
predict(
    "What does `digits[17]` return?",
    f"an image of shape {tuple(image.shape)}, {image.dtype}, and the label {label}",
    because="One sample: no batch axis. Whoever makes the batch will add it.",
)

# %%
# By hand: a loader
# -----------------
# A *loader* puts samples together. In each epoch it shuffles the numbers of all
# samples, cuts the list into pieces, fetches, and stacks.


def batches(data, batch_size, generator=None):
    order = torch.arange(len(data))
    if generator is not None:
        order = torch.randperm(len(data), generator=generator)
    for piece in order.split(batch_size):
        images, labels = zip(*[data[i] for i in piece], strict=True)
        yield torch.stack(images), torch.tensor(labels)


shapes = [tuple(images.shape) for images, _ in batches(digits, 64)]
predict(
    f"{len(digits):,} digits in batches of 64. How many batches are there, "
    "and which shape has the last one?",
    f"{len(shapes)} batches, the last one {shapes[-1]}",
    because=f"{len(digits):,} = {len(digits) // 64} * 64 + {len(digits) % 64}.",
)

# %%
# The claim, checked
# ------------------
# PyTorch's ``DataLoader`` does the same, batch for batch.

theirs = DataLoader(digits, batch_size=64)
for ours, other in zip(batches(digits, 64), theirs, strict=True):
    assert_close(ours[0], other[0])
    assert_close(ours[1], other[1])

generator = torch.Generator().manual_seed(0)
images, labels = next(batches(digits, 12, generator))
plotting.images(images, labels=labels, columns=4, title="A batch of twelve, shuffled")

# %%
# Why shuffle? Data often lies sorted, and a batch of sevens only teaches that
# everything is a seven. And a new order in each epoch, because always the same
# neighbours would be a pattern too. Whatever the order, each sample must come exactly
# once:

seen = torch.cat([labels for _, labels in batches(digits, 64, generator)])
assert_close(seen.sort().values, source.labels.sort().values)
ordered = Subset(digits, source.labels.argsort())
print("sorted data, labels of the first batch:", next(batches(ordered, 12))[1].tolist())

# %%
# Why three jobs
# --------------
# Loading, transforming and batching change for different reasons: another disk, another
# idea about what to vary, another size of memory. Kept apart, each is one argument.
# Here the same data set, turned on its side; neither the loader nor any model needs to
# know.

turned = Digits(
    source.images, source.labels, transform=lambda image: image.rot90(1, (1, 2))
)
pair = torch.stack([digits[17][0], turned[17][0]])
plotting.images(
    pair, labels=["as it is", "transformed"], title="One sample, two data sets"
)

# %%
# And if images differ in size? Then the third job fails, not the first two, and the
# message comes from ``stack``. The repair is a transform that crops or scales.

with expect_error(RuntimeError):
    default_collate([(torch.zeros(1, 28, 28), 0), (torch.zeros(1, 32, 32), 1)])

# %%
# Splitting
# ---------
# To judge a network we need samples that it was not trained on. ``random_split`` cuts a
# shuffled list of indices in two.

share = torch.Generator().manual_seed(0)
training, held_out = random_split(digits, [0.8, 0.2], generator=share)
predict(
    f"{len(digits):,} digits, split 0.8 to 0.2. How many in each part?",
    f"{len(training):,} and {len(held_out):,}",
    because="Shares are rounded down, and what is left over goes to the first parts.",
)

# %%
# No sample is in both. Drawing two random lists instead, which looks much the same in
# code, shares a good part of them:

assert not set(training.indices) & set(held_out.indices)
count = len(held_out)
drawn = torch.randint(len(digits), (len(training),), generator=share)
tested = torch.randint(len(digits), (count,), generator=share)
both = torch.isin(tested, drawn).float().mean()
print(f"drawn twice: {both:.0%} of the test samples were also trained on")

# %%
# That is *leakage*: the score goes up and means less. It has subtler forms: two photos
# of the same object, two parts of one photograph, the same person on two days. A split
# has to separate what must not be known, and that is not always the file.
#
# Where it breaks
# ---------------
# A split shares its data set, and so its transform. We want noise on what is trained
# on, and clean images to judge by:


def noisy(image):
    return (image + 0.5 * torch.rand_like(image)).clamp(0, 1)


training.dataset.transform = noisy
dirty = held_out[0][0]
clean = source.images[held_out.indices[0]] / 255
plotting.images(
    torch.stack([clean, dirty]),
    labels=["held out", "what arrives"],
    title="The transform was set for training, and reaches what was held out",
)

# %%
# No error. Two data sets over the same images, one for each transform, and *indices*
# that are split once, keep them apart:

indices = torch.randperm(len(digits), generator=share).tolist()
training = Subset(Digits(source.images, source.labels, noisy), indices[count:])
held_out = Subset(Digits(source.images, source.labels), indices[:count])
assert_close(held_out[0][0], source.images[indices[0]] / 255)

# %%
# In the library
# --------------
# The course's data sets come with three splits that never change, and with batches of
# their own. All images are in memory there, so a whole batch is one indexing operation
# instead of 64. The numbers are the same:

ours = next(iter(source.batches(64)))
assert_close(ours[0], source.info.normalize(source.images[:64]))
assert_close(ours[1], source.labels[:64])


def seconds(loader):
    start = perf_counter()
    for _ in loader:
        pass
    return perf_counter() - start


ratio = min(seconds(theirs) for _ in range(3)) / min(
    seconds(source.batches(64)) for _ in range(3)
)
print(f"one by one takes {ratio:.0f} times as long as whole batches")

# %%
# From a disk, the time goes into reading and decoding. There a ``DataLoader`` can use
# *workers*: processes of their own that prepare the next batches while the network
# computes this one. They are worth their start when preparing a batch takes long, and
# not for images in memory. On some systems each worker imports your script anew, so
# that a script with workers needs its ``if __name__ == "__main__"``.
#
# Takeaways
# ---------
# * A data set hands over sample ``i``; a transform prepares it; a loader shuffles, cuts
#   and stacks. The model knows none of them.
# * The last batch is usually smaller. Whoever averages over batches has to weigh it.
# * Split indices once, without overlap; draw twice, and the test is no test.
# * Parts of a split share the data set and its transform.
#
# Check yourself
# --------------
# Count what a loader brings:

ask("updates")

# %%
# And follow a transform to the images that it reaches.

ask("noise_reaches")

# %%
# Exercise
# --------
# The heart of a loader: cut an order into batches.


def cut(order, batch_size, drop_last=False):
    """Cut a list into lists of batch_size; drop_last leaves a shorter last one out."""
    raise NotImplementedError


check("cut", cut)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("cut")

# %%
# References
# ----------
# 1. PyTorch. `torch.utils.data <https://docs.pytorch.org/docs/stable/data.html>`__
# 2. S. Kapoor, A. Narayanan. *Leakage and the reproducibility crisis in
#    machine-learning-based science.* Patterns 4, 2023.
#    `doi:10.1016/j.patter.2023.100804 <https://doi.org/10.1016/j.patter.2023.100804>`__
