from __future__ import annotations

CASES = {
    # 40 ms stay, 60 / 3 = 20: 60 of 100 ms, and 100 / 60 = 1.67.
    "speed_of_the_whole": ({"part": "making images", "change": (60, 3)}, "1.67 times"),
    # Channel 2 is the last of this pixel; the next pixel begins with channel 0.
    "next_in_memory": (
        {"order": "channels_last", "channel": 2, "row": 1, "column": 3},
        "`x[0, 0, 1, 4]`",
    ),
    # A quarter of the rounds is below 0.97: not three quarters above 1.02.
    "what_rounds_tell": (
        {"switch": "two threads", "quartiles": (0.97, 1.06, 1.15)},
        "nothing to tell",
    ),
    # 10 * 400 steps save 5 ms each: 20 s, less 12 of compiling.
    "balance_of_compiling": (
        {"once": 12, "before": 40, "saved": 5, "epochs": 10, "steps": 400},
        "8 s saved",
    ),
    # 515 lies between 512 and 516, nearer to 516; then 519 becomes 520.
    "sum_in_bfloat16": ({"start": 512, "add": 3, "times": 2}, 520),
    # The largest float16 is 65504.
    "fate_of_a_number": ({"number": 7e4, "kind": "float16"}, "inf"),
}
