from __future__ import annotations

CASES = {
    # 10 of the input and 2 * 8 of two layers stand in front; then come its own 8.
    "slice_of_a_layer": (
        {"channels": 10, "growth": 8, "depth": 4, "layer": 3},
        "`out[:, 26:34]`",
    ),
    # Reads 40, 50, 60, 70, 80, 90; above 72 are two of them.
    "layers_that_save": ({"times": 4, "depth": 6, "growth": 10}, 2),
    # Depth 1 + 3 * 6 * 2 + 2 + 1 = 40; (40 - 4) / 6 = 6.
    "layers_of_a_block": ({"layers": 6, "blocks": 3}, 6),
    # 2, 4; then 2, 4, 2 * (2 + 4) = 12.
    "handed_on": (
        {"kind": "dense", "start": 2, "factor": 2, "depth": 2},
        [2, 4, 12],
    ),
}
