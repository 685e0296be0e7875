from __future__ import annotations

CASES = {
    # Made by the third of eight: in concatenations 3, 4, 5, 6, 7 and 8.
    "times_copied": ({"depth": 8, "layer": 3}, 6),
    # Twice the images, four times the pixels: 12 * 8 = 96, and 5 of parameters.
    "memory_of_a_batch": (
        {"parameters": 5, "kept": 12, "batch": 16, "side": 64},
        101,
    ),
    # Two runs a step, four in all: 32, 48, 56, 60.
    "running_mean_of_a_norm": ({"mean": 64, "steps": 2, "again": True}, 60),
    # Products -3 * 4, 8 * 0.5, 1 * 6 in the order 2, 0, 1: the first one is largest.
    "most_changed_without": (
        {
            "triple": ((8, 0.5), (1, 6), (3, 4)),
            "order": (2, 0, 1),
            "signs": (-1, 1, 1),
            "asked": "cut",
        },
        "the first",
    ),
}
