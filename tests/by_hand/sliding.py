from __future__ import annotations

CASES = {
    # The second window is 1, 6, 8. Flipped: 1 * 100 + 6 * 10 + 8 * 1.
    "slid_number": (
        {"function": "np.convolve", "row": [3, 1, 6, 8, 2], "place": "second"},
        168,
    ),
    # Padded: 0 0 0 1 0 0 0 0. The windows 001, 010, 100 meet the 5, the 3 and the 2
    # without a flip; the first of them is the second of all.
    "answer_to_an_impulse": (
        {"function": "F.conv1d", "kernel": [2, 3, 5], "place": 2},
        [0, 5, 3, 2, 0, 0],
    ),
}
