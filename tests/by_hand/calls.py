from __future__ import annotations

CASES = {
    # Convolution 1; batch norm 2 and its 3 buffers; linear layers 2 * 2.
    "tensors_of_a_model": (
        {
            "bias": False,
            "norms": 1,
            "linear": 2,
            "asked": "entries has its state dict",
        },
        10,
    ),
    # The weight is frozen; the mean is updated, as the norm is in training mode.
    "changed_by_a_call": (
        {"mode": "train", "frozen": 0, "step": True},
        "the running mean alone",
    ),
    # D opens the network, B and A surround the layer in it, C closes.
    "hooks_that_run": (
        {"names": "DCBA", "door": "net(x)", "inner": "self.layer(x)"},
        "D, then B, then A, then C",
    ),
    # 5 + 2 = 7, times 3 is 21; the hook behind it returns nothing, and 21 stays.
    "number_after_hooks": (
        {
            "door": "module(x)",
            "x": 5,
            "factor": 3,
            "more": 2,
            "less": 1,
            "returns": False,
        },
        21,
    ),
}
