"""
An image is a block of numbers with an order
============================================

A network never sees a picture. It sees a tensor, and the tensor's axes have an order
that somebody chose. Libraries choose differently, and most wrong choices raise no
error: the network is trained on confetti. On this page we read a picture as numbers and
bring it into the one shape that every later page uses.

You will

* read a handwritten digit as integers, and scale it to 0-1 without losing any;
* say the shape of an image, a batch, a sound and a film before you see it;
* turn a photograph from the order of files into the order of PyTorch, by strides alone.

**Before this:** shapes, strides and views of tensors.
"""

import skimage.data
import torch
from sklearn.datasets import load_digits
from torch import nn
from torch.testing import assert_close

from cnn_tutorial import datasets, plotting
from cnn_tutorial.exercises import check, solution
from cnn_tutorial.questions import ask
from cnn_tutorial.teaching import expect_error, predict

# %%
# The question
# ------------
# Somebody wrote a 3 on paper, and a scanner counted the ink in 8 x 8 cells. Here is
# what it counted. Find the digit in the numbers before you look at the drawing.

digit = torch.from_numpy(load_digits().images[3]).int()  # H, W
print(digit)

# %%
# Now each number as a shade of grey. Large numbers are drawn light: the digit is white
# on black, as in MNIST, although the ink was black on paper. It does not matter, as
# long as it is always the same.

plotting.images(
    digit / 16, title="The same 64 numbers as shades of grey: a handwritten 3"
)

# %%
# Before we change anything:

height, width = digit.shape
predict(
    "Which shape has `digit`, and which index has the pixel in its lower right corner?",
    f"{(height, width)}, index [{height - 1}, {width - 1}]",
    because="Rows come first and are counted from the top. That is H x W, not width "
    "times height.",
)

# %%
# Which numbers?
# --------------
# These digits count from 0 to 16, because that is what scikit-learn's set does: it is
# small. MNIST has 28 x 28 pixels from 0 to 255, one byte each, and so have nearly all
# image files. A network should not have to know. We divide by the largest *possible*
# number, and every image is between 0 and 1.

levels = {"scikit-learn": 16, "one byte": 255}
scaled = digit / levels["scikit-learn"]
print(scaled[2], scaled.dtype)
assert_close((scaled * 16).round().int(), digit)  # nothing is lost

# %%
# The course's own digits are these, enlarged and stored as bytes, or MNIST itself if
# you ask for it. They come as bytes because a byte takes a quarter of a float's memory.

data = datasets.for_role("digits")
images = data.train.images
print(f"{data.info.title}: {tuple(images.shape)}, {images.dtype}")
print(f"{images.nbytes:,} bytes, as floats {4 * images.nbytes:,}")
assert_close(data.train.scaled(), images / 255)

# %%
# Arithmetic on bytes has two traps. It wraps around at 255, and it drops what comes
# after the point. Predict both before you open them.

byte = torch.tensor(200, dtype=torch.uint8)
predict(
    "`byte` is 200, a uint8. What are `byte + 100` and `byte // 255`?",
    f"{(byte + 100).item()} and {(byte // 255).item()}",
    because="300 - 256 = 44: brighter became darker. And whole-number division makes "
    "nearly every pixel black. Divide with `/`, which makes floats.",
)

# %%
# H x W, C x H x W, N x C x H x W
# -------------------------------
# A layer wants to know which axis is which, and counts them from the front: first the
# image in the batch, then the channel, then row and column. A grey image has one
# channel and must say so. To try it we take a *convolution layer*: it slides a small
# window over the image and makes new channels. The next chapter opens it up; here it
# only tests our shapes.

one = scaled[None]  # (1, 8, 8): C, H, W
batch = one[None]  # (1, 1, 8, 8): N, C, H, W
conv = nn.Conv2d(1, 4, kernel_size=3)
print("H x W        ", tuple(scaled.shape))
print("C x H x W    ", tuple(one.shape))
print("N x C x H x W", tuple(batch.shape))
predict(
    "`conv` makes 4 channels of 1, with a 3 x 3 window. "
    "Which shapes have `conv(batch)` and `conv(one)`?",
    f"{tuple(conv(batch).shape)} and {tuple(conv(one).shape)}",
    because="8 - 3 + 1 = 6 places each way; 4 channels; and without a batch axis "
    "there is none in the output either.",
)

# %%
# Without a channel axis the layer takes rows for something else, and says so:

with expect_error(RuntimeError):
    conv(scaled)

# %%
# A batch is made by *stacking* images of one shape along a new first axis.

numbers = torch.from_numpy(load_digits().images[:32]).float() / 16
batch = torch.stack([image[None] for image in numbers])
predict(
    "32 digits, each (1, 8, 8), stacked. And if we had concatenated them with "
    "`torch.cat`?",
    f"{tuple(batch.shape)}, and {tuple(torch.cat([i[None] for i in numbers]).shape)}",
    because="`stack` makes an axis, `cat` makes one longer: there the batch would pass "
    "for 32 channels of one image.",
)

# %%
# Fewer axes, and more
# --------------------
# Nothing is special about two axes in space. A sound has one axis, time: N x C x T,
# with two channels in stereo. A film has three: N x C x T x H x W. The layers are named
# after the number of axes along which the window slides.

sound = torch.zeros(2, 2, 16_000)  # two recordings in stereo, one second each
film = torch.zeros(1, 3, 24, 64, 64)  # one second of a small colour film
heard = nn.Conv1d(2, 8, kernel_size=5)(sound)
seen = nn.Conv3d(3, 8, kernel_size=(3, 5, 5))(film)
predict(
    "A window of 5 slides along the sound, one of 3 frames x 5 x 5 pixels through the "
    "film; both layers make 8 channels. Which shapes come out?",
    f"{tuple(heard.shape)} and {tuple(seen.shape)}",
    because="Each axis in space or time loses K - 1; N stays, C becomes 8.",
)

# %%
# A photograph
# ------------
# Files keep the three colours of a pixel together: H x W x C. Most libraries hand them
# over in that order, as bytes.

photo = torch.from_numpy(skimage.data.chelsea()[::2, ::2].copy())  # H, W, C
print(tuple(photo.shape), photo.dtype, "first pixel:", photo[0, 0])

# %%
# PyTorch wants C x H x W. Two operations give that *shape*; one of them gives the
# picture.

by_reshape = photo.reshape(3, *photo.shape[:2]) / 255
by_permute = photo.permute(2, 0, 1) / 255
assert by_reshape.shape == by_permute.shape
plotting.images(
    torch.stack([by_permute, by_reshape]),
    labels=["permute", "reshape"],
    title="Same shape, same numbers: a cat, and its pixels in the wrong places",
)

# %%
# ``reshape`` reads the numbers in the order of memory and fills the new shape with
# them: the first third of the image becomes "red". No error, and a network would even
# learn a little from it. Look at what you feed.
#
# And these are the channels of the photograph, each an image of its own: how much red,
# green and blue there is.

plotting.images(
    by_permute[:, None],
    labels=["red", "green", "blue"],
    title="The three channels, bright where there is much of the colour",
)

# %%
# Two orders, one tensor
# ----------------------
# ``permute`` moved no number. It changed the *strides*: how far to go in memory for the
# next channel, row, column. Compare a batch of the photograph with one laid out channel
# by channel.

last = photo.permute(2, 0, 1)[None]  # N, C, H, W, a view of the file's order
first = last.contiguous()  # copied: channel by channel
for name, tensor in {"as in the file": last, "channel by channel": first}.items():
    print(f"{name:18} shape {tuple(tensor.shape)}  strides {tensor.stride()}")
assert last.data_ptr() == photo.data_ptr()
assert last.is_contiguous(memory_format=torch.channels_last)
assert_close(last, first)

# %%
# Same shape, same numbers at the same indices, different memory. PyTorch calls the two
# ``contiguous_format`` and ``channels_last``, and the axes are named N, C, H, W in
# both: ``channels_last`` is not NHWC, it is NCHW with the strides of NHWC. Layers
# accept both and give equal results; on some hardware one is faster.

conv = nn.Conv2d(3, 8, kernel_size=3)
assert_close(conv(last / 255), conv(first / 255))
features = torch.empty(1, 64, 56, 56).to(memory_format=torch.channels_last)
predict(
    "A tensor (1, 64, 56, 56) is brought to `channels_last`. Which stride has its "
    "channel axis, and which its column axis?",
    f"{features.stride(1)} and {features.stride(3)}",
    because="The channels of a pixel are neighbours; the next pixel is 64 numbers "
    "further.",
)

# %%
# In the library
# --------------
# From here on, images come from ``cnn_tutorial.datasets``, in bytes and in the right
# order, and ``scaled`` makes floats from 0 to 1, as we did. Colour or grey, any size:
# the four letters stay where they are.

for role in ("digits", "grey", "colour"):
    test = datasets.for_role(role).test
    print(f"{role:7} {tuple(test.scaled().shape)}  {test.info.title}")
    assert_close(test.scaled()[0], test.images[0] / 255)

# %%
# Takeaways
# ---------
# * An image is numbers in an order: rows from the top, H x W. A batch for a network is
#   N x C x H x W, even for one grey image.
# * Divide by the largest possible value, 16 or 255, with ``/``. Bytes wrap around.
# * Sounds have one axis after the channels and films three; nothing else changes.
# * ``permute`` moves axes, ``reshape`` deals the numbers anew. Both give the right
#   shape.
# * A file's order and PyTorch's are two sets of strides over the same memory.
#
# Check yourself
# --------------
# Which block of numbers does one line of code make?

ask("batch_shape")

# %%
# And where has a single one of them gone?

ask("pixel_index")

# %%
# Exercise
# --------
# Images arrive as a list, as files hand them over. Make a batch of them.


def to_batch(images):
    """Turn uint8 images (H, W, C) of one size into float32 (N, C, H, W), 0-1."""
    raise NotImplementedError


check("to_batch", to_batch)

# %%
# Open the solution when you have one of your own. A script opens its figures here.

plotting.show()
solution("to_batch")

# %%
# References
# ----------
# 1. E. Alpaydin, C. Kaynak. *Optical Recognition of Handwritten Digits.* UCI Machine
#    Learning Repository, 1998. The digits with 16 levels.
# 2. Y. LeCun, L. Bottou, Y. Bengio, P. Haffner. *Gradient-Based Learning Applied to
#    Document Recognition.* Proceedings of the IEEE 86, 1998. MNIST.
# 3. PyTorch. `Channels last memory format
#    <https://docs.pytorch.org/tutorials/intermediate/memory_format_tutorial.html>`__
# 4. The photograph: Chelsea the cat, by Stéfan van der Walt, CC0, from scikit-image.
