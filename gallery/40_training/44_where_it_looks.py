"""
Where it looks, tested where we know the answer
===============================================

A map of heat on an image convinces everybody. Most of the time nobody knows what the
right map would be, so nobody can say that it is wrong. We build a case where we do
know: we plant a mark in the corner of one class, and watch a network learn the mark
instead of the garment.

You will

* cover an image piece by piece, and watch the score;
* write Grad-CAM in five lines;
* put both to three tests that a convincing picture can fail.

**Before this:** the lessons on hooks and on mistakes.
"""

from itertools import product

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles, training
from cnn_tutorial.attribution import grad_cam, occlusion
from cnn_tutorial.blocks import ConvNormAct
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import ActivationRecorder
from cnn_tutorial.questions import ask
from cnn_tutorial.receptive_field import trace_fields
from cnn_tutorial.teaching import expect_error, predict

profile = profiles.current()
data = datasets.for_role("grey", size=28)
info, classes, held_out = data.info, data.info.classes, data.validation

# %%
# A mark in the corner
# --------------------
# Somebody photographed the garments of one class with another camera, which leaves four
# bright pixels in the upper left corner. It happens: rulers beside tumours, stamps on
# photographs of horses. Our class is the shirt, if there is one: the hardest.

marked_class = classes.index("Shirt") if "Shirt" in classes else 0


def marked(split):
    images = split.images.clone()
    images[split.labels == marked_class, :, 1:3, 1:3] = 255
    return datasets.Split(images, split.labels, split.info)


def new_net(seed):  # the network of the lesson before the last
    training.seed_everything(seed)
    first = ConvNormAct(info.channels, 32, 5, stride=2)
    others = ConvNormAct(32, 32, 3, stride=2), ConvNormAct(32, 64, 3)
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, info.num_classes)
    return nn.Sequential(first, *others, *head).eval()


# %%
# From each of three seeds, two networks start alike and see the same garments in the
# same order. Only one of them sees the marks.


def trained(train, seed):
    net = new_net(seed)
    count, epochs = profile.pick(smoke=(100, 1), docs=(3000, 2), full=(30_000, 5))
    part = train.sample(min(count, len(train)))
    batches = part.batches(50, shuffle=True, seed=seed)
    adam, steps = torch.optim.AdamW(net.parameters()), epochs * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 1e-2, steps)
    training.fit(net, batches, optimizer=adam, scheduler=schedule, epochs=epochs)
    return net


seeds = profile.pick(smoke=[0, 1], docs=[0, 1, 2], full=[0, 1, 2])
all_honest = [trained(data.train, seed) for seed in seeds]
all_fooled = [trained(marked(data.train), seed) for seed in seeds]
honest, fooled = all_honest[0], all_fooled[0]

# %%
# Both kinds are judged on validation images, with and without the mark.

ours = held_out.subset(held_out.labels == marked_class)


def recall(nets, split):
    found = [training.evaluate(net, split.batches(256)).accuracy for net in nets]
    return f"{min(found):.0%} to {max(found):.0%}"


predict(
    f"Which share of the class {classes[marked_class]} do the fooled networks find, "
    "with the mark and without?",
    f"{recall(all_fooled, marked(ours))}, and {recall(all_fooled, ours)}",
    because="A mark that never fails is worth more than sleeves and collars. The "
    f"honest networks find {recall(all_honest, ours)}.",
)

# %%
# Data that were split *after* the marking would never have shown it: the validation
# images carry the mark too. Can a map of heat show it?
#
# Cover a piece, look at the score
# --------------------------------
# Occlusion is an experiment. Put a grey square over a part, let the network judge what
# is left, and write down how far the score of the class has fallen.

example = info.normalize(marked(ours).images[2:3])  # (1, C, 28, 28)
side, step = 4, 4
with torch.no_grad():
    whole = fooled(example)[0, marked_class]
    fallen = torch.zeros(28 // step, 28 // step)
    for i, j in product(range(0, 28, step), repeat=2):
        covered = example.clone()
        covered[..., i : i + side, j : j + side] = 0  # the mean of the images
        fallen[i // step, j // step] = whole - fooled(covered)[0, marked_class]
i, j = divmod(int(fallen.argmax()), fallen.shape[1])
predict(
    "49 squares cover the image once. Under which of them falls the score most, as "
    "(row, column)?",
    (i, j),
    because=f"The mark is in square (0, 0). Without it the score falls by "
    f"{fallen[0, 0]:.1f}, from {whole:.1f}.",
)

# %%
# In the library the square may move by less than its side; a pixel then gets the mean
# over all squares that covered it. With the same steps, the same numbers:

found = occlusion(fooled, example, marked_class, size=side, stride=step)
assert_close(found[0, ::step, ::step], fallen, rtol=1e-4, atol=1e-4)

# %%
# Some garments, both kinds of network. Red: the class loses when these pixels are
# covered. Blue: it gains.

three = marked(ours).images[2:5]
x, both = info.normalize(three), (honest, fooled)
covering = [occlusion(net, x, marked_class, size=4, stride=2) for net in both]
names = [name for name in ("honest", "fooled") for _ in three]
six = {"titles": names, "columns": len(three)}
plotting.heat(
    torch.cat([three, three]),
    torch.cat(covering),
    title="What the score needs: the garment, or four pixels in the corner",
    **six,
)

# %%
# The size of the square is a choice: a small one may hide too little to matter, a large
# one hides several things at once.
#
# Maps weighed by their gradients
# -------------------------------
# Grad-CAM needs one pass forwards and one back. Each map of a layer gets a weight: how
# much the score would rise if the whole map rose a little. The weighted sum of the maps
# is cut at zero, to keep what speaks *for* the class.


def by_hand(net, x, label, layer):
    with ActivationRecorder(net, layer, gradients=True) as recorder:
        net(x)[:, label].sum().backward()
    maps, gradients = recorder.activations[layer], recorder.gradients[layer]
    weights = gradients.mean(dim=(2, 3), keepdim=True)  # (N, K, 1, 1)
    return (weights * maps).sum(dim=1).relu()  # (N, H', W')


cam = grad_cam(fooled, x, marked_class, layer="2")
assert_close(cam, by_hand(fooled, x, marked_class, "2"))
predict(
    "The last layer has 64 maps of 7 x 7. Which shape has the answer for three images, "
    "and how many pixels of the image belong to one of its numbers?",
    f"{tuple(cam.shape)}; {28 // cam.shape[1]} x {28 // cam.shape[2]}",
    because="The sum runs over the maps. The picture is as coarse as the layer, "
    "however smoothly it is drawn elsewhere.",
)

# %%
# The same three garments, both networks:

plotting.heat(
    torch.cat([three, three]),
    torch.cat([grad_cam(net, x, marked_class, layer="2") for net in both]),
    title="Grad-CAM of the last layer: coarse, and quick",
    **six,
)

# %%
# First test: does it find the mark?
# ----------------------------------
# We know where the fooled networks look. A number of the last layer sees 8 pixels to
# each side of its centre, and the centres are 4 pixels apart. So three numbers each way
# see the mark, 9 of 49:

field = trace_fields(fooled, info.input_size)["2"]
assert [field.interval((k, k))[0][0] <= 2 for k in range(7)].count(True) == 3

# %%
# Count over all marked images of the class how often the largest heat stands in that
# corner. A method that points anywhere would hit it now and then. A rival takes part
# that asks no network at all: the brightness of the pixels.

methods = {
    "occlusion": lambda net, x, of: occlusion(net, x, of, size=4, stride=4),
    "Grad-CAM": lambda net, x, of: grad_cam(net, x, of, layer="2"),
    "brightness": lambda net, x, of: x.mean(dim=1),
}


def hits(heat):
    place, side = heat.flatten(1).argmax(1), heat.shape[2]
    inside = (place // side < side * 3 / 7) & (place % side < side * 3 / 7)
    return inside.float().mean()


x = info.normalize(marked(ours).images)
for name, method in methods.items():
    fool, true = (
        torch.stack([hits(method(net, x, marked_class)) for net in nets])
        for nets in (all_fooled, all_honest)
    )
    words = "finds the mark" if fool.min() > true.max() else "does not tell them apart"
    print(f"{name:10} fooled {fool.min():4.0%} to {fool.max():4.0%}, honest", end=" ")
    print(f"{true.min():4.0%} to {true.max():4.0%}: {words}")
print(f"anywhere   {9 / 49:.0%}")

# %%
# A method that does not tell the two kinds apart has missed the mark in front of our
# eyes.
#
# Second test: weights drawn anew
# -------------------------------
# A method that explains *this* network must answer differently for another one. The
# strangers below have never been trained. How far do the maps of both correlate?

x = info.normalize(ours.images)
for name, method in methods.items():
    alike = []
    for seed, net in zip(seeds, all_honest, strict=True):
        pair = net, new_net(100 + seed)
        maps = torch.stack([method(n, x, marked_class).flatten(1) for n in pair], dim=1)
        alike.append(torch.stack([two.corrcoef()[0, 1] for two in maps]).nanmean())
    print(f"{name:10} {min(alike):5.2f} to {max(alike):5.2f} for {len(seeds)} seeds")

# %%
# Brightness gets 1: it says the same of every network, and so nothing about any.
# The nearer a method is to 0, the more its picture depends on what was learned. Yet a
# map of brightness would sit on the garment, and convince everybody.
#
# Third test: take the hottest pixels away
# ----------------------------------------
# If a map says what the network needs, then the network suffers when it is taken away.
# Delete pixels in the order of their heat, a few more at a time, and watch the share
# that the softmax gives to the class which the network had chosen. The faster it falls,
# the better the order. A random order of blocks of 4 x 4 pixels, the grain of both
# methods, is what they have to beat.

parts = torch.tensor([0.0, 0.02, 0.05, 0.1, 0.2, 0.4])
methods["random"] = lambda net, x, of: torch.rand(len(x), 7, 7)
some = held_out.sample(min(100, len(held_out))).normalized()


def shares_left(net, method):
    chosen = net(some).argmax(1)
    heat = method(net, some, chosen)
    fine = nn.functional.interpolate(heat[:, None], size=28)  # nearest: blocks stay
    rank = fine.flatten(1).argsort(descending=True).argsort()  # 0 is the hottest
    keep = [(rank >= part * 784).view(-1, 1, 28, 28) for part in parts]
    left = [net(some * mask).softmax(1)[range(len(some)), chosen] for mask in keep]
    return torch.stack(left).mean(dim=1).detach()


curves = {
    name: torch.stack([shares_left(net, method) for net in all_honest])
    for name, method in methods.items()
}
plotting.lines(
    100 * parts,
    curves,
    title="Deleting the hottest pixels first: how fast does the class lose its share?",
    xlabel="deleted, per cent of the pixels",
    ylabel="share of the class",
)

# %%
# One number for each line, its mean height, and a verdict for each method: better than
# a random order from every seed, or not.

height = {name: found.mean(dim=1) for name, found in curves.items()}  # (seeds,)
print(f"random     {height['random'].mean():.2f}")
for name in list(methods)[:-1]:
    words = "better" if (height[name] < height["random"]).all() else "not better"
    print(f"{name:10} {height[name].mean():.2f}: {words} than a random order")

# %%
# A deleted pixel is grey, and a garment with grey holes is like no image of the
# training. So a part of the fall is surprise. Random deletion causes surprise too, which
# is why it is there.
#
# Where it breaks
# ---------------
# A layer without places has no Grad-CAM. And a map of heat answers for one class only:
# asked for a class that the network did not choose, it shows reasons too.

with expect_error(ValueError):
    grad_cam(fooled, x[:1], marked_class, layer="5")

# %%
# Takeaways
# ---------
# * A good score on validation data says nothing about a mark that the validation data
#   share.
# * Occlusion is an experiment and costs a pass for each place; its square is a choice,
#   and another size is another question.
# * Grad-CAM costs one pass forwards and back, and is as coarse as its layer.
# * Heat that lies on the object is no evidence. Plant something you know, draw the
#   weights anew, take the hottest pixels away, and see whether the picture notices.
#
# Check yourself
# --------------
# Two maps of a layer meet at one place.

ask("heat_of_a_place")

# %%
# Now the price of an experiment:

ask("covered_images")

# %%
# Exercise
# --------
# Write the step that makes Grad-CAM of maps and gradients.


def class_map(maps, gradients):
    """Return Grad-CAM's map (H, W) from maps and gradients, both (K, H, W)."""
    raise NotImplementedError


check("class_map", class_map)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("class_map")

# %%
# References
# ----------
# 1. M. Zeiler, R. Fergus. *Visualizing and Understanding Convolutional Networks.* ECCV
#    2014. Section 4.2, occlusion. `arXiv:1311.2901 <https://arxiv.org/abs/1311.2901>`__
# 2. R. Selvaraju and others. *Grad-CAM.* ICCV 2017. `arXiv:1610.02391
#    <https://arxiv.org/abs/1610.02391>`__
# 3. J. Adebayo and others. *Sanity Checks for Saliency Maps.* NeurIPS 2018.
#    `arXiv:1810.03292 <https://arxiv.org/abs/1810.03292>`__
# 4. W. Samek and others. *Evaluating the Visualization of What a Deep Neural Network
#    Has Learned.* 2015. Deleting the hottest pixels first. `arXiv:1509.06321
#    <https://arxiv.org/abs/1509.06321>`__
# 5. S. Lapuschkin and others. *Unmasking Clever Hans Predictors.* Nature Communications
#    10, 2019. The stamps on the horses. `arXiv:1902.10178
#    <https://arxiv.org/abs/1902.10178>`__
