from __future__ import annotations

CASES = {
    # From -3 to 7 is a span of 10, and zero lies 3 above its lower end.
    "grey_of_zero": ({"down": 3, "up": 7}, "0.30"),
    # (8, 6) has length 10; its product with (8, 0) is 64, over 10 * 8.
    "cosine_with_start": ({"sides": (4, 3), "scale": 2, "turned": False}, "4/5"),
    # Second layer: row 3, stride 2, 3 wide, padded by 1: rows 5 to 7 of the maps.
    # First layer: row 5 begins at 10 - 2 = 8, row 7 begins at 12 and ends at 16.
    "rows_behind_an_answer": (
        {"kernels": (5, 3), "strides": (2, 2), "row": 3},
        "8 to 16",
    ),
    # 8 of the trained network; 5 come without training.
    "share_that_was_learned": (
        {"trained": 8, "untrained": 5, "chance": 2, "layer": "last"},
        3,
    ),
}
