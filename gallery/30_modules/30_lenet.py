"""
LeNet, layer by layer
=====================

In the 1990s networks of this family read the amounts on bank cheques. Their plan is
still the plan of most image classifiers: convolve, shrink, convolve, shrink, flatten,
decide. We write a small version, follow one digit through, and count everything before
we run anything.

You will

* write LeNet in under twenty lines and predict the shape after each of them;
* count the parameters by hand, and find out which layer holds almost all of them;
* see why there must be a ReLU between two layers, and what the ten outputs are *not*.

**Before this:** convolution as a patch matrix; calling modules.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, datasets, models, plotting, summary
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

digits = datasets.for_role("digits", size=32)
print(digits.info.title, "|", digits.info.splits)

# %%
# The question
# ------------
# A digit goes in as 32 x 32 grey pixels. Ten numbers come out, one for each class.
# These are the first held-out images; what they are is written by people.

plotting.images(
    digits.test.images[:10],
    labels=digits.test.labels[:10],
    classes=digits.info.classes,
    columns=5,
    title="Ten of the digits that we want to read",
)

# %%
# By default this site uses 1,797 digits that scikit-learn brings along. They were
# scanned at 8 x 8 pixels with 17 levels of grey, and we enlarge them to 32 x 32: four
# times the side, no more detail. The full profile uses MNIST.
#
# By hand
# -------
# The small LeNet has 3 x 3 kernels. ``forward`` says the order: convolve, bend (ReLU),
# halve (max pooling), twice; then flatten and three affine maps.


class LeNet(nn.Module):
    def __init__(self, in_channels=1, num_classes=10):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, 6, kernel_size=3)
        self.conv2 = nn.Conv2d(6, 16, kernel_size=3)
        self.fc1 = nn.Linear(16 * 6 * 6, 120)
        self.fc2 = nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, num_classes)

    def forward(self, x):  # (N, 1, 32, 32)
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)  # (N, 6, 15, 15)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)  # (N, 16, 6, 6)
        x = torch.flatten(x, start_dim=1)  # (N, 576)
        x = F.relu(self.fc1(x))  # (N, 120)
        x = F.relu(self.fc2(x))  # (N, 84)
        return self.fc3(x)  # (N, 10)


torch.manual_seed(0)
net = LeNet()

# %%
# Where does 16 * 6 * 6 come from? From the sizes, two steps at a time:

size, steps = 32, []
for _ in range(2):
    size = arithmetic.conv_output_size(size, 3)
    steps.append(size)
    size = arithmetic.pool_output_size(size, 2, stride=2)
    steps.append(size)
predict(
    "A side of 32 pixels. What do convolution, pooling, convolution and pooling make "
    "of it, one after the other?",
    "32 -> " + " -> ".join(map(str, steps)),
    because="32 - 3 + 1, half of it, 15 - 3 + 1, half of it. Thirteen is odd: pooling "
    "drops the last row and column, and six windows of two fit.",
)

# %%
# That last number decides whether the network runs: ``fc1`` has to know in advance how
# many numbers an image has become. The package's LeNet asks the maps themselves.

assert 16 * size**2 == net.fc1.in_features == 576
assert models.LeNet.num_flat_features(torch.zeros(7, 16, size, size)) == 576

# %%
# The trace
# ---------
# ``print(net)`` shows what the constructor was told. A *trace* shows what happens: here
# numbers went through, and each layer noted what came out, how many parameters it has,
# how many multiplications it did, the memory of its output, and how many pixels of the
# input one output number depends on.

summary.trace(net, (1, 32, 32))

# %%
# Two things are worth a second look. From ``fc1`` on, the pixels 30 and 31 of each side
# reach nothing: they went with the row and the column that pooling dropped. And one
# layer holds most of the parameters. Count them by hand: a convolution has one kernel
# per pair of channels and a bias per output, a linear layer a weight per pair and a
# bias per output.

count = {
    "conv1": arithmetic.conv_parameters(1, 6, 3),
    "conv2": arithmetic.conv_parameters(6, 16, 3),
    "fc1": arithmetic.linear_parameters(16 * 6 * 6, 120),
    "fc2": arithmetic.linear_parameters(120, 84),
    "fc3": arithmetic.linear_parameters(84, 10),
}
print(count, "| together", total := sum(count.values()))
assert list(count.values()) == [60, 880, 69_240, 10_164, 850]
assert total == sum(parameter.numel() for parameter in net.parameters()) == 81_194

# %%
# Which layer would you shrink first?

predict(
    "Which share of all parameters sits in fc1, the first layer after flattening?",
    f"{count['fc1'] / total:.0%}",
    because="Each of its 120 outputs has a weight of its own for each of 576 places. "
    "The convolutions use the same few weights everywhere. Later networks replace "
    "flattening by an average over the places.",
)

# %%
# Flattening
# ----------
# Element :math:`(c, i, j)` of a :math:`C \times H \times W` map lands at :math:`cHW +
# iW + j`. The order is that of memory, so nothing moves; only the shape is read
# differently.

maps = torch.randn(1, 16, 6, 6)
c, i, j = 11, 4, 2
assert torch.flatten(maps, 1)[0, c * 36 + i * 6 + j] == maps[0, c, i, j]
assert torch.flatten(maps, 1).data_ptr() == maps.data_ptr()

# %%
# Why bend the lines?
# -------------------
# Each of the last three layers is an affine map, :math:`W x + b`. Without a ReLU
# between them, two in a row are one: :math:`W_2 (W_1 x + b_1) + b_2 = (W_2 W_1)\, x +
# (W_2 b_1 + b_2)`. Eighty-four channels in the middle would buy nothing.

x = torch.randn(7, 120)
two = net.fc3(net.fc2(x))
weight = net.fc3.weight @ net.fc2.weight  # (10, 120)
bias = net.fc3.weight @ net.fc2.bias + net.fc3.bias
assert_close(two, F.linear(x, weight, bias))

bent = net.fc3(F.relu(net.fc2(x)))
difference = (bent - two).abs().max()
print(f"with a ReLU between them the outputs differ by up to {difference:.2f}")

# %%
# Ten scores
# ----------
# Feed the untrained network some digits. The ten outputs are *logits*: numbers of any
# sign and size. Softmax turns them into ten positive shares that add up to one.

with torch.no_grad():
    logits = net(digits.test.normalized()[:256])  # (N, 10)
    shares = logits.softmax(dim=1)
print("logits of the first digit:", [round(v, 2) for v in logits[0].tolist()])
assert_close(shares.sum(dim=1), torch.ones(len(shares)))

# %%
# All ten shares are near one tenth: the network has no opinion yet. So its loss can be
# foretold. *Cross-entropy* is minus the logarithm of the share that the true class got.

labels = digits.test.labels[:256]
loss = F.cross_entropy(logits, labels)
by_hand = -shares[torch.arange(len(labels)), labels].log().mean()
assert_close(loss, by_hand)
assert abs(loss - math.log(10)) < 0.1
predict(
    "Ten classes, and a network that knows nothing. Which loss, about?",
    f"{loss:.3f}; ln 10 is {math.log(10):.3f}",
    because="Minus the logarithm of one tenth.",
)

# %%
# A first loss far from :math:`\ln 10` is a bug you can find before training. And the
# answers mean nothing yet: other first weights read the same ten digits as something
# else.

opinions = []
for seed in range(3):
    torch.manual_seed(seed)
    opinions.append(LeNet()(digits.test.normalized()[:10]).argmax(1).tolist())
    print(f"seed {seed} reads", *opinions[-1])
assert opinions[0] != opinions[1]

# %%
# Nor will a share be a confidence when the network is trained. Multiply all logits by
# five, and the decision stays, while the "confidence" does not:

confident = (5 * logits).softmax(dim=1)
assert torch.equal(confident.argmax(1), logits.argmax(1))
print(f"largest share of the first digit: {shares[0].max():.2f}")
print(f"after multiplication:             {confident[0].max():.2f}")

# %%
# Where it breaks
# ---------------
# Feed it 28 x 28 pixels, the size of MNIST before padding, and the flattened maps no
# longer fit. PyTorch says so in terms of matrices. The trace says where, and what the
# layer should have been told.

with expect_error(RuntimeError):
    net(torch.randn(1, 1, 28, 28))

with expect_error(ValueError):
    summary.trace(net, (1, 28, 28))

# %%
# In the library
# --------------
# ``models.LeNet`` is the class above, with checks. Same weights, same answers:

library = models.LeNet()
library.load_state_dict(net.state_dict())
assert_close(library(digits.test.normalized()[:7]), net(digits.test.normalized()[:7]))

# %%
# The original of 1998 is there too. It has 5 x 5 kernels, pooling that is an average
# with a trained scale and offset, tanh in place of ReLU, a second convolution that sees a
# chosen few of the six maps each, and at the end distances to ten fixed drawings in
# place of scores. Its paper counts 60,000 trainable parameters.

original = models.LeNet5()
trainable = sum(p.numel() for p in original.parameters() if p.requires_grad)
assert trainable == 60_000
summary.trace(original, (1, 32, 32))

# %%
# Why only a chosen few? The paper's own reasons are fewer connections, and maps that
# are forced to look at different things. The table says which of the six maps (rows)
# each of the sixteen reads:

plotting.matrix(
    models.lenet.C3_CONNECTIONS,
    title="LeNet-5's third layer: which input map (row) each output map (column) reads",
    role="kernel",
)

# %%
# Takeaways
# ---------
# * Two convolutions, two poolings, three affine maps; sizes 32, 30, 15, 13, 6 decide
#   what the first affine map must be told.
# * Convolutions share weights between places and stay small; the layer after flattening
#   holds most of the parameters.
# * Affine maps in a row collapse into one; the ReLU between them is what makes depth
#   worth having.
# * Logits are not probabilities, and shares are not confidences. Untrained, the loss is
#   :math:`\ln 10`.
#
# Check yourself
# --------------
# Other pixels, other kernels, the same plan.

ask("numbers_after_flattening")

# %%
# Then the scores. Somebody changes them:

ask("same_decision")

# %%
# Exercise
# --------
# What must ``fc1`` be told when the images have another size?


def lenet_features(height, width, kernel_size=3):
    """Return in_features of fc1 for images of this size."""
    raise NotImplementedError


check("lenet_features", lenet_features)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("lenet_features")

# %%
# References
# ----------
# 1. Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. *Gradient-Based Learning Applied to
#    Document Recognition.* Proceedings of the IEEE 86(11), 1998. Section II describes
#    LeNet-5.
# 2. E. Alpaydin, C. Kaynak. *Optical Recognition of Handwritten Digits.* UCI Machine
#    Learning Repository, 1998. `doi:10.24432/C50P49
#    <https://doi.org/10.24432/C50P49>`__
