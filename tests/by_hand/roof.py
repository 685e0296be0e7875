from __future__ import annotations

CASES = {
    # 20 GB with 3 MACs a byte: 60, less than the peak.
    "under_the_roof": ({"peak": 100, "bandwidth": 20, "intensity": 3}, 60),
    # Half of the rows, half of the columns.
    "macs_after_a_change": (
        {"change": "gets a stride of 2", "channels": 32, "side": 28},
        "a quarter as many",
    ),
}
