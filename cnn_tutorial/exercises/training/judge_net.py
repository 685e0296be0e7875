"""Exercise: loss and accuracy over all samples, without a trace in the network."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.training import _wrong_judges as wrong
from cnn_tutorial.exercises.training._nets import Batches, WatchedNet
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


def judge_net(net: nn.Module, batches: Batches) -> tuple[float, float]:
    """Return mean loss and accuracy over all images; leave the mode as it was."""
    was_training = net.training
    net.eval()
    total, right, count = 0.0, 0, 0
    with torch.no_grad():
        for images, labels in batches:
            scores = net(images)
            total += F.cross_entropy(scores, labels).item() * len(labels)
            right += (scores.argmax(dim=1) == labels).sum().item()
            count += len(labels)
    net.train(was_training)
    return total / count, right / count


MISTAKES = (
    Mistake(
        "the network judges in training mode",
        "Dropout and batch norm then answer as in training: call `net.eval()` first.",
        wrong.Variant(evaluation=False),
    ),
    Mistake(
        "a graph is built for nothing",
        "Nobody asks for gradients here: judge within `torch.no_grad()`.",
        wrong.Variant(graph=True),
    ),
    Mistake(
        "the mean of the batch means",
        "The last batch is short and then counts as much as the others. Add up over "
        "images, and divide once.",
        wrong.Variant(mean=wrong.per_batch),
    ),
    Mistake(
        "only the loss is a mean of batch means",
        "The accuracy is right. Multiply each loss by the number of its labels, and "
        "divide the sum by the number of all images.",
        wrong.Variant(mean=wrong.loss_per_batch),
    ),
    Mistake(
        "only the accuracy is a mean of batch means",
        "The loss is right. Add up how many are right, and divide once.",
        wrong.Variant(mean=wrong.accuracy_per_batch),
    ),
    Mistake(
        "a number of images, not a share",
        "Divide the number of right answers by the number of images.",
        wrong.Variant(mean=wrong.counted),
    ),
    Mistake(
        "the accuracy is in per cent",
        "A share is between 0 and 1: leave out the factor of 100.",
        wrong.Variant(mean=wrong.percent),
    ),
    Mistake(
        "losses count twice as many images as there are",
        'A sum (`reduction="sum"`) has been added up already. Multiply a mean by the '
        "number of labels, and a sum by nothing.",
        wrong.Variant(mean=wrong.weighed_twice),
    ),
    Mistake(
        "the sums are divided by the number of batches",
        "`len(batches)` counts batches. Add up `len(labels)`, and divide by that.",
        wrong.Variant(mean=wrong.over_batches),
    ),
    Mistake(
        "the best image of each class is asked for",
        "Scores have the shape (images, classes). The best class of an image is the "
        "largest along axis 1: `argmax(dim=1)`.",
        wrong.Variant(axis=0),
    ),
    Mistake(
        "the wrong way round",
        "The loss comes first, the accuracy second.",
        wrong.Variant(mean=wrong.swapped),
    ),
    Mistake(
        "only the first batch is judged",
        "Does the `return` stand inside the loop? It ends the function in the first "
        "turn: move it to the left.",
        wrong.Variant(last=1),
    ),
    Mistake(
        "the last batch is left out",
        "It is short, but its images count.",
        wrong.Variant(last=-1),
    ),
    Mistake(
        "the network stays in evaluation mode",
        "Who called you may be in the middle of training. Remember `net.training`, and "
        "put it back.",
        wrong.Variant(give_back=False),
    ),
    Mistake(
        "the network always ends in training mode",
        "`net.train()` alone is a guess. Remember `net.training` before the loop, and "
        "put that back.",
        wrong.Variant(always_train=True),
    ),
)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    weight, batches = inputs["weight"], inputs["batches"]
    assert isinstance(weight, Tensor)
    net = WatchedNet(weight, training=bool(inputs["training"]))
    result = ask(attempt, net, batches)
    return {
        "modes of the network": net.modes,
        "a graph is built": any(net.graphs),
        "result": result,
        "left in training mode": net.training,
    }


def _case(
    name: str, *batches: tuple[list[float], list[int]], training: bool = False
) -> Case:
    def make() -> dict[str, object]:
        return {
            "weight": torch.tensor([[0.0], [1.0]]),  # class 1 where x is positive
            "batches": [
                (torch.tensor(x)[:, None], torch.tensor(y)) for x, y in batches
            ],
            "training": training,
        }

    return Case(name, make)


def _larger() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    weight = torch.randn(3, 5, generator=generator)
    images = torch.randn(17, 5, generator=generator)
    labels = torch.arange(17) % 3
    batches = list(zip(images.split(7), labels.split(7), strict=True))
    return {"weight": weight, "batches": batches, "training": True}


EXERCISE = Exercise(
    reference=judge_net,
    title="Judged by all images",
    lesson="40_training/12_averages",
    level="core",
    minutes=10,
    prompt="Return mean loss and accuracy over all images, and leave the network in "
    "the mode in which you found it.",
    observe=_observe,
    cases=(
        # Scores (0, 0): loss ln 2, and argmax takes the first class.
        _case("one image", ([0.0], [0])),
        # Right, right, right; wrong: 3 of 4, while the mean of batches is 1/2.
        _case(
            "a batch of three and one of one",
            ([1.0, -2.0, 3.0], [1, 0, 1]),
            ([-1.0], [1]),
        ),
        _case(
            "in the middle of training",
            ([1.0], [1]),
            ([2.0, 1.0], [0, 1]),
            training=True,
        ),
        Case("17 images, three classes", _larger),
    ),
    mistakes=MISTAKES,
    hints=(
        "Two sums and a count, over images; and two switches before the loop.",
        (
            "`F.cross_entropy` returns a mean over a batch: times `len(labels)` it is "
            "a sum. `net.training` says in which mode the network is."
        ),
        (
            "Remember the mode, `net.eval()`, `with torch.no_grad()`; add loss.item() "
            "* len(labels), right answers and sizes; `net.train(was_training)`; divide."
        ),
    ),
    next="Make it safe: the mode should come back even if a batch raises. And what if "
    "some layers were frozen in evaluation mode on purpose?",
    imports="import torch\nimport torch.nn.functional as F",
)
