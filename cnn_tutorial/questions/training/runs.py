"""Schedules, comparisons with luck in them, and the remedy that a model asks for."""

from __future__ import annotations

import torch
from torch import optim
from torch.utils.data import DataLoader

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

# Of three differences: by it the mean may be wrong in 5 of 100 cases, in spreads.
_HALF = 4.303 / 3**0.5


@question(
    "40_training/35_schedules",
    peak=(0.1, 0.2, 0.4, 0.8, 1.2),
    steps=(30, 60, 90),
    thirds=(1, 2),
)
def cosine_rate(peak: float, steps: int, thirds: int) -> Posed:
    """Rate on the way down a cosine."""
    at = steps * thirds // 3
    optimizer = optim.SGD([torch.zeros(1, requires_grad=True)], lr=peak)
    schedule = optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for _ in range(at):
        optimizer.step()
        schedule.step()
    rate, line, bare = schedule.get_last_lr()[0], peak * (1 - thirds / 3), peak / 2
    bare = -bare if thirds == 2 else bare
    return Posed(
        f"A cosine schedule falls from {peak} to 0 over {steps} steps. With "
        "`cos(pi / 3)` = 0.5 and `cos(2 * pi / 3)` = -0.5, which rate does it give "
        f"after {at} steps?",
        f"{rate:.3f}",
        f"{peak} * (1 {'+-'[thirds - 1]} 0.5) / 2: the cosine runs from 1 to -1, so it "
        "is lifted by 1 and halved.",
        {
            f"{line:.3f}": "That is a straight line. A cosine is flat at both ends and "
            "steep in the middle.",
            f"{bare:.3f}": "A bare cosine ends at -1, and a rate must not: it has to "
            "run from 1 to 0.",
            f"{peak - rate:.3f}": "This much has been taken off by then. What is left?",
        },
    )


@question(
    "40_training/35_schedules",
    images=(50, 90, 100, 150, 210),
    batch=(20, 40),
    epochs=(3, 5, 10),
    after=("batch", "epoch"),
)
def length_of_a_plan(images: int, batch: int, epochs: int, after: str) -> Posed | None:
    """Length of a plan, in calls."""
    if images % batch == 0:
        return None
    batches = len(DataLoader(range(images), batch))  # type: ignore[arg-type]
    calls = {"batch": batches * epochs, "epoch": epochs}
    other = calls["epoch" if after == "batch" else "batch"]
    sums = {
        "batch": f"An epoch has {batches} batches, the short one included, and each of "
        f"them calls: {batches} * {epochs}.",
        "epoch": "A schedule counts its calls, and there is one in each epoch, however "
        "many batches that has.",
    }
    return Posed(
        f"{images} images, batches of {batch} (the last one is shorter), {epochs} "
        f"epochs. `schedule.step()` stands at the end of each {after}. Which "
        "`total_steps` does `OneCycleLR` have to be told?",
        calls[after],
        sums[after],
        {
            other: "A schedule counts its own calls. Where does `schedule.step()` "
            "stand?",
            images // batch * epochs: "The loader also gives the images that fill no "
            "whole batch; and look where the call stands.",
            images * epochs: "One update serves a whole batch, and a schedule does "
            "not count images.",
        },
    )


@question(
    "40_training/36_ablation",
    scores=((70, 74, 72), (81, 78, 84), (64, 69, 66)),
    gain=(-8, -6, -4, -3, -1, 1, 3, 4, 6, 8),
    spread=(1, 2),
)
def verdict_of_three_seeds(scores: tuple[int, ...], gain: int, spread: int) -> Posed:
    """Verdict of three pairs of runs on an ingredient."""
    differences = torch.tensor([gain + spread, gain - spread, gain], dtype=torch.double)
    half, mean = (_HALF * differences.std()).item(), differences.mean().item()
    without = [a - int(d) for a, d in zip(scores, differences, strict=True)]
    sign = "it helps" if mean > 0 else "it hurts"
    seen = "reaches across" if abs(mean) <= half else "stays clear of"
    found = ", ".join(f"{d:+.0f}" for d in differences)
    return Posed(
        f"Seeds 0, 1, 2 reach {scores} % with an ingredient and {tuple(without)} % "
        "without. The interval of the mean difference reaches 2.5 spreads (standard "
        "deviations) of the differences to each side. What does the comparison say of "
        "the ingredient?",
        sign if abs(mean) > half else "not shown",
        f"The differences are {found}: {mean:+.0f} on average, spread {spread}. The "
        f"interval of {half:.1f} to each side {seen} 0.",
        {
            "not shown": "The scores vary because seeds differ. Subtract seed by seed: "
            "does the interval of these differences reach 0?",
            sign: "The mean alone points there. Compute how uncertain it is, and see "
            "whether 0 is inside.",
            "it hurts"
            if mean > 0
            else "it helps": "Take the score with the ingredient "
            "minus the score without, seed by seed.",
        },
    )


_LEARN = ("batch norm", "a longer training", "a wider network")
_CLOSE = ("dropout", "flips and crops", "weight decay", "label smoothing")


@question(
    "40_training/38_improve",
    taught=(58, 74, 88, 99),
    gap=(2, 15, 24),
    goal=(55, 70, 85, 95),
    learn=_LEARN,
    close=_CLOSE,
)
def next_remedy(taught: int, gap: int, goal: int, learn: str, close: str) -> Posed:
    """Remedy that the list of decisions tries next."""
    validated = taught - gap
    nothing = "nothing, it is done"
    if validated >= goal:
        answer, because = nothing, "The goal is reached on validation images: stop."
    elif taught < goal:
        answer, because = learn, f"Not even the training images reach {goal} %. First "
        because += "it has to learn; what makes learning harder comes later."
    else:
        answer, because = close, f"Its training images reach the goal, {taught} %. "
        because += f"What is missing is the gap of {gap} points."
    return Posed(
        f"A network has {taught} % on training images and {validated} % on validation "
        f"images. The goal is {goal} %. By the lesson's list of decisions, which of "
        "these is next?",
        answer,
        because,
        {
            close: "That makes learning harder and so narrows a gap. Ask the two "
            "questions before it first: done? And does it learn what it is taught?",
            learn: "That helps a network to learn what it is taught. Is this where it "
            "falls short?",
            nothing: "Compare the goal with the images that did not teach.",
        },
    )


QUESTIONS = (cosine_rate, length_of_a_plan, verdict_of_three_seeds, next_remedy)
