from __future__ import annotations

CASES = {
    # Rows 1 1 4, 1 4 4, 4 4 4. Right column: 4 + 2*4 + 4 = 16. Left column:
    # 1 + 2*1 + 4 = 7. And 16 - 7 = 9.
    "sobel_answer": ({"here": 1, "there": 4, "edge": "slanted", "axis": 1}, 9),
    # Minus to the right: the left is brighter. Plus downwards: so is what is below.
    "brighter_side": ({"right": -1, "down": 1, "strength": 4}, "left and down"),
    # Dark disc: 2 pixels outside the pixel is bright, and some neighbours are dark.
    # Their mean less the pixel is negative.
    "response_sign": (
        {"brighter": False, "radius": 20, "spot": "2 pixels outside"},
        "below zero",
    ),
    # A bright pixel becomes 7 x 7; a window of 5 x 5 reaches 2 further on each side.
    "merged_kernel": ({"blur": 7, "second": 5}, "11 x 11"),
}
