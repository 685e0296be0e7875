from __future__ import annotations

import pytest
import torch

from hooked_models import Net


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Net()


@pytest.fixture
def x():
    torch.manual_seed(1)
    return torch.randn(7, 2, 5, 11)
