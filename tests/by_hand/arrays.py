from __future__ import annotations

CASES = {
    # A row is 7 numbers; every second row is 14 on. T puts the 1 in front.
    "view_strides": ({"rows": 4, "columns": 7, "view": "x[::2].T"}, (1, 14)),
    # Columns 0 and 1 of 3 rows: 6 numbers become 3.
    "written_through": (
        {"rows": 3, "columns": 5, "more": 3, "way": "x[:, :2]"},
        18,
    ),
    # 5 1 3 above 1 4 1: 5 stays, the 1 becomes 4, the 3 stays.
    "sum_shape": ({"a": (5, 1, 3), "b": (4, 1)}, (5, 4, 3)),
    # b.T is (4, 8). (3, 4) @ (4, 8) is (3, 8), for each of the 6.
    "product_shape": (
        {
            "batch": (6,),
            "rows": 3,
            "inner": 4,
            "columns": 8,
            "stored": "inner last",
            "turned": True,
        },
        (6, 3, 8),
    ),
}
