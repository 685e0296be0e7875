from __future__ import annotations

CASES = {
    # 2 channels of 3 * 3 windows; (7 + 2 - 3) / 2 + 1 = 4 places each way.
    "patch_table": (
        {"channels": 2, "kernel": 3, "side": 7, "stride": 2, "padding": 1},
        (1, 18, 16),
    ),
    # Windows of 3 begin at 0 to 3. Row 1 is in those at 0 and 1, column 3 in those at
    # 1, 2, 3: six windows, each with a 5.
    "folded_pixel": (
        {"side": 6, "kernel": 3, "value": 5, "row": 1, "column": 3},
        30,
    ),
    # 5 - 3 + 1 = 3 places each way, 9 in an image, two images.
    "terms_of_a_gradient": (
        {"batch": 2, "channels": 3, "side": 5, "kernel": 3, "which": "bias"},
        18,
    ),
}
