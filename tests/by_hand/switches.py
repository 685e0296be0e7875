from __future__ import annotations

CASES = {
    # 8 / (1 - 0.2) = 8 / 0.8.
    "value_that_stays": ({"rate": 0.2, "value": 8, "training": True}, "10"),
    # In training four fifths of the sum are left, in evaluation all: 1 / 0.8.
    "sums_when_judged": (
        {"rate": 0.2, "way": "scales nothing, neither in training nor in evaluation"},
        "1.25 times",
    ),
    # Frozen weights stay; the calls are in training mode, so the statistics move.
    "what_moves": (
        {
            "training": True,
            "how": "all its parameters frozen",
            "calls": 5,
            "what": "validation",
        },
        "the running statistics",
    ),
    # The last call reaches both.
    "parts_in_training_mode": (
        {"lines": ("net.body.eval()", "net.train()")},
        "both parts",
    ),
}
