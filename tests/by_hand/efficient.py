from __future__ import annotations

CASES = {
    # 1 + 4 + 2 = 7 places each way; depthwise layers stay in their channel.
    "reach_of_a_one": (
        {"channels": 6, "side": 11, "row": ("5 x 5 depthwise", "3 x 3 depthwise")},
        "1 channel, 49 places",
    ),
    # 20 windows, each with 25 - 9 = 16 weights more.
    "price_of_a_window": ({"c_in": 20, "c_out": 40, "kernel": 3, "wider": 5}, 320),
    # 24 * 6 = 144 hidden channels, a quarter of them.
    "middle_of_a_gate": (
        {"c_in": 24, "c_out": 48, "expansion": 6, "dialect": "hidden"},
        36,
    ),
    # 16 to 16 at stride 1 adds, and so does the second; 16 to 24 does not, the two
    # behind it do.
    "inputs_added": (
        {
            "stem": 16,
            "first": 16,
            "second": 24,
            "depths": (2, 3),
            "strides": (1, 2),
        },
        4,
    ),
    # (1, 0) and (1, 1): negative from 90 to 270 and from 135 to 315 degrees; both from
    # 135 to 270, that is 135 of 360.
    "share_that_is_gone": ({"row": 0, "turned": 1, "way": 1}, "3/8"),
}
