"""What a network looks at: covered pixels, weighted maps, and the patches it likes.

Three ways to ask, each with its own answer. `occlusion` covers a part of the image and
looks at what happens to the score: an experiment, with the network as it is.
`grad_cam` weighs the maps of a layer by their gradients: one pass forwards and
backwards, and a claim about the network to first order. `top_patches` asks the other
way round, which parts of many images a channel answers to most.

Heat on an object is no proof that the network uses it: run the same on a copy with
other weights, and compare.
"""

from __future__ import annotations

from cnn_tutorial.attribution._grad_cam import grad_cam
from cnn_tutorial.attribution._occlusion import occlusion
from cnn_tutorial.attribution._patches import Patch, top_patches

__all__ = ["Patch", "grad_cam", "occlusion", "top_patches"]
