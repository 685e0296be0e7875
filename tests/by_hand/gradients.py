from __future__ import annotations

CASES = {
    # y = 4w + 3w, the first 4 being a constant: 4 + 3.
    "gradient_of_parts": (
        {"w": 4, "factor": 3, "detached": "`w.detach() * w`"},
        7,
    ),
    # 2, then emptied, then 5, then 10 on top.
    "gradient_that_adds_up": (
        {"first": 2, "second": 5, "third": 10, "emptied": "after the first"},
        15,
    ),
    # 3 * 4 weights and 4 biases are 16 columns; one loss is one row.
    "fewest_sweeps": (
        {"inputs": 3, "outputs": 4, "loss": True},
        "backward: 1 sweep",
    ),
    # (3 + 2e)(7 + 4e) = 21 + (14 + 12)e.
    "dual_product": ({"a": 3, "b": 7, "s": 2, "t": 4}, (21, 26)),
    # 1 - sigmoid(20) is 2e-9, less than half a gap below 1: y is 1. Infinity times 0.
    "lost_gradient": ({"score": 20, "loss": "naive"}, "nan"),
}
