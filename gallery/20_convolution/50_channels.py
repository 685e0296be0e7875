"""
Every output channel listens to every input channel
===================================================

A photograph has three planes, and the maps inside a network come in dozens. So far one
kernel slid over one plane. Here we learn what a layer does with many: it asks each
plane through a kernel of its own, and adds up the answers.

You will

* take a layer with two inputs and three outputs apart, term by term;
* predict the shape of its weight and the number of its parameters;
* mix the colours of a photograph with kernels that you made yourself.

**Before this:** one kernel that slides over one channel; the size of its output.
"""

import skimage.data
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, convolution, datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# The smallest case has two input channels of 3 x 3 pixels. The kernel for the first
# adds along one diagonal of the window, the kernel for the second along the other.

x = torch.tensor(
    [[[1.0, 2, 0], [0, 1, 3], [2, 0, 1]], [[0.0, 1, 1], [2, 0, 1], [1, 3, 0]]]
)  # C_in, H, W
weight = torch.tensor([[[[1.0, 0], [0, 1]], [[0.0, 1], [1, 0]]]])  # C_out, C_in, kh, kw
print(tuple(x.shape), tuple(weight.shape))

# %%
# Two channels go in and there are two kernels.

out = F.conv2d(x, weight)  # C_out, H_out, W_out
predict(
    "How many channels come out, and of which size?",
    f"{out.shape[0]} channel of {out.shape[1]} x {out.shape[2]}",
    because="The two kernels belong to the same output: what they make is added. And "
    "3 - 2 + 1 = 2 places each way.",
)

# %%
# Here is the whole computation. The upper left pixel of the output is (1 + 1) from the
# first channel and (1 + 2) from the second.

plotting.matrices(
    [x[0], "*", weight[0, 0], "+", x[1], "*", weight[0, 1], "=", out[0]],
    roles=["input", "kernel", "input", "kernel", "output"],
    windows={0: (0, 0, 2, 2), 2: (0, 0, 2, 2), 4: (0, 0)},
    title="Two channels, two kernels, one output: the answers are added",
)

# %%
# By hand
# -------
# More outputs are more of the same. Output channel :math:`o` has a kernel for each
# input channel :math:`i`, and a number of its own, the bias:
#
# .. math::
#    \mathrm{out}_o = \sum_i x_i \star w_{o,i} + b_o .
#
# Two loops say it in code.


def many_channels(x, weight, bias):
    planes = []
    for o in range(weight.shape[0]):
        plane = bias[o]
        for i in range(x.shape[0]):
            plane = plane + F.conv2d(x[None, None, i], weight[None, None, o, i])[0, 0]
        planes.append(plane)
    return torch.stack(planes)


assert_close(many_channels(x, weight, torch.zeros(1)), out)

# %%
# Is this a matrix product? Nearly. Put :math:`w_{o,i}` in row :math:`o` and column
# :math:`i`, and it is a matrix times a vector, in which the entries are kernels and
# planes, and "times" means "slides over".
#
# Two in, three out
# -----------------
# Now real pixels: the red and the green plane of a small piece of a photograph, 8 x 8.
# We take a piece in which green has something to show and red shows something else.

patches = F.interpolate(
    datasets.for_role("colour").test.scaled(), size=(8, 8), mode="area"
)
differ = (patches[:, 0] - patches[:, 1]).std(dim=(1, 2))
shown = patches[:, 1].std(dim=(1, 2))
x = patches[(differ * shown).argmax(), :2]  # (2, 8, 8)

mean = torch.full((3, 3), 1 / 9)
slope = torch.tensor([[-1.0, 0.0, 1.0]] * 3) / 3
weight = torch.stack(
    [torch.stack(pair) for pair in ((mean, mean), (mean, -mean), (slope, slope))]
)
print("weight:", tuple(weight.shape))

# %%
# Three outputs, two inputs each: six kernels. The first output averages both planes,
# the second subtracts green from red, the third looks for steps from left to right.

size = arithmetic.conv_output_size((8, 8), (3, 3))
predict(
    "Each kernel slides over its plane. How many maps does that make, how many are "
    "left after adding, and of which size?",
    f"{weight.shape[0] * weight.shape[1]} maps become {weight.shape[0]}, each "
    f"{size[0]} x {size[1]}",
    because="3 * 2 pairs of output and input; one sum for each output; 8 - 3 + 1 = 6.",
)

# %%
# Read the figure row by row. In the second row both terms are strong, and where red
# and green agree they cancel: what is left is where the piece is *red*. No kernel on a
# single plane can tell red from white.

plotting.channel_sum(
    x,
    weight,
    title="Red and green go in; each output is a sum of two terms",
)

# %%
# The claim, checked
# ------------------
# ``nn.Conv2d`` with these kernels and some biases must give what our loops give.

conv = nn.Conv2d(2, 3, kernel_size=3)
assert conv.weight.shape == weight.shape
conv.weight.data, conv.bias.data = weight, torch.tensor([0.5, -2.0, 3.0])
with torch.no_grad():
    assert_close(many_channels(x, conv.weight, conv.bias), conv(x))

# %%
# The bias is one number for each *output*. It lifts the whole map by the same amount,
# whatever the image:

lifted = conv(x) - F.conv2d(x, weight)
for o, plane in enumerate(lifted):
    print(f"output {o}: from {plane.min():.3f} to {plane.max():.3f}")

# %%
# What there is to learn
# ----------------------
# Four axes hold all of it: output, input, row, column. Before you open the answers, a
# warning: a layer "with sixteen kernels of 3 x 3" has more numbers than 16 * 9.

conv = nn.Conv2d(3, 16, kernel_size=3)
predict(
    "A layer goes from 3 to 16 channels with 3 x 3 windows. "
    "Which shapes have `weight` and `bias`?",
    f"{tuple(conv.weight.shape)} and {tuple(conv.bias.shape)}",
    because="Outputs first, then inputs, then the window. One bias per output.",
)

# %%
# Now count them.

count = sum(parameter.numel() for parameter in conv.parameters())
predict(
    "How many numbers does this layer learn?",
    count,
    because="16 * (3 * 3 * 3 + 1). The size of the image is not in the formula: the "
    "same 448 numbers serve every place.",
)

# %%
# In general :math:`C_{out}\,(C_{in} k_h k_w + 1)`. (Groups make :math:`C_{in}` smaller,
# which is the next lesson.) Turn one knob, the width, and watch what a 3 x 3 layer
# costs when it keeps its number of channels:

assert count == arithmetic.conv_parameters(3, 16, 3) == 448
for channels in (3, 16, 64, 256, 512):
    parameters = arithmetic.conv_parameters(channels, channels, 3)
    print(f"{channels:4} -> {channels:<4} {parameters:10,} parameters")

# %%
# Twice the channels, four times the parameters: every output listens to every input,
# and there are pairs to pay for.
#
# A photograph through our own bank
# ---------------------------------
# A photograph has red, green and blue. Our eyes do not send these three to the brain:
# they send brightness, red *against* green, and blue *against* yellow, which is red and
# green together. Each of these is one row of numbers, one number per plane. Spread over
# a small window they are kernels. A fourth output looks for vertical edges.

mix = torch.tensor([[1 / 3, 1 / 3, 1 / 3], [1, -1, 0], [-0.5, -0.5, 1]])
bank = torch.cat([mix[:, :, None, None] * mean, slope.expand(1, 3, 3, 3) / 3])
plotting.weight_table(
    bank, title="Four outputs, three inputs (red, green, blue): a kernel for each pair"
)

# %%
# And what they see, in the portrait of the astronaut Eileen Collins:

pixels = torch.from_numpy(skimage.data.astronaut()).permute(2, 0, 1) / 255  # C, H, W
photo = F.interpolate(pixels[None], size=(128, 128), mode="area")[0]
plotting.images(photo, title="Three planes go in")

# %%
# Before you look further: the suit is orange, which is much red, some green and little
# blue.

seen = F.conv2d(photo, bank, padding=1)
suit = seen[1:3, 95:115, 25:40].mean(dim=(1, 2))  # a part of the sleeve
predict(
    "Which sign has red − green on the orange suit, and which has blue − yellow?",
    f"{suit[0]:+.2f} and {suit[1]:+.2f} on average over a sleeve",
    because="There is more red than green, and less blue than the mean of both.",
)

# %%
# The maps, white at zero where they are signed:

plotting.feature_maps(
    seen,
    titles=["brightness", "red − green", "blue − yellow", "vertical edges"],
    columns=2,
    scale="each",
    title="Four maps come out: the suit is plus in the second and minus in the third",
)

# %%
# What will the second and third map show of a black and white photograph, in which the
# three planes are equal?

grey = photo.mean(dim=0, keepdim=True).expand(3, -1, -1)
opponents = F.conv2d(grey, bank[1:3], padding=1)
predict(
    "Send a grey photograph through the red-green and the blue-yellow kernels. "
    "What is the largest value that comes out, to three decimals?",
    f"{opponents.abs().max().item():.3f}",
    because="The weights of such an output add up to zero at each place of the window, "
    "1 - 1 and 1 - 0.5 - 0.5, so that equal planes cancel.",
)

# %%
# Where it breaks
# ---------------
# Cameras and most image files store the channels *last*. The layer counts the axis that
# it takes for channels, and complains:

with expect_error(RuntimeError):
    F.conv2d(photo.permute(1, 2, 0), bank)

# %%
# Three channels in another order are still three. Nothing is raised, and red is taken
# for blue. Some libraries read files as blue, green, red, so it happens.

wrong = F.conv2d(photo.flip(0), bank, padding=1)
for name, one, other in zip(("brightness", "red - green"), seen, wrong, strict=False):
    print(f"{name:12} changes by at most {(one - other).abs().max():.2f}")

# %%
# Brightness weighs all planes alike and cannot notice. By itself the order means
# nothing: if the kernels change places together with the channels, the sum is the same.

order = torch.tensor([2, 0, 1])
assert_close(F.conv2d(photo[order], bank[:, order]), F.conv2d(photo, bank))

# %%
# In the library
# --------------
# The unfold engine of this chapter adds over channels inside its matrix product: the
# elements of all channels lie in one column. It agrees with the two loops.

bias = torch.randn(4)
assert_close(
    convolution.conv2d_unfold(photo[None], bank, bias)[0],
    many_channels(photo, bank, bias),
)

# %%
# Takeaways
# ---------
# * There is a kernel for each pair of an output and an input channel; the answers of
#   all inputs are added, and one bias per output comes on top.
# * A weight is ``(C_out, C_in/groups, kh, kw)``, and a layer has :math:`C_{out}
#   (C_{in} k_h k_w + 1)` parameters without groups: 448 for 3 to 16 channels.
# * The sum is what lets an output compare channels, as red against green does; no
#   kernel on a single plane can.
# * The order of channels is a convention between data and weight. A wrong number of
#   them is an error, a wrong order is not.
#
# Check yourself
# --------------
# Who has a number of its own: an output, an input, or each pair of them?

ask("parameter_count")

# %%
# The whole sum, once, with planes that are easy to multiply:

ask("flat_planes")

# %%
# Exercise
# --------
# Write the sum over channels yourself, from convolutions of one channel.


def sum_over_channels(x, weight, bias):
    """Convolve x (C_in, H, W) with weight (C_out, C_in, kh, kw), bias (C_out,)."""
    raise NotImplementedError


check("sum_over_channels", sum_over_channels)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("sum_over_channels")

# %%
# References
# ----------
# 1. V. Dumoulin, F. Visin. *A guide to convolution arithmetic for deep learning.* 2016.
#    `arXiv:1603.07285 <https://arxiv.org/abs/1603.07285>`__
# 2. L. M. Hurvich, D. Jameson. *An opponent-process theory of color vision.*
#    Psychological Review 64, 1957. Red stands against green, blue against yellow.
#    `doi:10.1037/h0041403 <https://doi.org/10.1037/h0041403>`__
# 3. The photograph: NASA, public domain; it comes with scikit-image.
