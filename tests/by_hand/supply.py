from __future__ import annotations

CASES = {
    # 48 / 16 = 3 each way; the kernels stay.
    "price_of_enlarging": (
        {"sides": (16, 48), "channels": 3, "kernel": 5},
        "9 times, same weights",
    ),
    # (64 - 11) / 4 + 1 = 14; (14 - 3) / 2 + 1 = 6; (6 - 3) / 2 + 1 = 2, cut each time.
    "pixels_left": ({"side": 64, "last": "pool2"}, "2 pixels"),
    # Pairs are ready after 40, 80, 120, 160, 200; then two of 10 ms.
    "end_of_an_epoch": (
        {"count": 10, "prepare": 40, "compute": 10, "workers": 2},
        220,
    ),
    # 4 batches in 50 ms take 48 ms; 5 take 60.
    "enough_workers": ({"prepare": 50, "compute": 12}, 5),
}
