from __future__ import annotations

CASES = {
    # Slopes 2, 4, 6, for nobody clears: 30 - 12.
    "weight_after_orders": (
        {"order": ("backward", "step"), "start": 30, "slope": 2, "rounds": 3},
        18,
    ),
    # The last mode set is evaluation, and nothing is recorded inside no_grad.
    "switches_on": (
        {"calls": ("train", "eval"), "place": "inside"},
        "dropout off, no graph recorded",
    ),
    # (8 * 2 + 2 * 6) / 10 = 28 / 10.
    "mean_loss": ({"sizes": (8, 2), "losses": (2, 6)}, "2.8"),
    # Judged alike: 93 % against 90 %.
    "overfitting_gap": (
        {"validation": 90, "gap": 3, "shifts": 1, "dropout": 2, "past": 4},
        "3 points",
    ),
}
