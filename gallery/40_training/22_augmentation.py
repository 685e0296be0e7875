"""
Augmentation is a claim about the world
=======================================

Move a digit by two pixels, and it is the same digit. Mirror it, and it may be none. An
*augmentation* changes training images at random in a way that leaves their labels true;
which ways those are, no program can know. On this page we write the two most common
ones, and measure what each does to a network, for better and for worse.

You will

* crop and flip a whole batch, and check it against torchvision;
* train with and without, from three seeds, and judge on images of three kinds;
* see a score that depends on dice.

**Before this:** the lesson on splits.
"""

import torch
import torch.nn.functional as F
from torch.testing import assert_close
from torchvision.transforms import v2

from cnn_tutorial import datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile, digits = profiles.current(), datasets.for_role("digits", size=32)
images, labels = digits.train.images[:8], digits.train.labels[:8]  # bytes

# %%
# By hand: a flip and a crop
# --------------------------
# A flip turns some of the images from left to right. A coin decides for each.


def random_flip(images, generator):
    heads = torch.rand(len(images), generator=generator) < 0.5  # (N,)
    return torch.where(heads[:, None, None, None], images.flip(3), images)


# %%
# A crop puts a margin of zeros around the image, and cuts the old size out at a random
# place. With a margin of four, an image of 32 x 32 moves by up to four pixels each way.


def random_crop(images, padding, generator):
    n, _, height, width = images.shape
    padded = F.pad(images, (padding,) * 4)  # left, right, top, bottom
    top, left = torch.randint(2 * padding + 1, (2, n), generator=generator)
    return torch.stack(
        [padded[i, :, top[i] :, left[i] :][:, :height, :width] for i in range(n)]
    )


generator = torch.Generator().manual_seed(0)
moved = random_crop(images, 4, generator)
plotting.images(
    torch.cat([images[:4], moved[:4], random_flip(moved, generator)[:4]]),
    labels=["as it is"] * 4 + ["cropped"] * 4 + ["cropped, flipped"] * 4,
    columns=4,
    title="Four digits, cropped at random places, then some of them mirrored",
)

# %%
# Nothing is stored. Each epoch draws anew, and has as many images as before.

places = len(range(-4, 5)) ** 2
predict(
    "Margin 4 and a flip: how many versions of one image are there? And how many of "
    "them does one epoch see?",
    f"{2 * places}, and one",
    because="Nine shifts down, nine to the right, mirrored or not: 9 * 9 * 2. The "
    "network rarely sees the same pixels twice.",
)

# %%
# The claim, checked
# ------------------
# torchvision changes one image at a time. Told the same place, it must cut the same
# pixels. The package's ``RandomCrop`` changes whole batches, from a generator; with the
# same numbers it must do what our loop does.

top, left = 1, 7
theirs = v2.functional.crop(v2.functional.pad(images[0], 4), top, left, 32, 32)
assert_close(F.pad(images[0], (4,) * 4)[:, top : top + 32, left : left + 32], theirs)

one, other = torch.Generator().manual_seed(3), torch.Generator().manual_seed(3)
assert_close(random_crop(images, 4, one), datasets.RandomCrop(4)(images, other))
assert_close(random_flip(images, one), datasets.RandomFlip(0.5)(images, other))

# %%
# So there are two ways to the same distribution: batches from memory with the package's
# augmentations, or a loader that hands each image to torchvision's transforms. The
# lesson on workers measures what each costs.

transform = v2.Compose([v2.RandomCrop(32, padding=4), v2.RandomHorizontalFlip()])
way_1 = digits.train.batches(
    64, shuffle=True, augment=[datasets.RandomCrop(4), datasets.RandomFlip()]
)
way_2 = digits.train.loader(64, shuffle=True, transform=transform)
(x_1, y_1), (x_2, y_2) = next(iter(way_1)), next(iter(way_2))
print(x_1.shape, x_2.shape, "same digits:", torch.equal(y_1, y_2))

# %%
# Three kinds of images to judge by
# ---------------------------------
# Does it help? We train LeNet without, with crops, and with flips, and judge each on
# the validation digits as they are, on the same digits moved, and on the same digits
# mirrored.

validation = digits.validation
shift = datasets.RandomCrop(5)
kinds = {
    "as is": validation.images,
    "moved": shift(validation.images, torch.Generator().manual_seed(1)),
    "mirrored": validation.images.flip(3),
}
plotting.images(
    torch.cat([x[:4] for x in kinds.values()]),
    labels=[name for name in kinds for _ in range(4)],
    columns=4,
    title="The same four digits in three kinds of validation images",
)

# %%
# Three ways of training, three kinds of images: nine scores.

ways = {
    "nothing": [],
    "crop": [datasets.RandomCrop(4)],
    "flip": [datasets.RandomFlip()],
}
epochs = profile.pick(smoke=1, docs=5, full=4)
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])


def trained(augment, seed):
    training.seed_everything(seed)
    net = models.LeNet(digits.info.channels, digits.info.num_classes)
    batches = digits.train.batches(64, shuffle=True, seed=seed, augment=augment)
    optimizer = torch.optim.AdamW(net.parameters())
    steps = epochs * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 0.012, steps)
    recipe = {"optimizer": optimizer, "scheduler": schedule, "epochs": epochs}
    training.fit(net, batches, **recipe)
    return net.eval()


# %%
# One network for each way and seed:


@torch.no_grad()
def score(net, images):
    guesses = net(digits.info.normalize(images)).argmax(dim=1)
    return (guesses == validation.labels).float().mean().item()


nets = {
    way: [trained(augment, seed) for seed in seeds] for way, augment in ways.items()
}
scores = {
    f"{kind}, {way}": [score(net, x) for net in nets[way]]
    for kind, x in kinds.items()
    for way in ways
}
lowest = min(scores, key=lambda name: sum(scores[name]))
predict(
    "Which of the nine scores is the lowest?",
    f"kind of digits and training: {lowest}",
    because="What a network reads worst is what it has never been shown.",
)

# %%
# All of them:

plotting.bars(
    scores,
    title="Accuracy: the kind of digits, and what the network was trained with",
    xlabel="accuracy",
)

# %%
# Read the bars in threes. Moved digits are hard for a network that has only seen
# centred ones, and crops teach it to read them. Mirrored digits are read well
# by the network that was trained on them, and by no other. Each augmentation buys what
# it claims: "this change does not matter".
#
# And on digits as they are? Compare with the spread before you call it a gain:

plain = torch.tensor(scores["as is, nothing"])
for way in ("crop", "flip"):
    gain = torch.tensor(scores[f"as is, {way}"]) - plain
    verdict = "no clear difference"
    if gain.mean().abs() > 2 * gain.std(correction=0).clamp(min=0.004):
        verdict = "helps" if gain.mean() > 0 else "harms"
    print(
        f"{way}: {gain.mean():+.1%} ({gain.min():+.1%} to {gain.max():+.1%}): {verdict}"
    )

# %%
# The images of this set are centred already, so that crops prepare for something that
# does not come. And the network has the same few epochs for a harder task: whatever a
# crop costs here, longer training may give back. Photographs of things are another matter:
# there crop and flip are true claims, and with long training they are part of nearly
# every good recipe. A mirrored 2, on the other hand, is no 2.
#
# Where it breaks
# ---------------
# Augmentation belongs to training. Left on while judging, it makes the score depend on
# dice:

net = nets["nothing"][0]
noisy = [
    score(net, shift(validation.images, torch.Generator().manual_seed(seed)))
    for seed in range(5)
]
predict(
    "One network, the same validation digits, cropped at random five times. How far "
    "apart are the five scores?",
    f"{min(noisy):.1%} to {max(noisy):.1%}; without crops "
    f"{score(net, validation.images):.1%}",
    because="The images differ from one time to the next, and all of them are harder "
    "than those that we wanted to know about.",
)

# %%
# Takeaways
# ---------
# * An augmentation draws a new version of each image in each epoch; the labels must
#   stay true, and only you can know whether they do.
# * It teaches that a change does not matter. It pays where that change occurs in what
#   is judged, and harms where it does matter.
# * It belongs to training images alone.
#
# Check yourself
# --------------
# Follow one pixel through a crop.

ask("cropped_dot")

# %%
# And is the label still true?

ask("false_labels")

# %%
# Exercise
# --------
# The heart of a random crop: cut each image of a batch at its own place.


def crop_at(images, top, left, padding):
    """Pad (N, C, H, W) by zeros; cut (H, W) out of image i at row top[i], left[i]."""
    raise NotImplementedError


check("crop_at", crop_at)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("crop_at")

# %%
# References
# ----------
# 1. P. Simard, D. Steinkraus, J. Platt. *Best Practices for Convolutional Neural
#    Networks Applied to Visual Document Analysis.* ICDAR 2003. Moved and bent digits.
# 2. A. Krizhevsky, I. Sutskever, G. Hinton. *ImageNet Classification with Deep
#    Convolutional Neural Networks.* NeurIPS 2012, section 4.1. Crops and reflections.
# 3. C. Shorten, T. Khoshgoftaar. *A survey on Image Data Augmentation for Deep
#    Learning.* Journal of Big Data 6, 2019.
#    `doi:10.1186/s40537-019-0197-0 <https://doi.org/10.1186/s40537-019-0197-0>`__
