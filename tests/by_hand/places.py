from __future__ import annotations

CASES = {
    # Between 512 and 1,024 numbers lie 512 * 2 ** -7 = 4 apart: 512 + 2 is half way,
    # and is rounded back.
    "stuck_sum": ({"dtype": "bfloat16", "step": 2}, 512),
    # 50 * 3 * 10,000 = 1.5 million numbers of 4 bytes.
    "batch_megabytes": (
        {"images": 50, "channels": 3, "side": 100, "dtype": "float32"},
        "6 MB",
    ),
    # float32 from float64 is a copy: only what the array was given itself.
    "seen_by_both": (
        {
            "kind": "float64",
            "maker": "torch.from_numpy(array).float()",
            "first": 3,
            "then": 7,
        },
        (3, 0),
    ),
    # 240 samples, 4 * 10 = 40 at once: 6 steps, twice.
    "steps_on_gpus": ({"gpus": 4, "batch": 10, "rounds": 6, "epochs": 2}, 12),
}
