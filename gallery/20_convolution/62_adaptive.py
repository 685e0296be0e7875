"""
Any size in, one size out
=========================

A network for 224 x 224 pixels meets a photograph of 300 x 400. Convolutions do not
mind: they slide further. The linear layer at the end does mind, because it has a weight
for every number that reaches it. Adaptive pooling stands between the two. It is told the
size of its output, and finds windows that fit.

You will

* predict the windows that turn 37 x 41 pixels into 7 x 7, and draw them;
* replace 25 million weights by half a million;
* see what global pooling forgets.

**Before this:** pooling; the parameters of a linear layer.
"""

import math

import skimage.data
import torch
import torch.nn.functional as F
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import arithmetic, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Five pixels, and we want two numbers. Windows of two would leave a pixel out, windows
# of three do not fit side by side.

row = torch.tensor([[[1.0, 2.0, 3.0, 4.0, 5.0]]])  # N, C, W
found = F.adaptive_avg_pool1d(row, 2)
predict(
    "Adaptive mean pooling takes 1, 2, 3, 4, 5 to two numbers. Which?",
    found.flatten().tolist(),
    because="Both windows have three pixels and share the one in the middle: the means "
    "of 1, 2, 3 and of 3, 4, 5.",
)

# %%
# By hand
# -------
# The rule: cut the row into equal parts, here of 2.5 pixels, and let each window take
# every pixel that its part touches. Window :math:`k` of :math:`m` on :math:`n` pixels
# reaches from
#
# .. math::
#    \left\lfloor \frac{k\,n}{m} \right\rfloor
#    \quad\text{to}\quad
#    \left\lceil \frac{(k+1)\,n}{m} \right\rceil .


def spans(n, m):
    return [(math.floor(k * n / m), math.ceil((k + 1) * n / m)) for k in range(m)]


print(spans(5, 2))
by_hand = [row[0, 0, start:end].mean() for start, end in spans(5, 2)]
assert_close(torch.stack(by_hand), found.flatten())

# %%
# Now a map of 37 x 41 pixels that is to become 7 x 7. Both numbers are prime: no window
# fits evenly, either way.

rows, columns = spans(37, 7), spans(41, 7)
sizes = [end - start for start, end in rows]
predict(
    "Seven windows on 37 pixels: how large are they?",
    sizes,
    because="37 / 7 is 5.3. A part of 5.3 pixels touches 6 or 7 of them.",
)

# %%
# Here they are. Windows differ in size, and neighbours overlap.

plotting.window_spans(
    {"rows": (37, rows), "columns": (41, columns)},
    title="Adaptive windows for 37 x 41 -> 7 x 7, with their sizes",
)

# %%
# The claim, checked
# ------------------
# If we know the windows, we can pool. Means and maxima of these 49 rectangles must be
# what PyTorch returns.


def adaptive(x, size, reduce):  # x (N, C, H, W)
    bands = [
        [
            reduce(x[..., top:low, left:right])
            for left, right in spans(x.shape[3], size[1])
        ]
        for top, low in spans(x.shape[2], size[0])
    ]
    return torch.stack([torch.stack(band, dim=-1) for band in bands], dim=-2)


x = torch.randn(2, 3, 37, 41)
assert_close(
    adaptive(x, (7, 7), lambda part: part.mean(dim=(2, 3))),
    F.adaptive_avg_pool2d(x, 7),
)
assert_close(
    adaptive(x, (7, 7), lambda part: part.amax(dim=(2, 3))),
    F.adaptive_max_pool2d(x, 7),
)

# %%
# Turn one knob
# -------------
# Where the size divides evenly, adaptive pooling is ordinary pooling. And an output
# larger than the input? The rule still holds:

x = torch.randn(1, 3, 28, 28)
assert_close(F.adaptive_avg_pool2d(x, 7), F.avg_pool2d(x, 4))
predict(
    "Three pixels, five windows. How large are the windows?",
    [end - start for start, end in spans(3, 5)],
    because="A part of 0.6 pixels touches one or two. Nothing is pooled: pixels are "
    "repeated and mixed.",
)

# %%
# A photograph of 300 x 451 pixels, ever smaller, drawn at one size. The last one is a
# single colour.

pixels = torch.from_numpy(skimage.data.chelsea())  # H, W, C
photo = pixels.permute(2, 0, 1)[None] / 255  # (1, 3, 300, 451)
outputs = (64, 32, 16, 7, 3, 1)
smaller = [
    F.interpolate(F.adaptive_avg_pool2d(photo, size), size=(150, 225))
    for size in outputs
]
plotting.images(
    torch.cat(smaller),
    labels=[f"{size} x {size}" for size in outputs],
    columns=3,
    title="The mean of fewer and larger windows",
)

# %%
# Global pooling
# --------------
# One window for everything: each channel becomes one number, whatever its size. So the
# layer behind it always receives as many numbers as there are channels.

for height, width in ((7, 7), (13, 17)):
    maps = torch.randn(8, 512, height, width)
    pooled = F.adaptive_avg_pool2d(maps, 1).flatten(1)
    assert_close(pooled, maps.mean(dim=(2, 3)))
    print(f"{tuple(maps.shape)} -> {tuple(pooled.shape)}")

# %%
# The classic way is to flatten the maps. VGG does, and ends with 512 maps of 7 x 7.
# Suppose that 1,000 classes follow at once.

flattened = arithmetic.linear_parameters(512 * 7 * 7, 1000)
averaged = arithmetic.linear_parameters(512, 1000)
predict(
    "How many parameters has the last layer behind `flatten`, and how many behind a "
    "global mean?",
    f"{flattened:,} and {averaged:,}",
    because="A weight per class and number, and a bias per class: 25,088 numbers "
    "against 512.",
)

# %%
# Compare with the convolution before it, from 512 to 512 channels:

plotting.bars(
    {
        "3 x 3 convolution": arithmetic.conv_parameters(512, 512, 3) / 1e6,
        "flatten, then linear": flattened / 1e6,
        "global mean, then linear": averaged / 1e6,
    },
    roles="kernel",
    title="Where the parameters sit: flattening costs more than ten convolutions",
    xlabel="parameters (millions)",
)

# %%
# Fewer parameters are a fact. Whether the answers are as good is a question for data:
# the chapter on training asks it.
#
# Where it breaks
# ---------------
# Two heads on the same maps, made for 7 x 7. Then the maps grow by a pixel, because
# somebody's photograph is larger.

by_flatten = nn.Sequential(nn.Flatten(), nn.Linear(16 * 7 * 7, 10))
by_mean = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(16, 10))
larger = torch.randn(1, 16, 8, 8)
print("behind a mean:", tuple(by_mean(larger).shape))
with expect_error(RuntimeError):
    by_flatten(larger)

# %%
# The mean has a price: it forgets *where*. Shuffle all places of the maps, and the
# second head does not notice. The first one does.

maps = torch.randn(1, 16, 7, 7)
order = torch.randperm(49)
shuffled = maps.flatten(2)[:, :, order].reshape(maps.shape)
assert_close(by_mean(shuffled), by_mean(maps), rtol=1e-4, atol=1e-5)
change = (by_flatten(shuffled) - by_flatten(maps)).abs().max()
print(f"behind flatten, an output changes by {change:.2f}")

# %%
# That is less of a loss than it sounds. In a deep network each place of the last maps
# has seen a large part of the image, as we shall count. So a channel can say *what* is
# there, and the mean says how much of it.
#
# In the library
# --------------
# Mean and linear layer may change places: a linear layer at each pixel, which is a
# 1 x 1 convolution, and then the mean. The result is the same, and on the way there is a
# map for each class, which says where the evidence for it lies. Such *class activation
# maps* will be useful once there is a trained network.

linear = by_mean[2]
evidence = F.conv2d(maps, linear.weight[:, :, None, None], linear.bias)  # (1, 10, 7, 7)
logits = by_mean(maps)
predict(
    f"The logit of class 3 is {logits[0, 3]:.4f}. What is the mean of the fourth map?",
    f"{evidence[0, 3].mean():.4f}",
    because="Mean and matrix product are both linear. One acts on places, the other on "
    "channels: their order does not matter.",
)

# %%
# And so for all classes:

assert_close(evidence.mean(dim=(2, 3)), logits)

# %%
# Takeaways
# ---------
# * Adaptive pooling is told its output size. Window :math:`k` reaches from
#   :math:`\lfloor kn/m \rfloor` to :math:`\lceil (k+1)n/m \rceil`. When :math:`m` does
#   not divide :math:`n`, windows overlap, and they may differ in size.
# * Global pooling leaves one number per channel, so that any image size will do.
# * It saves a factor of :math:`HW` in the layer behind it, and forgets where things
#   are.
# * A mean and a linear layer commute. In the other order they make a map for each
#   class.
#
# Check yourself
# --------------
# Draw the pixels on paper and cut the row into equal parts.

ask("adaptive_sizes")

# %%
# What the next layer must expect:

ask("head_features")

# %%
# Exercise
# --------
# Write the rule for the windows in whole numbers, without a division that could round
# wrongly.


def adaptive_windows(size, count):
    """Return (start, end) of each of count windows on size pixels; end excluded."""
    raise NotImplementedError


check("adaptive_windows", adaptive_windows)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("adaptive_windows")

# %%
# References
# ----------
# 1. M. Lin, Q. Chen, S. Yan. *Network In Network.* 2013. Global average pooling
#    in place of linear layers. `arXiv:1312.4400 <https://arxiv.org/abs/1312.4400>`__
# 2. B. Zhou and others. *Learning Deep Features for Discriminative Localization.* 2015.
#    Class activation maps. `arXiv:1512.04150 <https://arxiv.org/abs/1512.04150>`__
# 3. K. Simonyan, A. Zisserman. *Very Deep Convolutional Networks for Large-Scale Image
#    Recognition.* 2014. `arXiv:1409.1556 <https://arxiv.org/abs/1409.1556>`__
# 4. The photograph of the cat Chelsea: Stéfan van der Walt, CC0; it comes with
#    scikit-image.
