from __future__ import annotations

CASES = {
    # 83 is beaten by B with 85, once it costs 120 or more.
    "price_of_the_unbeaten": ({"score": 83, "price": 2, "best": 87}, "below 120"),
    # MACs: half a million; 64 * 64 * 9 * 196, about 7 million; 8 * 32 * 3136, less
    # than a million.
    "dearest_layer": (
        {
            "asked": "MACs",
            "features": (1000, 500),
            "middle": (64, 14),
            "thin": (8, 32, 56),
        },
        "the 3 x 3 convolution",
    ),
    # A third of the difference: nine times the images.
    "images_for_a_difference": ({"images": 2000, "points": 1.2, "finer": 3}, "18,000"),
    # 24 * 16 = 384 steps; 3200 / 100 = 32 an epoch.
    "epochs_of_equal_steps": (
        {"images": 800, "epochs": 24, "times": 4, "batch": 50, "other": 100},
        12,
    ),
}
