from __future__ import annotations

CASES = {
    # The side counts twice, channels in and out: 3 * 3 * 2 * 2.
    "growth_of_a_column": (
        {"side": 3, "batch": 1, "channels": 2, "column": "macs"},
        36,
    ),
    # Parameters: 27 * 8 = 216; 9 * 8 * 64 = 4,608; 64 * 8 * 8 * 10 = 40,960.
    "layer_with_most": (
        {"first": 8, "second": 64, "side": 16, "classes": 10, "column": "parameters"},
        "the affine map",
    ),
}
