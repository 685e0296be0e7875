"""
How to read an architecture
===========================

The figure of a paper shows what its authors are proud of. What a network *is* stands in
five columns: what comes out of each layer, how many numbers it learned, how many
multiplications it does, how many bytes it leaves behind, and how much of the image one
of its numbers sees. We fill the columns in by hand for four layers, then let a program
do it for a hundred, without a single multiplication.

You will

* write a trace of your own in twelve lines, and hold it against PyTorch's own count;
* predict how parameters, work and memory grow when image, batch or width doubles;
* read the one error message that every architecture gives you sooner or later.

**Before this:** LeNet, layer by layer; hooks; receptive fields.
"""

import time

import torch
import torchvision
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from cnn_tutorial import blocks, models, plotting, summary
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Four layers with a flattening among them, and an image of 8 x 8 pixels with three
# channels. Take a pencil: each answer below is one line of arithmetic.

small = nn.Sequential(
    nn.Conv2d(3, 4, kernel_size=3, padding=1),
    nn.MaxPool2d(2),
    nn.Conv2d(4, 6, kernel_size=3),
    nn.Flatten(),
    nn.Linear(6 * 2 * 2, 10),
)
reading = summary.trace(small, (3, 8, 8))
predict(
    "The first convolution: which shape comes out, how many parameters, how many "
    "multiplications?",
    f"{reading.rows[0].output_shape[1:]}, {reading.rows[0].parameters}, "
    f"{reading.rows[0].macs:,}",
    because="Padding 1 keeps 8 x 8. Four kernels of 3 * 3 * 3 weights and a bias each: "
    "4 * 27 + 4. Each of the 4 * 27 weights is used in each of the 64 places.",
)

# %%
# The last column is the slow one to do in the head. It grows by the kernel, in steps
# that every stride before has widened.

predict(
    "How many pixels of the image, along a side, does one number of the second "
    "convolution see?",
    reading.rows[2].field.size[0],
    because="The first sees 3, the pooling one more. From then on neighbours are two "
    "pixels apart, so two more steps of the kernel add four: 3 + 1 + 2 * 2.",
)

# %%
# All of it at once. A *MAC* is a multiplication with an addition, the unit in which
# convolutions are counted. The *field* is the part of the image that a number sees.

reading

# %%
# And as a picture, to scale: slabs are as wide as the maps, and thicker the more
# channels there are. The bars say where the parameters and the work are.

plotting.architecture(
    reading, title="Four layers: the first one works most, the last two know most"
)

# %%
# By hand
# -------
# Such a table needs little: a hook on every layer notes what comes out. Weights are
# used once for each place of the output, so a convolution and an affine map share one
# rule.


def trace_by_hand(model, x):
    rows = []

    def note(module, _inputs, output):
        weights = sum(p.numel() for p in module.parameters() if p.ndim > 1)
        places = output[0, 0].numel() if output.ndim == 4 else 1
        parameters = sum(p.numel() for p in module.parameters())
        rows.append((tuple(output.shape), parameters, weights * places))

    handles = [layer.register_forward_hook(note) for layer in model]
    model(x)
    for handle in handles:
        handle.remove()
    return rows


# %%
# Twelve lines, and the same numbers:

mine = trace_by_hand(small, torch.zeros(1, 3, 8, 8))
for shape, parameters, macs in mine:
    print(f"{shape!s:<14} {parameters:>5} parameters {macs:>6,} MACs")
assert mine == [(r.output_shape, r.parameters, r.macs) for r in reading.rows]

# %%
# Without a multiplication
# ------------------------
# Shapes do not depend on pixel values. PyTorch's ``meta`` device keeps shapes and
# throws the numbers away: the table of a deep network costs no arithmetic and no
# memory. Here is ResNet-50 with images of 224 x 224, as its paper has it: 53
# convolutions, one line for each stage.

with torch.device("meta"):
    resnet = models.resnet50(num_classes=1000, stem="large")
start = time.process_time()
trace = summary.trace(resnet, (3, 224, 224))
seconds = time.process_time() - start
print(f"{len(trace.rows)} layers in {1000 * seconds:.0f} ms of processor time")
trace.stages()

# %%
# Read down the columns. Channels double where sides halve. Parameters pile up at the
# end, memory at the beginning. And the work?

macs = [row.macs for row in trace.stages().rows if row.name.startswith("stages")]
per_block = [m / depth for m, depth in zip(macs, (3, 4, 6, 3), strict=True)]
assert max(per_block) < 1.25 * min(per_block)
predict(
    "From stage to stage, ResNet-50 halves the side and doubles the channels. Which "
    "stage does most work for each of its blocks?",
    "about the same: "
    + ", ".join(f"{m / 1e9:.2f}" for m in per_block)
    + " billion MACs a block",
    because="A convolution from C to C channels does C * C * K * K * H * W of them. "
    "Twice the C is four times as many, half of each side a quarter.",
)

# %%
# The picture shows both trends at once.

plotting.architecture(
    trace, title="ResNet-50: the work is everywhere, the parameters are at the end"
)

# %%
# Turn one knob
# -------------
# Double the batch, the side of the image, or the width, that is all channels, and
# compare the totals.


def totals(width=16, side=32, batch=1):
    found = summary.trace(
        models.resnet20(width=width), (3, side, side), batch_size=batch
    )
    return torch.tensor([found.parameters, found.macs, found.memory])


once = totals()
changes = {"batch": totals(batch=2), "side": totals(side=64), "width": totals(width=32)}
print("twice the    parameters  MACs  memory   (times as many)")
for name, found in changes.items():
    print(f"{name:<12}" + "".join(f"{ratio:>8.2f}" for ratio in found / once))

# %%
# The trace of one setting tells you all others: that is why papers can state one.

growth = (changes["side"][2] / once[2]).item()
assert changes["side"][0] == once[0]
assert abs(growth - 4) < 0.01
predict(
    "A network has 1 GB of outputs at 224 x 224 with a batch of 8. It must see images "
    "of 448 x 448. Which batch fits into the same memory?",
    f"{8 / growth:.0f}",
    because="Twice the side is four times the outputs, in every layer before the "
    "average over all places.",
)

# %%
# What the layers cannot show
# ---------------------------
# A table has one line after the other, and a residual block is not a line. The graph
# view follows the tensors: who reads what. Where two arrows meet at a plus, something
# has come past both convolutions.

plotting.architecture_graph(
    summary.trace(blocks.BasicBlock(64, 128, stride=2), (64, 32, 32)),
    title="A block of ResNet-18: two ways from the input to the sum",
)

# %%
# The convolution on the shorter way is there for shapes' sake: 128 channels of 16 x 16
# cannot be added to 64 of 32 x 32.
#
# Where it breaks
# ---------------
# Sooner or later a layer is told the wrong number. Take an image that is a little
# larger than the four layers were made for, and compare two messages.

with expect_error(RuntimeError):
    small(torch.zeros(1, 3, 10, 10))

with expect_error(ValueError):
    summary.trace(small, (3, 10, 10))

# %%
# PyTorch tells of two matrices that do not fit. The trace says which layer it was, what
# it was told, and what it should have been told. Do not search for the number with a
# pencil: read it, and ask yourself whether *that* is what you want. A layer after
# flattening ties a network to one size of image. An average over all places does not:

free = nn.Sequential(
    *small[:3], nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(6, 10)
)
for side in (8, 10, 227):
    print(
        f"{side:>3} x {side:<3} gives",
        summary.trace(free, (3, side, side)).output_shape,
    )

# %%
# In the library
# --------------
# ``summary.trace`` takes any module, also one of somebody else's. PyTorch has a counter
# of its own, which runs the network; it counts multiplications and additions apart, two
# for each MAC. Both must find the same:

theirs = torchvision.models.mobilenet_v2(weights=None).eval()
found = summary.trace(theirs, (3, 64, 64))
with FlopCounterMode(display=False) as counter, torch.no_grad():
    theirs(torch.zeros(1, 3, 64, 64))
assert 2 * found.macs == counter.get_total_flops()
assert found.parameters == sum(p.numel() for p in theirs.parameters())
print(f"MobileNetV2: {found.parameters:,} parameters, {found.macs:,} MACs at 64 x 64")

# %%
# One column is missing so far, and it is the one that you wait for. With ``timed=True``
# the network runs a few times, and the table says which share of the time each layer
# took on this machine.

timed = summary.trace(models.LeNet(), (1, 32, 32), batch_size=64, timed=True)
whole = sum(row.seconds for row in timed.rows)
print("       share of the MACs   of the time")
for row in timed.rows:
    print(f"{row.name:<6}{row.macs / timed.macs:>18.0%}{row.seconds / whole:>14.0%}")

# %%
# The two columns are not the same. How far apart they can be is a lesson of its own,
# on efficient blocks.
#
# Takeaways
# ---------
# * An architecture is five columns: shapes, parameters, MACs, memory, field. All five
#   follow from the settings of the layers.
# * A convolution's MACs are its weights times the places of its output. Where sides
#   halve and channels double, work stays the same and parameters grow fourfold.
# * Batch and image size change work and memory, never the parameters; width changes
#   all three.
# * A shape error names two matrices. The trace names the layer, and the number.
#
# Check yourself
# --------------
# A pencil is enough; a trace would be cheating.

ask("growth_of_a_column")

# %%
# And where do the numbers pile up?

ask("layer_with_most")

# %%
# Exercise
# --------
# Write four of the columns yourself, for a stack of convolutions and poolings.


def trace_rows(channels, side, layers):
    """Return (channels, side, parameters, MACs, field) after each layer.

    A layer is (channels, kernel_size, stride, padding); a pooling has None for its
    channels. Convolutions have a bias.
    """
    raise NotImplementedError


check("trace_rows", trace_rows)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("trace_rows")

# %%
# References
# ----------
# 1. K. He, X. Zhang, S. Ren, J. Sun. *Deep Residual Learning for Image Recognition.*
#    CVPR 2016. Table 1 has the stages of ResNet-50 and their work.
#    `arXiv:1512.03385 <https://arxiv.org/abs/1512.03385>`__
# 2. A. Canziani, A. Paszke, E. Culurciello. *An Analysis of Deep Neural Network Models
#    for Practical Applications.* 2016. Parameters, work, memory and time of the
#    networks of their day, side by side.
#    `arXiv:1605.07678 <https://arxiv.org/abs/1605.07678>`__
