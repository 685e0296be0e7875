from __future__ import annotations

CASES = {
    # 8 / 4 * 3; the running mean stays what it was.
    "change_behind_a_norm": (
        {"added": 8, "scale": 3, "variance": 16, "mode": "evaluation"},
        6,
    ),
    # 0 -> 16 -> 16 + 12 = 28 of 64.
    "missing_from_the_memory": ({"mean": 64, "momentum": 0.25, "batches": 2}, 36),
}
