from __future__ import annotations

CASES = {
    # Momentum is saved, the order is fixed; dropout goes on drawing.
    "missing_part": (
        {
            "rule": "SGD with momentum",
            "dropout": True,
            "shuffled": False,
            "saved": "optimizer",
        },
        "the generator of dropout",
    ),
    # Opened for writing: the old ones are gone; half of 80 have come.
    "bytes_after_a_crash": (
        {"way": "over", "old": 60, "new": 80, "moment": "late"},
        "40 new bytes",
    ),
}
