from __future__ import annotations

CASES = {
    # Span 2 * 2 + 1 = 5, padded row 12 + 2 = 14, room 9: three steps of 3, plus one.
    "places_on_an_axis": (
        {"size": 12, "kernel": 3, "stride": 3, "padding": 1, "dilation": 2},
        4,
    ),
    # Rows 8 + 2 - 3 + 1 = 8, columns 10 + 2 - 5 + 1 = 8 would hide the swap; with a
    # width of 12 the columns are 10, and 10 x 8 has the area of 8 x 10.
    "wrong_size_unnoticed": (
        {"height": 8, "width": 12, "kernel": (3, 5), "padding": 1},
        (10, 8),
    ),
    # 11 - 4 = 7 = 2 * 3 + 1; 12 - 4 = 8 = 2 * 3 + 2.
    "pixels_without_gradient": (
        {"height": 11, "width": 12, "kernel": 4, "stride": 3},
        "1 and 2",
    ),
    # Padded row 0 to 8, the last pixel at 7 is read by the window at 6. One at 8 would
    # see padding only: windows at 0, 2, 4, 6.
    "pooled_places": (
        {"size": 7, "kernel": 2, "stride": 2, "padding": 1, "ceil_mode": True},
        4,
    ),
    # 144 numbers in 16 channels are 9 each.
    "maps_that_came": ({"batch": 13, "channels": 16, "came": 3, "told": 4}, "3 x 3"),
    # 32 -> (32 + 4 - 5) // 2 + 1 = 16, as planned; then (16 - 3) // 2 + 1 = 7, not 8.
    "first_off_the_plan": (
        {"kernels": (5, 3, 3), "short": (0, 1, 1), "size": 32},
        "`conv2`",
    ),
}
