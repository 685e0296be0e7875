"""
What batch norm does to training
================================

Ask three people why batch norm helps, and you get three reasons: it keeps gradients
from vanishing, it makes good initial weights unnecessary, it allows a higher learning
rate. Reasons can be measured. On this page each of them gets a deep network without
norm, the same one with it, and numbers.

You will

* follow a signal through twelve layers, and its gradient back;
* find the learning rate that hides in the weights;
* search the learning rate with and without norm, compare from several seeds, and fold
  the norm away when the training is done.

**Before this:** batch norm is two layers in one.
"""

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import blocks, datasets, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.hooks import ActivationRecorder
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile, digits = profiles.current(), datasets.for_role("digits")
info = digits.info


# %%
# A deep network, three ways
# --------------------------
# Twelve convolutions in a row. The first two halve the maps, so that the page does not
# take long. *Plain* starts as PyTorch starts; *scaled* has weights drawn for ReLU (He's
# variance, two divided by the inputs of a unit); *norm* has a batch norm behind each
# convolution and PyTorch's weights.


def network(kind, seed, depth=12, width=16):
    training.seed_everything(seed)
    norm = nn.BatchNorm2d if kind == "norm" else None
    layers = []
    for k in range(depth):
        before = width if k else info.channels
        layers.append(blocks.ConvNormAct(before, width, stride=1 + (k < 2), norm=norm))
    if kind == "scaled":
        for layer in layers:
            nn.init.kaiming_normal_(layer[0].weight)
            nn.init.zeros_(layer[0].bias)
    head = nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(width, info.num_classes)
    return nn.Sequential(*layers, *head)


kinds = ("plain", "scaled", "norm")
pixels, labels = next(iter(digits.train.batches(64, shuffle=True)))
plain = network("plain", 0)
predict(
    f"Images of shape {tuple(pixels.shape)} go in. Which shape comes out of the last "
    "convolution?",
    tuple(plain[:12](pixels).shape),
    because="Stride 2 twice: a quarter of each side; 16 channels.",
)

# %%
# Forwards and backwards
# ----------------------
# Before any training: how far do the activations of a layer differ from digit to digit?
# We take the deviation over the batch, at each pixel, and average.

forward, backward = {}, {}
for kind in kinds:
    net = network(kind, 0)
    names = [str(k) for k in range(12)]
    with ActivationRecorder(net, names) as recorder:
        F.cross_entropy(net(pixels), labels).backward()
    maps = recorder.activations
    forward[kind] = [maps[name].detach().std(dim=0).mean().item() for name in names]
    backward[kind] = [layer[0].weight.grad.norm().item() for layer in net[:12]]

plotting.lines(
    range(1, 13),
    forward,
    title="Without a norm and with PyTorch's weights, all digits become one",
    xlabel="layer",
    ylabel="deviation between digits",
    log=True,
)

# %%
# In the plain network the differences fade from layer to layer: each convolution of
# PyTorch's default makes its input smaller, and biases, the same for all digits, take
# over. The norm puts them back each time. So do weights of the right size, without any
# norm. And the gradients?

plotting.lines(
    range(1, 13),
    backward,
    title="What arrives at each layer's weights on the way back",
    xlabel="layer",
    ylabel="norm of the gradient",
    log=True,
)

# %%
# Here are the ends of these lines:

for kind in kinds:
    first, last = backward[kind][0], backward[kind][-1]
    print(f"{kind:6} first {first:.1e}, last {last:.1e}, ratio {first / last:.2g}")

# %%
# Look for a ratio that is far from one: it means that no learning rate suits both ends.
# "Batch norm prevents vanishing gradients" is true of the plain network, and it is half
# of the story. Its weights were too small, and larger ones cure that, too.
#
# The rate in the weights
# -----------------------
# Now something that only a norm does. Make the weights of a convolution ten times as
# large. Its output is ten times as large, so are mean and deviation, and the norm
# divides it away.

conv = nn.Conv2d(3, 8, 3, bias=False).double()
norm = nn.BatchNorm2d(8, eps=1e-12).double()
x, target = torch.randn(5, 3, 9, 9).double(), torch.randn(5, 8, 7, 7).double()


def gradient(scale):
    weight = (scale * conv.weight.detach()).requires_grad_()
    out = norm(F.conv2d(x, weight))
    F.mse_loss(out, target).backward()
    return out, weight.grad


(out, small), (again, large) = gradient(1.0), gradient(10.0)
assert_close(out, again)
assert_close(large * 10, small)
predict(
    "The output is the same. The gradient of the ten times larger weights is: ten "
    "times as large, the same, or a tenth?",
    f"{large.norm() / small.norm():.2f} of it",
    because="A weight that is ten times as large must change by ten times as much for "
    "the same effect.",
)

# %%
# Long weights take short steps, and what counts is the step relative to the length:
# both effects together make the turn a hundredth. A step that is too long makes the
# weights longer, and the next turns shorter. That is a brake that works by itself, and
# one reason why rates that would tear a plain network apart do no harm here. It also
# means that weight decay in front of a norm does not make the function smoother. It
# keeps the weights short, and the turns large.
#
# Train
# -----
# Scaled against norm, which both start with healthy gradients, and both with an optimiser
# that suits them: six layers, AdamW, a rate that rises and falls once. Each side searches
# its peak among four, with seed 0, on validation digits. (With SGD and momentum the side
# without norm was far behind at every rate that we tried; that would have been a
# comparison of optimisers.)

epochs = profile.pick(smoke=1, docs=4, full=1)
seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])
rates = profile.pick(smoke=[0.01], docs=[0.003, 0.01, 0.03, 0.1], full=[0.003, 0.01])


def score(kind, rate, seed):
    net = network(kind, seed, depth=6)
    optimizer = torch.optim.AdamW(net.parameters(), lr=rate)
    batches = digits.train.batches(64, shuffle=True, seed=seed)
    plan = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, epochs * len(batches))
    training.fit(net, batches, optimizer=optimizer, scheduler=plan, epochs=epochs)
    return 100 * training.evaluate(net, digits.validation.batches(256)).accuracy


search = {kind: [score(kind, rate, 0) for rate in rates] for kind in ("scaled", "norm")}
plotting.lines(
    rates,
    search,
    title="Validation digits read, by peak of the learning rate: which side is wider?",
    xlabel="peak of the learning rate",
    ylabel="% read",
    log="x",
)

# %%
# Two questions, two answers: which rates would have done nearly as well as the best
# (within five points), and how good is each side with its best rate, seed by seed?

scores = {}
for kind, found in search.items():
    best = rates[found.index(max(found))]
    scores[kind] = [score(kind, best, seed) for seed in seeds]
    good = [r for r, read in zip(rates, found, strict=True) if read > max(found) - 5]
    print(f"{kind:6} rate {best}: {min(scores[kind]):.1f} to {max(scores[kind]):.1f} %")
    print(f"       within five points of it: {good}")
ahead = max(scores, key=lambda kind: sum(scores[kind]))
clear = min(scores[ahead]) > max(min(scores.values(), key=sum))
print(f"ahead: {ahead},", "with every seed" if clear else "but the seeds overlap")

# %%
# A rate that ends near one digit in ten has torn the network apart. Where the norm is
# ahead here, vanishing gradients were not the reason: the other side had none. Longer
# training may close the gap. Six layers, one data set and a few epochs say what happened
# here, and no more.
#
# The price: the batch
# --------------------
# The mean of a batch is a measurement, and with few images a noisy one: from a quarter
# of the images, it scatters about twice as much. For large images, of which only a few
# fit into memory, there are norms that measure each image alone. They differ from batch
# norm in the axes, and in nothing else.

maps = torch.randn(5, 8, 7, 7).double()
axes = {
    "batch": (maps, (0, 2, 3), F.batch_norm(maps, None, None, training=True)),
    "instance": (maps, (2, 3), F.instance_norm(maps)),
    "layer": (maps, (1, 2, 3), F.layer_norm(maps, maps.shape[1:])),
    "group": (maps.unflatten(1, (4, 2)), (2, 3, 4), F.group_norm(maps, 4)),
}
counts = {}
for name, (values, over, library) in axes.items():
    mean = values.mean(dim=over, keepdim=True)
    var = values.var(dim=over, keepdim=True, correction=0)
    assert_close(((values - mean) / (var + 1e-5).sqrt()).reshape(maps.shape), library)
    counts[name] = mean.numel()
predict(
    "Maps of shape (5, 8, 7, 7). How many means do batch, instance, layer and group "
    "norm (4 groups) compute?",
    counts,
    because="8 channels; 5 * 8 maps; 5 images; 5 * 4 groups.",
)

# %%
# In the library, after training
# ------------------------------
# In evaluation a norm is a multiplication and an addition for each channel, and so is
# what a convolution can do with its own weights. Fold the one into the other:


def fold(conv, norm):
    factor = norm.weight / (norm.running_var + norm.eps).sqrt()  # (C_out,)
    weight = conv.weight * factor[:, None, None, None]
    return weight, norm.bias - norm.running_mean * factor


net = network("norm", 0)
net(pixels)  # one batch in training mode, for the running statistics
net.eval()
with torch.no_grad():
    conv, norm, _ = net[0]
    weight, bias = fold(conv, norm)
    ours = F.conv2d(pixels, weight, bias, stride=2, padding=1)
    assert_close(ours, norm(conv(pixels)), rtol=0, atol=1e-4)
    fused = torch.nn.utils.fusion.fuse_conv_bn_eval(conv, norm)
assert_close((fused.weight, fused.bias), (weight, bias))

# %%
# One layer fewer, the same answers. What batch norm did, it did for the training.
#
# Takeaways
# ---------
# * Signals and gradients that fade with depth are a matter of the size of weights.
#   Batch norm repairs it, and so do weights that start with the right size.
# * Behind a norm the length of weights does not change the output; it divides the
#   gradient. Steps that are too long brake themselves.
# * What it gains in accuracy or in rates is for each network to be measured.
# * It pays with noise in small batches; layer, instance and group norm measure other
#   axes and need no batch.
# * After training it folds into the convolution.
#
# Check yourself
# --------------
# Two effects of one cause, or three:

ask("longer_weights")

# %%
# Norms differ in the axes; so count.

ask("norm_with_so_many_means")

# %%
# Exercise
# --------
# Fold a norm into its convolution. Write it for tensors.


def fold_norm(kernel, scale, shift, mean, var, eps=1e-5):
    """Return kernel (C_out, C_in, kh, kw) and bias of conv and norm in one layer."""
    raise NotImplementedError


check("fold_norm", fold_norm)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("fold_norm")

# %%
# References
# ----------
# 1. S. Santurkar, D. Tsipras, A. Ilyas, A. Madry. *How Does Batch Normalization Help
#    Optimization?* NeurIPS 2018. Not for the reason that it was invented for.
#    `arXiv:1805.11604 <https://arxiv.org/abs/1805.11604>`__
# 2. K. He, X. Zhang, S. Ren, J. Sun. *Delving Deep into Rectifiers.* ICCV 2015. The
#    scale of weights for ReLU. `arXiv:1502.01852 <https://arxiv.org/abs/1502.01852>`__
# 3. T. van Laarhoven. *L2 Regularization versus Batch and Weight Normalization.* 2017.
#    `arXiv:1706.05350 <https://arxiv.org/abs/1706.05350>`__
# 4. Y. Wu, K. He. *Group Normalization.* ECCV 2018. `arXiv:1803.08494
#    <https://arxiv.org/abs/1803.08494>`__
