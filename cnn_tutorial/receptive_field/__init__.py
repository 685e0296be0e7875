"""What an output of a network sees of its input: computed, traced and measured."""

from __future__ import annotations

from cnn_tutorial.receptive_field._effective import EffectiveField, effective_field
from cnn_tutorial.receptive_field._field import Field
from cnn_tutorial.receptive_field._footprint import Footprint, gradient_footprint
from cnn_tutorial.receptive_field._layers import Layer, receptive_field
from cnn_tutorial.receptive_field._trace import FieldTrace, trace_fields
from cnn_tutorial.receptive_field._watch import FieldRow

__all__ = [
    "EffectiveField",
    "Field",
    "FieldRow",
    "FieldTrace",
    "Footprint",
    "Layer",
    "effective_field",
    "gradient_footprint",
    "receptive_field",
    "trace_fields",
]
