"""What a clock says when two calls are compared."""

from __future__ import annotations

from statistics import median

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_ROUNDS = 4
_ORDERS = {
    "A first": "We time A four times, then B four times",
    "B first": "We time B four times, then A four times",
    "in turns": "We time them in turns, A before B, four times each",
}


@question(
    "20_convolution/37_benchmark",
    truth=((2, 3), (4, 6), (2, 5), (5, 2), (4, 2), (3, 6)),
    load=(2, 4),
    order=tuple(_ORDERS),
)
def reported_ratio(truth: tuple[int, int], load: int, order: str) -> Posed:
    """Ratio of two calls on a machine that becomes slower half-way."""
    turn = {"A first": "AAAABBBB", "B first": "BBBBAAAA", "in turns": "ABABABAB"}[order]
    price = dict(zip("AB", truth, strict=True))
    times: dict[str, list[int]] = {"A": [], "B": []}
    for moment, call in enumerate(turn):
        times[call].append(price[call] * (load if moment >= _ROUNDS else 1))
    reported = median(b / a for a, b in zip(times["A"], times["B"], strict=True))
    a, b = truth
    return Posed(
        f"Call A takes {a} ms and call B {b} ms. {_ORDERS[order]}. Before the fifth of "
        f"the eight readings a backup starts; from then on all takes {load} times as "
        "long. "
        "Which ratio, time of B over time of A, comes out?",
        f"{reported:.3g}",
        "Both calls of a round are slowed down alike: the load cancels."
        if order == "in turns"
        else f"All times of A are {times['A'][0]} ms, all times of B {times['B'][0]} "
        "ms: one call bears the whole load.",
        {
            f"{b / a:.3g}": "This is the truth. But in this order one call is timed on "
            "the slow machine only.",
            f"{b / a * load:.3g}": "Then the load would lie on B alone. Which calls "
            "come after the start of the backup?",
            f"{b / a / load:.3g}": "Then the load would lie on A alone. Which calls "
            "come after the start of the backup?",
            f"{a / b:.3g}": "That is A over B. Which call is to be above the line?",
        },
    )


@question(
    "20_convolution/37_benchmark",
    spread=((0.97, 1.03), (0.98, 1.02), (0.9, 1.1), (0.85, 1.15)),
    ratio=(0.6, 0.75, 0.94, 1.01, 1.06, 1.3, 1.5),
    over=("new over old", "old over new"),
)
def verdict_of_a_clock(spread: tuple[float, float], ratio: float, over: str) -> Posed:
    """Verdict on a ratio, beside the spread of a call against itself."""
    low, high = spread
    equal = "The clock cannot tell them apart"
    faster, slower = "The new one is faster", "The new one is slower"
    above, under = over.split(" over ")
    longer = above if ratio > 1 else under
    side, opposite = (slower, faster) if longer == "new" else (faster, slower)
    same = low <= ratio <= high
    off = "How far off was the method when nothing differed?"
    return Posed(
        f"Twenty comparisons of a call with itself gave ratios from {low} to {high}. "
        f"Then we time two versions of a function: the {above} one's time over the "
        f"{under} one's is {ratio}. What do we say?",
        equal if same else side,
        f"The method is off by as much when nothing differs: {ratio} lies within."
        if same
        else f"Chance alone never gave such a ratio as {ratio}, and it says that the "
        f"{longer} one takes longer.",
        {
            opposite: "Which time is above the line? And " + off[0].lower() + off[1:]
            if same
            else "Which time is above the line?",
            side: off,
            equal: "A call compared with itself was never that far off.",
        },
    )


QUESTIONS = (reported_ratio, verdict_of_a_clock)
