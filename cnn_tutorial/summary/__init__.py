"""What a model does with an input, layer by layer: shapes, parameters, MACs."""

from __future__ import annotations

from cnn_tutorial.summary._models import trace
from cnn_tutorial.summary._row import Row
from cnn_tutorial.summary._trace import Trace
from cnn_tutorial.summary._wiring import Graph, Node, Step

__all__ = ["Graph", "Node", "Row", "Step", "Trace", "trace"]
