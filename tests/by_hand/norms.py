from __future__ import annotations

CASES = {
    # Evaluation: (6 - 0) / 2 = 3; 3 * 3 + 1.
    "normalised_pixel": (
        {"batch": (2, 6), "remembered": (0, 2), "affine": (3, 1), "training": False},
        10,
    ),
    # A quarter of 16 is 4; three quarters of 4 and a quarter of 8: 3 + 2.
    "running_mean_after": (
        {"momentum": 0.25, "first": 16, "second": 8, "how": "no_grad"},
        "5",
    ),
    # A fifth of the slope, on weights five times as long.
    "longer_weights": ({"times": 5, "what": "turn"}, "1/25"),
    # 5 images with 3 groups each.
    "norm_with_so_many_means": (
        {"shape": (5, 6, 7, 7), "groups": 3, "which": "group"},
        "group norm, 3 groups",
    ),
}
