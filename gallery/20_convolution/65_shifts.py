"""
Does pooling forget small shifts?
=================================

"Pooling makes a network invariant to small shifts." The sentence is in many books, and
it is half true. We shift real digits by a pixel, measure what changes, and find that a
pooling layer does two things: one of them forgives shifts, the other one punishes them.

You will

* predict how max pooling answers when its input moves by one pixel;
* take pooling apart into a window and a stride, and see which of them does the harm;
* repair it with a blur, and measure the repair.

**Before this:** pooling; depthwise convolution.
"""

import torch
import torch.nn.functional as F
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting, profiles
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import predict

profile = profiles.current()
count = profile.pick(smoke=4, docs=32, full=64)
digits = datasets.for_role("digits", size=32).test.scaled()[:count]

# %%
# The question
# ------------
# A row of pixels, pooled by 2 with stride 2. Then the same row, one pixel to the left.
# What leaves on one side comes back on the other, so that nothing is lost.

row = torch.tensor([[[0.0, 0, 1, 1, 0, 0, 1, 1]]])  # N, C, W
moved = row.roll(-1, dims=-1)
pooled, pooled_moved = F.max_pool1d(row, 2), F.max_pool1d(moved, 2)
predict(
    "The row 0 0 1 1 0 0 1 1 becomes 0 1 0 1. What becomes of 0 1 1 0 0 1 1 0?",
    pooled_moved.int().flatten().tolist(),
    because="Now every window holds a one. A shift by one pixel changed half of the "
    "numbers, and the pattern is gone.",
)

# %%
# On the left the row, and the row that moved; on the right what pooling made of them.

plotting.matrices(
    [torch.cat([row, moved])[:, 0], "→", torch.cat([pooled, pooled_moved])[:, 0]],
    titles=["the row, and moved by one", "pooled"],
    roles=["input", "output"],
    title="One pixel to the left, and the pooled row looks quite different",
)

# %%
# By hand
# -------
# Is that a trick with stripes, or the rule? We ask real digits. A margin of 8 pixels
# gives them room to move. An edge detector and a ReLU come first, as in a network. Then
# we pool, and compare what comes from the digit with what comes from the shifted digit.

x = F.pad(digits, (8, 8, 8, 8))  # (N, 1, 48, 48)
slope = torch.tensor([[[[-1.0, 0.0, 1.0]] * 3]]) / 3


def shift(x, pixels):
    return x.roll(pixels, dims=-1)


def change(f, pixels):  # of the output, as a share of the output, for each image
    out, other = f(x), f(shift(x, pixels))
    return (out - other).flatten(1).norm(dim=1) / out.flatten(1).norm(dim=1)


def edges(x):
    return F.relu(F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), slope))


shifts = range(7)
found = {
    f"{size} x {size}": [
        change(lambda x, k=size: F.max_pool2d(edges(x), k), d).mean() for d in shifts
    ]
    for size in (1, 2, 4, 8)
}
plotting.lines(
    list(shifts),
    found,
    title="How much max pooled edges change when the digit moves",
    xlabel="shift (pixels)",
    ylabel="change (share of the output)",
)

# %%
# A change of 1 means: the difference is as large as the output itself. Larger windows
# change less, so there is something to the sentence. But look at the smallest shift:

for name, values in found.items():
    print(f"windows of {name}: one pixel changes {values[1]:4.0%} of the output")

# %%
# Less is not nothing. And a large window has a price: most of the places are gone.
#
# Window and stride
# -----------------
# A pooling layer moves its window by the stride. It could also look everywhere, stride
# 1, and *then* keep every second pixel. The result is the same:

maps = edges(x)
dense = F.max_pool2d(maps, 2, stride=1)
assert_close(dense[:, :, ::2, ::2], F.max_pool2d(maps, 2, stride=2))

# %%
# These are two steps, and we can put each of them to the test. Does a shift by one
# pixel before the step come out as a shift by one pixel?

moves = {
    "window": lambda x: F.max_pool2d(F.pad(x, (0, 1, 0, 1), mode="circular"), 2, 1),
    "every second pixel": lambda x: x[:, :, ::2, ::2],
}
for name, step in moves.items():
    for pixels in (1, 2):
        expected = shift(step(maps), pixels if name == "window" else pixels // 2)
        same = torch.equal(step(shift(maps, pixels)), expected)
        print(f"{name:18} shift by {pixels}:", "moves along" if same else "is broken")

# %%
# The window is not the cause: its output moves along with its input. The stride does the
# harm, except where the shift is a multiple of it. That much is a theorem: for a
# multiple of :math:`S`, the pixels that are kept are the same ones, one place further.

assert torch.equal(moves["window"](shift(maps, 1)), shift(moves["window"](maps), 1))
for stride in (2, 4, 8):
    kept = F.max_pool2d(maps, stride)
    assert torch.equal(F.max_pool2d(shift(maps, stride), stride), shift(kept, 1))

# %%
# The remedy
# ----------
# Keeping every second pixel of a signal that changes from pixel to pixel is what makes
# wheels turn backwards in films. Signal processing knows the cure, older than neural
# networks: blur first, then leave out. Richard Zhang put it back into networks in 2019.
# The blur is a depthwise convolution with fixed weights, 1 2 1 in both directions.


def blur(x, stride=2):
    weights = torch.tensor([1.0, 2.0, 1.0]) / 4
    kernel = (weights[:, None] * weights).expand(x.shape[1], 1, 3, 3)
    x = F.pad(x, (1, 1, 1, 1), mode="circular")
    return F.conv2d(x, kernel, stride=stride, groups=x.shape[1])


# %%
# Back to the row with the stripes. The maximum with stride 1 first, then the blur, then
# every second number.

both = torch.cat([row, moved])[:, :, None]  # (2, 1, 1, 8)
widest = F.max_pool2d(F.pad(both, (0, 1, 0, 0), mode="circular"), (1, 2), 1)
repaired = blur(widest)[:, 0, 0]  # (2, 4)
predict(
    "Max pooling gave 0 1 0 1 and 1 1 1 1, a change of 1 in half of the numbers. What "
    "is the largest change now?",
    f"{(repaired[0] - repaired[1]).abs().max().item():.2f}",
    because=f"{repaired[0].tolist()} against {repaired[1].tolist()}: each number knows "
    "a little of the pixels that are left out.",
)

# %%
# In a network
# ------------
# Three convolutions with random weights, each with a ReLU and a step that halves the
# map; in the end the mean of each channel. Nothing in such a network should depend on
# where the digit is. All borders wrap round, so that the only suspect is the stride.

downs = {
    "strided": lambda x: x[:, :, ::2, ::2],
    "max": lambda x: F.max_pool2d(x, 2),
    "mean": lambda x: F.avg_pool2d(x, 2),
    "max, blur": lambda x: blur(moves["window"](x)),
}


def network(down, seed):
    torch.manual_seed(seed)
    layers = [torch.randn(8, c, 3, 3) / (9 * c) ** 0.5 for c in (1, 8, 8)]

    def features(x):
        for weight in layers:
            x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="circular"), weight)
            x = down(F.relu(x))
        return x.mean(dim=(2, 3))

    return features


# %%
# Three halvings make a stride of 8. So one thing can be said before the experiment.

seeds = profile.pick(smoke=(0,), docs=(0, 1, 2), full=(0, 1, 2, 3, 4))
shifts = list(range(13))
with torch.no_grad():
    drift = {
        name: torch.stack(
            [
                torch.stack([change(network(down, seed), d).mean() for d in shifts])
                for seed in seeds
            ]
        )
        for name, down in downs.items()
    }
predict(
    "Stride 8 in all. At which shifts from 0 to 12 is the change of the strided "
    "network zero, whatever its weights?",
    [d for d in shifts if drift["strided"][:, d].max() < 1e-5],
    because="Only multiples of the whole stride survive three strides of 2.",
)

# %%
# And between them:

plotting.lines(
    shifts,
    drift,
    title="How much the features of a network change when the digit moves",
    xlabel="shift (pixels)",
    ylabel="change (share of the features)",
)

# %%
# The verdict of this run, as the mean over shifts from 1 to 7:

mean_drift = {name: values[:, 1:8].mean().item() for name, values in drift.items()}
for name, value in sorted(mean_drift.items(), key=lambda item: -item[1]):
    ratio = mean_drift["max"] / value
    print(f"{name:10} {value:6.2%}, {ratio:4.1f} times as steady as max pooling")
for values in drift.values():
    assert values[:, 8].max() < 1e-4  # a whole stride: exact, up to rounding

# %%
# A mean over 2 x 2 pixels is a small blur, too, and it does well here. Blur behind a
# maximum keeps the maximum and takes away most of its jumps. Trained on photographs,
# such networks answer more steadily as well: reference 1 measures it.
#
# Where it breaks
# ---------------
# Blur costs sharpness. Here is what the next layer gets to see:

some = x[3:4]
plotting.feature_maps(
    torch.cat([F.max_pool2d(some, 2), F.avg_pool2d(some, 2), blur(some)]),
    titles=["max", "mean", "blur, then stride"],
    title="A digit at half its size: sharp and jumpy, or soft and steady",
)

# %%
# And it repairs, it does not make exact: a ReLU after the blur makes new sharp edges,
# which the next stride breaks again.

steady = drift["max, blur"][:, 1:8].max().item()
print(f"largest change that is left with blur: {steady:.2%}")
assert steady > 1e-5

# %%
# Takeaways
# ---------
# * A pooling layer is a window and a stride. The window moves along with its input, the
#   stride keeps that only for shifts by its multiples.
# * Larger windows forgive small shifts in part: the output changes less, not by
#   nothing.
# * Blur before you leave pixels out. A fixed depthwise kernel is enough, and the mean
#   is a small one.
# * That a whole network does not care about shifts does not follow. The last two lessons
#   of this chapter look at the whole.
#
# Check yourself
# --------------
# Window or stride: which of the two decides here?

ask("certain_shift")

# %%
# Numbers again, and one move:

ask("pooled_after_shift")

# %%
# Exercise
# --------
# Write the blur for any number of taps: 1 2 1, then 1 3 3 1, then 1 4 6 4 1.


def blur_kernel(taps):
    """Return the binomial kernel of shape (taps, taps), whose sum is 1."""
    raise NotImplementedError


check("blur_kernel", blur_kernel)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("blur_kernel")

# %%
# References
# ----------
# 1. R. Zhang. *Making Convolutional Networks Shift-Invariant Again.* ICML 2019. The row
#    with the stripes and the blur.
#    `arXiv:1904.11486 <https://arxiv.org/abs/1904.11486>`__
# 2. A. Azulay, Y. Weiss. *Why do deep convolutional networks generalize so poorly to
#    small image transformations?* 2018.
#    `arXiv:1805.12177 <https://arxiv.org/abs/1805.12177>`__
