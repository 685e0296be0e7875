"""Each model of the course, as narrow as its builder makes it."""

from __future__ import annotations

import inspect

from torch import nn

from cnn_tutorial import models

NARROW = {"width": 2}


def small_model(name: str, **settings: object) -> nn.Module:
    """Return a model by name; depth, strides and kernels are those of the full one."""
    builder = models.builder(name)
    known = inspect.signature(builder).parameters
    takes_any = any(p.kind is p.VAR_KEYWORD for p in known.values())
    return models.create_model(name, **(NARROW if takes_any else {}), **settings)
