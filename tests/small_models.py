"""Each model of the course, as narrow as its builder makes it."""

from __future__ import annotations

import inspect

from torch import nn

from cnn_tutorial import models

NARROW = {"width": 2, "hidden": 7, "reduction": 2}


def small_model(name: str, **settings: object) -> nn.Module:
    """Return a model by name; depth, strides and kernels are those of the full one."""
    known = inspect.signature(models.builder(name)).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in known.values())
    narrow = {k: v for k, v in NARROW.items() if k in known}
    if takes_any:
        narrow["width"] = NARROW["width"]
    return models.create_model(name, **(narrow | settings))
