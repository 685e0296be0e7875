from __future__ import annotations

CASES = {
    # Windows begin at 0, 4 and 8; the last one ends behind pixel 15 of 17.
    "pixels_never_read": ({"side": 17, "kernel": 7, "stride": 4}, 2),
    # 9 and 7 score higher than 6.
    "smallest_k": ({"scores": (7, 1, 9, 4, 6), "label": 4}, 3),
    # (1 - 0.36) * 2 * (1 - 0.25) = 0.64 * 2 * 0.75.
    "gradient_in_front": (
        {"bend": "tanh", "outputs": (0.5, 0.6), "weight": 2},
        "0.96",
    ),
    # 2 + 6 * (9 + 1 + 4) / 3.
    "divisor_of_a_channel": (
        {"values": (3, 1, 2, 2, 1), "place": 1, "alpha": 6, "constant": 2},
        30,
    ),
}
