"""
1,152 parameters that do nothing
================================

Our VGG-style network has 1,805,002 parameters. Written in the obvious way it has 1,152
more, one bias for each channel of each convolution. They cost memory, they are saved
and loaded, an optimiser keeps accounts for them, and they change nothing: the norm
behind them takes them away again. On this page we watch them do nothing. Then we take
the norm away, and they matter.

You will

* say what a batch norm does to a constant, forwards and backwards;
* train the same network with and without these biases, and compare the losses bit by
  bit, nearly;
* find the moment when such a bias does show, and measure what the norm is worth here.

**Before this:** batch norm is two layers in one; two small windows for one large.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.testing import assert_close

from cnn_tutorial import blocks, datasets, models, plotting, profiles, summary, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile = profiles.current()
training.seed_everything(0)

# %%
# The question
# ------------
# Four numbers of one channel. A bias adds ten to each. Then a norm subtracts their mean
# and divides by their deviation.

x = torch.tensor([1.0, 2.0, 3.0, 6.0]).reshape(4, 1, 1, 1)  # N, C, H, W
norm = nn.BatchNorm2d(1)
for name, values in {"without:": x, "with:   ": x + 10}.items():
    print(name, [round(v, 3) for v in norm(values).flatten().tolist()])
assert_close(norm(x + 10), norm(x))
channels = (2 * 64, 2 * 128, 3 * 256)
predict(
    "The network has blocks of 64, 64 | 128, 128 | 256, 256, 256 channels, each "
    "convolution with a norm behind it. How many biases are taken away again?",
    f"{sum(channels):,}",
    because="One for each output channel: 2 * 64 + 2 * 128 + 3 * 256.",
)

# %%
# Both networks exist, and the counts agree with that:

with torch.device("meta"):
    without, with_them = models.vgg_small(), models.vgg_small(bias=True)
counts = [sum(p.numel() for p in net.parameters()) for net in (without, with_them)]
assert counts == [1_805_002, 1_806_154]
assert counts[1] - counts[0] == sum(channels) == 1_152

# %%
# By hand
# -------
# A bias moves all numbers of a channel alike, their mean moves with them, and the
# difference stays. What the norm adds afterwards, its own shift, is the bias that
# remains. And on the way back? A number that does not change the output gets no
# gradient.

conv = nn.Conv2d(3, 5, 3, padding=1).double()
norm = nn.BatchNorm2d(5).double()
images = torch.randn(7, 3, 11, 13, dtype=torch.float64)
target = torch.randn(7, 5, 11, 13, dtype=torch.float64)
loss = F.mse_loss(norm(conv(images)), target)
loss.backward()
predict(
    "Which gradient has each of the five biases of the convolution? And has the norm's "
    "shift one?",
    f"at most {conv.bias.grad.abs().max():.0e}, so 0 up to rounding; the shift up to "
    f"{norm.bias.grad.abs().max():.3f}",
    because="The norm subtracts the mean of the gradient over the channel, and the "
    "gradient of a bias is the sum over the channel.",
)

# %%
# The claim, checked
# ------------------
# Two networks with the same first weights, one with biases that start at random values,
# see the same batches. In double precision, so that rounding has little to say.

grey = datasets.for_role("grey")
clothes = grey.limited(profile.pick(smoke=60, docs=1200, full=6000))
info = clothes.info


def network(width=8, depth=7, norm=nn.BatchNorm2d, bias=None):
    plan = [width] * 2 + [2 * width] * 2 + [4 * width] * 3
    layers, before = [], info.channels
    for k, channels in enumerate(plan[:depth]):
        layers.append(blocks.ConvNormAct(before, channels, 3, norm=norm, bias=bias))
        layers += [nn.MaxPool2d(2)] if k in (1, 3) else []
        before = channels
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(before, info.num_classes)
    return nn.Sequential(*layers, *head)


plain = network(width=4).double()
biased = network(width=4, bias=True).double()
kept = biased.load_state_dict(plain.state_dict(), strict=False).missing_keys
assert len(kept) == 7
assert all(name.endswith("bias") for name in kept)  # they keep their own values

# %%
# Twelve steps of plain gradient descent each.

found = {}
for name, net in {"without": plain, "with": biased}.items():
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    batches = clothes.train.batches(20, shuffle=True, seed=0, drop_last=True)
    found[name] = []
    for _, (pixels, labels) in zip(range(12), batches, strict=False):
        loss = F.cross_entropy(net(pixels.double()), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found[name].append(loss.item())
assert_close(found["with"], found["without"], rtol=1e-9, atol=0)
print("last losses:", *(f"{losses[-1]:.12f}" for losses in found.values()))

# %%
# The same losses, whatever the biases are: without a gradient they stay where they
# started. Weight decay would pull them to zero, and that would change nothing either.
#
# Where it breaks
# ---------------
# *In training mode*, the claim says. In evaluation the norm subtracts what it
# remembers. It remembers batches with the bias in them; but its memory starts at zero,
# and after few batches a part of the bias is not in it yet.

pixels, _ = next(iter(clothes.validation.batches(20)))
nets, differences = (plain, biased), []
with torch.no_grad():
    for _ in range(100):
        first, second = (net.eval()(pixels.double()) for net in nets)
        differences.append((first - second).abs().max().item())
        for net in nets:
            net.train()(pixels.double())  # no step: only the memory learns
predict(
    "After twelve batches, do both networks score alike in evaluation mode? "
    "And when the memory has settled?",
    f"they differ by up to {differences[0]:.3f}; later by {differences[-1]:.0e}",
    because="Twelve batches leave 0.9 to the power of 12, or 28 %, of the start in the "
    "running mean: so much of the bias is not subtracted.",
)

# %%
# Each further batch takes a tenth off what is missing:

plotting.lines(
    range(12, 112),
    {"difference": differences},
    title="In evaluation the bias shows until the norm's memory has learned it",
    xlabel="batches that the norm has seen",
    ylabel="largest difference of scores",
    log=True,
)

# %%
# And a norm that never sees its own batch's mean, frozen in evaluation mode as in
# fine-tuning, leaves the bias to act. So the rule has two halves: no bias directly in
# front of a batch norm that learns; a bias wherever there is none.
#
# Without the norm
# ----------------
# Take the norm away, and the biases are all that can move a channel. A VGG-style
# network of seven layers, with and without norm, Kaiming's first weights for both, from
# three seeds. Each has two learning rates: the better ones of a search by factors of
# three from 0.003 to 0.3.

epochs = profile.pick(smoke=1, docs=3, full=5)
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])


def score(norm, rate, seed):
    training.seed_everything(seed)
    net = network(norm=norm)
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            nn.init.kaiming_normal_(layer.weight, mode="fan_out")
    optimizer = torch.optim.SGD(net.parameters(), lr=rate, momentum=0.9)
    batches = clothes.train.batches(50, shuffle=True, seed=seed, drop_last=True)
    plan = OneCycleLR(optimizer, rate, epochs * len(batches))
    layout = training.Precision("float32", channels_last=True)  # the faster order
    settings = {"scheduler": plan, "epochs": epochs, "precision": layout}
    try:
        training.fit(net, batches, optimizer=optimizer, **settings)
    except FloatingPointError:  # a loss that is not finite counts as guessing
        return 100 / info.num_classes
    return 100 * training.evaluate(net, clothes.validation.batches(250)).accuracy


# %%
# Twelve short runs:

rates = {"norm": (0.1, 0.3), "no norm": (0.03, 0.1)}
scores = {
    (kind, rate): [
        score(nn.BatchNorm2d if kind == "norm" else None, rate, seed) for seed in seeds
    ]
    for kind in rates
    for rate in rates[kind]
}
plotting.bars(
    {f"{kind}, rate {rate}": found for (kind, rate), found in scores.items()},
    title="Seven layers, with and without batch norm: validation images named",
    xlabel="% named",
)

# %%
# Each side with its better rate, seed by seed; a difference counts if all seeds agree
# on its sign:

best = {
    kind: max((scores[kind, rate] for rate in rates[kind]), key=sum) for kind in rates
}
d = torch.tensor(best["norm"]) - torch.tensor(best["no norm"])
clear = len(d) >= 3 and (d.min() > 0 or d.max() < 0)
word = ("helps" if d.mean() > 0 else "hurts") if clear else "not shown"
print(f"norm against none: {d.mean():+.1f} points ({d.min():+.1f} to {d.max():+.1f})")
print(f"the norm, each side at its better rate: {word}")

# %%
# VGG is a little older than batch norm. Its authors did not train the deepest plans
# from random weights: they trained the one with eight convolutions first, and put more
# between them. Later they noted that better first weights would have done, too. Norm or
# first weights: both set the size of the signals at the start, as the lesson on what
# batch norm does to training has measured. The norm goes on setting it at every step.
# And a few passes tell who starts faster, not who ends higher.
#
# The network, traced
# -------------------
# The norms have two numbers for each channel, a scale and a shift, 2,304 in all. The
# shift is the bias that acts. The 1,152 idle biases would add less than one in a
# thousand. The argument against them is not size: a parameter should mean something.

trace = summary.trace(without, (3, 32, 32))
norms = sum(row.parameters for row in trace.rows if row.type == "BatchNorm2d")
assert norms == 2 * sum(channels) == 2_304
assert sum(channels) < counts[0] / 1000
plotting.architecture(
    trace, title="The VGG-style network: the last block holds most of the parameters"
)

# %%
# In the library
# --------------
# ``blocks.ConvNormAct`` has a bias exactly where no norm follows, unless told
# otherwise. A norm without a shift of its own would be another case; PyTorch's has one.

assert blocks.ConvNormAct(3, 5)[0].bias is None
assert blocks.ConvNormAct(3, 5, norm=None)[0].bias is not None

# %%
# Deviations
# ----------
# The paper's networks have biases and no norms (Table 1, column D has 13 convolutions).
# Ours has three blocks, norms, no biases in front of them, and a mean over the places.
# The trained one is an eighth as wide and has no dropout.
#
# Takeaways
# ---------
# * In front of a batch norm in training mode a bias is subtracted again: no effect, no
#   gradient.
# * It shows only where the norm's memory has not settled, or where the norm is frozen.
# * Without a norm biases do work. ``bias=False`` belongs to the norm behind it, not to
#   convolutions as such.
# * Whether the norm itself helps is a measurement: each side with its own rate.
#
# Check yourself
# --------------
# Ask first which mean is subtracted.

ask("change_behind_a_norm")

# %%
# A memory fills up batch by batch:

ask("missing_from_the_memory")

# %%
# Exercise
# --------
# Find the idle biases in a list of layers.


def idle_biases(layers):
    """Return how many biases a batch norm directly behind their layer takes away."""
    raise NotImplementedError


check("idle_biases", idle_biases)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("idle_biases")

# %%
# References
# ----------
# 1. S. Ioffe, C. Szegedy. *Batch Normalization.* ICML 2015, section 3.2: no bias in
#    front of the norm. `arXiv:1502.03167 <https://arxiv.org/abs/1502.03167>`__
# 2. K. Simonyan, A. Zisserman. *Very Deep Convolutional Networks for Large-Scale Image
#    Recognition.* ICLR 2015. Table 1; section 3.1 on first weights. `arXiv:1409.1556
#    <https://arxiv.org/abs/1409.1556>`__
