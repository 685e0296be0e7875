"""What enlarged images cost, and who waits for whom."""

from __future__ import annotations

from cnn_tutorial import arithmetic
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "40_training/24_enlarging",
    sides=((16, 32), (16, 48), (16, 64), (20, 100), (32, 96), (32, 48), (24, 60)),
    channels=(3, 16),
    kernel=(3, 5),
)
def price_of_enlarging(sides: tuple[int, int], channels: int, kernel: int) -> Posed:
    """Price of a layer when its images are enlarged."""
    small, large = sides
    macs = [arithmetic.conv_macs(channels, 8, kernel, side) for side in sides]
    work, length = f"{macs[1] / macs[0]:g} times", f"{large / small:g} times"
    return Posed(
        f"Images of {small} x {small} are enlarged to {large} x {large}. A convolution "
        f"reads their {channels} channels with 8 kernels of {kernel} x {kernel}, "
        "stride 1, padded so that the size stays. How many times as many "
        "multiplications does it do, and with how many weights?",
        f"{work}, same weights",
        f"({large} / {small}) squared: so many times the places. The kernels are the "
        "same at each of them.",
        {
            f"{length}, same weights": "There are more places down, and more places "
            "to the right.",
            f"{work}, {work} the weights": "A kernel is used at all places; it does "
            "not grow with the image.",
            f"{length}, {length} the weights": "The layer has more places, in two "
            "directions, and not more kernels.",
        },
    )


@question(
    "40_training/24_enlarging",
    side=(28, 32, 35, 40, 48, 56, 64, 67, 80, 96),
    last=("pool1", "pool2", "pool2", "pool2"),
)
def pixels_left(side: int, last: str) -> Posed:
    """Side of the maps in AlexNet's first layers."""
    sizes = [side, arithmetic.conv_output_size(side, 11, stride=4)]
    pools = 1 if last == "pool1" else 2
    for _ in range(pools):
        before = sizes[-1]
        sizes.append(
            arithmetic.pool_output_size(before, 3, stride=2) if before > 2 else 0
        )
    up = -(-(side - 11) // 4) + 1
    for _ in range(pools):
        up = max(-(-(up - 3) // 2) + 1, 1)
    path = ", ".join(str(size or "none") for size in sizes)
    then = "pool1" if pools == 1 else "pool1, conv2, which keeps the size, and pool2"
    return Posed(
        f"Images of {side} x {side} enter AlexNet: conv1 (11 x 11, stride 4), then "
        f"{then}. Pools have windows of 3 x 3 and stride 2. Neither conv1 nor pools "
        "pad. How wide are the maps at the end?",
        _wide(sizes[-1]),
        f"Step by step: {path}. The last window has to fit as a whole.",
        {
            _wide(up): "A window that would stand over the edge is left out.",
            _wide(side // 4 // 2**pools): "Strides alone do not tell: the last window "
            "has to fit as a whole.",
            _wide(sizes[-2]): "This is what the last pool reads.",
            _wide(0): "There is still room for a window of 3 x 3.",
        },
    )


def _wide(size: int) -> str:
    return f"{size} pixel{'s' * (size != 1)}" if size else "none are left"


_HELP = (
    "The loop prepares each of them itself",
    "One worker prepares ahead",
    "Two workers prepare ahead, in turn",
)


@question(
    "40_training/25_workers",
    count=(10, 20),
    prepare=(10, 30, 40, 60),
    compute=(10, 20, 50),
    workers=(0, 1, 2),
)
def end_of_an_epoch(
    count: int, prepare: int, compute: int, workers: int
) -> Posed | None:
    """Time at which the last batch is computed."""
    if prepare == compute:
        return None
    done = _end(count, prepare, compute, workers)
    one_by_one = count * (prepare + compute)
    slower = max(prepare / max(workers, 1), compute)
    because = f"{count} * ({prepare} + {compute}): each side waits for the other."
    if workers:
        because = f"{_WHY[0]} {prepare} + {count} * {compute}."
        if done > prepare + count * compute:
            last = count // workers * prepare
            rest = f"{workers} * {compute}" if workers > 1 else f"{compute}"
            because = f"{_WHY[workers]} {last} + {rest}."
    return Posed(
        f"{count} batches, {prepare} ms to prepare one, {compute} ms to compute with "
        f"it. {_HELP[workers]}. After how many ms is the last one computed?",
        done,
        because,
        {
            one_by_one: "While the network computes, the next batch is prepared.",
            round(count * slower): "At the start or at the end somebody waits: not "
            "everything happens at once."
            if workers
            else "Nobody prepares ahead: both sides take turns.",
            prepare + count * compute: "So it ends where the network waits for the "
            "first batch only.",
            _end(count, prepare, compute, 1): "So it ends with one worker.",
        },
    )


_WHY = {
    0: "Only the first batch is waited for, then the network always has one:",
    1: "The network waits for each batch, and computes the last one at the end:",
    2: "The network waits for each pair, and computes the last pair at the end:",
}


def _end(count: int, prepare: int, compute: int, workers: int) -> int:
    """Play an epoch: workers in turn, a network that takes what is ready."""
    free, done = [0] * workers, 0
    for i in range(count):
        if workers:
            ready = free[i % workers] = free[i % workers] + prepare
        else:
            ready = done + prepare
        done = max(done, ready) + compute
    return done


@question(
    "40_training/25_workers",
    prepare=(30, 40, 50, 70, 90, 100),
    compute=(10, 12, 15, 20, 40),
)
def enough_workers(prepare: int, compute: int) -> Posed | None:
    """Count the workers that a network needs in order not to wait."""
    if prepare < 2 * compute:
        return None
    count, brought = 60, prepare / compute
    best = prepare + count * compute
    enough = next(
        n for n in range(1, 20) if _end(count, prepare, compute, workers=n) == best
    )
    return Posed(
        f"A batch takes {prepare} ms to prepare and {compute} ms to compute with. Each "
        "worker has a core of its own. What is the smallest number of workers so that "
        "the network waits for the first batch only?",
        enough,
        f"In {prepare} ms the network can take {prepare} / {compute} = "
        f"{f'{brought:.1f}'.removesuffix('.0')} batches: so many, or "
        "more, have to come in that time.",
        {
            enough - 1: f"In {prepare} ms each worker brings one batch. How long does "
            "the network compute with so many?",
            enough + 1: "The network does not wait. Is this the smallest number?",
            1: "One worker is enough where preparing takes no longer than computing.",
            2: "Two are enough where preparing takes at most twice as long.",
        },
    )


QUESTIONS = (price_of_enlarging, pixels_left, end_of_an_epoch, enough_workers)
