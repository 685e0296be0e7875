from __future__ import annotations

CASES = {
    # Margins 1 and 2 make P = 3: 6 rows at the border, and, for a move by 4, 4 more.
    "rows_that_differ": ({"kernels": (3, 5), "shift": 4, "border": "zeros"}, 10),
    # Windows of 2 rows: 6 rows are 3 windows.
    "result_of_a_shift": (
        {"layer": "`F.max_pool2d(x, 2)`", "shift": 6},
        "moves down by 3",
    ),
    # 2 * 2; the last windows of 2 do not matter to a maximum over all places.
    "shift_without_effect": (
        {
            "body": ("conv with stride 2", "max pool 2", "conv", "max pool 2"),
            "head": "a global maximum",
        },
        4,
    ),
    # 3 5 8 1 2, then 3 6 8 1 2: all but the second digit.
    "consistent_answers": (
        {
            "truth": (3, 5, 8, 1, 0),
            "first": (0, 0, 0, 0, 2),
            "then": (0, 1, 0, 0, 2),
        },
        "4 of 5",
    ),
}
