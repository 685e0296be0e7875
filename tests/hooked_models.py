"""A small model with layers of all kinds, and what can be hung on it."""

from __future__ import annotations

import torch.nn.functional as F
from torch import nn
from torch.nn.modules import module as torch_module

TABLES = (
    "_forward_pre_hooks",
    "_forward_hooks",
    "_backward_pre_hooks",
    "_backward_hooks",
)


class Net(nn.Module):
    """Two layers, one nested, and a function between them."""

    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(2, 3, kernel_size=3)
        self.head = nn.Sequential(nn.Linear(3, 5), nn.ReLU(inplace=True))

    def forward(self, x):
        return self.head(F.relu(self.conv(x)).mean(dim=(2, 3)))


def hooks_on(model):
    """Everything that registering and standing in could leave behind."""
    on_modules = {
        name: [dict(getattr(module, table)) for table in TABLES]
        + [module._is_full_backward_hook, "forward" in vars(module)]
        for name, module in model.named_modules()
    }
    everywhere = [dict(getattr(torch_module, "_global" + table)) for table in TABLES]
    return on_modules, everywhere, torch_module._global_is_full_backward_hook
