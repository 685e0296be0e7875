"""
Where should the weights start?
===============================

Before the first step, a network is a stack of random numbers. How large may they be?
Too small, and the picture is gone after some layers; too large, and the numbers run
away. One line of arithmetic says what is right, and this page tests it: on a signal, on
its gradient, in training. And it looks up what PyTorch does if you say nothing.

You will

* follow the size of a signal through thirty random layers, there and back;
* derive the factor 2 in the scale for ReLU networks, and match PyTorch's function;
* see what identical weights cost, and what a seed does and does not fix.

**Before this:** the anatomy of a module; saturation, from the chapter on tensors.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles, training
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile, device = profiles.current(), profiles.device()
digits = datasets.for_role("digits", size=32)
info = digits.info
torch.manual_seed(0)

# %%
# The question
# ------------
# Each output of this layer adds up 256 products of an input and a weight. Inputs and
# weights are random, with mean 0 and standard deviation 1.

width = 256
x = torch.randn(512, width)  # N, channels
out = x @ torch.randn(width, width)
predict(
    "Inputs of standard deviation 1, weights of standard deviation 1, sums of 256 "
    "products. What is the standard deviation of the outputs, about?",
    f"{out.std():.1f}",
    because="Variances of independent numbers add up: 256 times 1. The standard "
    "deviation is the root, 16.",
)

# %%
# By hand
# -------
# In thirty layers that factor would be there thirty times. So weights must be smaller,
# by the root of the number of inputs, which is called *fan-in*. Is
# :math:`1/\sqrt{\text{fan-in}}` right, then? Between the layers there is a ReLU.


def spread(gain, depth=30):
    signal, sizes = x, []
    for _ in range(depth):
        weight = torch.randn(width, width) * (gain / width) ** 0.5
        signal = signal @ weight  # (N, 256)
        sizes.append(signal.std().item())
        signal = F.relu(signal)
    return sizes


plotting.lines(
    range(1, 31),
    {f"variance {gain:g}/fan-in": spread(gain) for gain in (1, 2, 3)},
    title="After thirty layers of ReLU: with variance 2/fan-in a signal keeps its size",
    xlabel="layer",
    ylabel="standard deviation",
    log="y",
)

# %%
# A ReLU cuts away one half. For numbers that are spread evenly around zero, the mean
# square behind it is half of the one before, and the next layer sees mean squares:
#
# .. math:: \mathrm{Var}(\text{out}) = \text{fan-in} \cdot \mathrm{Var}(w) \cdot
#    \tfrac{1}{2} \mathrm{Var}(\text{in})
#
# It stays the same where :math:`\mathrm{Var}(w) = 2/\text{fan-in}`. This is the
# initialisation of He and others; PyTorch names it after the first author, Kaiming.

z = torch.randn(1_000_000)
half = F.relu(z).square().mean() / z.square().mean()
print(f"mean square behind ReLU / before: {half:.3f}")
assert abs(half - 0.5) < 0.01

# %%
# The claim, checked
# ------------------
# A convolution adds up products, too: one for each element of its window, in each input
# channel. Only the fan-in is counted in another way.

conv = nn.Conv2d(7, 64, kernel_size=(3, 5))
fan_in = conv.weight[0].numel()
predict(
    "A convolution from 7 to 64 channels with a 3 x 5 kernel. What is its fan-in?",
    fan_in,
    because="7 * 3 * 5: what one output number adds up. The 64 do not count.",
)

# %%
# Ours against PyTorch's, from the same random numbers:

torch.manual_seed(1)
ours = torch.randn(conv.weight.shape) * (2 / fan_in) ** 0.5
torch.manual_seed(1)
nn.init.kaiming_normal_(conv.weight, nonlinearity="relu")
assert_close(ours, conv.weight.detach())

# %%
# What is the default?
# --------------------
# Who calls no ``init`` function gets what the constructor drew. The call inside it is
# ``kaiming_uniform_(a=sqrt(5))``, and the name misleads: that ``a`` stands for a leaky
# ReLU of slope 2.2, and the variance comes out as a third of :math:`1/\text{fan-in}`,
# a sixth of what ReLU needs.

default = nn.Conv2d(64, 64, kernel_size=3).weight.detach()
fan_in = default[0].numel()
print(f"default: variance * fan-in = {default.var() * fan_in:.3f}")
print(f"largest weight * sqrt(fan-in) = {default.abs().max() * fan_in**0.5:.3f}")
assert abs(default.var() * fan_in - 1 / 3) < 0.02

# %%
# Even numbers between :math:`-b` and :math:`b` have variance :math:`b^2/3`: the default
# is :math:`b = 1/\sqrt{\text{fan-in}}`, whatever it is called.
#
# There and back
# --------------
# Now a network as one would build it: twelve convolutions, real digits, and the loss at
# the end. We ask how large the gradient is that arrives at each layer's weights, for
# three starts.


def deep(channels=16):
    layers, before = [], info.channels
    for k in range(12):
        stride = 2 if k < 3 else 1  # 32 -> 16 -> 8 -> 4 pixels, and 4 from there on
        layers += [nn.Conv2d(before, channels, 3, stride, padding=1), nn.ReLU()]
        before = channels
    head = nn.Linear(channels * 4 * 4, info.num_classes)
    return nn.Sequential(*layers, nn.Flatten(), head)


def he(layer, factor=1.0):
    if isinstance(layer, nn.Conv2d):
        nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        layer.weight.data *= factor
        nn.init.zeros_(layer.bias)


starts = {
    "default": lambda net: net,
    "variance 2/fan-in": lambda net: net.apply(he),
    "1.5 times that": lambda net: net.apply(lambda layer: he(layer, factor=1.5)),
}

# %%
# ``net.apply(f)`` calls ``f`` with every module inside, which is how one starts a model
# that somebody else wrote.

images, labels = digits.train.normalized()[:256], digits.train.labels[:256]
norms, first_losses = {}, {}
for name, start in starts.items():
    training.seed_everything(0)
    net = start(deep())
    loss = F.cross_entropy(net(images), labels)
    loss.backward()
    first_losses[name] = loss.item()
    norms[name] = [m.weight.grad.norm().item() for m in net if hasattr(m, "weight")]

plotting.lines(
    range(1, 14),
    norms,
    title="The gradient at each layer before the first step, from picture to scores",
    xlabel="layer",
    ylabel="norm of the weights' gradient",
    log="y",
)

# %%
# The loss before the first step costs nothing to look at. Does it tell the same?

for name, loss in first_losses.items():
    print(f"{name:18} first loss {loss:8.2f}")
print(f"{'knows nothing':18} logarithm  {math.log(info.num_classes):8.2f}")

# %%
# Half of it. Numbers that have grown show up as a loss far above :math:`\ln 10`. Numbers
# that have shrunk do not: ten scores that are almost equal give :math:`\ln 10`, too.
#
# Does it matter in the end? The optimiser below rescales every step, which forgives
# much. Same digits, same recipe, three seeds for each start.

seeds = profile.pick(smoke=[0], docs=[0, 1, 2], full=[0, 1, 2])
epochs = profile.pick(smoke=1, docs=2, full=3)
validation = digits.validation.batches(256, device=device)
scores = {name: [] for name in starts}  # % of validation digits, for each seed
for name, start in starts.items():
    for seed in seeds:
        training.seed_everything(seed)
        net = start(deep()).to(device)
        batches = digits.train.batches(64, shuffle=True, seed=seed, device=device)
        optimizer = torch.optim.AdamW(net.parameters(), lr=2e-3)
        training.fit(net, batches, optimizer=optimizer, epochs=epochs)
        scores[name].append(100 * training.evaluate(net, validation).accuracy)

plotting.bars(
    scores,
    title="Twelve layers learn to read: the same recipe from three starts",
    xlabel="% of validation digits read",
)

# %%
# The rings are seeds. A verdict, drawn from them:

best = max(scores, key=lambda name: sum(scores[name]))
others = [score for name in starts if name != best for score in scores[name]]
agreed = min(scores[best]) > max(others)
print(f"best mean: {best};", "every seed agrees" if agreed else "the seeds overlap")

# %%
# Where it breaks
# ---------------
# Why random at all? Give all channels of a layer the same weights. They see the same,
# answer the same, and get the same gradient. Nothing ever tells them apart.

hidden, head = nn.Linear(images[0].numel(), 8), nn.Linear(8, info.num_classes)
twin = nn.Sequential(nn.Flatten(), hidden, nn.ReLU(), head)
for parameter in twin.parameters():
    nn.init.constant_(parameter, 0.01)
optimizer = torch.optim.SGD(twin.parameters(), lr=0.1)
for _ in range(50):
    optimizer.zero_grad()
    F.cross_entropy(twin(images), labels).backward()
    optimizer.step()
assert not torch.equal(hidden.weight, torch.full_like(hidden.weight, 0.01))
predict(
    "Fifty steps, and the weights have moved. The hidden layer has eight rows of "
    "weights: how many different ones?",
    len(hidden.weight.round(decimals=4).unique(dim=0)),
    because="All rows moved by the same. Eight channels are worth one; only random "
    "numbers break the tie.",
)

# %%
# Zeros are safe for biases, and for a *last* layer: all scores are equal then, and the
# first loss is exactly :math:`\ln 10`. In every layer they would stop all gradients
# but the last bias's.
#
# A seed fixes the *stream* of random numbers, not the weights of a layer. Who draws
# first gets the first numbers.

training.seed_everything(0)
alone = nn.Linear(5, 2)
training.seed_everything(0)
_, second = nn.Linear(5, 5), nn.Linear(5, 2)
print("the same weights?", torch.equal(alone.weight, second.weight))

# %%
# The other layer took numbers from the stream. Two models with one layer of difference
# start from different weights everywhere behind it: one more reason to compare with
# several seeds.
#
# In the library
# --------------
# ``nn.init`` has each rule with normal and with even numbers. ``calculate_gain`` knows
# the factor of other functions than ReLU, as a root: it is meant for the deviation.

assert_close(nn.init.calculate_gain("relu") ** 2, 2.0)

# %%
# Networks with batch norm, or with shortcuts around their layers, depend less on the
# start; both come later. The first loss is worth a look with them, too.
#
# Takeaways
# ---------
# * A sum of many products grows with the root of their number. Weights of variance
#   :math:`2/\text{fan-in}` keep a signal, and its gradient, at its size through ReLU
#   layers.
# * The fan-in of a convolution counts its window and the channels that it reads.
# * PyTorch's default is smaller by a factor of six in variance, whatever its name says;
#   a deep plain network feels it.
# * Equal weights stay equal: random numbers break the tie, and biases may be zero.
# * A seed fixes a stream of numbers, and any change of the model shifts who gets which.
#
# Check yourself
# --------------
# Count what one output adds up.

ask("variance_of_the_weights")

# %%
# And if the weights are of another size?

ask("signal_after_layers")

# %%
# Exercise
# --------
# Which standard deviation do the weights of a layer start from? Linear layers have a
# weight of shape ``(C_out, C_in)``, convolutions of ``(C_out, C_in/groups, kh, kw)``.


def he_deviation(shape):
    """Return the standard deviation for a weight of this shape before a ReLU."""
    raise NotImplementedError


check("he_deviation", he_deviation)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("he_deviation")

# %%
# References
# ----------
# 1. K. He, X. Zhang, S. Ren, J. Sun. *Delving Deep into Rectifiers: Surpassing
#    Human-Level Performance on ImageNet Classification.* ICCV 2015. Section 2.2 has the
#    factor 2. `arXiv:1502.01852 <https://arxiv.org/abs/1502.01852>`__
# 2. X. Glorot, Y. Bengio. *Understanding the difficulty of training deep feedforward
#    neural networks.* AISTATS 2010. The signal there, the gradient back.
# 3. Y. LeCun, L. Bottou, G. Orr, K.-R. Müller. *Efficient BackProp.* In: Neural
#    Networks: Tricks of the Trade, 1998. Section 4.6: the root of the fan-in.
