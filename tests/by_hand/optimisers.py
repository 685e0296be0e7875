from __future__ import annotations

CASES = {
    # The sign of -2 times 0.1, and 2 * (1 - 0.1 * 0.5) = 1.9: 1.9 + 0.1.
    "one_step": ({"name": "AdamW", "slope": -2, "decay": 0.5, "weight": 2}, "2.00"),
    # 10 * 3 + 3 = 33 parameters, two numbers for each.
    "numbers_remembered": ({"kind": "AdamW", "sizes": (10, 3)}, 66),
}
