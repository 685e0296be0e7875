"""AlexNet's window, its error, its activations and its norm."""

from __future__ import annotations

import torch
import torch.nn.functional as F

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "50_architectures/10_alexnet",
    side=(9, 10, 12, 14, 16, 17, 20, 23),
    kernel=(3, 4, 5, 7),
    stride=(2, 3, 4, 5),
)
def pixels_never_read(side: int, kernel: int, stride: int) -> Posed | None:
    """Columns at the right end that no window reaches."""
    if stride > kernel or side < kernel + stride:  # gaps in between; one window only
        return None
    row = torch.zeros(1, 1, side, requires_grad=True)
    out = F.conv1d(row, torch.ones(1, 1, kernel), stride=stride)
    (read,) = torch.autograd.grad(out.sum(), row)
    places = out.numel()
    last = kernel + (places - 1) * stride
    return Posed(
        f"A window of {kernel} moves along {side} pixels with stride {stride}, without "
        f"padding. How many pixels at the end are never read?",
        int((read == 0).sum()),
        f"{places} places: the last window ends at pixel {kernel} + {places - 1} * "
        f"{stride} = {last} of {side}.",
        {
            side % stride: "The first window takes its own width; only what is behind "
            "it is walked in strides.",
            side % kernel: "Windows overlap: they move by the stride, not by their "
            "width.",
            side - last + stride: "One more step still fits into the row.",
            side - stride * places: "Windows are wider than a stride: the last one "
            "reaches further.",
            side - last + 1: "Count where the last window ends: where it begins, plus "
            "its width.",
        },
    )


@question(
    "50_architectures/10_alexnet",
    scores=(
        (7, 1, 9, 4, 6),
        (2, 8, 5, 9, 1),
        (3, 9, 4, 8, 6),
        (6, 2, 1, 5, 9),
        (8, 3, 7, 1, 2),
    ),
    label=(0, 1, 2, 3, 4),
)
def smallest_k(scores: tuple[int, ...], label: int) -> Posed:
    """Least k for which an answer counts as right among the k best."""
    best = torch.tensor(scores).topk(len(scores)).indices.tolist()
    k = next(n for n in range(1, 6) if label in best[:n])
    above = sorted((s for s in scores if s > scores[label]), reverse=True)
    names = ", ".join(map(str, above)) or "none"
    return Posed(
        f"A network gives the classes 0 to 4 the scores {list(scores)}. The true class "
        f"is {label}. What is the smallest k for which it is among the top k?",
        k,
        f"Class {label} scores {scores[label]}. Higher scores: {names}. So it is "
        f"number {k}.",
        {
            label
            + 1: "Where the class stands in the list says nothing: sort by score.",
            6 - k: "The best score comes first, not the smallest.",
            max(k - 1, 1): "That many score higher. Is the class itself among them?",
            min(k + 1, 5): "It counts the answer as right, but a smaller k does, too.",
        },
    )


_SLOPES = {
    "tanh": "1 - tanh^2",
    "ReLU": "1 where the sum is positive, 0 elsewhere",
}


@question(
    "50_architectures/12_relu_or_tanh",
    bend=tuple(_SLOPES),
    outputs=((0.5, 0.6), (0.6, 0.5), (0.8, 0.5), (0.5, 0.8), (0.5, 0.0), (0.0, 0.8)),
    weight=(2, 3, 10),
)
def gradient_in_front(bend: str, outputs: tuple[float, float], weight: int) -> Posed:
    """Gradient in front of two units that put out known numbers."""
    one, two = outputs
    sums = torch.tensor(outputs, dtype=torch.float64)
    sums = (sums.atanh() if bend == "tanh" else sums).requires_grad_()
    out = torch.tanh(sums) if bend == "tanh" else torch.relu(sums)
    (slopes,) = torch.autograd.grad(out.sum(), sums)
    tanhs = [1 - y * y for y in outputs]
    return Posed(
        f"Two {bend} units in a row put out {one} and then {two}; the weight between "
        f"them is {weight}. A gradient of 1 arrives behind the second. How large is "
        f"it in front of the first?",
        _number(slopes.prod().item() * weight),
        f"The slope is {_SLOPES[bend]}: {_number(slopes[1].item())} * {weight} * "
        f"{_number(slopes[0].item())}.",
        {
            _number(one * two * weight): "The gradient meets the slopes of the units, "
            "not what they put out.",
            _number(tanhs[1] * weight if bend == "tanh" else 0): "The gradient passes "
            "both units: take the slope of each."
            if bend == "tanh"
            else "Look at what each unit puts out: is one of them cut off?",
            _number(slopes.prod().item()): "The weight between them multiplies, too.",
            _number(tanhs[0] * tanhs[1] * weight): "This is how tanh passes it on.",
            _number(
                weight
            ): "Each unit multiplies by its slope. Is that 1 for what they put out?",
        },
    )


def _number(value: float) -> str:
    return f"{round(value, 4) + 0.0:g}"


@question(
    "50_architectures/12_relu_or_tanh",
    values=((1, 2, 3, 1, 2), (3, 1, 2, 2, 1), (2, 1, 1, 3, 1), (1, 3, 1, 2, 3)),
    place=(1, 2, 3),
    alpha=(3, 6),
    constant=(1, 2),
)
def divisor_of_a_channel(
    values: tuple[int, ...], place: int, alpha: int, constant: int
) -> Posed:
    """Divisor of one channel in PyTorch's local response normalisation."""
    maps = torch.tensor(values, dtype=torch.float64).reshape(1, 5, 1)
    out = F.local_response_norm(maps, 3, alpha=alpha, beta=1.0, k=constant)
    near = [v * v for v in values[place - 1 : place + 2]]
    squares, share = sum(near), alpha // 3
    return Posed(
        f"At one place the channels 0 to 4 hold {list(values)}. PyTorch's "
        f"`local_response_norm` has `size=3, alpha={alpha}, beta=1, k={constant}`. "
        f"By which number does it divide channel {place}?",
        round(maps[0, place, 0].item() / out[0, place, 0].item()),
        f"`k` plus alpha times the mean of three squares: {constant} + {alpha} * "
        f"{squares} / 3.",
        {
            constant + alpha * squares: "That is the paper's formula, with the sum of "
            "the squares. By how much does PyTorch divide that sum?",
            constant + share * sum(v * v for v in values): "Only neighbours within the "
            "window of three count.",
            constant + alpha * values[place] ** 2: "The window holds three channels, "
            "and not this one alone.",
            share * squares: "And the constant `k`?",
        },
    )


QUESTIONS = (pixels_never_read, smallest_k, gradient_in_front, divisor_of_a_channel)
