"""
How to improve a model: diagnose first, then treat
==================================================

The score is too low. What now? More layers, says one; dropout, says another; more data,
says everybody. Half of these remedies make a given patient worse. Two numbers tell
which half: the accuracy on images that taught, and the accuracy on images that did not.
We take one weak network through a list of decisions, and keep only what measurably
helps it.

You will

* tell a network that cannot learn from one that learns by heart;
* try normalisation, augmentation, regularisation, transfer and other architectures, in
  the order in which the diagnosis asks for them;
* decide by validation images from three seeds, and look at the test once.

**Before this:** the lesson on ablations.
"""

from dataclasses import replace
from types import SimpleNamespace

import torch
from torch.testing import assert_close

from cnn_tutorial import datasets, experiments, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile = profiles.current()
seeds = profile.pick(smoke=[0, 1], docs=[0, 1, 2], full=[0, 1, 2])
threads = torch.get_num_threads()
torch.set_num_threads(1)  # put back at the end: on small batches threads only wait
grey = datasets.for_role("grey").limited(profile.pick(smoke=60, docs=200, full=3000))
print(f"{grey.info.title}, a small part of it: {grey.info.splits}")

# %%
# The patient
# -----------
# A small network, without norms, trained by plain steps on few images: what one writes
# on the first afternoon. A trial is a recipe, carried out from each seed. Training
# accuracy is measured *after* training, on the images as they are; the number that the
# loop reports on the way is older, and augmentation makes it smaller.

first = experiments.Recipe(
    data="fashion-sample",
    epochs=profile.pick(smoke=1, docs=6, full=14),
    batch_size=20,
    lr=0.05,
    weight_decay=0.0,
    schedule="constant",
    model={"width": 8, "norm": False},
)
build = experiments.get_experiment("leave-one-out").build


def trial(recipe, build):
    return [experiments.train(recipe, build, seed, data=grey) for seed in seeds]


def with_model(**settings):
    return replace(now.recipe, model={**now.recipe.model, **settings})


def mean(runs, name):
    return 100 * torch.tensor([getattr(run, name) for run in runs]).mean().item()


now = SimpleNamespace(recipe=first, build=build, runs=trial(first, build))
image = grey.test.normalized()[:1]
print(f"scores for one image: {tuple(now.runs[0].net(image).shape)}")

# %%
# Before you look: three possibilities, and each one asks for something else.

plotting.curves(
    now.runs, title="The patient: can it learn the images that it is taught?"
)

# %%
# The diagnosis
# -------------
# Ask in this order. Is the goal reached on *validation* images? Then stop. Is it
# reached at least on *training* images? If not, the network cannot even repeat what it
# was told, and nothing that makes learning harder can help. If it is, the rest is a
# *gap*: it has learned by heart what does not carry over.

goal = 60  # percent


def diagnose(taught, validated, goal):
    if validated >= goal:
        return "done"
    if taught < goal:
        return "underfits: normalise, better steps, longer, a larger network"
    return "overfits: augment, regularise, transfer, more images"


def report(name, runs):
    taught, validated = mean(runs, "train_accuracy"), mean(runs, "validation_accuracy")
    print(f"{name:12} training {taught:.1f} %, validation {validated:.1f} %,", end=" ")
    print(f"gap {taught - validated:+.1f}\n{'':12} {diagnose(taught, validated, goal)}")


report("the patient", now.runs)
predict(
    "A friend has 99 % on training images and 55 % on validation images, and asks "
    "whether to double the width. What does the list say?",
    diagnose(99, 55, goal),
    because="There is nothing left to learn on the training images. A wider network "
    "learns them by heart sooner. (Wider networks do help now and then, for other "
    "reasons; but look at the gap first.)",
)

# %%
# To decide is less than to claim: here a step is kept if it gains more, seed by seed,
# than the standard error of that gain. What gains less is left out, since the simpler
# recipe is easier to run, to explain, and to repair.

kept = {"the patient": now.runs}


def consider(name, recipe, build=None):
    tried = trial(recipe, build or now.build)
    report(name, tried)
    pairs = zip(now.runs, tried, strict=True)
    gain = torch.tensor(
        [b.validation_accuracy - a.validation_accuracy for a, b in pairs]
    )
    error = gain.std() / len(gain) ** 0.5
    keep = bool(gain.mean() > error)
    print(f"{'':12} gain {100 * gain.mean():+.1f} +- {100 * error:.1f}:", end=" ")
    print("kept" if keep else "left out")
    if keep:
        now.recipe, now.build, now.runs = recipe, build or now.build, tried
        kept[name] = tried


# %%
# Step 1: let it learn
# --------------------
# Batch norm, and a learning rate that rises and falls.

consider("batch norm", with_model(norm=True))
consider("one cycle", replace(now.recipe, schedule="one-cycle", lr=0.2))
print("now:", now.recipe.schedule, now.recipe.model)

# %%
# Compare the curves with those of the patient.

plotting.curves(
    {"the patient": kept["the patient"], "now": now.runs},
    title="After the first steps: training dashed, validation solid",
)

# %%
# Step 2: close the gap
# ---------------------
# If the dashed line has run away from the solid one, the network learns by heart. Make
# that harder. *Augment*: a garment that is mirrored, or moved by a pixel, is the same
# garment. *Regularise*: smaller weights, softer targets, features left out at random.

sample = grey.train.images[:1].expand(8, -1, -1, -1)
changed = datasets.RandomCrop(2)(
    datasets.RandomFlip()(sample, g := torch.Generator()), g
)
predict(
    "Eight random crops and flips of one image. Which shape, and how many new labels?",
    f"{tuple(changed.shape)}, no new label",
    because="The size stays and so does the label: that the label stays is the claim "
    "that an augmentation makes. For a digit, a flip would break it.",
)

# %%
# Each one alone, on top of what was kept so far:

consider("flip, crop", replace(now.recipe, flip=True, crop=1))
consider("smoothing", replace(now.recipe, label_smoothing=0.1))
consider("dropout 0.2", with_model(dropout=0.2))

# %%
# Weight decay works in the same direction; it belongs to the same step. A remedy that
# was left out is not a bad remedy. This patient, with this little training, could not
# use it.
#
# Step 3: borrow
# --------------
# Few images, but other images are at hand: handwritten digits. A network that has
# learned to read has learned about strokes and corners. Take over all but the head, and
# go on from there.

count = profile.pick(smoke=60, docs=200, full=6000)
digits = datasets.for_role("digits").limited(count)
reader = experiments.train(now.recipe, build, 0, data=digits).net.state_dict()


def pretrained(recipe, info):
    net = build(recipe, info)
    own = net.state_dict()
    head = list(own)[-2:]  # weight and bias of the last layer
    own |= {
        name: value
        for name, value in reader.items()
        if name in own and name not in head and value.shape == own[name].shape
    }
    net.load_state_dict(own)
    return net


consider("transfer", now.recipe, pretrained)

# %%
# What was taken over is what the reader had. We check it on the first kernels:

assert_close(pretrained(now.recipe, grey.info)[0][0].weight, reader["0.0.weight"])

# %%
# Step 4: another architecture
# ----------------------------
# Last, because it is the most work and the least certain. Where the list already says
# "done", one would stop; we go on, to have seen this step too. The stages of our network
# may be made of residual blocks (ResNet), of depthwise and pointwise convolutions
# (MobileNet), or of grouped ones with the channels dealt anew in between (ShuffleNet).

numbers = {}
for block in ("plain", "residual", "separable", "shuffled"):
    net = build(with_model(block=block), grey.info)
    numbers[block] = sum(p.numel() for p in net.parameters())
predict(
    "Order the four by their number of parameters.",
    " < ".join(
        f"{name} {n:,}" for name, n in sorted(numbers.items(), key=lambda x: x[1])
    ),
    because="A 3 x 3 convolution from C to 2C channels has 18 C^2 weights. Split into "
    "9 C and 2 C^2 it has a few; a residual block has two of them and a shortcut.",
)

# %%
# Fewer parameters, or a shortcut past each block: does either help *this* network?

for block in ("residual", "separable", "shuffled"):
    consider(block, with_model(block=block))

# %%
# The way so far
# --------------
# Every step that was kept, with a ring for each seed:

plotting.bars(
    {
        name: [100 * run.validation_accuracy for run in found]
        for name, found in kept.items()
    },
    title="What was kept, in order: validation accuracy",
    xlabel="percent of the validation images",
)

# %%
# Where it breaks
# ---------------
# We looked at the validation images ten times, and kept what they liked. So the
# last bar flatters us a little, as every winner does. The test images have not been
# looked at to decide anything:

for name in ("the patient", list(kept)[-1]):
    found = kept[name]
    chosen, tested = mean(found, "validation_accuracy"), mean(found, "test_accuracy")
    print(f"{name:12} validation {chosen:.1f} %, test {tested:.1f} %")
words = ["missed", "reached"]
print(f"the goal of {goal} %: {words[chosen >= goal]} on validation images,", end=" ")
print(f"{words[tested >= goal]} on test images")
one = training.evaluate(now.runs[0].net, grey.test.batches(500))
assert_close(one.accuracy, now.runs[0].test_accuracy)

# %%
# The same list on another patient gives other answers. With all the images instead of
# these few, the gap is smaller to begin with, and the list will send you back to the
# first step: longer training, a larger network.
#
# Takeaways
# ---------
# * Two numbers, training and validation accuracy, choose the remedy; the score alone
#   does not.
# * Let it learn first, then close the gap, then borrow, then rebuild.
# * One change at a time, from several seeds, kept only if it gains more than the
#   standard error of that gain.
# * Whoever chooses by validation reports the test, once.
#
# Check yourself
# --------------
# A friend's network, described by two numbers and a goal.

ask("next_remedy")

# %%
# Exercise
# --------
# The simplest regulariser is to stop in time. Go through a validation curve as training
# would, and return the epoch whose network you keep.


def stopping_epoch(curve, patience):
    """Return the epoch (from 1) of the best value when `patience` others did not help.

    Training ends as soon as `patience` epochs in a row have not beaten the best value;
    what would come after it is not known.
    """
    raise NotImplementedError


check("stopping_epoch", stopping_epoch)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

torch.set_num_threads(threads)
plotting.show()
solution("stopping_epoch")

# %%
# References
# ----------
# 1. A. Karpathy. *A Recipe for Training Neural Networks.* 2019. "Overfit, regularize,
#    tune": the same order. `Page <https://karpathy.github.io/2019/04/25/recipe/>`__
# 2. A. Howard and others. *MobileNets.* 2017. `arXiv:1704.04861
#    <https://arxiv.org/abs/1704.04861>`__
# 3. X. Zhang and others. *ShuffleNet.* CVPR 2018. `arXiv:1707.01083
#    <https://arxiv.org/abs/1707.01083>`__
# 4. L. Prechelt. *Early Stopping, But When?* In: Neural Networks: Tricks of the Trade,
#    1998.
