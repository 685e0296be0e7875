from __future__ import annotations

CASES = {
    # Windows: -3 -1 behind padding, -1 -4 -2, -2 -6 -7, -7 -5 before padding.
    "max_pooled": (
        {"row": (-3, -1, -4, -2, -6, -7, -5), "window": (3, 2, 1)},
        "[-1, -1, -2, -5]",
    ),
    # Windows 2 4 8 and 8 6 1: the 8 wins both, 3 + 6.
    "pooled_gradient": (
        {"row": (2, 4, 8, 6, 1), "gradients": (3, 6), "kind": "maxima"},
        "[0, 0, 9, 0, 0]",
    ),
    # Parts of 8 / 3: 0 to 2.67 touches 3 pixels, 2.67 to 5.33 the four from 2 to 5,
    # 5.33 to 8 the three from 5 to 7.
    "adaptive_sizes": ({"size": 8, "count": 3}, "[3, 4, 3]"),
    # 16 channels of 2 * 2 numbers.
    "head_features": ({"channels": 16, "size": 2, "side": 7, "batch": 5}, 64),
    # Every sixth pixel is kept.
    "certain_shift": ({"strides": (3, 1, 2)}, 6),
    # 1 1 0 0 0 1 0 0 in pairs: 1 1, 0 0, 0 1, 0 0.
    "pooled_after_shift": (
        {"row": (0, 1, 1, 0, 0, 0, 1, 0), "pixels": 1},
        "[1, 0, 1, 0]",
    ),
}
