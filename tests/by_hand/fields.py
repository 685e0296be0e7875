from __future__ import annotations

CASES = {
    # 3 pixels; then steps of 2: 3 + 4 * 2 = 11; still steps of 2: 11 + 2 * 2 = 15.
    "size_of_the_field": ({"a": (3, 2), "b": (5, 1), "c": (3, 2)}, 15),
    # Row 4 reads rows 4 * 2 - 1 = 7 to 9 below; 7 reads 13 to 15, and 9 reads 17 to 19.
    "rows_in_the_field": ({"a": (3, 2, 1), "b": (3, 2, 1), "row": 4}, "13 to 19"),
    # -2, 0 or 2, and from there -3, 0 or 3: -5, -2, 1, -3, 0, 3, -1, 2, 5.
    "rows_that_are_read": ({"dilations": (2, 3)}, 9),
    # 3 wins against 0: place 0. 2 and 2 tie: place 2. Both of the last are off.
    "elements_with_a_gradient": ({"a": (3, -1), "b": (2, 2), "c": (-4, -1)}, [0, 2]),
    # 1 1, 1 2 1, 1 3 3 1, 1 4 6 4 1.
    "ways_to_the_output": ({"depth": 4, "kernel": 2, "pixel": 2}, 6),
    # Nine times the depth: three times the spread, in both directions nine times.
    "growth_of_the_field": (
        {"depth": 8, "factor": 9, "felt": True, "area": True},
        9,
    ),
}
