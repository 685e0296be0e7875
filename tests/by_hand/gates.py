from __future__ import annotations

CASES = {
    # (16 + 4) / 2 = 10, and (10 + 4) / 2 = 7.
    "gated_signal": (
        {"signal": 16, "added": 4, "depth": 2, "place": "behind"},
        7,
    ),
    # 128 / 8 = 16 in the middle; 128 * 16 down and as many up: 2 * 2048.
    "gate_weights": (
        {"channels": 64, "reduction": 16, "wider": 2, "stronger": 0.5},
        4096,
    ),
    # Rows: all 0.9; 0.9 0.2 0.9 0.2; 0.2 0.2 0.9 0.9. The last one follows the class.
    "what_a_gate_follows": (
        {
            "asked": "class",
            "order": (1, 2, 0),
            "low": 0.2,
            "high": 0.9,
            "swapped": False,
            "classes": ("shirt", "bag"),
        },
        "the third",
    ),
    # 83, 82 and 63 %: the mean gates cost one point of twenty.
    "what_gates_learned": (
        {"own": 83, "case": "constants", "much": 19, "little": 1},
        "a factor for each channel, equal for all images",
    ),
}
