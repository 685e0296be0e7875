from __future__ import annotations

CASES = {
    # 1 + 4 = 5 and 2 + 8 = 10: -10 / (5 + 5).
    "damped_leap": ({"jacobian": (1, 2), "residual": (2, 4), "share": 1}, "-1.00"),
    # 10 -> 1 -> 0.1 -> 1.
    "damping_after": ({"start": 10, "trials": ("falls", "falls", "rises")}, "1"),
}
