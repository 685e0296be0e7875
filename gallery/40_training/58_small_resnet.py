"""
A small ResNet learns to tell clothes apart
===========================================

LeNet had five layers with weights. This page builds a network with eight and shortcuts
between them, trains it in well under a minute on a processor, and looks at the held-out
images once. Then it asks what a score from two thousand images is worth.

You will

* write the residual block, and see why it starts out as almost nothing;
* say before the run how many steps it takes, and at which rate;
* put an error bar on an accuracy, and know which differences are too small to see.

**Before this:** batch norm by hand, and optimisers and schedules.
"""

import torch
from torch import nn
from torch.optim.lr_scheduler import OneCycleLR
from torch.testing import assert_close

from cnn_tutorial import (
    blocks,
    classifiers,
    datasets,
    models,
    plotting,
    profiles,
    summary,
    training,
)
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

profile, device = profiles.current(), profiles.device()
clothes = datasets.for_role("grey")
info = clothes.info
print(f"{info.title} on {device}: {info.splits}")

# %%
# The question
# ------------
# A layer computes something new from what it is given. A *residual* block computes what
# should be *added* to it. We take the smallest case: one channel, a block whose inner
# layers do nothing yet.

x = torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])  # N, C, H, W
inner = torch.zeros_like(x)  # what the layers inside would say
y = torch.relu(inner + x)
predict(
    "The inner layers return zeros. What does a plain stack of layers hand on, "
    "and what does the residual block?",
    f"zeros; {y.flatten().int().tolist()}",
    because="The block adds its input: whatever it has not learned yet, it lets pass.",
)

# %%
# By hand
# -------
# Two 3 x 3 convolutions, each with a batch norm, and the input added before the last
# ReLU. That is the block of He and others, where maps keep their size.


class Block(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, padding=1, bias=False)
        self.norm2 = nn.BatchNorm2d(channels)

    def forward(self, x):
        inner = torch.relu(self.norm1(self.conv1(x)))
        return torch.relu(self.norm2(self.conv2(inner)) + x)


# %%
# No bias in the convolutions: the norm behind them takes the mean away, and with it any
# bias. The package's block holds the same numbers in the same order. With equal numbers
# both must agree.

ours, theirs = Block(5), blocks.BasicBlock(5, 5)
numbers = zip(theirs.state_dict(), ours.state_dict().values(), strict=True)
theirs.load_state_dict(dict(numbers))
batch = torch.randn(3, 5, 11, 7)
assert_close(ours(batch), theirs(batch))

# %%
# Where maps shrink and channels double, the input does not fit the sum. There the
# shortcut is a 1 x 1 convolution with stride 2, the only place where it has weights.

halving = blocks.BasicBlock(16, 32, stride=2)
predict(
    "A block with stride 2 from 16 to 32 channels reads maps of 28 x 28. "
    "Which shape comes out for one image?",
    tuple(halving(torch.zeros(1, 16, 28, 28)).shape),
    because="Stride 2 with padding 1: (28 + 2 - 3) // 2 + 1 = 14.",
)

# %%
# Eight layers
# ------------
# A stem, three stages of one block each, a mean over all places, one linear layer: the
# paper's family for small images has 6n + 2 layers with weights, and this is n = 1.

net = models.resnet8(in_channels=info.channels, num_classes=info.num_classes)
trace = summary.trace(net, info.input_size)
wide = [m for m in net.modules() if isinstance(m, (nn.Conv2d, nn.Linear))]
predict(
    "How many layers with weights has the network if shortcuts count, too?",
    len(wide),
    because="8, and two 1 x 1 convolutions in shortcuts, where stages 2 and 3 begin.",
)

# %%
# The table shows each layer's maps. Read down the column of shapes: channels double
# where the sides halve, so that the work stays about the same.

trace

# %%
# Which part holds most of the numbers? Draw it. The last stage has the smallest maps
# and the most weights; what is costly to store is not what is costly to compute.

parts = {"stem": net.stem, "stage 1": net.stages[0], "stage 2": net.stages[1]}
parts |= {"stage 3": net.stages[2], "head": net.head}
counts = {k: sum(p.numel() for p in part.parameters()) for k, part in parts.items()}
assert counts["stage 3"] > 0.7 * sum(counts.values())
plotting.bars(
    counts, title="Most of the weights are in the last stage", xlabel="parameters"
)

# %%
# The recipe, as numbers
# ----------------------
# One step for each batch; the learning rate climbs for three tenths of the steps and
# then falls to almost nothing. Momentum does the opposite.

epochs, batch_size, rate = profile.pick(smoke=1, docs=8, full=10), 64, 0.1
train = clothes.train.batches(
    batch_size, shuffle=True, augment=[datasets.RandomFlip()], seed=0, drop_last=True
)
steps = epochs * len(train)
predict(
    f"{len(clothes.train):,} images, {epochs} epochs, batches of {batch_size}. "
    "How many optimiser steps?",
    f"{steps:,}",
    because=f"{len(train)} full batches in an epoch. The images left over sit out: "
    "norms know little from a short batch, and the next epoch leaves out others.",
)

# %%
# The schedule is known before the first step. We run it without a network.


def optimizer_for(net):
    return torch.optim.SGD(
        net.parameters(), lr=rate, momentum=0.9, nesterov=True, weight_decay=5e-4
    )


dry = optimizer_for(nn.Linear(1, 1))
schedule, rates = OneCycleLR(dry, rate, steps), []
for _ in range(steps):
    rates.append(schedule.get_last_lr()[0])
    dry.step()
    schedule.step() if len(rates) < steps else None
plotting.lines(
    range(steps),
    {"learning rate": rates},
    title="One cycle: up to the highest rate, then down to almost nothing",
    xlabel="step",
    ylabel="learning rate",
)

# %%
# The highest rate would wreck a network that has not settled; at the end, small steps
# let it settle where large ones jumped about. Mirrored clothes are clothes, so that a
# flip costs nothing. Label smoothing asks for nine tenths instead of certainty.

training.seed_everything(0)
net = models.resnet8(in_channels=info.channels, num_classes=info.num_classes)
optimizer = optimizer_for(net)
record = training.fit(
    net,
    train,
    clothes.validation.batches(256),
    optimizer=optimizer,
    scheduler=OneCycleLR(optimizer, rate, steps),
    loss=nn.CrossEntropyLoss(label_smoothing=0.1),
    epochs=epochs,
    precision=training.Precision("float32", channels_last=True),
    device=device,
)
plotting.curves(record, title="Validation jumps about while the rate is high")

# %%
# The curve on validation images is restless at first: large steps, and statistics of
# the norms that lag behind. Where the rate falls, it calms down. How fast was it?

speed = steps * batch_size / sum(record.curves["seconds"])
print(f"{record.seconds:.0f} s on this machine, {speed:,.0f} images a second")
print(f"validation accuracy {record.curves['validation_accuracy'][-1]:.1%}")

# %%
# The test, once
# --------------
# Rate, epochs and smoothing were chosen on validation images. Now the held-out ones.

score = training.evaluate(net, clothes.test.batches(256))
print(f"accuracy {score.accuracy:.2%} of {score.count:,} images, one seed")
floor = {"fashion-sample": 0.88}.get(info.name, 0)
assert score.accuracy >= profile.pick(smoke=0, docs=floor, full=floor)

# %%
# What is that worth?
# -------------------
# Other images of the same kind would give another score. If each image is read right
# with probability p, the share among n of them spreads by sqrt(p (1 - p) / n). Before
# we trust the formula, we draw the same number of images again and again from our own
# results, with replacement.

scores, labels = training.predict(net, clothes.test.batches(256))
right = (scores.argmax(1) == labels).double()
p, n = right.mean(), len(right)
again = right[torch.randint(n, (2000, n), generator=torch.Generator().manual_seed(0))]
print(f"formula {(p * (1 - p) / n).sqrt():.4f}, drawn {again.mean(1).std():.4f}")
assert_close((p * (1 - p) / n).sqrt(), again.mean(1).std(), rtol=0.1, atol=0)

# %%
# Two such spreads on either side is the usual error bar.

bar = 2 * (p * (1 - p) / n).sqrt()
predict(
    "Two networks differ by half a per cent on these images. Can the images tell "
    "them apart?",
    "no" if bar > 0.005 else "yes",
    because=f"The error bar of one score is ± {bar:.1%}. It says nothing of seeds yet: "
    "another start moves the score as well.",
)

# %%
# Where it breaks
# ---------------
# A network has as many input planes as it was built with. And batch norm needs more
# than one number for each channel to have a spread: where maps have shrunk to a single
# place, a batch of one image cannot be trained on.

with expect_error(ValueError):
    net(torch.zeros(1, 3, 28, 28, device=device))

with expect_error(ValueError):
    net.train()(torch.zeros(1, info.channels, 4, 4, device=device))

# %%
# In the library
# --------------
# The recipe is ``classifiers.Recipe``, and ``classifiers.train`` is the call of ``fit``
# above. They must not drift apart from this page.

recipe = classifiers.Recipe(epochs=epochs)
model = nn.Linear(1, 1)
theirs = recipe.schedule(recipe.optimizer(model), recipe.batches(clothes.train, seed=0))
assert (theirs.total_steps, theirs.get_last_lr()[0]) == (steps, rates[0])
assert recipe.optimizer(model).defaults == optimizer_for(model).defaults

# %%
# The same from a terminal; the model is then in a file:
#
# .. code-block:: sh
#
#     python -m cnn_tutorial train resnet8 --data fashion-sample
#     python -m cnn_tutorial evaluate runs/resnet8-fashion-sample
#
# Takeaways
# ---------
# * A residual block learns what to add; where it has learned nothing, its input passes.
# * Steps, rates and cost are known before a run: count first, then wait.
# * With one cycle the score that matters is the one at the end; on the way it is noise.
# * An accuracy is a measurement with an error bar, and a small difference between two
#   of them is nothing until it exceeds it.
#
# Check yourself
# --------------
# Send three numbers through a block.

ask("out_of_a_block")

# %%
# And how much would a finer measurement cost?

ask("images_for_a_bar")

# %%
# Exercise
# --------
# Put an error bar on any accuracy.


def error_bar(accuracy, count):
    """Return the standard error of an accuracy (0-1) measured on count images."""
    raise NotImplementedError


check("error_bar", error_bar)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("error_bar")

# %%
# References
# ----------
# 1. K. He, X. Zhang, S. Ren, J. Sun. *Deep Residual Learning for Image Recognition.*
#    CVPR 2016, section 4.2. `arXiv:1512.03385 <https://arxiv.org/abs/1512.03385>`__
# 2. L. N. Smith, N. Topin. *Super-Convergence: Very Fast Training of Neural Networks
#    Using Large Learning Rates.* 2017. `arXiv:1708.07120
#    <https://arxiv.org/abs/1708.07120>`__
# 3. H. Xiao, K. Rasul, R. Vollgraf. *Fashion-MNIST.* 2017. `arXiv:1708.07747
#    <https://arxiv.org/abs/1708.07747>`__
