from __future__ import annotations

CASES = {
    # 2 - 3 is cut to 0; 5 + 2.
    "output_of_a_block": (
        {"x": (2, 5), "inner": (-3, 2), "line": "F.relu(inner(x) + x)"},
        "[0, 7]",
    ),
    # (2, 16, 7, 7) and (2, 1, 7, 7): the one channel fits all 16.
    "sum_without_projection": (
        {"reads": 1, "writes": 16, "stride": 1, "side": 7},
        "one map is added to all",
    ),
    # 4 * 32 channels; (15 + 2 - 3) / 2 + 1 = 8.
    "output_of_a_bottleneck": (
        {"reads": 64, "channels": 32, "stride": 2, "side": 15},
        "(1, 128, 8, 8)",
    ),
    # 160 / 2 / 2 = 40 behind the stem, then 40, 20, 10.
    "side_behind_a_stage": ({"side": 160, "stem": "large", "stage": 3}, 10),
}
