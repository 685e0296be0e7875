from __future__ import annotations

CASES = {
    # 5 + 5 products become 15 + 15.
    "growing_bill": (
        {"case": ("in two passes, down and across", "kernel"), "factor": 3},
        "3 times as many",
    ),
    # Unflipped windows of 3 at 0 to 5 lie inside 0 to 7; those at 6 and 7 do not.
    "wrapped_results": (
        {"size": 8, "kernel": 3, "conjugated": True},
        "the last 2",
    ),
}
