from __future__ import annotations

CASES = {
    # 24 -> 12 -> 6 -> 3; channels 5 -> 10 -> 20: 20 * 3 * 3.
    "numbers_read_by_the_head": (
        {"width": 5, "steps": 3, "side": 24, "head": "flat"},
        180,
    ),
    # 4 times the channels in and out, a quarter of the side each way: 16 / 16.
    "next_step": ({"wider": 4, "smaller": 4, "counted": "multiplications"}, 1),
    # Three windows of 3 see 7: 49 - 3 * 9.
    "weights_saved": ({"layers": 3, "window": 3}, 22),
    # 3 * (1, 2, 0) + 1 * (0, 1, 2).
    "one_kernel_for_two": (
        {"first": (1, 2), "second": (3, 1), "between": "nothing"},
        "[3, 7, 2]",
    ),
}
