from __future__ import annotations

import pytest
import torch

from cnn_tutorial import datasets
from training_cases import small_net


@pytest.fixture
def net():
    torch.manual_seed(0)
    return small_net()


@pytest.fixture
def digits():
    return datasets.load("digits", size=32)
