from __future__ import annotations

CASES = {
    # 2 channels of 3 * 3 windows; (7 + 2 - 3) / 2 + 1 = 4 places each way.
    "patch_table": (
        {"channels": 2, "kernel": 3, "side": 7, "stride": 2, "padding": 1},
        (1, 18, 16),
    ),
}
