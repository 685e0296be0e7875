from __future__ import annotations

CASES = {
    # Slope -16 at 1: 1 + 4 = 5. Slope -8 there, on top of -16: 5 + 6 = 11.
    "two_steps": ({"start": 1, "distance": 8, "clear": False}, "11"),
    # Slope 4p, step 0.375 * 4p = 1.5p: from p to -p / 2.
    "fate_by_rate": (
        {"bend": 2, "rate": 0.375},
        "closer at each step, from side to side",
    ),
    # Velocities 4, 6, 7: 17, half of it from 20.
    "momentum_place": (
        {"start": 20, "slope": 4, "rate": 0.5, "steps": 3},
        "11.5",
    ),
    # k = 0: s = 1/2 for every x. The slope in x0 has the factor k.
    "who_moves": ({"height": 10, "steepness": 0, "middle": 4}, "A and k"),
}
