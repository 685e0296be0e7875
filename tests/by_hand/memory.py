from __future__ import annotations

CASES = {
    # Half of the places down, half of them across.
    "doubled_knob": (
        {"knob": "stride", "measure": "in bytes"},
        "about a quarter as large",
    ),
    # A ring of zeros round the image is not in its memory.
    "line_with_memory": (
        {"line": "F.pad(x, (1, 1, 1, 1))", "beside": 2},
        "`F.pad(x, (1, 1, 1, 1))`",
    ),
}
