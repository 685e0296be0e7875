from __future__ import annotations

CASES = {
    # Called a shirt: 7 shirts, 4 coats, no dress.
    "number_from_the_table": (
        {"right": 7, "lost": 2, "came": 4, "asked": "precision", "of": 0},
        "7 of 11",
    ),
    # 0.6 and 0.7 go. Wrong are 0.6, which is gone, and 0.8: of 4 answers 3 are right.
    "accuracy_of_the_rest": (
        {"shares": (0.6, 0.95, 0.8, 0.99, 0.7, 0.9), "wrong": (1, 3), "handed": 2},
        "3 of 4",
    ),
    # 3 * 3 - 2 * 2 = 5.
    "heat_of_a_place": ({"maps": (3, 2), "weights": (3, -2)}, 5),
    # A square of 4 begins at 0, 2, 4, 6, 8 of 12 pixels: 5 * 5 places.
    "covered_images": ({"side": 12, "square": 4, "step": 2}, 25),
}
