"""Look inside a network that somebody else wrote, and leave no trace.

A *hook* is a function that PyTorch runs before or after a module's ``forward``, or when
gradients pass on the way back. The three context managers here hang hooks on the layers
of a model and take all of them off again, also when the model raises.

Notes
-----
Hooks live in ``module(x)``; ``module.forward(x)`` runs none of that module's own.

A compiled model holds a copy of the program, in which hooks that came later do not
exist. So while one of these contexts is open, models that were compiled as modules
(``torch.compile(model)`` or ``model.compile()``) run uncompiled
(``torch.compiler.set_stance("force_eager")``): what is seen is the program that was
compiled, operation by operation, not the kernels that the compiler fused. Where the
model is only a part of a compiled *function* its hooks stay silent, as they do in
``torch.export`` programs and TorchScript.
"""

from __future__ import annotations

from cnn_tutorial.hooks._event import Event
from cnn_tutorial.hooks._recording import ActivationRecorder
from cnn_tutorial.hooks._shapes import FeatureShapes
from cnn_tutorial.hooks._timeline import CallTimeline

__all__ = ["ActivationRecorder", "CallTimeline", "Event", "FeatureShapes"]
