from __future__ import annotations

from fractions import Fraction

CASES = {
    # Six ways to choose two of four, each with 3 * 3.
    "carried_by_paths": ({"slope": 3, "layers": 4, "through": 2}, 54),
    # Scale and shift of three last norms.
    "parts_that_learn": ({"count": 3, "kind": "residual", "scale": 0}, 6),
    # 2 - 6 is cut to 0 in the second block: 1, 3, 0, 3.
    "behind_three_blocks": (
        {"start": 1, "added": (2, -6, 3), "kind": "usual"},
        3,
    ),
    # Shortcuts 3, 4 and 5 are behind block 2: 1/3 * 1/3 * 1/3.
    "left_of_an_addition": (
        {"factor": Fraction(1, 3), "depth": 5, "block": 2},
        "1/27",
    ),
}
