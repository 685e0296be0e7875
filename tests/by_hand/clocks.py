from __future__ import annotations

CASES = {
    # B is read at 3 ms, A at 2 * 2 = 4 ms.
    "reported_ratio": ({"truth": (2, 3), "load": 2, "order": "B first"}, "0.75"),
    # The old one takes 1.3 times as long, and 1.3 is far outside of 0.9 to 1.1.
    "verdict_of_a_clock": (
        {"spread": (0.9, 1.1), "ratio": 1.3, "over": "old over new"},
        "The new one is faster",
    ),
}
