"""
A channel is not a colour
=========================

Red, green and blue are channels, so channels are colours? They are at the entrance, and
never again. Behind the first layer a channel answers a question about the picture: is
there an edge here, a bright spot, something like skin? There can be three of them or a
thousand. On this page we learn a few from a photograph, make as many as we like, and
see what they cost.

You will

* learn four detectors from a photograph and look at what each of them sees;
* make 1,024 channels of 3, and say what that costs before you see it;
* find out why networks grow wider where their images get smaller.

**Before this:** images as tensors.
"""

import skimage.data
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

photo = torch.from_numpy(skimage.data.astronaut()[:224, 112:336].copy())  # H, W, C
image = photo.permute(2, 0, 1)[None] / 255  # (1, 3, 224, 224), 0-1

# %%
# The question
# ------------
# A layer makes new channels of old ones. Each new number is a weighted sum of what a
# small window sees in *all* the old channels. The smallest window has one pixel, and at
# each pixel there are three numbers to weigh:

print("a pixel of her cheek:", photo[120, 60].tolist())
plotting.images(image, title="The photograph: 3 channels of 224 x 224 numbers")

# %%
# Our first kernel has three weights.

detector = torch.tensor([1.0, 0.0, -1.0]).reshape(1, 3, 1, 1)  # C_out, C_in, kh, kw
response = F.conv2d(image, detector)
predict(
    "The weights are 1 for red, 0 for green, -1 for blue. "
    "Which shape has the response to the photograph, and what does it measure?",
    f"{tuple(response.shape)}: how much more red than blue",
    because="One kernel makes one channel, whatever it reads. A window of one pixel "
    "fits everywhere.",
)

# %%
# Where is it large?

assert_close(response[0, 0], image[0, 0] - image[0, 2])
plotting.feature_maps(
    response[0],
    titles=["red minus blue"],
    title="A channel that is no colour: it finds skin and hair",
)

# %%
# Learned, not chosen
# -------------------
# We chose these weights. They can be learned instead. The oldest way needs no labels:
# take all 5 x 5 patches and ask in which directions they differ most (*principal
# components*). The four strongest directions are four kernels.

patches = F.unfold(image, kernel_size=5)[0]  # (75, 48400): 3*5*5 numbers a patch
centred = patches - patches.mean(dim=1, keepdim=True)
directions, variance, _ = torch.linalg.svd(centred @ centred.T)
learned = directions.T[:4].reshape(4, 3, 5, 5)
print("share of the variance:", (variance / variance.sum())[:4])
plotting.kernels(
    learned, columns=1, title="Four kernels learned from one photograph, one a row"
)

# %%
# Kernel 0 weighs everything alike: brightness. Kernels 1 and 2 are light on one side
# and dark on the other: edges, in two directions. In kernel 3 the three planes
# disagree. (A direction has no sign, so that each kernel might be its negative.) Now
# let them look.

channels = F.conv2d(image - image.mean(dim=(2, 3), keepdim=True), learned)
predict(
    "Four kernels of 5 x 5 on a photograph of 3 x 224 x 224. Which shape?",
    tuple(channels.shape),
    because="224 - 5 + 1 = 220. The number of channels is the number of kernels; "
    "what went in does not count.",
)

# %%
# Each on its own scale, because brightness would outshine the others:

plotting.feature_maps(
    channels,
    columns=2,
    scale="each",
    titles=["0: brightness", "1: an edge", "2: another edge", "3: colour"],
    title="What four learned channels see, white at zero",
)

# %%
# None of them is red, green or blue. A network learns its kernels too, not for variance
# but for its task, and its first layer ends up with much the same kinds: edges in all
# directions, spots, and colours against each other.
#
# As many as you like
# -------------------
# Is there a largest number of channels? Let us ask for 1,024.

wide = nn.Conv2d(3, 1024, kernel_size=3, padding=1)
with torch.no_grad():
    features = wide(image[:, :, :32, :32])
predict(
    "`nn.Conv2d(3, 1024, kernel_size=3, padding=1)` on 3 x 32 x 32. "
    "Which shape, and how many parameters?",
    f"{tuple(features.shape)}, {wide.weight.numel() + wide.bias.numel():,} parameters",
    because="Each of the 1,024 kernels has 3 * 3 * 3 weights and a bias: 1,024 * 28.",
)

# %%
# No rule forbids it. What can go wrong is not the number but that two layers disagree
# about it. Many PNG files have a fourth channel, for transparency:

with expect_error(RuntimeError):
    wide(torch.zeros(1, 4, 32, 32))

# %%
# The bill
# --------
# Three things are paid for: *parameters* to keep and to learn, *multiply-accumulates*
# (MACs) to compute, and *memory* for the outputs, which training keeps until the way
# back. For a 3 x 3 window on 56 x 56 pixels, from C channels to C channels:


def cost(c_in, c_out, side):
    return {
        "parameters": arithmetic.conv_parameters(c_in, c_out, 3),
        "MACs": arithmetic.conv_macs(c_in, c_out, 3, side),
        "bytes": 4 * c_out * side * side,  # float32
    }


widths = [16, 64, 256, 1024]
bills = [cost(width, width, 56) for width in widths]
plotting.lines(
    widths,
    {name: [bill[name] for bill in bills] for name in bills[0]},
    title="Four times the channels: memory grows 4 times, the rest 16 times",
    xlabel="channels in and out",
    ylabel="number",
    log="both",
)

# %%
# These are formulas. They had better agree with a layer:

layer = nn.Conv2d(64, 128, kernel_size=3, padding=1)
assert sum(p.numel() for p in layer.parameters()) == cost(64, 128, 56)["parameters"]
with torch.no_grad():
    assert layer(torch.zeros(1, 64, 56, 56)).nbytes == cost(64, 128, 56)["bytes"]
predict(
    "A layer has 64 channels in and out. We double both. "
    "How do parameters (without biases) and memory grow?",
    f"{128 * 128 / (64 * 64):.0f} times and {128 / 64:.0f} times",
    because="There is a kernel for each pair of an input and an output channel, and an "
    "output image for each output channel.",
)

# %%
# Wider where smaller
# -------------------
# Networks halve their images every few layers and double, or more than double, their
# channels. A typical way is 3 → 16 → 64 → 128 → 512. Here is its bill, stage by stage.

stages = [(3, 16, 224), (16, 64, 112), (64, 128, 56), (128, 512, 28)]
print("  channels  pixels  parameters          MACs       bytes")
for c_in, c_out, side in stages:
    bill = cost(c_in, c_out, side)
    print(
        f"{c_in:4} → {c_out:3}  {side:3} x {side:3} {bill['parameters']:9,} "
        f"{bill['MACs']:13,} {bill['bytes']:11,}"
    )

# %%
# Read the columns downwards. Memory is spent at the entrance, where images are large,
# and parameters at the exit, where channels are many. The work rises with each step,
# because the channels grow by more than two where the side is halved. In the pure form
# of the pattern, twice the channels at half the side, it stays *equal*:

for width, side in ((64, 56), (128, 28), (256, 14), (512, 7)):
    macs = cost(width, width, side)["MACs"]
    print(f"{width:3} channels, {side:2} x {side:<2}: {macs:,} MACs")
    assert macs == cost(64, 64, 56)["MACs"]

# %%
# A halved side has a quarter of the places, doubled channels four times the kernels.
# And why pay for channels at all? Because a deep channel has to name more things. There
# are few kinds of edges, and a great many kinds of objects' parts; what the image loses
# in places it gains in names. Numbers such as 16 and 64 are multiples of 8, which suits
# processors; how much, is measured in the next chapter.
#
# And if a network kept 512 channels at the full size?

flat = cost(512, 512, 224)
predict(
    "One layer, 512 channels in and out, at 224 x 224: how many times the work of a "
    "layer with 512 channels at 7 x 7?",
    f"{flat['MACs'] / cost(512, 512, 7)['MACs']:,.0f} times, "
    f"and {flat['bytes'] / 1e6:.0f} MB for the output of one image",
    because="224 / 7 = 32, squared. Parameters are the same.",
)

# %%
# Takeaways
# ---------
# * A channel is an image of answers to one question. Colours are three of the possible
#   questions, and only the input is limited to them.
# * Each kernel reads all input channels and makes one output channel.
# * Nothing limits the number of channels but cost: parameters and MACs grow with the
#   product of input and output channels, memory with the output channels.
# * Half the side and twice the channels is the same work. Memory is spent early,
#   parameters late.
#
# Check yourself
# --------------
# Be the kernel:

ask("strongest_pixel")

# %%
# Then be the one who pays.

ask("bill_grows")

# %%
# Exercise
# --------
# Write the bill of a layer whose output is as large as its input.


def layer_cost(c_in, c_out, kernel_size, height, width):
    """Return (parameters, MACs, output bytes) of a convolution with bias, float32."""
    raise NotImplementedError


check("layer_cost", layer_cost)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("layer_cost")

# %%
# References
# ----------
# 1. P. Hancock, R. Baddeley, L. Smith. *The principal components of natural images.*
#    Network 3, 1992. Brightness first, then edges.
# 2. K. Simonyan, A. Zisserman. *Very Deep Convolutional Networks for Large-Scale Image
#    Recognition.* ICLR 2015. Twice the channels after each pooling.
#    `arXiv:1409.1556 <https://arxiv.org/abs/1409.1556>`__
# 3. K. He and others. *Deep Residual Learning for Image Recognition.* CVPR 2016. The rule
#    of equal work, stated. `arXiv:1512.03385 <https://arxiv.org/abs/1512.03385>`__
# 4. The photograph: Eileen Collins, NASA, public domain, from scikit-image.
