"""Exercise: a training loop with five faults, to repair."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.optim import Optimizer

from cnn_tutorial.exercises.exercise import Exercise
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.training._nets import Batches, WatchedNet
from cnn_tutorial.exercises.trial import Attempt, Case, ask

__all__ = ["EXERCISE"]


def repaired_epoch(net: nn.Module, batches: Batches, optimizer: Optimizer) -> float:
    """Train net for one epoch and return the mean loss per image, as a float."""
    net.train()
    total, count = 0.0, 0
    for images, labels in batches:
        loss = F.cross_entropy(net(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        total += loss.item() * len(labels)
        count += len(labels)
    return total / count


def _per_image(losses: list[Tensor], sizes: list[int]) -> object:
    total = sum(loss.item() * n for loss, n in zip(losses, sizes, strict=True))
    return total / sum(sizes)


def _per_batch(losses: list[Tensor], sizes: list[int]) -> object:
    return sum(loss.item() for loss in losses) / len(sizes)


def _per_image_as_a_tensor(losses: list[Tensor], sizes: list[int]) -> object:
    products = [loss * n for loss, n in zip(losses, sizes, strict=True)]
    return torch.stack(products).sum() / sum(sizes)


@dataclass(frozen=True)
class _Variant:
    """An epoch with one thing wrong."""

    train: bool = True
    clear_once: bool = False
    order: str = "clear backward step"
    scores: Callable[[Tensor], Tensor] = lambda scores: scores
    mean: Callable[[list[Tensor], list[int]], object] = _per_image
    last: int | None = None
    reduction: str = "mean"

    def __call__(
        self, net: nn.Module, batches: Batches, optimizer: Optimizer
    ) -> object:
        net.train(self.train)
        if self.clear_once:
            optimizer.zero_grad()
        losses = []
        for images, labels in batches[: self.last]:
            scores = self.scores(net(images))
            loss = F.cross_entropy(scores, labels, reduction=self.reduction)
            for word in self.order.split():
                act: dict[str, Callable[[], object]] = {
                    "clear": optimizer.zero_grad,
                    "backward": loss.backward,
                    "step": optimizer.step,
                }
                act[word]()
            losses.append(loss)
        return self.mean(losses, [len(y) for _, y in batches[: self.last]])


def _one_step_at_the_end(
    net: nn.Module, batches: Batches, optimizer: Optimizer
) -> object:
    result = _Variant(clear_once=True, order="backward")(net, batches, optimizer)
    optimizer.step()
    return result


def _asked_again(net: nn.Module, batches: Batches, optimizer: Optimizer) -> object:
    losses = []
    for batch in batches:
        _Variant()(net, [batch], optimizer)
        losses.append(F.cross_entropy(net(batch[0]), batch[1]))
    return _per_image(losses, [len(labels) for _, labels in batches])


MISTAKES = (
    Mistake(
        "the network is in evaluation mode",
        "Dropout is off then, and norms learn nothing: begin with `net.train()`.",
        _Variant(train=False),
    ),
    Mistake(
        "the gradients are cleared before the step can use them",
        "`zero_grad` stands between `backward` and `step`, so that the step has "
        "nothing to follow. Move it in front of `backward`.",
        _Variant(order="backward clear step"),
    ),
    Mistake(
        "the gradients are never cleared",
        "`backward` adds to what is in `.grad`, also to what somebody left there. "
        "Clear in each step, before `backward`.",
        _Variant(order="backward step"),
    ),
    Mistake(
        "the gradients are cleared once only",
        "From the second batch on, each step follows the sum of all gradients so far. "
        "Clear within the loop.",
        _Variant(order="backward step", clear_once=True),
    ),
    Mistake(
        "one step is taken for the whole epoch",
        "The step belongs into the loop: one for each batch.",
        _one_step_at_the_end,
    ),
    Mistake(
        "softmax is applied twice",
        "`F.cross_entropy` takes logits and has a softmax of its own. Hand it the "
        "scores as they are.",
        _Variant(scores=lambda scores: scores.softmax(dim=1)),
    ),
    Mistake(
        "the step follows a sum of losses",
        "The slope of a sum grows with the batch, and so does the step. Call "
        "`backward` on the mean; multiply only the number that you add up.",
        _Variant(reduction="sum"),
    ),
    Mistake(
        "the network is asked twice for each batch",
        "The loss that is reported is the one that `backward` starts from. A second "
        "pass costs time, and is of a network after the step.",
        _asked_again,
    ),
    Mistake(
        "the mean of the batch means",
        "A short batch then counts as much as a full one. Multiply each loss by the "
        "number of its labels, and divide the sum by the number of all images.",
        _Variant(mean=_per_batch),
    ),
    Mistake(
        "the losses hold on to their graphs",
        "Sum numbers: `loss.item()`. A sum of tensors keeps each forward pass alive.",
        _Variant(mean=_per_image_as_a_tensor),
    ),
    Mistake(
        "only the first batch is taught",
        "Does the `return` stand inside the loop? It ends the function in the first "
        "turn: move it to the left.",
        _Variant(last=1),
    ),
    Mistake(
        "the last batch is left out",
        "It is short, but its images teach as well.",
        _Variant(last=-1),
    ),
)


def _observe(attempt: Attempt, inputs: dict[str, object]) -> dict[str, object]:
    weight, batches = inputs["weight"], inputs["batches"]
    lr, left_over = inputs["lr"], inputs["gradient_left_over"]
    assert isinstance(weight, Tensor)
    assert isinstance(lr, float)
    net = WatchedNet(weight, training=False)
    net.weight.grad = torch.full_like(net.weight, float(str(left_over)))
    optimizer = torch.optim.SGD(net.parameters(), lr=lr)
    result = ask(attempt, net, batches, optimizer)
    return {
        "modes of the network": net.modes,
        "weights afterwards": net.weight.detach().clone(),
        "keeps a graph alive": isinstance(result, Tensor) and result.requires_grad,
        "result": result,
    }


def _case(
    name: str, *batches: tuple[list[float], list[int]], left_over: float = 0.0
) -> Case:
    def make() -> dict[str, object]:
        return {
            "weight": torch.zeros(2, 1),
            "batches": [
                (torch.tensor(x)[:, None], torch.tensor(y)) for x, y in batches
            ],
            "lr": 0.5,
            "gradient_left_over": left_over,
        }

    return Case(name, make)


def _larger() -> dict[str, object]:
    generator = torch.Generator().manual_seed(0)
    weight, images = (
        torch.randn(3, 5, generator=generator),
        torch.randn(17, 5, generator=generator),
    )
    labels = torch.arange(17) % 3
    batches = list(zip(images.split(7), labels.split(7), strict=True))
    return {"weight": weight, "batches": batches, "lr": 0.1, "gradient_left_over": 0.0}


EXERCISE = Exercise(
    reference=repaired_epoch,
    title="A broken loop",
    lesson="40_training/10_loop",
    level="core",
    minutes=12,
    prompt="Repair the colleague's loop: train `net` for one epoch and return the mean "
    "loss per image, a float.",
    observe=_observe,
    cases=(
        # Zero weights: loss ln 2. Scores are doubled in training, so that the slope is
        # 2 * (1/2, -1/2), and the weights become -0.5 * (1, -1).
        _case("one image", ([1.0], [1])),
        _case("one image, and gradients that somebody left", ([1.0], [1]), left_over=3),
        _case("two batches of one image", ([1.0], [1]), ([-1.0], [0])),
        _case(
            "a batch of three and one of one",
            ([1.0, -2.0, 3.0], [1, 0, 1]),
            ([-1.0], [1]),
        ),
        Case("17 images, three classes", _larger),
    ),
    mistakes=MISTAKES,
    hints=(
        "Go through the lines: mode, scores, loss, the order of three calls, the mean.",
        (
            "Logits go into `F.cross_entropy` as they are. Clear before `backward`, "
            "step after it. A loss counts once for each of its images."
        ),
        (
            "net.train(); in the loop: loss, zero_grad, backward, step, and add "
            "loss.item() * len(labels); in the end divide by the number of images."
        ),
    ),
    next="Return the accuracy as well. On which scores is it measured, and when?",
    imports="import torch.nn.functional as F",
)
