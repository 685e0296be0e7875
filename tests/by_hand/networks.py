from __future__ import annotations

CASES = {
    # Each output reads 16 / 4 = 4 channels of 5 pixels: 20 products. ReLU: 2 of them.
    "variance_of_the_weights": (
        {"c_in": 16, "c_out": 12, "kernel": (1, 5), "groups": 4},
        "2/20",
    ),
    # 1/2 for each of three layers.
    "signal_after_layers": ({"gain": 1, "relu": True, "layers": 3}, "1/8"),
    # 22 - 4 = 18, 9, 9 - 4 = 5, 2; four places of 8 channels.
    "numbers_after_flattening": ({"side": 22, "kernel": 5, "channels": 8}, 32),
    # 4, 9 and 36: the last stays the largest, but 32 ahead of the first and not 4.
    "same_decision": (
        {"logits": (2, -3, 6), "change": "every logit is squared"},
        "the decision alone",
    ),
    # 0.2 in five parts of 0.04, and 0.8 more.
    "share_asked_for": ({"smoothing": 0.2, "classes": 5, "true": True}, "0.84"),
    # 64 and 64 make 128, and 2 are left: 3 batches, twice.
    "steps_of_a_run": ({"digits": 130, "batch": 64, "epochs": 2}, 6),
}
