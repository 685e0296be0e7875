"""Types and places of numbers; NumPy beside PyTorch; several GPUs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import BatchSampler
from torch.utils.data.distributed import DistributedSampler

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_FRACTION = {"bfloat16": 7, "float16": 10}

_MAKERS: dict[str, Callable[[NDArray[np.floating]], Tensor]] = {
    "torch.from_numpy(array)": torch.from_numpy,
    "torch.tensor(array)": torch.tensor,
    "torch.from_numpy(array).float()": lambda array: torch.from_numpy(array).float(),
    "torch.from_numpy(array).double()": lambda array: torch.from_numpy(array).double(),
}


@question("10_tensors/15_places", dtype=tuple(_FRACTION), step=(1, 2, 4, 8, 16))
def stuck_sum(dtype: str, step: int) -> Posed:
    """Where a sum in few bits stops growing."""
    bits = _FRACTION[dtype]
    total = torch.tensor(float(2**bits), dtype=getattr(torch, dtype))
    while total + step != total:
        total = total * 2
    stuck, times = int(total.item()), 100_000
    return Posed(
        f"`{dtype}` keeps {bits} bits of the fraction: between 1 and 2 its numbers lie "
        f"2 ** -{bits} apart. `total` starts at 0, and `total = total + {step}` runs "
        f"{times:,} times. Where does it end?",
        f"{stuck:,}",
        f"From {2 * step} * 2 ** {bits} = {stuck:,} on the gap is {2 * step}. Adding "
        f"{step}, half a gap, is rounded away.",
        {
            f"{stuck // 2:,}": f"There the gap is {step}: adding {step} still arrives "
            "at the next number.",
            f"{times * step:,}": "The gaps grow with the sum. How wide may they be for "
            f"a step of {step} to reach the next number?",
            f"{2 * stuck:,}": f"There the gap is {4 * step}. The sum stands still "
            "earlier: half a gap is rounded away already."
            if 2 * stuck < torch.finfo(total.dtype).max
            else f"`{dtype}` does not reach as far. How wide is the gap before?",
        },
    )


@question(
    "10_tensors/15_places",
    images=(10, 20, 50, 100),
    channels=(1, 3),
    side=(100, 200),
    dtype=("float32", "float16", "float64"),
)
def batch_megabytes(images: int, channels: int, side: int, dtype: str) -> Posed:
    """Memory of a batch after a change of type."""
    batch = torch.empty(images, channels, side, side, dtype=torch.uint8, device="meta")
    moved = batch.to(getattr(torch, dtype))
    width, numbers = moved.element_size(), moved.numel()
    other = 8 if width == 4 else 4

    def megabytes(count: int) -> str:
        return f"{count / 1e6:g} MB"

    return Posed(
        f"{images} images of {channels} x {side} x {side} pixels come as `uint8`. "
        f"How much memory do they take after `.to(torch.{dtype})`?",
        megabytes(moved.nbytes),
        f"{dtype[-2:]} bits are {width} bytes, for each of {numbers / 1e6:g} million "
        "numbers.",
        {
            megabytes(numbers): "So much they take as bytes, before the change.",
            megabytes(8 * moved.nbytes): "The name counts bits, memory counts bytes.",
            megabytes(other * numbers): f"So much `float{8 * other}` would take. How "
            "many bytes are the bits of this type?",
        },
    )


@question(
    "10_tensors/17_ecosystem",
    kind=("float64", "float32"),
    maker=tuple(_MAKERS),
    first=(3, 5),
    then=(7, 8),
)
def seen_by_both(kind: str, maker: str, first: int, then: int) -> Posed:
    """Numbers of an array after both sides were written into."""
    array = np.zeros(2, dtype=kind)
    tensor = _MAKERS[maker](array)
    array[0] = first
    tensor[1] = then
    shared = tensor.data_ptr() == array.ctypes.data
    own = "torch.tensor" in maker
    return Posed(
        f"`array = np.zeros(2, dtype=np.{kind})`, then `tensor = {maker}`, then "
        f"`array[0] = {first}`, then `tensor[1] = {then}`. "
        "What are the numbers of `array` now?",
        tuple(array.astype(int).tolist()),
        "No number had to change its type, so that both share one memory."
        if shared
        else f"`torch.tensor` copies. The array has the {first} alone."
        if own
        else f"The type had to change, which makes a copy. The array has the {first} "
        "alone.",
        {
            (first, then): "`torch.tensor` copies, whatever the type is."
            if own
            else "Had the type to change? Then the tensor is a copy.",
            (first, 0): "Where no number has to change its type, there is one memory "
            "for both.",
            (0, then): "`array[0]` was written to by way of the array itself.",
            (0, 0): f"Nothing has undone `array[0] = {first}`.",
        },
    )


@question(
    "10_tensors/17_ecosystem",
    gpus=(2, 3, 4),
    batch=(5, 8, 10),
    rounds=(6, 12, 25),
    epochs=(1, 2),
)
def steps_on_gpus(gpus: int, batch: int, rounds: int, epochs: int) -> Posed:
    """How many steps a model takes that is trained on several GPUs."""
    samples = gpus * batch * rounds
    share: DistributedSampler[int] = DistributedSampler(
        range(samples),  # type: ignore[arg-type]
        num_replicas=gpus,
        rank=0,
    )
    steps = epochs * len(BatchSampler(share, batch, drop_last=False))
    passes = "an epoch" if epochs == 1 else f"{epochs} epochs"
    return Posed(
        f"Distributed data parallel: {gpus} GPUs, each with batches of {batch} "
        f"samples. The data set has {samples:,}. How many steps does the model take in "
        f"{passes}?",
        steps,
        f"A step uses {gpus} * {batch} = {gpus * batch} samples, and "
        f"{samples:,} / {gpus * batch} = {rounds}"
        + (f"; {epochs} * {rounds} = {steps}." if epochs > 1 else "."),
        {
            gpus * steps: "All GPUs work on their batches at the same time: together "
            "they make one step.",
            f"{epochs * samples:,}": "A step comes after a batch, not after a sample.",
            rounds: f"That is one epoch of {epochs}.",
            gpus * batch: "That is how many samples a step uses. How many such steps?",
        },
    )


QUESTIONS = (stuck_sum, batch_megabytes, seen_by_both, steps_on_gpus)
