"""
One size off, and nothing runs
==============================

Sooner or later every network stops with *mat1 and mat2 shapes cannot be multiplied*. On
this page one does, in front of us. We had the means to know beforehand, we read the
message until it tells us everything, and we repair the cause and not the place where it
hurt. At the end stands a checklist; each of its items has been used by then.

You will

* read a shape error from its last line upwards and know what its four numbers mean;
* find the layer where plan and reality part, which is seldom the one that crashes;
* meet the mistakes that raise no error at all.

**Before this:** predicting the output size.
"""

import re
import traceback

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial import arithmetic, datasets, plotting, summary
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

digits = datasets.for_role("digits", size=32)
images, labels = digits.test.scaled()[:11], digits.test.labels[:11]
classes = len(digits.info.classes)

# %%
# The question
# ------------
# Eleven digits wait to be read, a batch of shape ``(11, 1, 32, 32)``. Eleven is a prime
# number, on purpose: wherever it turns up, it is the batch.

plotting.images(
    images,
    labels=labels,
    classes=digits.info.classes,
    columns=6,
    title="Eleven digits of 32 x 32 pixels wait for a network",
)

# %%
# This is the network: ``__init__`` makes the layers, ``forward`` calls them one after the
# other. The plan: each convolution halves the image, 32 to 16 to 8, so that sixteen maps
# of 8 x 8 are left for the last layer.


class Net(nn.Module):
    def __init__(self, padding=0, in_features=16 * 8 * 8):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 8, kernel_size=3, stride=2, padding=padding)
        self.conv2 = nn.Conv2d(8, 16, kernel_size=3, stride=2, padding=padding)
        self.fc = nn.Linear(in_features, classes)

    def forward(self, x):
        x = F.relu(self.conv1(x))
        x = F.relu(self.conv2(x))
        return self.fc(torch.flatten(x, start_dim=1))


torch.manual_seed(0)
net = Net()

# %%
# It was built without complaint. A layer knows its own settings and not its neighbours,
# so nothing has compared them yet. We do, before we run anything.

planned, sizes = [32, 16, 8], [32]
for conv in (net.conv1, net.conv2):
    named = {"stride": conv.stride[0], "padding": conv.padding[0]}
    sizes.append(arithmetic.conv_output_size(sizes[-1], conv.kernel_size[0], **named))
predict(
    "Which sizes does the image go through? Will the network run?",
    f"{' -> '.join(map(str, sizes))}: the last layer waits for 16 * 8 * 8 = "
    f"{net.fc.in_features} numbers and gets 16 * {sizes[2]} * {sizes[2]} = "
    f"{16 * sizes[2] ** 2}.",
    because="(32 - 3) // 2 + 1 = 15. A window of three that moves by two halves an "
    "image only with padding 1.",
)

# %%
# The crash
# ---------
# Now run it. We keep the error to read it slowly.

try:
    net(images)
except RuntimeError as caught:
    error = caught
print(type(error).__name__, error, sep=": ")

# %%
# Behind this line Python would print every call that was under way, oldest first. *Read
# from the bottom*: the last call is where it hurt. Go up until you meet a line of your
# own.

for call in traceback.extract_tb(error.__traceback__)[::-1]:
    print(f"{call.name:20} {call.line}")

# %%
# ``linear`` multiplied two matrices; the lines of ``nn.Module`` belong to the way in;
# ``forward`` is ours, and its line names the layer: ``self.fc``. Now the message. A
# linear layer multiplies its input with its transposed weight, so the message has the
# shapes of the two.

rows, came, told, out = map(int, re.findall(r"\d+", str(error))[-4:])
assert (rows, out) == (len(images), classes)
assert told == net.fc.in_features
predict(
    "Which of the four numbers is the batch, what came, what the layer was told, and "
    "what it puts out?",
    f"in this order: {rows} images, {came} numbers each, told {told}, puts out {out}",
    because="The two in the middle must be equal, and are not.",
)

# %%
# Last, take the two apart. We know that there are sixteen maps:

for name, number in (("came", came), ("told", told)):
    side = (number // 16) ** 0.5
    print(f"{name}: {number} = 16 * {side:.0f} * {side:.0f}")

# %%
# Seven instead of eight: one size off, as predicted.
#
# Where plan and reality part
# ---------------------------
# ``summary.trace`` reads the message for us and names the layer in words:

with expect_error(ValueError):
    summary.trace(net, (1, 32, 32))

# %%
# We could tell ``fc`` what it asks for, and the network runs. That is the right repair
# if 7 x 7 is what we want. But the plan was to halve, and it went wrong earlier:

assert Net(in_features=came)(images).shape == (len(images), classes)
for step, (plan, size) in enumerate(zip(planned, sizes, strict=True)):
    print(f"after {step} convolutions: planned {plan:2}, is {size:2}", end="")
    print("" if plan == size else "  <- not as planned")

# %%
# The first line that differs names the cause: ``conv1``, two layers above the crash.
# Eight pixels show what happened to it. Above is what we built, below what we planned:

plotting.window_settings(
    8,
    {
        "as built, K3, S2": {"kernel_size": 3, "stride": 2},
        "as planned, K3, P1, S2": {"kernel_size": 3, "stride": 2, "padding": 1},
    },
    title="Without padding the window has one place less each way",
)

# %%
# With padding 1 the trace goes through, and every shape is the planned one.

fixed = Net(padding=1)
assert fixed(images).shape == (len(images), classes)
summary.trace(fixed, (1, 32, 32))

# %%
# Mistakes that wait
# ------------------
# Many repairs found on the web say ``x.reshape(-1, 1024)``. It makes the product
# possible, whatever came. Sixty-four images arrive as 64 rows of 784 numbers:

maps = net.conv2(net.conv1(torch.zeros(64, 1, 32, 32)))
rows_of_1024 = maps.reshape(-1, 1024)
predict(
    "How many rows has it now?",
    len(rows_of_1024),
    because="64 * 784 = 49 * 1024. Each row mixes the numbers of two or three images.",
)

# %%
# The last layer is content with 49 rows. Nothing is raised until the loss counts them
# against the labels. ``flatten(start_dim=1)`` cannot mix images: the batch axis stays.

with expect_error(ValueError):
    F.cross_entropy(net.fc(rows_of_1024), torch.zeros(64, dtype=torch.long))

# %%
# An axis that is missing is found late, too. A batch without its channel axis has three
# axes, and ``Conv2d`` takes that for *one* image with many channels:

with expect_error(RuntimeError):
    fixed(images[:, 0])

# %%
# And a square image hides swapped axes. Test with different sides: the trace of 32 x 40
# says at once which numbers belong to which axis.

with expect_error(ValueError):
    summary.trace(fixed, (1, 32, 40))

# %%
# Let the network find out
# ------------------------
# Two layers make the question go away. ``LazyLinear`` waits for its first input and
# takes its size. An adaptive pooling has a fixed output size, so that what follows does
# not depend on the image.

lazy = nn.Sequential(net.conv1, net.conv2, nn.Flatten(), nn.LazyLinear(classes))
lazy(images)
print(lazy[-1])
pooled = nn.Sequential(
    net.conv1, net.conv2, nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, classes)
)
assert pooled(images).shape == pooled(torch.zeros(11, 1, 45, 28)).shape

# %%
# Neither knows your plan. The lazy layer takes 7 x 7 maps as gladly as 8 x 8. So write
# the plan down where it can fail:

x = torch.zeros(3, 1, 32, 32)
for conv, size in ((fixed.conv1, 16), (fixed.conv2, 8)):
    x = conv(x)
    assert x.shape[2:] == (size, size), f"planned {size}, got {tuple(x.shape)}"

with torch.no_grad():
    maps = F.relu(fixed.conv1(images[:1]))  # (1, 8, 16, 16)
plotting.feature_maps(
    maps[0], title="Eight maps of 16 x 16 of the first digit, as planned"
)

# %%
# In the library
# --------------
# What ``fc`` must be told follows from the settings alone. For a stack of convolutions
# and poolings it is a loop over the predictor, and the exercise below.

size = 32
for conv in (fixed.conv1, fixed.conv2):
    named = {"stride": conv.stride[0], "padding": conv.padding[0]}
    size = arithmetic.conv_output_size(size, conv.kernel_size[0], **named)
assert 16 * size**2 == fixed.fc.in_features

# %%
# The checklist
# -------------
# 1. **Look at what arrives**: ``(N, C, H, W)``, four axes, channels second.
# 2. **Predict** the size after every layer, on paper or with ``arithmetic``.
# 3. **Read the error from its last line up** to the first line of your own.
# 4. **Name the four numbers**: images, what came, what the layer was told, what it puts
#    out.
# 5. **Factor** what came into channels, rows and columns.
# 6. **Compare plan and trace.** The first layer that differs is the cause; the one that
#    crashes is where it hurts.
# 7. **Keep the batch axis**: ``flatten(start_dim=1)``, never ``reshape(-1, number)``.
# 8. **Test with odd things**: sides that differ, a batch of a prime number of images.
# 9. **Assert the plan** between stages, so that the next mistake is found where it is
#    made.
#
# Takeaways
# ---------
# * A layer does not know its neighbours. Shapes meet when the network runs, or earlier,
#   in your predictor.
# * The message has all the numbers; the trace has the layer; the plan has the cause.
# * A shape that fits is no proof. Reshaping makes wrong things fit.
#
# Check yourself
# --------------
# Another message, other numbers. Say what each one counts.

ask("maps_that_came")

# %%
# And a network of three layers; go through it from the top.

ask("first_off_the_plan")

# %%
# Exercise
# --------
# How many numbers does the first linear layer get, after any stack of convolutions and
# poolings? Each layer is ``(channels, kernel_size, stride, padding)``; a pooling has
# ``None`` for its channels, as it keeps them.


def flat_features(input_size, layers):
    """Return how many numbers an image (C, H, W) is after the layers."""
    raise NotImplementedError


check("flat_features", flat_features)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("flat_features")

# %%
# References
# ----------
# 1. PyTorch documentation: `Linear
#    <https://docs.pytorch.org/docs/stable/generated/torch.nn.Linear.html>`__ and
#    `LazyLinear
#    <https://docs.pytorch.org/docs/stable/generated/torch.nn.LazyLinear.html>`__.
# 2. A. Zeller. *Why Programs Fail.* 2nd edition, Morgan Kaufmann, 2009. On the way from
#    a failure back to its cause.
