from __future__ import annotations

CASES = {
    # A; then B in front of it, B A; then C in front of both, C B A. A leaves.
    "order_of_hooks": (
        {"ahead": (False, True, True), "removed": "A"},
        "C, then B",
    ),
    # -2 and 3 become -6 and 9; the ReLU then writes a zero over -6.
    "record_of_a_layer": (
        {
            "low": -2,
            "high": 3,
            "factor": 3,
            "kept": "output.detach()",
            "inplace": True,
        },
        [0, 9],
    ),
}
