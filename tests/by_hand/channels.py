from __future__ import annotations

CASES = {
    # 5 outputs, each with 3 kernels of 4 numbers and a bias: 5 * 13.
    "parameter_count": ({"inputs": 3, "outputs": 5, "kernel": 2}, 65),
    # 4 * 2 * 2 = 16 from one plane, 4 * 3 * -1 = -12 from the other; 16 - 12 + 5.
    "flat_planes": ({"first": 2, "second": 3, "weights": (2, -1), "bias": 5}, 9),
    # 6 * 9 = 54 to look around, 6 * 8 = 48 to mix.
    "cheap_weights": ({"separable": True, "inputs": 6, "outputs": 8}, 102),
    # Groups 0 1 2 and 3 4 5; 4 is in the second, in both layers.
    "who_hears": (
        {"groups": 2, "channel": 4, "stands": "stands twice in a row"},
        "3, 4, 5",
    ),
    # 31 fill two blocks of 16, 33 need three: (48 / 32) squared.
    "filled_blocks": (
        {"block": 16, "channels": 2, "narrow": -1, "more": 2},
        "(48 / 32) squared",
    ),
    # 9 times the pairs at a quarter of the places.
    "width_and_side": (
        {"wider": 3, "smaller": 2, "sides": "inputs and outputs"},
        "9/4",
    ),
}
