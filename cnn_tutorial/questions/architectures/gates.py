"""Gates: where they stand, what they weigh, and what they have learned."""

from __future__ import annotations

import torch

from cnn_tutorial import blocks
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_ORDINALS = ("the first", "the second", "the third")


@question(
    "50_architectures/40_squeeze",
    signal=(8, 16, 24, 32),
    added=(4, 8),
    depth=(1, 2),
    place=("before", "behind"),
)
def gated_signal(signal: int, added: int, depth: int, place: str) -> Posed:
    """Output of residual blocks whose gates are a half."""
    half = torch.sigmoid(torch.zeros(())).item()
    before, behind, bypass = (float(signal),) * 3
    steps = []
    for _ in range(depth):
        steps.append(f"({behind:g} + {added}) / 2 = {half * (behind + added):g}")
        before += half * added
        behind = half * (behind + added)
        bypass = half * bypass + added
    inside = place == "before"
    sums = f"{signal}" + f" + {half * added:g}" * depth + f" = {before:g}"
    return Posed(
        f"A signal of {signal} passes {depth} residual block{'s' * (depth > 1)}. In "
        f"each the layers make {added}, whatever they read, and a gate of one half "
        f"stands {place} the addition. What comes out at the end?",
        int(before if inside else behind),
        f"What is new is halved, what passes by is not: {sums}."
        if inside
        else f"The sum is halved, and what passes by with it: {', '.join(steps)}.",
        {
            int(behind if inside else before): "That is the gate in the other place: "
            "is the shortcut weighed as well, or not?",
            signal + depth * added: "A gate of a half halves what comes through it.",
            int(bypass): "This weighs what passes by, and leaves alone what is new.",
        },
    )


@question(
    "50_architectures/40_squeeze",
    channels=(16, 32, 64),
    reduction=(4, 8, 16),
    wider=(0.5, 2),
    stronger=(0.5, 1, 2),
)
def gate_weights(
    channels: int, reduction: int, wider: float, stronger: float
) -> Posed | None:
    """Parameters of a gate when channels and reduction change."""
    other, divisor = int(wider * channels), int(stronger * reduction)
    if divisor > other:
        return None
    with torch.device("meta"):
        gates = (
            blocks.SEBlock(channels, reduction=reduction),
            blocks.SEBlock(other, reduction=divisor),
        )
    known, count = (sum(p.numel() for p in gate.parameters()) for gate in gates)
    return Posed(
        f"The two matrices of a gate for {channels} channels with reduction "
        f"{reduction} hold {known} weights. How many are there for {other} channels "
        f"with reduction {divisor}?",
        count,
        f"{other} * {other // divisor} down and {other // divisor} * {other} up: the "
        "square of the channels, divided by the reduction.",
        {
            int(known * wider / stronger): "Both sides of a matrix depend on the "
            "channels: the middle is a part of them.",
            int(known * wider**2 * stronger): "Does a larger reduction leave more in "
            "the middle, or less?",
            int(known * wider**2): "The middle is the channels divided by the "
            "reduction. Which reduction?",
            int(known / stronger): "The number of channels has changed as well.",
            count // 2: "There are two matrices: one down, one up.",
        },
    )


_ASKED = {
    "same": "could be replaced by the scale of a batch norm in front of it",
    "class": "tells whether the image is a {one} or a {other}",
    "image": "differs between images, and tells nothing about the class",
}
_NOT_THIS = {
    ("same", "class"): "Does a norm know the class of an image? This gate does.",
    ("same", "image"): "Does the scale of a norm change from one image to the next?",
    ("class", "same"): "This gate says the same of every image.",
    ("class", "image"): "Take its mean over each class. Do they differ?",
    ("image", "same"): "This gate is the same for every image.",
    ("image", "class"): "Take its mean over each class: here the class explains all.",
}


def _kind(gates: torch.Tensor) -> str:
    """Tell what four gates, two images of a class each, follow."""
    if gates.std() == 0:
        return "same"
    first, second = gates.view(2, 2).mean(1)
    return "image" if torch.isclose(first, second) else "class"


@question(
    "50_architectures/42_gates",
    asked=tuple(_ASKED),
    order=((0, 1, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0)),
    low=(0.1, 0.2, 0.3),
    high=(0.7, 0.8, 0.9),
    swapped=(False, True),
    classes=(("shirt", "bag"), ("sandal", "coat")),
)
def what_a_gate_follows(
    asked: str,
    order: tuple[int, ...],
    low: float,
    high: float,
    swapped: bool,
    classes: tuple[str, str],
) -> Posed:
    """Which of three gates follows the class, the image, or nothing."""
    third = [low, high, high, low] if swapped else [high, low, high, low]
    rows = [[low, low, high, high], [high] * 4, third]
    gates = torch.tensor([rows[k] for k in order])  # channels, images
    kinds = dict(zip(map(_kind, gates), _ORDINALS, strict=True))
    texts = [f"`{' '.join(f'{gate:.1f}' for gate in row)}`" for row in gates.tolist()]
    one, other = classes
    which = _ASKED[asked].format(one=one, other=other)
    because = {
        "same": "It is the same for all images: a norm's scale and shift can hold it.",
        "class": f"{low} for one class, {high} for the other, whichever image it is.",
        "image": f"It varies, but its mean is {(low + high) / 2:.2f} for both classes.",
    }
    return Posed(
        f"The gates of three channels, on two {one}s and then two {other}s: "
        f"{texts[0]}, {texts[1]}, {texts[2]}. Which of them {which}?",
        kinds[asked],
        because[asked],
        {
            kinds[kind]: _NOT_THIS[asked, kind]
            for kind in ("class", "image", "same")
            if kind != asked
        },
    )


_LEARNED = {
    "nothing": "hardly anything that the network needs",
    "constants": "a factor for each channel, equal for all images",
    "images": "factors that differ from image to image",
}


@question(
    "50_architectures/42_gates",
    own=(79, 83, 86, 88),
    case=tuple(_LEARNED),
    much=(14, 19, 25),
    little=(0, 1),
)
def what_gates_learned(own: int, case: str, much: int, little: int) -> Posed:
    """Meaning of an exchange of gates."""
    mean = own - (much if case == "images" else little)
    half = own - (little if case == "nothing" else much + little)
    found = (
        "nothing"
        if own - half <= 2
        else "images"
        if own - mean > mean - half
        else "constants"
    )
    why = {
        "nothing": "Would gates at a half cost so many points then?"
        if found != "nothing"
        else "",
        "constants": "Mean gates keep these factors. Do they keep the accuracy?"
        if found == "images"
        else "Gates at a half take these factors away. Is anything lost?",
        "images": "Mean gates take these differences away. Is anything lost?",
    }
    because = {
        "nothing": "Neither the mean nor a half costs more than a point.",
        "constants": f"Mean gates cost {own - mean} of the {own - half} points: what a "
        "half takes away is what was the same for all images.",
        "images": f"Mean gates cost {own - mean} of the {own - half} points, and they "
        "keep all that is the same for all images.",
    }
    return Posed(
        f"A trained network has {own} % of the images right; {mean} % if each image "
        f"gets the mean gates of its batch, {half} % with all gates at a half. What "
        "have the gates learned above all?",
        _LEARNED[found],
        because[found],
        {_LEARNED[kind]: why[kind] for kind in _LEARNED if kind != found},
    )


QUESTIONS = (gated_signal, gate_weights, what_a_gate_follows, what_gates_learned)
