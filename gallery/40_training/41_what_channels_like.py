"""
Does depth bring meaning? A test with many images
=================================================

"First layers see edges, middle layers parts, last layers objects." The sentence is in
every course, and nearly always a picture stands beside it instead of a test. We ask
each channel which patches it answers to most, make two predictions, and ask an
untrained network the same.

You will

* find the patch behind a channel's largest answer, with its receptive field;
* turn a picturesque claim into two numbers that could come out wrong;
* compare with a network that knows nothing, from three seeds.

**Before this:** the lessons on filters and maps, and on the receptive field.
"""

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles, training
from cnn_tutorial.attribution import top_patches
from cnn_tutorial.blocks import ConvNormAct
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import ActivationRecorder
from cnn_tutorial.questions import ask
from cnn_tutorial.receptive_field import trace_fields
from cnn_tutorial.teaching import expect_error, predict

profile = profiles.current()
data = datasets.for_role("grey", size=28)
info, held_out = data.info, data.validation
print(f"{info.title}: patches are taken from {len(held_out)} validation images")

# %%
# Three networks, and three that know nothing
# -------------------------------------------
# The network of the last lesson, with half as many first filters and the small start
# that lets them be learned. An untrained copy of the same architecture is our control:
# whatever it shows too is not knowledge.


def new_net(seed):
    training.seed_everything(seed)
    net = nn.Sequential(
        ConvNormAct(info.channels, 32, 5, stride=2),
        ConvNormAct(32, 32, 3, stride=2),
        ConvNormAct(32, 64, 3),
        nn.AdaptiveAvgPool2d(1),
        nn.Flatten(),
        nn.Linear(64, info.num_classes),
    )
    net[0][0].weight.data /= 20
    return net.eval()


# %%
# Each of three seeds has its own first weights and its own order of the images.


def trained(seed):
    net, epochs = new_net(seed), profile.pick(smoke=1, docs=3, full=5)
    count = profile.pick(smoke=100, docs=3000, full=30_000)
    part = data.train.sample(min(count, len(data.train)))
    batches = part.batches(64, shuffle=True, seed=seed)
    adam, steps = torch.optim.AdamW(net.parameters()), epochs * len(batches)
    schedule = torch.optim.lr_scheduler.OneCycleLR(adam, 1e-2, steps)
    training.fit(net, batches, optimizer=adam, scheduler=schedule, epochs=epochs)
    return net


seeds = profile.pick(smoke=[0, 1], docs=[0, 1, 2], full=[0, 1, 2, 3, 4])
nets = [trained(seed) for seed in seeds]
strangers = [new_net(100 + seed) for seed in seeds]
for seed, net in zip(seeds, nets, strict=True):
    right = training.evaluate(net, held_out.batches(256)).accuracy
    print(f"seed {seed}: {right:.1%} of the validation images right")

# %%
# By hand
# -------
# One channel of the last convolution puts out one map for each image. Its largest
# answer is a number, an image, a row and a column.

layer, channel = "2", 5
images = held_out.normalized()
with ActivationRecorder(nets[0], layer) as recorder, torch.no_grad():
    nets[0](images)
maps = recorder.activations[layer][:, channel]  # (N, 7, 7)
best = maps.flatten(1).max(dim=1)
image = int(best.values.argmax())
row, column = divmod(int(best.indices[image]), maps.shape[-1])
print(f"image {image}, row {row}, column {column}: {best.values[image]:.2f}")

# %%
# Which pixels made it? The receptive field says which ones the number can see.

field = trace_fields(nets[0], info.input_size)[layer]
predict(
    "Kernels 5, 3 and 3 with strides 2, 2 and 1. How many pixels wide is the field of "
    "the third layer, and how far apart are two neighbours?",
    f"{field.size[0]} pixels, {field.stride[0]} apart",
    because="5, then 5 + 2 * 2 = 9, then 9 + 2 * 4 = 17; and 2 * 2 = 4.",
)

# %%
# Numbers below 0 lie in the padding. Here is the patch, with what it was cut from:

window = field.interval((row, column))
print(f"rows {window[0]}, columns {window[1]} of an image of {info.size}")
plotting.field_windows(
    held_out.scaled()[image],
    {"what the channel sees": window},
    title="The patch that one channel of the last layer answers to most",
)

# %%
# In the library
# --------------
# ``attribution.top_patches`` does this for all channels and returns several patches
# each, at most one from an image: nine views of one boot would say little.

pixels = held_out.scaled()
nine = top_patches(nets[0], images.split(256), layer=layer, count=9)
first = nine[channel][0]
assert (first.image, first.position, first.window) == (image, (row, column), window)
assert_close(first.value, best.values[image].item(), rtol=1e-4, atol=1e-4)

# %%
# Look at nine patches for some channels of each layer. Before you open the next cell's
# picture: what would "edges, parts, objects" look like?

rows = {}
for name, depth in (("0", "first"), ("1", "second"), ("2", "third")):
    likes = top_patches(nets[0], images.split(256), layer=name, channels=[3, 5, 8])
    for k, patches in likes.items():
        cuts = torch.stack([patch.cut(pixels) for patch in patches])
        rows[f"{depth} layer, channel {k}: {cuts.shape[-1]} pixels"] = cuts
plotting.image_rows(
    rows, title="What nine channels answer to most: three from each of three layers"
)

# %%
# It is tempting to stop here and tell a story. But the patches of deeper layers are
# larger, so they show more of a garment *whatever the network has learned*. A story
# needs a control.
#
# The test
# --------
# *Meaning*: if a channel stands for a kind of garment, its nine images share a class.
# *Looks*: if it stands for a pattern of pixels, its nine patches look alike, as the
# mean correlation of their pixels says.


def meaning_and_looks(net, layer):
    shares, likeness = [], []
    for patches in top_patches(net, images.split(256), layer=layer).values():
        if patches[0].value <= 0:
            continue  # a channel that answers to nothing
        labels = held_out.labels[[patch.image for patch in patches]]
        shares.append(labels.bincount().max().item() / len(labels))
        cuts = torch.stack([patch.cut(pixels) for patch in patches]).flatten(1)
        cuts = cuts[cuts.std(dim=1) > 0]  # an empty patch is like no other
        pairs = torch.corrcoef(cuts)[*torch.triu_indices(len(cuts), len(cuts), 1)]
        likeness.append(pairs.mean().item())
    return torch.tensor([shares, likeness]).nanmean(dim=1)


chance = held_out.labels[torch.randint(len(images), (2000, 9))]
most = torch.stack([(chance == k).sum(1) for k in range(info.num_classes)]).amax(0)
predict(
    "Nine images drawn at random from ten classes. How many of them, on average, are "
    "of the class that is met most often?",
    f"{most.float().mean():.1f} of 9, a share of {most.float().mean() / 9:.2f}",
    because="Among nine draws from ten classes some class nearly always comes twice. A "
    "share of 0.1 is not what chance gives.",
)

# %%
# And the other extreme: nine of nine.

predict(
    "How probable is it that nine random images are all of one class, if the classes "
    "are of equal size?",
    f"{info.num_classes * (1 / info.num_classes) ** 9:.0e}",
    because="The first image may have any class; each of the other eight must have the "
    "same, 1 in 10. But images that answer most to one pattern are no random draw, "
    "even in an untrained network. Hence the control.",
)

# %%
# Now all layers of all networks. Write down what you expect before you read on: which
# of the two numbers rises with depth, and which of them rises *without training* too?

layers = ["0", "1", "2"]
results = {}
for name, group in {"trained": nets, "untrained": strangers}.items():
    found = [[meaning_and_looks(net, layer) for layer in layers] for net in group]
    results[name] = torch.stack([torch.stack(of_net) for of_net in found])
for k, kind in enumerate(["meaning", "looks"]):
    for name, table in results.items():  # (seeds, layers, 2)
        means, lows, highs = table.mean(0), table.amin(0), table.amax(0)
        cells = zip(means[:, k], lows[:, k], highs[:, k], strict=True)
        print(
            f"{kind:8}{name:10}", *(f"{m:.2f} ({a:.2f}-{b:.2f})" for m, a, b in cells)
        )

# %%
# Each cell has the mean over the seeds and, in brackets, the lowest and the highest.
# The picture of the first number:

plotting.lines(
    [1, 2, 3],
    {name: table[:, :, 0].numpy() for name, table in results.items()},
    title="Do the nine images of a channel share a class? By depth, and by training",
    xlabel="layer",
    ylabel="share of the most frequent class",
)

# %%
# The verdicts, from the data of this build. A claim holds where the worst seed of one
# side beats the best of the other.

meaning, looks = results["trained"].unbind(-1)
control = results["untrained"][..., 0]
claims = {
    "meaning rises from the first layer to the last": (meaning[:, 2], meaning[:, 0]),
    "the last layer means more than an untrained one": (meaning[:, 2], control[:, 2]),
    "the first layer means more than an untrained one": (meaning[:, 0], control[:, 0]),
    "first patches look more alike than last ones": (looks[:, 0], looks[:, 2]),
}
for claim, (high, low) in claims.items():
    print(f"{'holds' if high.min() > low.max() else 'not shown':10} {claim}")

# %%
# Look at the untrained row once more, and at what chance gives. Whatever lies above
# chance there comes without any training: images that answer alike to a random pattern
# are alike. Only what the trained network has *beyond* that was learned.
#
# Where it breaks
# ---------------
# A layer without places has no patches. And nine strongest answers are the far end of
# a channel: they do not tell what it does on the other images.

with expect_error(ValueError):
    top_patches(nets[0], images.split(256), layer="5")

# %%
# How far out are the nine?

ninth, middle = nine[channel][-1].value, best.values.median().item()
share = (best.values > ninth / 2).float().mean()
print(f"the ninth answers {ninth:.2f}, the median image {middle:.2f}")
print(f"images that get more than half of the ninth's answer: {share:.0%}")

# %%
# Takeaways
# ---------
# * A channel's largest answer has an image, a place and, by the receptive field, a
#   patch.
# * "Depth brings meaning" becomes a test when you say what would count against it, and
#   ask an untrained network too.
# * Larger windows make patches look meaningful by themselves. Compare with the control,
#   not with zero and not with 0.1.
# * The strongest answers are the far end of a channel, not its whole behaviour.
#
# Check yourself
# --------------
# First go back to the pixels, then ask the control.

ask("rows_behind_an_answer")

# %%
# And what may be called learned?

ask("share_that_was_learned")

# %%
# Exercise
# --------
# Find the strongest places of one channel yourself, at most one in each image.


def top_places(maps, count):
    """Return (image, row, column) of the largest values of maps (N, H, W), in order."""
    raise NotImplementedError


check("top_places", top_places)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("top_places")

# %%
# References
# ----------
# 1. M. Zeiler, R. Fergus. *Visualizing and Understanding Convolutional Networks.* ECCV
#    2014. Figure 2 and section 4.1, the hierarchy. `arXiv:1311.2901
#    <https://arxiv.org/abs/1311.2901>`__
# 2. D. Bau, B. Zhou, A. Khosla, A. Oliva, A. Torralba. *Network Dissection.* CVPR 2017.
#    The hierarchy, counted. `arXiv:1704.05796 <https://arxiv.org/abs/1704.05796>`__
# 3. J. Adebayo and others. *Sanity Checks for Saliency Maps.* NeurIPS 2018. Why there
#    is a control. `arXiv:1810.03292 <https://arxiv.org/abs/1810.03292>`__
