"""
Every layer reads everything before it
======================================

A residual block adds what is new to what was there, and a sum cannot be taken apart
again. A *dense* block lays the new beside the old. Nothing is lost, every layer reads
all that was made before it, and since so much is at hand, a layer need not make much
that is new. On this page we write the layer and the block, and count every weight
before we look. The next lesson makes a network of them.

You will

* follow channels through a block: who reads how many, and who makes how many;
* find out when the famous 1 x 1 convolution saves weights, and when it costs some;
* see what a layer reads in pixels: large patches and small ones, side by side.

**Before this:** the lesson on the residual block.
"""

import torch
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import blocks, datasets, plotting, summary
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

torch.manual_seed(0)
info = datasets.for_role("grey").info
print(f"{info.title}: images of {info.input_size}")

# %%
# The question
# ------------
# One pixel, one channel, the number 1. A layer that adds up whatever it reads, and
# makes one new channel of it. In a chain each layer reads what the last one made. In a
# dense block it reads *all* there is.


def layer(x):
    return x.sum(dim=1, keepdim=True)  # (N, C, H, W) to (N, 1, H, W)


chain = x = torch.ones(1, 1, 1, 1)
for _ in range(4):
    chain = layer(chain)
    x = torch.cat([x, layer(x)], dim=1)
predict(
    "Four layers. What comes out of the chain? And which channels does the dense block "
    "hold at the end?",
    f"{chain.flatten().int().tolist()}; {x.flatten().int().tolist()}",
    because="The block's first layer reads 1, the second 1 + 1, the third 1 + 1 + 2, "
    "the fourth 1 + 1 + 2 + 4. The input is still there, in front.",
)

# %%
# By hand: the layer
# ------------------
# A real layer is: norm, ReLU, a 1 x 1 convolution to a few channels, norm, ReLU, a
# 3 x 3 convolution to fewer. How many come out is the *growth*; in the middle there are
# four times as many. Norm and ReLU come *first*: what was made once is read by many
# layers, and each one brings a norm of its own.


class DenseLayer(nn.Sequential):
    def __init__(self, channels, growth):
        super().__init__(
            nn.BatchNorm2d(channels),
            nn.ReLU(),
            nn.Conv2d(channels, 4 * growth, 1, bias=False),
            nn.BatchNorm2d(4 * growth),
            nn.ReLU(),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
        )


# %%
# And the block
# -------------
# The block is the loop from above, with one more thing to get right: each layer is
# built for more channels than the one before it.


class DenseBlock(nn.Module):
    def __init__(self, channels, depth, growth):
        super().__init__()
        self.layers = nn.ModuleList(
            DenseLayer(channels + i * growth, growth) for i in range(depth)
        )

    def forward(self, x):
        for layer in self.layers:
            x = torch.cat([x, layer(x)], dim=1)
        return x


block = DenseBlock(64, depth=4, growth=32)
out = block(torch.zeros(1, 64, 7, 5))
predict(
    "64 channels go in, four layers, growth 32. How many come out? "
    "How many does the fourth layer read?",
    f"{out.shape[1]}; {block.layers[3][0].num_features}",
    because="64 + 4 * 32, and 64 + 3 * 32. Channels grow by addition, not by doubling.",
)

# %%
# Count the weights by hand. A layer that reads c channels has a norm of 2c numbers, a
# 1 x 1 convolution of c times 4k, a norm of 2 times 4k, a 3 x 3 convolution of 4k times
# k times 9.


def count(c, k):
    return 2 * c + c * 4 * k + 2 * 4 * k + 9 * 4 * k * k


by_hand = [count(64 + 32 * i, 32) for i in range(4)]
total = sum(p.numel() for p in block.parameters())
assert sum(by_hand) == total == 206_720
plotting.bars(
    {f"layer {i + 1}": n for i, n in enumerate(by_hand)},
    title=f"Four dense layers, {total:,} parameters: each reads more than the last",
    xlabel="parameters",
    roles="kernel",
)

# %%
# Is that many?

predict(
    "The block makes 192 channels. How many weights has a single 3 x 3 convolution "
    "from 192 to 192 channels?",
    f"{9 * 192 * 192:,}",
    because="More than the block with its eight convolutions: whoever need not make "
    "192 channels anew gets by with narrow layers.",
)

# %%
# What does the 1 x 1 convolution save?
# -------------------------------------
# It is called a *bottleneck*, since it hands only 4k channels to the costly 3 x 3
# convolution. One reads that it saves weights. Without it, a layer would be a 3 x 3
# convolution from c to k channels. We turn this knob for every c.

reads = range(32, 1025, 32)
plotting.lines(
    reads,
    {
        "with 1 x 1": [c * 4 * 32 + 9 * 4 * 32 * 32 for c in reads],
        "without": [9 * c * 32 for c in reads],
    },
    title="Weights of a layer with growth 32, by the number of channels that it reads",
    xlabel="channels that the layer reads",
    ylabel="weights of its convolutions",
)

# %%
# The lines cross. Where?

growth = 32
crossing = next(c for c in range(1, 2000) if count(c, growth) < 9 * c * growth + 2 * c)
most = 256 + 23 * growth  # the last layer of its third block
saved = 1 - count(most, growth) / (9 * most * growth + 2 * most)
predict(
    "From how many channels on has the layer with the 1 x 1 convolution fewer "
    "parameters? And which layers of our block read that many?",
    f"from {crossing}; none",
    because="4kc + 36kk (and a norm of 8k) against 9kc: a little above 7.2 k. In our "
    "block of four layers the bottleneck costs weights; in the deep blocks of a "
    f"DenseNet-121, which read up to {most} channels, it saves {saved:.0%}.",
)

# %%
# In the library
# --------------
# The package's block is ours, number by number, and so are its answers.

theirs = blocks.DenseBlock(64, 4, growth=32)
pairs = zip(theirs.state_dict(), block.state_dict().values(), strict=True)
theirs.load_state_dict(dict(pairs))
maps = torch.randn(3, 64, 7, 5)
assert_close(block(maps), theirs(maps))

# %%
# What does the last layer see? We trace a small block with a stem in front. Look at the
# field of each ``conv2``: what the layers *make* sees 5, 7 and 9 pixels. But the last
# layer *reads* all that was made before it: fields of 3, of 5 and of 7, side by side.

stem = nn.Conv2d(info.channels, 16, 3, padding=1, bias=False)
summary.trace(nn.Sequential(stem, blocks.DenseBlock(16, 3, growth=8)), info.input_size)

# %%
# The picture says what each layer *makes*, and what share of the work is its own. What
# it reads, the input and all slabs above it, shows in the shares: they grow.

plotting.architecture(
    summary.trace(blocks.DenseBlock(16, 4, growth=8), (16, 28, 28)),
    depth=2,
    title="Four dense layers: equally many new channels, more and more to read",
)

# %%
# Where it breaks
# ---------------
# Side by side means: of the same height and width. A layer that forgets its padding
# makes maps that are too small, and the error comes from ``cat``.

careless = DenseBlock(4, depth=2, growth=2)
careless.layers[0][5].padding = (0, 0)
with expect_error(RuntimeError):
    careless(torch.zeros(1, 4, 7, 7))

# %%
# Deviations
# ----------
# The layer is the paper's with "bottleneck" (its letter B); a dense layer without the
# 1 x 1 convolution is in the paper, too. Ours has no dropout, which the paper uses where
# images are not augmented.
#
# Takeaways
# ---------
# * Dense: new channels are laid beside the old ones, and every layer reads them all.
# * Channels grow by addition, so that layers can be narrow: growth is 12 to 48.
# * The 1 x 1 convolution saves weights only above about seven times the growth.
# * What was made early is not lost, and small patches are read beside large ones.
#
# All this says what a layer *could* read. What it does read is measured later, in "Who
# reads whom in a DenseNet?"
#
# Check yourself
# --------------
# Who stands where in the pile?

ask("slice_of_a_layer")

# %%
# And does every layer of a block profit from its 1 x 1 convolution?

ask("layers_that_save")

# %%
# Exercises
# ---------
# First the layer, then the block.


def dense_layer(in_channels, growth):
    """Return the module: norm, ReLU, 1x1 to 4*growth, norm, ReLU, 3x3 to growth."""
    raise NotImplementedError


check("dense_layer", dense_layer)

# %%
# A block is given its layers, as functions of maps.


def dense_block(x, layers):
    """Return x (N, C, H, W) and, behind it, what each of the layers adds."""
    raise NotImplementedError


check("dense_block", dense_block)

# %%
# Open the solutions when you have some of your own. A script opens its figures here.

plotting.show()
solution("dense_layer")

# %%

solution("dense_block")

# %%
# References
# ----------
# 1. G. Huang, Z. Liu, L. van der Maaten, K. Q. Weinberger. *Densely Connected
#    Convolutional Networks.* CVPR 2017: Table 1 (ImageNet), Table 2 (CIFAR), section 3.
#    `arXiv:1608.06993 <https://arxiv.org/abs/1608.06993>`__
# 2. G. Huang and others. *Convolutional Networks with Dense Connectivity.* TPAMI 2019.
#    The longer version. `arXiv:2001.02394 <https://arxiv.org/abs/2001.02394>`__
