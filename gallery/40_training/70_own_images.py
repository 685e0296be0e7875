"""
From a folder of images to a model in a file
============================================

Your pictures lie in folders, and the name of a folder says what is on them. That is all
it takes. This page writes such a folder first, so that it can run anywhere; then it
reads it, trains, judges once, saves one file, and lets that file read a new picture.

You will

* turn a tree of files into images and labels, and know what happened to each image;
* save a model with everything that is needed to use it, and load it elsewhere;
* do all of it again with two commands.

**Before this:** splits, a small ResNet, and checkpoints.
"""

from contextlib import chdir
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import torch
from PIL import Image
from torch.testing import assert_close
from torchvision.transforms.functional import to_pil_image

from cnn_tutorial import classifiers, datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, source = profiles.current(), datasets.for_role("colour")
place = TemporaryDirectory()
folder = Path(place.name, "pictures")

# %%
# A folder to begin with
# ----------------------
# One folder for each class, any names for the files. We write real images as PNG; with
# pictures of your own, this cell is the part that you skip.

many = profile.pick(smoke=8, docs=80, full=500)
for label, name in enumerate(source.info.classes):
    home = folder / name
    home.mkdir(parents=True)
    split = source.train.subset(source.train.labels == label)
    for number, pixels in enumerate(split.images[:many]):
        to_pil_image(pixels).save(home / f"{number:04}.png")

# %%
# What lies there now, and how much?

files = sorted(folder.rglob("*.png"))
print(files[0].relative_to(folder), "...", files[-1].relative_to(folder))
print(f"{len(files)} files, {sum(f.stat().st_size for f in files) / 1e6:.1f} MB")

# %%
# By hand
# -------
# Names of classes, in alphabetical order, give the labels. The order must not depend on
# how a file system happens to list its folders, or a model trained here calls cats dogs
# elsewhere.

classes = sorted({file.parent.name for file in files})
labels = torch.tensor([classes.index(file.parent.name) for file in files])
predict(
    f"The folders are called {', '.join(classes[:3])} and so on. "
    f"Which label has the folder {classes[2]!r}?",
    classes.index(classes[2]),
    because="Labels count from 0, in alphabetical order.",
)

# %%
# A network wants all images in one shape. The usual way: scale until the shorter side
# fits, then cut around the middle. A wide picture loses its sides; nothing is squeezed.


def square(image, size):
    factor = size / min(image.size)
    width, height = (round(side * factor) for side in image.size)
    image = image.resize((width, height), Image.Resampling.BICUBIC)
    left, top = (width - size) // 2, (height - size) // 2
    return image.crop((left, top, left + size, top + size))


wide = Image.open(files[0]).resize((96, 40))
predict(
    "A picture is 96 pixels wide and 40 high. We want 32 x 32. "
    "How many of its columns does the network see?",
    40,
    because="The shorter side, 40, fills the square; as many columns stay in the "
    f"middle. {square(wide, 32).size} is what comes out.",
)

# %%
# In the library
# --------------
# ``folder:PATH`` is the name of a data set like any other. It reads every kind of image
# file, turns pictures as the camera says, lays what is transparent on white, and makes
# three splits with each class in proportion: the same ones each time.

data = datasets.load(f"folder:{folder}", size=32)
info = data.info
print(data)
assert list(info.classes) == classes

# %%
# Our own reading must find the same pixels somewhere in it.

ours = np.asarray(square(Image.open(files[0]), 32))
ours = torch.from_numpy(ours.reshape(32, 32, -1).copy()).permute(2, 0, 1)
every = torch.cat([data.train.images, data.validation.images, data.test.images])
assert (every == ours).flatten(1).all(1).any()

# %%
# Look at your data before you train on them. Wrong labels, black images and duplicates
# are found by eye in a minute, and by a loss curve never.

some = data.train.sample(2 * info.num_classes)
plotting.images(
    some.images,
    labels=some.labels,
    classes=info.classes,
    columns=5,
    title="Two images of each class, as the network will see them",
)

# %%
# Mean and deviation are those of the training images. They belong to the model: whoever
# uses it must standardise with the same numbers.

print("mean", [f"{m:.3f}" for m in info.mean], "std", [f"{s:.3f}" for s in info.std])
assert_close(
    data.train.scaled().double().mean((0, 2, 3)),
    torch.tensor(info.mean).double(),
    rtol=0,
    atol=1e-5,
)

# %%
# Train
# -----
# A small ResNet and the recipe of two lessons ago.

training.seed_everything(0)
settings = {"width": 8}
classifier = classifiers.Classifier.create("resnet8", info, settings=settings)
recipe = classifiers.Recipe(epochs=profile.pick(smoke=1, docs=12, full=20))
record = classifiers.train(classifier, data, recipe)
net = classifier.network.eval()
plotting.curves(record, title="Training on a folder: does validation settle late?")

# %%
# One seed and few images: read the curve for its shape and not for its last digit.
#
# One file
# --------
# What must be in it? Weights alone cannot read a picture. Guess what else is needed.

needed = {
    "model": "resnet8",
    "settings": settings,
    "classes": list(info.classes),
    "size": list(info.size),
    "mean": list(info.mean),
    "std": list(info.std),
}
predict(
    "Somebody gets your weights and a picture. What else do they have to know?",
    ", ".join(needed),
    because="Which network to build, what its answers are called, and how a picture "
    "becomes its input. Forget one, and the model runs and is wrong.",
)

# %%
# Plain values and tensors, nothing else: such a file can be loaded with
# ``weights_only=True``, which runs no code that somebody may have hidden in it.

path = Path(place.name, "by_hand.pt")
torch.save(needed | {"weights": net.state_dict()}, path)
found = torch.load(path, weights_only=True)
again = models.resnet8(
    in_channels=len(found["mean"]),
    num_classes=len(found["classes"]),
    **found["settings"],
)
again.load_state_dict(found["weights"])
again.eval()
print(f"{path.name}: {path.stat().st_size / 1e3:.0f} kB")

# %%
# ``classifiers.Classifier`` keeps the same facts, and writes the file whole or not at
# all, so that a crash leaves no half of a model behind.

classifier.save(Path(place.name, "model.pt"))
loaded = classifiers.Classifier.load(Path(place.name, "model.pt"))
x = data.validation.normalized()
with torch.no_grad():
    assert_close(loaded.network(x), again(x))

# %%
# Judge, once
# -----------
# The loaded model, not the one in memory: what we judge is what we hand out.

judgement = classifiers.judge(loaded, data.test)
print(f"accuracy {judgement.accuracy:.1%} of {judgement.count} held-out images")
bars = {name: 100 * share for name, share in judgement.by_class.items()}
plotting.bars(
    bars,
    title="Class by class: the mean hides how unequal they are",
    xlabel="held-out images read right, %",
)

# %%
# A class with a low bar asks for more pictures of it, or for a look at its labels.
#
# One warning. Where several pictures show the same thing, as patches of one photograph
# do, a random split puts it on both sides and flatters the score. Then make the folders
# ``train`` and ``test`` yourself, with each thing in one of them.
#
# A new picture
# -------------
# Any size, any kind of file. We take a large JPEG of an image that we have, and one that
# is no class at all.

print("new.jpg shows:", files[0].parent.name)
Image.open(files[0]).resize((320, 320)).save(Path(place.name, "new.jpg"))
Image.new("RGB", (64, 64), "white").save(Path(place.name, "empty.png"))
for name in ("new.jpg", "empty.png"):
    [reading] = classifiers.read_images(loaded, [Path(place.name, name)], top=2)
    print(name, {k: f"{v:.0%}" for k, v in reading.shares.items()})

# %%
# The second answer is as firm as it likes, and means nothing: the model has no class
# for "none of them".
#
# Forget the mean
# ---------------
# What does it cost to standardise with other numbers than those of the training?

wrong = data.validation.scaled()  # 0-1, as it comes out of a file
with torch.no_grad():
    right = (loaded.network(x).argmax(1) == data.validation.labels).double().mean()
    off = (loaded.network(wrong).argmax(1) == data.validation.labels).double().mean()
predict(
    "We feed pixels from 0 to 1 as they are. Does the network raise an error?",
    f"no; accuracy goes from {right:.0%} to {off:.0%}",
    because="Shapes fit, so that nothing complains. That is why mean and deviation "
    "belong into the file.",
)

# %%
# Where it breaks
# ---------------
# A file that is no image is named, instead of being left out in silence; so is a class
# without pictures.

(folder / classes[0] / "notes.png").write_text("no image")
with chdir(place.name), expect_error(datasets.DataError):
    datasets.load("folder:pictures")

(folder / classes[0] / "notes.png").unlink()
(folder / "nothing yet").mkdir()
with chdir(place.name), expect_error(datasets.DataError):
    datasets.load("folder:pictures")

place.cleanup()

# %%
# Two commands
# ------------
# The same, without a line of Python:
#
# .. code-block:: sh
#
#     python -m cnn_tutorial train resnet8 --data folder:pictures --out runs/mine
#     python -m cnn_tutorial evaluate runs/mine
#
# The first one shows a line for each epoch, keeps checkpoints, and goes on with
# ``--resume`` when it was stopped. ``predict runs/mine new.jpg`` is the third.
#
# Takeaways
# ---------
# * Folders are labels; alphabetical order makes them the same on every machine.
# * Images are scaled and cut, never squeezed; look at some of them before training.
# * A model file holds weights, network, classes, size, mean and deviation. Without one
#   of them it is a riddle.
# * Judge the file that you hand out, on images that chose nothing.
# * Wrong input of the right shape raises no error. It costs accuracy.
#
# Check yourself
# --------------
# Two things that happen to a folder: its name, and its pictures.

ask("label_of_a_folder")

# %%
# Now one of the pictures:

ask("part_that_is_seen")

# %%
# Exercise
# --------
# Classes and labels from the names of files.


def folder_labels(paths):
    """Return (classes, labels) of paths such as "pets/cat/1.jpg"."""
    raise NotImplementedError


check("folder_labels", folder_labels)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("folder_labels")

# %%
# References
# ----------
# 1. A. Karpathy. *A Recipe for Training Neural Networks.* 2019. "Become one with the
#    data" comes first. `Page <https://karpathy.github.io/2019/04/25/recipe/>`__
# 2. M. Mitchell and others. *Model Cards for Model Reporting.* FAT* 2019. What else to
#    write down about a model. `arXiv:1810.03993 <https://arxiv.org/abs/1810.03993>`__
# 3. ``torchvision.datasets.ImageFolder``, the same convention for folders. `Reference
#    <https://pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html>`__
