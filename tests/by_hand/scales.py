from __future__ import annotations

CASES = {
    # g''(y) g(x) + g(y) g''(x): two products, each a column and a row of 9: 4 * 9.
    "passes_price": ({"kind": "Laplacian of Gaussian", "side": 9}, 36),
    # Once, three times, twice the row 1 1 2.
    "can_be_split": (
        {"row": (1, 1, 2), "times": (1, 3, 2)},
        "1 1 2 / 3 3 6 / 2 2 4",
    ),
    # Twice the radius, twice the sigma: 6. Half the contrast, half the answer.
    "enlarged_blob": (
        {"sigma": 3, "answer": 0.64, "zoom": 2, "contrast": 0.5},
        "sigma 6, answer 0.32",
    ),
    # 0.3, 0.4 and 0.3 are larger than both neighbours; 0.25 stops none of them.
    "scale_maxima": (
        {"answers": (1, 3, 1, 4, 2, 3, 1), "threshold": 0.25},
        3,
    ),
}
