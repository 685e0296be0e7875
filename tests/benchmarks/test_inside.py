"""What a call holds and starts; the sizes are computed by hand."""

from __future__ import annotations

import os
import tracemalloc

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from cnn_tutorial.benchmarks import memory, operations, time_shares

X = torch.ones(500, 700)
MB = 4 * 500 * 700


def test_the_result_is_counted_and_the_input_is_not():
    assert memory(lambda: 2 * X) == pytest.approx(MB, rel=0.01)
    assert memory(lambda: X.T) == pytest.approx(0, abs=0.01 * MB)


def test_what_is_held_at_once_counts_and_what_is_not_does_not():
    def one_after_the_other():
        for _ in range(5):
            (2 * X).sum()

    def at_once():
        return [2 * X for _ in range(5)]

    assert memory(one_after_the_other) == pytest.approx(MB, rel=0.01)
    assert memory(at_once) == pytest.approx(5 * MB, rel=0.01)


def test_arrays_of_numpy_count():
    x = X.numpy()
    assert memory(lambda: x + x) == pytest.approx(MB, rel=0.01)
    assert memory(lambda: np.float64(x)) == pytest.approx(2 * MB, rel=0.01)


def test_what_a_library_holds_inside_counts():
    image, kernel = torch.ones(1, 1, 61, 67), torch.ones(1, 1, 5, 7)
    table = memory(lambda: F.unfold(image, (5, 7)))
    assert table == pytest.approx(4 * 5 * 7 * 57 * 61, rel=0.05)
    # In double precision PyTorch's convolution on a processor is the same table.
    image, kernel = image.double(), kernel.double()
    out = 8 * 57 * 61
    inside = memory(lambda: F.conv2d(image, kernel)) - out
    assert inside == pytest.approx(2 * table, rel=0.05)


def test_it_cleans_up():
    before = dict(os.environ)
    memory(lambda: X + 1)
    assert dict(os.environ) == before
    assert not tracemalloc.is_tracing()


def test_a_running_tracemalloc_is_left_alone():
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="must not be running"):
            memory(lambda: X + 1)
        assert tracemalloc.is_tracing()
    finally:
        tracemalloc.stop()


def test_operations_in_order():
    found = operations(lambda: torch.exp(X + 1))
    assert [name for name in found if name in ("add", "exp")] == ["add", "exp"]


def test_operations_tell_which_convolution_ran():
    image, kernel = torch.ones(1, 1, 61, 67), torch.ones(1, 1, 5, 7)
    double = operations(lambda: F.conv2d(image.double(), kernel.double()))
    assert "_slow_conv2d_forward" in double
    single = operations(lambda: F.conv2d(image, kernel))
    assert "_slow_conv2d_forward" not in single


class TestTimeShares:
    def test_who_does_the_work_has_the_time(self):
        x = torch.randn(401, 401)
        shares = time_shares(lambda: (x @ x).relu().sum(), most=2)
        assert len(shares) == 2
        assert next(iter(shares)) == "mm"  # `matmul` only asks for it
        assert list(shares.values()) == sorted(shares.values(), reverse=True)

    def test_all_together_have_everything(self):
        x = torch.randn(7, 11)
        shares = time_shares(lambda: x.exp().sum(), most=1000)
        assert {"exp", "sum"} <= set(shares)
        assert sum(shares.values()) == pytest.approx(100)

    @pytest.mark.parametrize("most", [0, 1.5])
    def test_the_number_is_checked(self, most):
        with pytest.raises(ValueError, match="`most`"):
            time_shares(lambda: None, most=most)
