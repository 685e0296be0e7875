"""The trace of a deep network, against one pass of the network itself."""

from __future__ import annotations

from collections.abc import Iterator

import torch

from cnn_tutorial import models, summary
from cnn_tutorial.benchmarks.clock import Method
from cnn_tutorial.benchmarks.comparing import compare
from cnn_tutorial.benchmarks.comparison import Comparison
from cnn_tutorial.benchmarks.suite import Suite
from cnn_tutorial.benchmarks.targets import Target

__all__ = ["SUITE", "trace_candidates"]

PASS, TRACE = "one pass, batch of 8", "trace"
TITLE = "ResNet-50, 224 x 224"
SIZE = (3, 224, 224)


def trace_candidates(
    name: str = "resnet50", size: tuple[int, int, int] = SIZE, *, width: int = 64
) -> dict[str, Method]:
    """Return a trace of a model and one pass of it, ready to be called.

    Parameters
    ----------
    name
        As in `cnn_tutorial.models.list_models`.
    size
        (C, H, W) of an image.
    width
        Of the model.

    Returns
    -------
    dict of str to function
        The pass takes eight images, without gradients.
    """
    settings = {"stem": "large", "width": width}
    model = models.builder(name)(in_channels=size[0], **settings).eval()
    images = torch.zeros(8, *size)

    def once() -> object:
        with torch.no_grad():
            return model(images)

    return {PASS: once, TRACE: lambda: summary.trace(model, size)}


def _measure(quick: bool) -> Iterator[Comparison]:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        found = trace_candidates()
    yield compare(
        found,
        baseline=PASS,
        title=TITLE,
        rounds=3 if quick else 9,
        seconds=0 if quick else 20,
        tolerance=None,  # a table, and scores
    )


SUITE = Suite(
    title="Traces: how long it takes to describe a network",
    measure=_measure,
    targets=(
        Target(
            "a trace takes no longer than a pass of eight images",
            name=TRACE,
            to=PASS,
            at_most=1,
            where=TITLE,
        ),
    ),
)
