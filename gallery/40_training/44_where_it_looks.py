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
* put both to two tests that a convincing picture can fail.

**Before this:** the lessons on hooks and on mistakes.
"""

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles, training
from cnn_tutorial.attribution import grad_cam, occlusion
from cnn_tutorial.blocks import ConvNormAct
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import ActivationRecorder
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


def new_net(seed):
    training.seed_everything(seed)
    return nn.Sequential(
        ConvNormAct(info.channels, 32, 5, stride=2),
        ConvNormAct(32, 32, 3, stride=2),
        ConvNormAct(32, 64, 3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, info.num_classes),
    ).eval()


# %%
# The network that we know from the lesson on filters. Two of them start alike and see
# the same garments in the same order; only one sees the marks.


def trained(train):
    net = new_net(seed=0)
    count, epochs = profile.pick(smoke=(100, 1), docs=(4000, 4), full=(30_000, 5))
    part = train.sample(min(count, len(train)))
    batches = part.batches(64, shuffle=True)
    adam, steps = torch.optim.AdamW(net.parameters()), epochs * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 1e-2, steps)
    training.fit(net, batches, optimizer=adam, scheduler=schedule, epochs=epochs)
    return net


honest, fooled = trained(data.train), trained(marked(data.train))

# %%
# Both are judged on validation images, with and without the mark.

ours = held_out.subset(held_out.labels == marked_class)
recall = {
    (name, what): training.evaluate(net, split.batches(256)).accuracy
    for name, net in {"honest": honest, "fooled": fooled}.items()
    for what, split in {"as they are": ours, "with the mark": marked(ours)}.items()
}
predict(
    f"Which share of the class {classes[marked_class]} does the fooled network find, "
    "with the mark and without?",
    f"{recall['fooled', 'with the mark']:.0%}, {recall['fooled', 'as they are']:.0%}",
    because="A mark that never fails is worth more than sleeves and collars. The "
    f"honest network finds {recall['honest', 'as they are']:.0%}.",
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
    for i in range(0, 28, step):
        for j in range(0, 28, step):
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
# Some garments, both networks. Red: the class loses when these pixels are covered.
# Blue: it gains.

three = marked(ours).images[2:5]
x = info.normalize(three)
plotting.heat(
    torch.cat([three, three]),
    torch.cat(
        [occlusion(n, x, marked_class, size=4, stride=2) for n in (honest, fooled)]
    ),
    titles=["honest"] * len(three) + ["fooled"] * len(three),
    columns=len(three),
    title="What the score needs: the garment, or four pixels in the corner",
)

# %%
# Turn one knob: the size of the square. A small one may hide too little to matter, a
# large one hides several things at once.

sizes = (2, 4, 8, 12)
maps = torch.cat(
    [occlusion(fooled, x[:1], marked_class, size=s, stride=2) for s in sizes]
)
plotting.heat(
    three[:1].repeat(4, 1, 1, 1),
    maps,
    titles=[f"{s} x {s} pixels" for s in sizes],
    columns=2,
    title="One image, one network, four sizes of the square",
)

# %%
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
    torch.cat([grad_cam(n, x, marked_class, layer="2") for n in (honest, fooled)]),
    titles=["honest"] * len(three) + ["fooled"] * len(three),
    columns=len(three),
    title="Grad-CAM of the last layer: coarse, and quick",
)

# %%
# First test: does it find the mark?
# ----------------------------------
# We know where the fooled network looks. Of the 7 x 7 numbers of its last layer, those
# whose receptive field holds the mark stand in the upper left corner:

field = trace_fields(fooled, info.input_size)["2"]
reach = [k for k in range(7) if field.interval((k, k))[0][0] <= 2]
predict(
    "The field is 17 pixels wide; the first centre is pixel 0, the next 4 pixels on. "
    "How many of the 49 numbers see pixel 2?",
    len(reach) ** 2,
    because="Number k sees 8 pixels to each side of pixel 4 k: it sees pixel 2 where "
    f"4 k - 8 is at most 2, for k = {', '.join(map(str, reach))}, each way.",
)

# %%
# So count over all marked images of the class how often the largest heat stands there.
# A method that points anywhere would hit this corner now and then.

x = info.normalize(marked(ours).images)
methods = {
    "occlusion": lambda net: occlusion(net, x, marked_class, size=4, stride=4),
    "Grad-CAM": lambda net: grad_cam(net, x, marked_class, layer="2"),
}
corner = len(reach) / 7
for name, method in methods.items():
    shares = []
    for net in (fooled, honest):
        heat = method(net)  # (N, h, w)
        place = heat.flatten(1).argmax(1)
        row, column = place // heat.shape[2], place % heat.shape[2]
        edge = corner * heat.shape[1]
        shares.append(((row < edge) & (column < edge)).float().mean())
    print(f"{name:10} fooled network {shares[0]:4.0%}, honest network {shares[1]:4.0%}")
print(f"anywhere   {corner**2:.0%}")

# %%
# The fooled network's share should be near 100 %, the other's far below. Where it is
# not, the method would have missed the mark in front of our eyes.
#
# Second test: weights drawn anew
# -------------------------------
# A method that explains *this* network must answer differently for another one. The
# stranger below has never been trained. A rival takes part that asks no network at all:
# the brightness of the pixels. Below: how far the maps of both networks correlate.

x = info.normalize(ours.images)
methods["brightness"] = lambda net: ours.scaled().mean(dim=1)
for name, method in methods.items():
    one, two = (method(net).flatten(1) for net in (honest, new_net(seed=1)))
    pairs = [torch.stack(pair).corrcoef()[0, 1] for pair in zip(one, two, strict=True)]
    print(f"{name:10} honest network and stranger: {torch.stack(pairs).nanmean():5.2f}")

# %%
# Brightness gets 1: it says the same of every network, and so nothing about any.
# The nearer a method is to 0, the more its picture depends on what was learned. Yet a
# map of brightness would sit on the garment, and convince everybody.
#
# Where it breaks
# ---------------
# A layer without places has no Grad-CAM. And a map of heat answers for one class only:
# ask for the class that the network did not choose, and it will show you reasons too.

with expect_error(ValueError):
    grad_cam(fooled, x[:1], marked_class, layer="5")

other = 0 if marked_class else 1
both = [
    grad_cam(honest, x[:1], c, layer="2", rectify=False) for c in (marked_class, other)
]
plotting.heat(
    ours.images[[0, 0]],
    torch.cat(both),
    titles=[classes[marked_class], classes[other]],
    scale="shared",
    title="The same image: for and against two classes",
)

# %%
# Takeaways
# ---------
# * A good score on validation data says nothing about a mark that the validation data
#   share.
# * Occlusion is an experiment and costs a pass for each place; its square is a choice,
#   and another size is another question.
# * Grad-CAM costs one pass forwards and back, and is as coarse as its layer.
# * Heat that lies on the object is no evidence. Plant something you know, draw the
#   weights anew, and see whether the picture notices.
#
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
# 4. S. Lapuschkin and others. *Unmasking Clever Hans Predictors.* Nature Communications
#    10, 2019. The stamps on the horses. `arXiv:1902.10178
#    <https://arxiv.org/abs/1902.10178>`__
