"""What a switch can gain, whether a run can tell, and what becomes of the numbers."""

from __future__ import annotations

import torch

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "40_training/50_fast",
    part=("making images", "the convolutions", "the batch norms"),
    change=(
        *((90, 9), (75, 3), (80, 4), (50, 2), (80, 2), (40, 2), (60, 3)),
        *((90, 3), (30, 3), (50, 5), (25, 5), (90, 6), (60, 6)),
    ),
)
def speed_of_the_whole(part: str, change: tuple[int, int]) -> Posed:
    """Speed of a step of which a part became faster."""
    share, factor = change
    rest = 100 - share
    now = rest + share // factor
    return Posed(
        f"Of a step of 100 ms, {share} ms go into {part}. A switch makes this part "
        f"{factor} times as fast. How many times as fast is the step?",
        f"{100 / now:.2f} times",
        f"{rest} ms stay, {share} become {share // factor}: {now} ms instead of 100.",
        {
            f"{factor:.2f} times": "Only a part became faster. The rest takes as long "
            "as before.",
            f"{100 / rest:.2f} times": "That would be so if the part cost nothing.",
            f"{1 + (factor - 1) * share / 100:.2f} times": "Speeds cannot be averaged "
            "like this. Add up the milliseconds that are left.",
        },
    )


@question(
    "40_training/50_fast",
    order=("channels_last", "contiguous"),
    channel=(0, 1, 2),
    row=(0, 1, 2),
    column=(1, 3, 4),
)
def next_in_memory(order: str, channel: int, row: int, column: int) -> Posed | None:
    """Neighbour of a number in memory."""
    if channel == 2 and column == 4:
        return None
    shape, place = (1, 3, 4, 5), (0, channel, row, column)
    layout = getattr(torch, f"{order}_format" if order == "contiguous" else order)
    x = torch.arange(60).reshape(shape).contiguous(memory_format=layout)
    offset = sum(i * step for i, step in zip(place, x.stride(), strict=True))
    after = x.as_strided((60,), (1,))[offset + 1]  # numbers are places in order
    found = tuple(int(i) for i in torch.unravel_index(after, shape))
    rule = {
        "channels_last": "channels first, then columns, then rows",
        "contiguous": "columns first, then rows, then channels",
    }[order]
    usual = (0, channel, row, column + 1) if column < 4 else (0, channel, row + 1, 0)
    other = (0, channel + 1, row, column) if channel < 2 else (0, 0, row, column + 1)
    return Posed(
        f"`x` has the shape {shape}: N, C, H, W. In memory it is {_ORDERS[order]}. "
        f"Which number stands there right after `x[{_inner(place)}]`?",
        f"`x[{_inner(found)}]`",
        f"In this order one walks along {rule}; at an end the next axis moves on by 1.",
        {
            f"`x[{_inner(usual)}]`": "With `channels_last` all channels of a pixel "
            "come before its neighbour.",
            f"`x[{_inner(other)}]`": "Channels are neighbours with `channels_last`. In "
            "the usual order a whole map lies between them.",
            f"`x[{_inner((0, channel, row + 1, column))}]`": "Between a number and the "
            "one below it lies a whole row, in either order.",
        },
    )


_ORDERS = {
    "channels_last": "`channels_last`",
    "contiguous": "`contiguous`, the usual order",
}


def _inner(place: tuple[int, ...]) -> str:
    return ", ".join(map(str, place))


@question(
    "40_training/52_switches",
    switch=("two threads", "a fused optimiser", "the compiler", "`channels_last`"),
    quartiles=(
        *((1.05, 1.08, 1.14), (1.03, 1.04, 1.06), (0.97, 1.06, 1.15)),
        *((0.99, 1.05, 1.09), (0.99, 1.00, 1.01), (0.88, 0.93, 0.96)),
        *((0.90, 0.95, 1.03), (0.81, 0.90, 0.97), (1.04, 1.15, 1.31)),
        *((1.01, 1.05, 1.12), (0.91, 0.95, 0.99)),
    ),
)
def what_rounds_tell(switch: str, quartiles: tuple[float, float, float]) -> Posed:
    """Verdict of the rounds of a comparison."""
    low, middle, high = quartiles
    nothing, gain, loss = "nothing to tell", "a gain", "a loss"
    answer = gain if low > 1.02 else loss if high < 0.98 else nothing
    reasons = {
        gain: f"Three quarters of the rounds are above {low:.2f}, so above 1.02.",
        loss: f"Three quarters of the rounds are below {high:.2f}, so below 0.98.",
        nothing: f"A gain needs the lower quartile above 1.02, not {low:.2f}; a loss "
        f"needs the upper one below 0.98, not {high:.2f}.",
    }
    median = "The median points there. Does the quarter of the slowest rounds agree?"
    return Posed(
        f"With {switch}, a step has {middle:.2f} times its speed without: the median "
        f"of many rounds. The quartiles are {low:.2f} and {high:.2f}. A verdict needs "
        "three quarters of the rounds, by more than 2 %. What does the run say?",
        answer,
        reasons[answer],
        {
            gain: median if middle > 1 else _SIDES,
            loss: median.replace("slow", "fast") if middle < 1 else _SIDES,
            nothing: "Look at the quartile that is nearer to 1: on which side of it "
            "does it lie, and how far?",
        },
    )


_SIDES = "Above 1 is faster, below 1 is slower. On which side is most of this run?"


@question(
    "40_training/52_switches",
    once=(2, 6, 12, 20),
    before=(30, 40, 60),
    saved=(2, 4, 5),
    epochs=(2, 5, 10),
    steps=(400, 500, 1000),
)
def balance_of_compiling(
    once: int, before: int, saved: int, epochs: int, steps: int
) -> Posed | None:
    """Seconds that a training gains or loses by compiling."""
    total, left = divmod(saved * epochs * steps, 1000)
    if left or total == once:
        return None
    won = total - once
    words = {True: "saved", False: "lost"}
    return Posed(
        f"Compiling takes {once} s once. Then a step takes {before - saved} ms instead "
        f"of {before}. The training has {epochs} epochs of {steps} steps. How much "
        "time does compiling save or lose in all?",
        f"{abs(won)} s {words[won > 0]}",
        f"{epochs * steps} steps save {saved} ms each: {total} s. Compiling takes "
        f"{once} s.",
        {
            f"{total} s saved": "That is what the steps save. Compiling takes time, "
            "too.",
            f"{abs(won)} s {words[won < 0]}": "Which is larger, the time of compiling "
            "or what all steps save?",
            f"{total + once} s lost": "What the steps save has another sign than the "
            "time of compiling.",
        },
    )


@question(
    "40_training/55_what_changes",
    start=(512, 1024, 2048),
    add=(1, 3, 5, 6, 7, 9),
    times=(2, 3, 4),
)
def sum_in_bfloat16(start: int, add: int, times: int) -> Posed | None:
    """Sum of small numbers, each rounded on its way."""
    apart = start // 128  # 7 bits of fraction
    if 2 * (add % apart) == apart:
        return None
    x = torch.tensor(start, dtype=torch.bfloat16)
    for _ in range(times):
        x = x + add
    step = (int(x) - start) // times
    exact = start + times * add
    below = add // apart * apart
    why = f"{start} + {add} lies between {start + below} and {start + below + apart}: "
    why += f"nearest is {start + step}. "
    why += f"Each time `x` goes {step} further." if step else "So `x` stays each time."
    return Posed(
        f"From {start} to {2 * start}, `bfloat16` holds every {apart}th whole number, "
        f"and a sum rounds to the nearest. `x` is {start}; then `x = x + {add}` runs "
        f"{times} times. What is `x`?",
        int(x),
        why,
        {
            exact: "That is the sum without rounding. Each step rounds.",
            int(torch.tensor(float(exact)).bfloat16()): "Rounding comes after each "
            "addition, not once at the end.",
            start: "It stays only if what is added is less than half the distance "
            "between such numbers.",
            start + times * apart: "To the nearest, not always up by one.",
        },
    )


@question(
    "40_training/55_what_changes",
    number=(1e-8, 3e-9, 1e-30, 7e4, 1e6, 1e30, 0.3, 200.3),
    kind=("float16", "bfloat16", "float16"),
)
def fate_of_a_number(number: float, kind: str) -> Posed:
    """Fate of a number in a shorter type."""
    held = torch.tensor(number).to(getattr(torch, kind)).float().item()
    near, answer = "nearly itself", f"{held:g}"
    if abs(held - number) <= number / 100:
        answer = near
    limits = (
        "6e-08 (below 6e-05 with fewer digits) to 65504"
        if kind == "float16"
        else "about 1e-38 to 3e+38"
    )
    return Posed(
        f"The number {number:g} is stored as `{kind}`. What is stored then?",
        answer,
        f"`{kind}` holds sizes from {limits}: {number:g} is "
        f"{'inside' if answer == near else 'below' if answer == '0' else 'above'}.",
        {
            near: "Digits are not the trouble here. Think of the range.",
            "0": "Only what is far too small for a type becomes 0.",
            "inf": "Only what is too large for a type becomes infinite.",
            "an error": "Rounding raises nothing. That is why one has to know.",
        },
    )


QUESTIONS = (
    speed_of_the_whole,
    next_in_memory,
    what_rounds_tell,
    balance_of_compiling,
    sum_in_bfloat16,
    fate_of_a_number,
)
