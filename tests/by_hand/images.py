from __future__ import annotations

CASES = {
    # Four (20, 50, 3) below each other: (80, 50, 3). Colours first: (3, 80, 50).
    "batch_shape": (
        {
            "photos": 4,
            "height": 20,
            "width": 50,
            "line": "torch.cat(p).permute(2, 0, 1)",
        },
        (3, 80, 50),
    ),
    # Row 3 is row 2 without the first; then channel, row, column.
    "pixel_index": (
        {"row": 3, "column": 7, "channel": 1, "line": "photo[1:].permute(2, 0, 1)"},
        (1, 2, 7),
    ),
    # 4 times the kernels, a quarter of the places: the same MACs. Twice the channels
    # on a quarter of the places: half the memory.
    "bill_grows": (
        {
            "channels": 16,
            "side": 28,
            "change": "halve both sides and double the channels in and out",
        },
        "4, 1 and 1/2",
    ),
    # Red minus blue: 170 for red, -20 green, -200 blue, 10 white, -10 black.
    "strongest_pixel": (
        {"weights": (1, 0, -1), "left_out": "yellow"},
        "red: (200, 40, 30)",
    ),
}
