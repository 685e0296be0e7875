"""What a model does with an input, layer by layer: shapes, parameters, MACs."""

from __future__ import annotations

from cnn_tutorial.summary._models import trace
from cnn_tutorial.summary._trace import Row, Trace

__all__ = ["Row", "Trace", "trace"]
