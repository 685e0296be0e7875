from __future__ import annotations

CASES = {
    # 83 = 4 * 20 + 3: the 3 are left out, 4 steps, twice.
    "updates": (
        {"batch": 20, "full": 4, "rest": 3, "epochs": 2, "drop_last": True},
        8,
    ),
    # Training reads from its copy, which has no transform; held out reads from digits.
    "noise_reaches": (
        {"own": "training", "target": "digits"},
        "those held out alone",
    ),
    # (0.8 - 0.4) / 0.2, whatever the test images are like.
    "standardised_pixel": (
        {
            "mean": 0.4,
            "deviation": 0.2,
            "other_mean": 0.6,
            "other_deviation": 0.1,
            "pixel": 0.8,
        },
        "2.00",
    ),
    # Weights a tenth, slopes ten times: 1 / 100.
    "matching_rate": ({"factor": 10, "rate": 1.0, "larger": True}, "0.01"),
}
