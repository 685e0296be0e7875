"""Machines for one convolution: what they pay for, and where one goes wrong."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_TABLE, _PASSES = "by the table of patches", "in two passes, down and across"
_SPECTRA = "by spectra as large as the image"
# Multiplications for a side of the image and one of the kernel; borders left out.
_BILLS: dict[str, Callable[[int, int], int]] = {
    _TABLE: lambda n, k: n * n * k * k,
    _PASSES: lambda n, k: n * n * (k + k),
    _SPECTRA: lambda n, _: n * n,
}
_PIXELS = {
    2: "Rows and columns both get longer: so many more output pixels, each as costly "
    "as before.",
    1: "The image has rows and columns, and both get longer.",
    0: "Each output pixel has its multiplications. How many are there now?",
    3: "The image has two sides, and the kernel stays what it was.",
}
# For each bill and what grows: what there is to say to a power of the growth.
_SAID = {
    (_TABLE, "image"): _PIXELS,
    (_PASSES, "image"): _PIXELS,
    (_TABLE, "kernel"): {
        2: "Each output pixel needs the whole window: rows times columns.",
        1: "The window has rows and columns, and both get longer.",
        0: "Each output pixel takes a multiplication for each element.",
        3: "A window has two sides only.",
    },
    (_PASSES, "kernel"): {
        1: "Each output pixel needs one column and one row of the kernel.",
        2: "So it is in one pass over the full window. How long is a pass here?",
        0: "Each pass multiplies by every element of its column or row.",
        3: "The passes follow one another: their multiplications are added.",
    },
    (_SPECTRA, "kernel"): {
        0: "The kernel is filled up with zeros to the image's size, whatever its own.",
        2: "So it is with a window that slides. How large is a spectrum?",
        1: "So it is in two passes. How large is a spectrum?",
        3: "A window has two sides only, and here none slides.",
    },
}


@question("20_convolution/35_machines", case=tuple(_SAID), factor=(2, 3, 4))
def growing_bill(case: tuple[str, str], factor: int) -> Posed:
    """Multiplications as the image or the kernel grows."""
    machine, grows = case
    bill = _BILLS[machine]
    sides = (200, 200 * factor) if grows == "image" else (5, 5 * factor)
    before, after = ((n, 5) if grows == "image" else (200, n) for n in sides)
    times = bill(*after) // bill(*before)
    values = {
        power: f"{factor**power} times as many" if power else "as many as before"
        for power in (2, 1, 0, 3)
    }
    right = next(power for power in values if factor**power == times)
    why = _SAID[case]
    return Posed(
        f"A convolution is computed {machine}. The side of the {grows} grows from "
        f"{sides[0]} to {sides[1]}, the "
        f"{'kernel' if grows == 'image' else 'large image'} stays as it is. "
        "About how many multiplications does it take now?",
        values[right],
        why[right],
        {value: why[power] for power, value in values.items()},
    )


@question(
    "20_convolution/35_machines",
    size=(8, 9, 10, 12),
    kernel=(3, 4, 5),
    conjugated=(True, True, False),
)
def wrapped_results(size: int, kernel: int, conjugated: bool) -> Posed:
    """Results of a product of spectra that went round the border."""
    row, weight = torch.arange(1.0, size + 1), torch.arange(1.0, kernel + 1)
    spectrum = torch.fft.rfft(weight, n=size)
    spectrum = spectrum.conj() if conjugated else spectrum
    ring = torch.fft.irfft(torch.fft.rfft(row) * spectrum, n=size)
    zeros = (0, kernel - 1) if conjugated else (kernel - 1, 0)
    slid = weight if conjugated else weight.flip(0)
    line = F.conv1d(F.pad(row, zeros)[None], slid[None, None])[0]
    wrapped = (ring - line).abs() > 0.5
    ends = ("last", "first") if wrapped[-1] else ("first", "last")
    count = int(wrapped.sum())
    return Posed(
        f"A row x of {size} and a kernel k of {kernel} are multiplied as spectra: "
        f"`ifft(fft(x) * fft(k, {size}){'.conj()' if conjugated else ''})`. Which of "
        f"the {size} results have wrapped round the border?",
        f"the {ends[0]} {count}",
        "No flip: the window reaches from its place to the right, over the end."
        if conjugated
        else "With the flip, the window reaches from its place to the left, over the "
        "beginning.",
        {
            f"the {ends[1]} {count}": "`.conj()` keeps the kernel from being flipped. "
            "To which side of its place does the window reach here?",
            f"the {ends[0]} {kernel}": "One of these windows reaches to the very edge "
            "and not over it.",
            "none of them": "The transform takes the row for a ring: what leaves at "
            "one end comes in at the other.",
        },
    )


QUESTIONS = (growing_bill, wrapped_results)
