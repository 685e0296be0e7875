"""
Learn once, use elsewhere
=========================

A network that has sorted some kinds of clothes has never seen the others. Yet most of
its layers look at edges, cloth and outlines, and those do not belong to any class. We
give it a new task with a handful of labelled images, in three ways: with a frozen
trunk, with all weights free, and from scratch.

You will

* give a trained network a new head, and count what is left to train;
* freeze a trunk, and find the part of it that moves all the same;
* compare three ways at three numbers of labels, over three seeds.

**Before this:** a small ResNet, and batch norm by hand.
"""

import copy
from dataclasses import replace
from itertools import product
from pathlib import Path

import torch
from torch import nn
from torch.testing import assert_close
from torchvision.models import ResNet18_Weights, resnet18

from cnn_tutorial import classifiers, datasets, models, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, clothes = profiles.current(), datasets.for_role("grey")

# %%
# Two tasks from one data set
# ---------------------------
# Which classes shall be new? Who picks them by name can make transfer look as good, or
# as bad, as he likes. So a rule picks them that was fixed before the first run and
# works for any data set: every third class is the new task, the others are the old one.
# It still decides a lot: here shirts are new while pullovers are old, and ankle boots
# are new while sneakers are old. The tasks are related. Clothes against shoes would be
# a harder test, with other results.
#
# Labels must count from 0 again in each task: ``searchsorted`` finds the place of a
# class among the chosen ones.


def task(data, classes):
    names = tuple(data.info.classes[c] for c in classes)
    info = replace(data.info, classes=names)

    def part(split):
        keep = torch.isin(split.labels, classes)
        labels = torch.searchsorted(classes, split.labels[keep])
        return replace(split, images=split.images[keep], labels=labels, info=info)

    parts = part(data.train), part(data.validation), part(data.test)
    return datasets.Dataset(info, *parts)


numbers = torch.arange(clothes.info.num_classes)
third = numbers % 3 == 0
old, new = task(clothes, numbers[~third]), task(clothes, numbers[third])
print("old task:", ", ".join(old.info.classes))
print("new task:", ", ".join(new.info.classes))

# %%
# No image of the second row is ever shown to the network that learns the first. Here
# is what it will be asked about:

few = new.train.sample(12)
plotting.images(
    few.images,
    labels=few.labels,
    classes=new.info.classes,
    columns=4,
    title="The new task: classes that the network has never seen",
)

# %%
# Learn the old task
# ------------------
# The network and the recipe are those of the last lesson, at half the width.

training.seed_everything(0)
small = {"width": 8}
classifier = classifiers.Classifier.create("resnet8", old.info, settings=small)
recipe = classifiers.Recipe(epochs=profile.pick(smoke=1, docs=2, full=8))
record = classifiers.train(classifier, old, recipe)
trained = classifier.network.eval()
print(f"old task, validation: {record.curves['validation_accuracy'][-1]:.1%}")

# %%
# A new head
# ----------
# The last layer scores the old classes. Everything before it turns an image into a
# short list of numbers, its *features*; we call that part the trunk. A new task needs
# a new head on the old trunk.


def with_new_head(network, classes, seed):
    torch.manual_seed(seed)
    network = copy.deepcopy(network)
    network.head = nn.Linear(network.head.in_features, classes)
    return network


net = with_new_head(trained, new.info.num_classes, seed=0)
in_head = sum(p.numel() for p in net.head.parameters())
predict(
    "The head reads 32 features. How many numbers has it for the new task, and how "
    "many has the trunk?",
    f"{in_head} and {sum(p.numel() for p in net.parameters()) - in_head:,}",
    because=f"32 weights and a bias for each of {new.info.num_classes} classes; "
    "the trunk has all the rest.",
)

# %%
# Loading the old weights into a network with another head fails, and ``strict=False``
# does not help: it forgives missing names, not other shapes. Leave the head's entries
# out, and ask what is missing.

small["in_channels"] = clothes.info.channels
target = models.resnet8(num_classes=new.info.num_classes, **small)
with expect_error(RuntimeError) as caught:
    target.load_state_dict(trained.state_dict(), strict=False)
print(str(caught.error).splitlines()[1].strip())

trunk = {k: v for k, v in trained.state_dict().items() if not k.startswith("head.")}
missing = target.load_state_dict(trunk, strict=False).missing_keys
assert missing == ["head.weight", "head.bias"]

# %%
# Frozen is not still
# -------------------
# A frozen parameter gets no gradient, and no optimiser moves it. Is the trunk then as
# it was? We freeze all of it and show it some images in training mode.

for name, parameter in net.named_parameters():
    parameter.requires_grad_(name.startswith("head."))
before = copy.deepcopy(net.state_dict())
net.train()(few.normalized())
moved = [k for k, v in net.state_dict().items() if not torch.equal(v, before[k])]
predict(
    "All parameters of the trunk are frozen and no step was taken. Which of its "
    "tensors changed?",
    ", ".join(sorted({name.rpartition(".")[2] for name in moved})),
    because="Batch norm updates its running statistics in every forward pass in "
    "training mode. They are buffers, not parameters; `requires_grad` is not theirs.",
)

# %%
# A frozen trunk therefore belongs in ``eval`` mode. And if nothing in it moves, an
# image has the same features in every epoch: we may compute them once and train the
# head alone, which is one linear layer.


@torch.no_grad()
def features(network, images):
    trunk = copy.deepcopy(network).eval()
    trunk.head = nn.Identity()
    return trunk(images)


net = net.eval()
x = few.normalized()
with torch.no_grad():
    assert_close(net.head(features(net, x)), net(x))
print(tuple(x.shape), "->", tuple(features(net, x).shape))

# %%
# Three ways
# ----------
# One function adapts any model to a few samples, a random batch of them at each step.
# For the frozen trunk the samples are features and the model is a head; for the others
# they are images, and the model is the whole network.


def adapt(model, samples, labels, rate, steps):
    optimizer = torch.optim.SGD(model.parameters(), rate, momentum=0.9)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, steps)
    model.train()
    for _ in range(steps):
        chosen = torch.randint(len(labels), (16,))
        loss = nn.functional.cross_entropy(model(samples[chosen]), labels[chosen])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
    return model.eval()


@torch.no_grad()
def accuracy(model, samples, labels):
    right = model(samples).argmax(1) == labels
    return right.double().mean().item()


# %%
# Rates were chosen on validation images of the new task, one for each way, in runs that
# were a little longer. A seed chooses the labelled images, the first head, and the
# batches.

steps = profile.pick(smoke=2, docs=30, full=100)
shots = profile.pick(smoke=[2], docs=[2, 8, 32], full=[2, 8, 32])
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2, 3, 4])
classes = new.info.num_classes
test_images, test_labels = new.test.normalized(), new.test.labels
test_features = features(trained, test_images)
ways = ("frozen", "all free", "from scratch")
scores = {way: torch.zeros(len(seeds), len(shots)) for way in ways}
for (i, seed), (j, shot) in product(enumerate(seeds), enumerate(shots)):
    labelled = new.train.sample(min(shot * classes, len(new.train)), seed=seed)
    images, labels = labelled.normalized(), labelled.labels
    frozen, free = (with_new_head(trained, classes, seed) for _ in range(2))
    blank = models.resnet8(num_classes=classes, **small)
    head = adapt(frozen.head, features(frozen, images), labels, 0.3, steps)
    scores["frozen"][i, j] = accuracy(head, test_features, test_labels)
    for way, model in {"all free": free, "from scratch": blank}.items():
        adapt(model, images, labels, 0.1, steps)
        scores[way][i, j] = accuracy(model, test_images, test_labels)

# %%
# Three lines with their bands from the worst to the best seed. Look at the left end
# first: who can work with two images of a class?

plotting.lines(
    shots,
    {way: 100 * found for way, found in scores.items()},
    title="Held-out accuracy on the new task: what a trained trunk is worth",
    xlabel="labelled images of each class",
    ylabel="accuracy, %",
    log="x",
)

# %%
# The same in numbers, with a verdict that is read from them and not from hopes:

for j, shot in enumerate(shots):
    means = {way: found[:, j].mean().item() for way, found in scores.items()}
    best, second, _ = sorted(means, key=means.get, reverse=True)
    apart = scores[best][:, j].min() > scores[second][:, j].max()
    line = ", ".join(f"{way} {mean:.1%}" for way, mean in means.items())
    print(f"{shot:3} a class: {line}: {best}", "wins" if apart else "leads, bands meet")

# %%
# And the old task? We put the old head back onto the trunk that was free to move.

free.head = copy.deepcopy(trained.head)
held = old.validation
kept = [accuracy(n, held.normalized(), held.labels) for n in (trained, free)]
predict(
    "A network was trained on the new task with all weights free. Does the old head "
    "still work on its trunk? And on a frozen trunk?",
    f"accuracy on the old task: {kept[1]:.0%} after {kept[0]:.0%}",
    because="Nothing held the old task in place while the trunk moved. A frozen trunk "
    "serves both heads, and the old one as well as ever.",
)

# %%
# Weights from elsewhere
# ----------------------
# ImageNet's trunks know a thousand classes. torchvision brings the networks; their
# weights are a download that this page does not make. If they are on your disk, the
# same function gets their features, and a linear head learns from those.

known = ResNet18_Weights.IMAGENET1K_V1
file = Path(torch.hub.get_dir(), "checkpoints", Path(known.url).name)
if file.exists():
    big = resnet18()
    big.load_state_dict(torch.load(file, weights_only=True))
    big.fc = nn.Identity()
    show = known.transforms(crop_size=64, resize_size=64)
    part = new.test.sample(min(300, len(new.test)))
    colour = [show(each.images.expand(-1, 3, -1, -1)) for each in (labelled, part)]
    seen, unseen = (features(big, images) for images in colour)
    head = adapt(nn.Linear(512, classes), seen, labelled.labels, 0.01, steps)
    print(f"ImageNet's trunk, frozen: {accuracy(head, unseen, part.labels):.1%}")
else:
    print(f"{file.name} is not on this disk: this part did not run.")

# %%
# In the library
# --------------
# A recipe of the package makes an optimiser that leaves out what is frozen. Of ``net``,
# whose trunk we froze above, the head alone remains:

[group] = recipe.optimizer(net).param_groups
assert group["params"] == [net.head.weight, net.head.bias]

# %%
# Takeaways
# ---------
# * A trunk is a function from images to features; a head is a small layer for one task.
# * Frozen parameters do not make a still network: batch norm remembers what it sees
#   unless the trunk is in ``eval`` mode.
# * A still trunk needs one pass over the images, and then the head trains in no time.
# * What a trained trunk is worth depends on the labels you have and on how much the old
#   task shares with the new one. The figure says it for these two, with its spread.
# * Whatever moves the trunk moves it away from the old task.
#
# Check yourself
# --------------
# Frozen, or still? Look at the mode, too.

ask("moved_by_training")

# %%
# Exercise
# --------
# Freeze a model, all but one of its parts.


def freeze_all_but(model, part):
    """Freeze all parameters outside `part`, a module; return how many numbers train."""
    raise NotImplementedError


check("freeze_all_but", freeze_all_but)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("freeze_all_but")

# %%
# References
# ----------
# 1. J. Yosinski, J. Clune, Y. Bengio, H. Lipson. *How transferable are features in deep
#    neural networks?* NIPS 2014. `arXiv:1411.1792 <https://arxiv.org/abs/1411.1792>`__
# 2. S. Kornblith, J. Shlens, Q. V. Le. *Do Better ImageNet Models Transfer Better?*
#    CVPR 2019. `arXiv:1805.08974 <https://arxiv.org/abs/1805.08974>`__
# 3. M. McCloskey, N. J. Cohen. *Catastrophic Interference in Connectionist Networks.*
#    Psychology of Learning and Motivation 24, 1989.
