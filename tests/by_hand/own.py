from __future__ import annotations

CASES = {
    # 2 - 3, 0 + 1, 3 - 1; what is below 0 becomes 0.
    "out_of_a_block": ({"x": (2, 0, 3), "inner": (-3, 1, -1)}, (0, 1, 2)),
    # A third of the bar: 3 * 3 times 1000.
    "images_for_a_bar": ({"images": 1000, "bar": 2.4, "finer": 3}, 9000),
    # The head is free and steps are taken; the mode moves the running statistics.
    "moved_by_training": (
        {"frozen": True, "train": True, "steps": True, "batches": 3},
        "the head's weights and the statistics",
    ),
    # ant, bee, cow, wolf.
    "label_of_a_folder": (
        {"folders": ("wolf", "ant", "cow"), "asked": 2, "added": "bee"},
        2,
    ),
    # 160 - 80 = 80 columns are lost, 40 on the left; 80 remain: 40 to 119.
    "part_that_is_seen": (
        {"longer": 160, "shorter": 80, "size": 32, "wide": True},
        "40 to 119",
    ),
}
