from __future__ import annotations

CASES = {
    # Stamps of 3 begin at 0, 2, 4, 6: 9 pixels. One cut off at each end, one added.
    "enlarged_row": (
        {"size": 4, "kernel": 3, "stride": 2, "padding": 1, "extra": 1},
        8,
    ),
    # Down: 9 + 2 - 3 = 8, four steps, 5 numbers. Up: 5 come in, 9 go out.
    "matrix_of_the_way_back": (
        {"size": 9, "kernel": 3, "stride": 2, "padding": 1, "back": True},
        "9 x 5",
    ),
    # Steps of 3 under a kernel of 6: each pixel in two stamps each way.
    "even_kernel": ({"stride": 3, "times": 2}, "6 x 6"),
    # a 0 0 b 0 0 c is 7 wide. Kernel 4 could hang over by 3; padding 1 takes one.
    "zeros_around": (
        {"size": 3, "kernel": 4, "stride": 3, "padding": 1},
        "7 wide, 2 around",
    ),
}
