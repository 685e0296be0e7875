from __future__ import annotations

CASES = {
    # 30 of 90 steps: a third of half a turn, cos(60 degrees) = 0.5;
    # 0.4 * (1 + 0.5) / 2 = 0.3.
    "cosine_rate": ({"peak": 0.4, "steps": 90, "thirds": 1}, "0.300"),
    # 90 = 40 + 40 + 10: 3 batches, in each of 5 epochs.
    "length_of_a_plan": (
        {"images": 90, "batch": 40, "epochs": 5, "after": "batch"},
        15,
    ),
    # Differences 5, 3, 4: mean 4, spread 1, interval 4 - 2.5 to 4 + 2.5.
    "verdict_of_three_seeds": (
        {"scores": (70, 74, 72), "gain": 4, "spread": 1},
        "it helps",
    ),
    # 74 % of the training images, where 85 % are wanted: it has yet to learn.
    "next_remedy": (
        {
            "taught": 74,
            "gap": 15,
            "goal": 85,
            "learn": "batch norm",
            "close": "dropout",
        },
        "batch norm",
    ),
}
