"""Networks: where weights start, what LeNet counts, what its training asks for."""

from __future__ import annotations

from fractions import Fraction

import torch
import torch.nn.functional as F
from torch import nn

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "30_modules/15_starting_weights",
    c_in=(4, 8, 10, 16),
    c_out=(6, 12, 20, 32),
    kernel=((1, 1), (3, 3), (1, 5), (5, 5)),
    groups=(1, 1, 4),
)
def variance_of_the_weights(
    c_in: int, c_out: int, kernel: tuple[int, int], groups: int
) -> Posed | None:
    """Variance that keeps a signal through convolutions and ReLUs."""
    if c_in % groups or c_out % groups or c_out * groups == 2 * c_in:
        return None
    conv = nn.Conv2d(c_in, c_out, kernel, groups=groups, device="meta")
    fan_in, size = conv.weight[0].numel(), kernel[0] * kernel[1]
    named = f" in {groups} groups" if groups > 1 else ""
    counts = f"{c_in} / {groups}" if groups > 1 else f"{c_in}"
    return Posed(
        f"A convolution from {c_in} to {c_out} channels with a {kernel[0]} x "
        f"{kernel[1]} kernel{named} stands between ReLUs. Which variance of its "
        "weights keeps the variance of the signal?",
        f"2/{fan_in}",
        f"One output adds up {counts} * {kernel[0]} * {kernel[1]} = {fan_in} products, "
        "and a ReLU halves the mean square.",
        {
            f"1/{fan_in}": "A ReLU cuts away one half of what comes: make up for it.",
            f"2/{c_out * size}": "Count what is added up for one output: the channels "
            "that are read, not those that are written.",
            f"2/{c_in * size}": "With groups, an output reads the channels of its own "
            "group only.",
            f"2/{c_in // groups}": "One output adds up over the whole window, too.",
        },
    )


@question(
    "30_modules/15_starting_weights",
    gain=(1, 2, 4, 6),
    relu=(True, True, False),
    layers=(2, 3, 4),
)
def signal_after_layers(gain: int, relu: bool, layers: int) -> Posed:
    """Factor by which layers change the size of a signal."""
    each = Fraction(gain, 2 if relu else 1)
    other = Fraction(gain, 1 if relu else 2)
    between = "a ReLU in front of each" if relu else "no ReLU anywhere"
    return Posed(
        f"Wide linear layers have weights of variance {gain}/fan-in, and there is "
        f"{between}. By about which factor do {layers} more layers multiply the "
        "variance of a signal?",
        each**layers,
        f"Each layer multiplies it by {gain}{' * 1/2' if relu else ''}: "
        f"{' * '.join([str(each)] * layers)} = {each**layers}.",
        {
            other**layers: "A ReLU leaves half of the mean square. Is there one here?",
            each: "That is one layer. There are several of them.",
            each * layers: "Factors of layers multiply; they do not add up.",
            1 / each**layers: "A layer multiplies by its factor, it does not divide by "
            "it: does the signal grow or shrink?",
            1 / other**layers: "Does the signal grow or shrink, and is there a ReLU?",
        },
    )


def _sides(side: int, kernel: int) -> list[int]:
    """Side after convolution, pooling, convolution, pooling."""
    x, sides = torch.zeros(1, 1, side, side), []
    for _ in range(2):
        x = F.conv2d(x, torch.zeros(1, 1, kernel, kernel))
        sides.append(x.shape[-1])
        x = F.max_pool2d(x, 2)
        sides.append(x.shape[-1])
    return sides


@question(
    "30_modules/30_lenet",
    side=(18, 20, 22, 24, 26, 28),
    kernel=(3, 5),
    channels=(4, 8, 10, 20),
)
def numbers_after_flattening(side: int, kernel: int, channels: int) -> Posed:
    """Tell what the first linear layer of a LeNet must be told."""
    sides = _sides(side, kernel)
    end, odd = sides[-1], -(-sides[-2] // 2)
    same = side // 4
    late = ((side - kernel + 1) // 2) // 2
    return Posed(
        f"LeNet's plan: convolve, pool, convolve, pool, flatten. Kernels are {kernel} "
        f"x {kernel} without padding, poolings halve, the second convolution has "
        f"{channels} channels. What is `in_features` behind {side} x {side} pixels?",
        channels * end**2,
        f"{side}, {', '.join(map(str, sides))}: {channels} * {end} * {end} = "
        f"{channels * end**2}.",
        {
            channels * same**2: "Without padding, each convolution shrinks the image.",
            channels * odd**2: "Where the side is odd, pooling drops the last row and "
            "column.",
            channels * late**2: "The second convolution shrinks its input, too.",
            end**2: "Flattening takes all channels into one row.",
            channels * end: "A map has rows and columns.",
        },
    )


_CHANGES = {
    "5 is added to every logit": lambda x: x + 5,
    "every logit is multiplied by 3": lambda x: 3 * x,
    "every logit is divided by 2": lambda x: x / 2,
    "every logit changes its sign": lambda x: -x,
    "every logit is squared": lambda x: x * x,
    "3 is taken from the largest logit": lambda x: x - 3 * F.one_hot(x.argmax(), 3),
}


@question(
    "30_modules/30_lenet",
    logits=((4, 1, -1), (0, 5, 1), (-5, 2, 3), (2, -3, 6), (-4, 0, -1)),
    change=tuple(_CHANGES),
)
def same_decision(logits: tuple[int, int, int], change: str) -> Posed | None:
    """Tell what stays when logits change: the decision, the shares."""
    before = torch.tensor(logits, dtype=torch.float64)
    after = _CHANGES[change](before)
    first, second = after.topk(2).values.tolist()
    if first == second:
        return None
    decision = bool(before.argmax() == after.argmax())
    shares = torch.allclose(before.softmax(0), after.softmax(0))
    found = ", ".join(f"{x + 0.0:g}" for x in after.tolist())
    kept = "both" if shares else "the decision alone" if decision else "neither"
    gaps = "the same" if shares else "other"
    return Posed(
        f"A network gives the logits {', '.join(map(str, logits))}. Then {change}. "
        "What stays as it was: the decision, or the shares that softmax makes?",
        kept,
        f"The logits become {found}: {gaps} differences, and so {gaps} shares; the "
        f"largest is {'in its old place' if decision else 'another one'}.",
        {
            "both": "Shares depend on the differences of the logits. Are all of these "
            "the same as before?",
            "the decision alone": "Write the new logits down: which is the largest? "
            "And which differences have changed?",
            "neither": "Write the new logits down: is another one the largest?",
            "the shares alone": "The decision is the largest share: whoever keeps the "
            "shares keeps it.",
        },
    )


@question(
    "30_modules/35_lenet_training",
    smoothing=(0.1, 0.2, 0.4),
    classes=(2, 4, 5, 10),
    true=(True, False),
)
def share_asked_for(smoothing: float, classes: int, true: bool) -> Posed | None:
    """Share that label smoothing asks for."""
    logits = torch.zeros(1, classes, dtype=torch.float64, requires_grad=True)
    with torch.enable_grad():
        loss = F.cross_entropy(logits, torch.tensor([0]), label_smoothing=smoothing)
        (grad,) = torch.autograd.grad(loss, logits)
    # The gradient of cross-entropy: the shares less those that are asked for.
    asked = (logits.softmax(1) - grad)[0, 0 if true else 1].item()
    each = smoothing / classes
    if (smoothing, classes) in ((0.1, 10), (0.1, 4)):
        return None  # the page's own; more than two decimals
    wrong = {
        1 - smoothing: "The smoothed part goes to all classes alike, the true one "
        "included.",
        1.0: "Certainty is what smoothing does not ask for.",
        1 / classes: "That would be the share of a network that knows nothing.",
        1 - each: "Each of the others takes its part, too.",
    }
    if not true:
        wrong = {
            smoothing / (classes - 1): "The smoothed part is shared by all classes, "
            "the true one included.",
            0.0: "A share of zero is what smoothing does not ask for.",
            smoothing: "All classes together get this much: how much is one part?",
            1 / classes: "That would be the share of a network that knows nothing.",
        }
    return Posed(
        f"`F.cross_entropy` with `label_smoothing={smoothing}` and {classes} classes. "
        "Which softmax share is the target for "
        f"{'the true' if true else 'each wrong'} class?",
        f"{asked:.2f}",
        f"All {classes} classes get {smoothing} / {classes} = {each:.2f}"
        + (f", and the true one {1 - smoothing:.1f} on top." if true else "."),
        {f"{value:.2f}": why for value, why in wrong.items()},
    )


@question(
    "30_modules/35_lenet_training",
    digits=(100, 130, 200, 250, 320),
    batch=(32, 50, 64, 100),
    epochs=(2, 3, 10),
)
def steps_of_a_run(digits: int, batch: int, epochs: int) -> Posed:
    """Count the steps of an optimiser, for a schedule."""
    batches = len(torch.arange(digits).split(batch))
    rest = digits - (batches - 1) * batch
    return Posed(
        f"{digits} digits, batches of {batch}, {epochs} epochs; the last batch of each "
        "epoch may be shorter. How many steps must be planned for a schedule that ends "
        "with the run?",
        batches * epochs,
        f"{batches} batches an epoch, the last of {rest}: {batches} * {epochs} = "
        f"{batches * epochs}.",
        {
            digits
            // batch
            * epochs: "The digits that are left over make a batch, too.",
            (digits // batch + 1) * epochs: "Is anything left over here, when the full "
            "batches are taken?",
            batches: "That is one epoch.",
            -(-digits * epochs // batch): "No batch reaches from one epoch into the "
            "next.",
            digits * epochs: "A step is taken for each batch, not for each digit.",
        },
    )


QUESTIONS = (
    variance_of_the_weights,
    signal_after_layers,
    numbers_after_flattening,
    same_decision,
    share_asked_for,
    steps_of_a_run,
)
