from __future__ import annotations

CASES = {
    # 13, 19 and 21, 27: from 20 the distances are 7, 1, 1, 7; 100 / 4 = 5 * 5.
    "deviation_of_pixels": ({"parts": (3, 4), "middle": 20}, 5),
    # The rate was chosen by the images that are to measure it.
    "what_leaks": (
        {"what": "shells", "leak": "the rate", "epoch_first": False},
        "the rate",
    ),
    # Row 10 + 4 - 1; column 24 + 4 - 3 = 25, and 31 - 25 = 6.
    "cropped_dot": (
        {"padding": 4, "dot": (10, 24), "corner": (1, 3), "mirrored": True},
        (13, 6),
    ),
    # Green ones would become red.
    "false_labels": (
        {"task": "red lamps from green ones", "left_out": "move by two pixels"},
        "change the hue",
    ),
}
