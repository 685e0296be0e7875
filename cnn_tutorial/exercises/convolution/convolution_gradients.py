"""Exercise: the gradients of a convolution for its image and for its kernel."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from cnn_tutorial.exercises.convolution._numbers import varied
from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Pair = tuple[Tensor, Tensor]


def convolution_gradients(
    x: Tensor, weight: Tensor, g: Tensor, padding: int = 0
) -> Pair:
    """Return the gradients for x and weight, given that for the output (stride 1)."""
    size = weight.shape[2:]
    patches = F.unfold(x, size, padding=padding)  # N, p, L
    g = g.flatten(2)  # N, C_out, L
    for_weight = (g @ patches.mT).sum(0).reshape(weight.shape)
    for_patches = weight.flatten(1).T @ g  # N, p, L
    for_x = F.fold(for_patches, x.shape[2:], size, padding=padding)
    return for_x, for_weight


def _reversed(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    for_x, for_weight = convolution_gradients(x, weight, g, padding)
    return for_weight, for_x


def _first_image(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    for_x, _ = convolution_gradients(x, weight, g, padding)
    return for_x, convolution_gradients(x[:1], weight, g[:1], padding)[1]


def _mean_of_images(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    for_x, for_weight = convolution_gradients(x, weight, g, padding)
    return for_x, for_weight / len(x)


def _mean_of_places(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    for_x, for_weight = convolution_gradients(x, weight, g, padding)
    return for_x, for_weight / g[0, 0].numel()


def _inverse(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    for_x, for_weight = convolution_gradients(x, weight, g, padding)
    size, ones = weight.shape[2:], torch.ones_like(x)
    table = F.unfold(ones, size, padding=padding)
    reads = F.fold(table, x.shape[2:], size, padding=padding)
    return for_x / reads.clamp(min=1), for_weight


def _not_flipped(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    flipped = weight.flip(2, 3)
    return (
        convolution_gradients(x, flipped, g, padding)[0],
        convolution_gradients(x, weight, g, padding)[1],
    )


def _flipped_weight(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    for_x, for_weight = convolution_gradients(x, weight, g, padding)
    return for_x, for_weight.flip(2, 3)


def _channels_last(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    mixed = weight.permute(0, 2, 3, 1).reshape(weight.shape)
    return (
        convolution_gradients(x, mixed, g, padding)[0],
        convolution_gradients(x, weight, g, padding)[1],
    )


def _first_channel(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    _, for_weight = convolution_gradients(x, weight, g, padding)
    return convolution_gradients(x, weight[:1], g[:, :1], padding)[0], for_weight


def _per_image(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    for_x, _ = convolution_gradients(x, weight, g, padding)
    pairs = zip(x[:, None], g[:, None], strict=True)
    each = [convolution_gradients(x, weight, g, padding)[1] for x, g in pairs]
    return for_x, torch.stack(each)


def _slid(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    for_x = F.conv2d(g, weight.transpose(0, 1), padding=weight.shape[2] - 1 - padding)
    return for_x, convolution_gradients(x, weight, g, padding)[1]


def _without_g(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    return convolution_gradients(x, weight, torch.ones_like(g), padding)


def _last_window(x: Tensor, weight: Tensor, g: Tensor, padding: int = 0) -> Pair:
    kh, kw = weight.shape[2:]
    padded = torch.zeros_like(F.pad(x, (padding,) * 4))
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            part = torch.einsum("no,ocuv->ncuv", g[:, :, i, j], weight)
            padded[:, :, i : i + kh, j : j + kw] = part
    height, width = x.shape[2:]
    for_x = padded[:, :, padding : padding + height, padding : padding + width]
    return for_x, convolution_gradients(x, weight, g, padding)[1]


MISTAKES = (
    Mistake(
        "the gradients are in the other order",
        "The gradient for `x` comes first, then that for `weight`: `return for_x, "
        "for_weight`.",
        _reversed,
    ),
    Mistake(
        "the gradient of the output is not used",
        "`g` says how much the loss asks for at each output pixel; each window counts "
        "as much as that. Both gradients contain it.",
        _without_g,
    ),
    Mistake(
        "windows that overlap replace each other",
        "A pixel that several windows have read hears from all of them: add, `+=`, or "
        "let `F.fold` do it.",
        _last_window,
    ),
    Mistake(
        "the copies are averaged instead of added",
        "Fold is the transpose of unfold, not its inverse: do not divide by the number "
        "of windows.",
        _inverse,
    ),
    Mistake(
        "the kernel is flipped on the way to the image",
        "Each window gets the kernel as it is, times `g`. A flip belongs to a sliding "
        "window over `g`, and there only once.",
        _not_flipped,
    ),
    Mistake(
        "the gradient of the kernel is flipped",
        "Kernel element (u, v) met the pixel at [i + u, j + v]; no flip in between.",
        _flipped_weight,
    ),
    Mistake(
        "only the first image counts for the kernel",
        "All images share the kernel: add up over the batch.",
        _first_image,
    ),
    Mistake(
        "each image keeps a gradient for the kernel",
        "All images share one kernel, and its gradient has its shape: add up over the "
        "batch.",
        _per_image,
    ),
    Mistake(
        "the kernel slides over the gradient as it is",
        "A window over `g` gives the gradient for `x` when the kernel is flipped, and "
        "with margins of kh - 1 and kw - 1 less the padding, each for its own axis. "
        "Two products and `F.fold` need no margin.",
        _slid,
    ),
    Mistake(
        "the kernel gets the mean over the images",
        "The loss has its mean, if any, in `g` already: add up over the batch.",
        _mean_of_images,
    ),
    Mistake(
        "the kernel gets the mean over the places",
        "Each place adds its part to the kernel's gradient: a sum, not a mean.",
        _mean_of_places,
    ),
    Mistake(
        "only the first output channel reaches the image",
        "Every output channel has read the image and sends its part back: add up over "
        "C_out.",
        _first_channel,
    ),
    Mistake(
        "the channels of a patch are in another order than those of the kernel",
        "A column of patches has all of channel 0 first. `weight.flatten(1)` has the "
        "same order; a permute destroys it.",
        _channels_last,
    ),
)


def _case(
    name: str,
    image: tuple[int, int, int, int],
    kernel: tuple[int, int, int, int],
    **padding: int,
) -> Case:
    zeros = 2 * padding.get("padding", 0)
    rows, columns = image[2] + zeros - kernel[2] + 1, image[3] + zeros - kernel[3] + 1

    def make() -> dict[str, object]:
        return {
            "x": varied(*image),
            "weight": varied(*kernel, start=4),
            "g": varied(image[0], kernel[0], rows, columns, start=2),
            **padding,
        }

    return Case(name, make)


EXERCISE = Exercise(
    reference=convolution_gradients,
    title="Both gradients of a convolution",
    lesson="20_convolution/32_fold",
    level="deeper",
    minutes=20,
    prompt="Return the gradients of a convolution with stride 1 for `x` and for "
    "`weight`, in this order. `g` is the gradient of the loss for its output. "
    "`F.unfold` and `F.fold` may help; autograd may not.",
    observe=call_it(convolution_gradients),
    cases=(
        _case("2 x 3 image, 1 x 2 kernel", (1, 1, 2, 3), (1, 1, 1, 2)),
        _case("3 x 2 image, 2 x 2 kernel", (1, 1, 3, 2), (1, 1, 2, 2)),
        _case("2 x 2 image, padding 1", (1, 1, 2, 2), (1, 1, 2, 1), padding=1),
        _case("two channels", (1, 2, 2, 3), (1, 2, 2, 2)),
        _case("two kernels", (1, 1, 2, 3), (2, 1, 1, 2)),
        _case("two images", (2, 1, 2, 3), (1, 1, 1, 2)),
        _case(
            "all at once: 3 images of 7 x 5, padding 2",
            (3, 2, 7, 5),
            (5, 2, 3, 4),
            padding=2,
        ),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Write the forward pass as a product first: flat kernels (C_out, p) times "
            "patches (N, p, L). A product of matrices has two gradients."
        ),
        (
            "With `g` as (N, C_out, L): for the kernels, `g` times the transposed "
            "patches, added up over the images; for the patches, the transposed "
            "kernels times `g`."
        ),
        (
            "`for_patches = weight.flatten(1).T @ g.flatten(2)` is (N, p, L). "
            "`F.fold(for_patches, x.shape[2:], weight.shape[2:], padding=padding)` "
            "brings it home."
        ),
    ),
    next="Add `stride`: both calls take it. Then write the gradient for `x` as "
    "`F.conv_transpose2d`.",
    imports="import torch.nn.functional as F",
)
