"""The window that slides: which pixel meets which element of the kernel."""

from __future__ import annotations

import numpy as np
import torch
import torch.nn.functional as F

from cnn_tutorial import convolution
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_FLIPS = "np.convolve", "convolution.convolve1d"
_KEEPS = "np.correlate", "convolution.correlate1d", "F.conv1d"


def _slid(function: str, row: list[int], kernel: list[int], padding: int) -> list[int]:
    x, k = np.pad(row, padding), np.array(kernel)
    if function == "F.conv1d":
        tensor = F.conv1d(torch.tensor(x)[None], torch.tensor(k)[None, None])
        return [int(number) for number in tensor[0]]
    module = convolution if function.startswith("convolution") else np
    found = getattr(module, function.split(".")[1])(x, k, "valid")
    return [int(number) for number in found]


@question(
    "20_convolution/10_sliding",
    function=(*_FLIPS, *_KEEPS),
    row=([2, 7, 4, 1, 5], [3, 1, 6, 8, 2], [5, 2, 8, 3, 9], [6, 4, 9, 2, 7]),
    place=("first", "second", "last"),
)
def slid_number(function: str, row: list[int], place: str) -> Posed:
    """Three pixels, spelled by one, ten and a hundred."""
    at = ("first", "second", "last").index(place)
    found = _slid(function, row, [1, 10, 100], 0)
    window = row[at : at + 3]
    a, b, c = window
    turned = function in _FLIPS
    met = f"{a} meets the {100 if turned else 1}, {b} the 10, {c} the "
    met += f"{1 if turned else 100}."
    wrong: dict[object, str] = {
        int(str(found[at])[::-1]): "Here the kernel lies the other way round. The name "
        "tells who flips: `convolve` does, `correlate` and PyTorch do not.",
        found[at - 1]: f"This comes from another window: the {place} one begins at "
        f"{a}.",
        sum(window): "Each pixel is multiplied by its element of the kernel before "
        "they are added.",
    }
    return Posed(
        f"The kernel [1, 10, 100] slides over the row {row} and stays inside. What is "
        f"the {place} number that `{function}` returns?",
        found[at],
        f"This function {'flips' if turned else 'does not flip'}: {met}",
        wrong,
    )


@question(
    "20_convolution/10_sliding",
    function=(*_FLIPS, *_KEEPS),
    kernel=([2, 3, 5], [1, 4, 6], [7, 0, 3], [5, 2, 1], [8, 4, 0]),
    place=(2, 3),
)
def answer_to_an_impulse(function: str, kernel: list[int], place: int) -> Posed:
    """Row that a single one becomes."""
    impulse = [int(i == place) for i in range(6)]
    out = _slid(function, impulse, kernel, 1)
    turned = function in _FLIPS
    mirrored = out[: place - 1] + out[place - 1 : place + 2][::-1] + out[place + 2 :]
    return Posed(
        f"The row {impulse} gets a zero at each end. Then the kernel {kernel} slides "
        f"over it in `{function}` and stays inside. What comes out?",
        out,
        "With the flip, an impulse becomes the kernel itself."
        if turned
        else "No flip: the window comes from the left, so the last element of the "
        "kernel meets the 1 first.",
        {
            str(mirrored): "The kernel lies the right way round for a function that "
            + ("does not flip" if turned else "flips")
            + ". Which kind is this one?",
            str(
                out[-1:] + out[:-1]
            ): "One place too late: with a zero at each end the middle "
            "of the window stands on each pixel in turn.",
            str(impulse): "Each place has the sum of a window: which element of the "
            "kernel meets the 1 there?",
        },
    )


QUESTIONS = (slid_number, answer_to_an_impulse)
