"""What tables of mistakes, shares and maps of heat say."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn.utils import skip_init

from cnn_tutorial.attribution import grad_cam, occlusion
from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]

_NAMES = ("shirt", "coat", "dress")


@question(
    "40_training/42_mistakes",
    right=(5, 6, 7, 8),
    lost=(1, 2, 3),
    came=(1, 2, 4),
    asked=("recall", "precision"),
    of=(0, 1),
)
def number_from_the_table(
    right: int, lost: int, came: int, asked: str, of: int
) -> Posed | None:
    """Recall or precision, read from a confusion matrix."""
    table = torch.tensor([[right, lost, 0], [came, 9, 1], [0, 1, 6]])
    hits, row, column, total, diagonal = (
        int(n)
        for n in (
            table[of, of],
            table[of].sum(),
            table[:, of].sum(),
            table.sum(),
            table.trace(),
        )
    )
    if row == column:
        return None
    recall, precision = f"{hits} of {row}", f"{hits} of {column}"
    told = zip(_NAMES, table.tolist(), strict=True)
    rows = ", ".join(f"{name} {tuple(numbers)}" for name, numbers in told)
    found = f"Along the row: of {row} true {_NAMES[of]}s, {hits} are found."
    called = f"Down the column: of {column} called {_NAMES[of]}, {hits} are one."
    return Posed(
        "A confusion matrix: rows are true classes, columns what they were taken for, "
        f"in the same order: {rows}. What is the {asked} of {_NAMES[of]}?",
        recall if asked == "recall" else precision,
        found if asked == "recall" else called,
        {
            recall: "That goes along a row: of all that are one. The question is of "
            "all that are called one.",
            precision: "That goes down a column: of all that are called one. The "
            "question is of all that are one.",
            f"{diagonal} of {total}": "That is the accuracy: all classes together.",
            f"{hits} of {total}": "Of all images? Only one row or one column counts.",
        },
    )


@question(
    "40_training/42_mistakes",
    shares=(
        (0.6, 0.95, 0.8, 0.99, 0.7, 0.9),
        (0.9, 0.55, 0.97, 0.65, 0.85, 0.75),
        (0.98, 0.7, 0.6, 0.85, 0.96, 0.5),
    ),
    wrong=((1, 3), (2, 5), (1, 5), (3, 4), (3, 6)),
    handed=(2, 3),
)
def accuracy_of_the_rest(
    shares: tuple[float, ...], wrong: tuple[int, int], handed: int
) -> Posed:
    """Accuracy when the least sure guesses go to a person."""
    is_right = [number not in wrong for number in range(1, 7)]
    order = sorted(range(6), key=lambda guess: shares[guess])
    kept, surest = order[handed:], order[: 6 - handed]
    right = sum(is_right[guess] for guess in kept)
    gone = ", ".join(str(shares[guess]) for guess in order[:handed])
    still = ("no mistake", "one mistake", "both mistakes")[len(kept) - right]
    named = ", ".join(map(str, shares))
    bad = " and ".join(str(shares[number - 1]) for number in wrong)
    return Posed(
        f"Six guesses have these softmax shares: {named}. Those with {bad} are wrong. "
        f"The {handed} least sure go to a person. How many of the guesses that remain "
        "are right?",
        f"{right} of {len(kept)}",
        f"Without {gone} there are {len(kept)} guesses, with {still} among them.",
        {
            "4 of 6": "That is the accuracy on everything. Count only what was kept.",
            f"{right} of 6": "What was handed over is no longer among the guesses.",
            f"{sum(is_right[guess] for guess in surest)} of {len(surest)}": "Those are "
            "the least sure ones. They are what goes away.",
            f"{len(kept)} of {len(kept)}": "A wrong guess may have a large share: look "
            "where the two mistakes stand.",
        },
    )


@question(
    "40_training/44_where_it_looks",
    maps=((1, 3), (2, 1), (3, 2), (4, 1), (2, 5), (4, 3)),
    weights=((2, -1), (-2, 1), (3, -2), (-1, 2), (-3, 1)),
)
def heat_of_a_place(maps: tuple[int, int], weights: tuple[int, int]) -> Posed | None:
    """Heat that Grad-CAM gives to a place."""
    head = skip_init(nn.Linear, 2, 1, bias=False)
    head.weight.data = torch.tensor([weights], dtype=torch.float32)
    net = nn.Sequential(nn.Identity(), nn.Flatten(), head)
    x = torch.tensor(maps, dtype=torch.float32).reshape(1, 2, 1, 1)
    heat = round(grad_cam(net, x, 0, layer="0").item())
    parts = [a * w for a, w in zip(maps, weights, strict=True)]
    if sum(parts) == 0:
        return None
    spoken = f"{parts[0]} + {parts[1]}".replace("+ -", "- ") + f" is {sum(parts)}"
    cut = "which is kept" if heat else "and what is below zero is cut"
    return Posed(
        f"Two maps of a layer hold {maps[0]} and {maps[1]} at some place. The "
        f"gradients of the score, averaged over each map, are {weights[0]} and "
        f"{weights[1]}. How much heat does Grad-CAM put there?",
        heat,
        f"Weigh, add, cut at zero: {spoken}, {cut}.",
        {
            sum(parts): "Grad-CAM keeps what speaks for the class: a sum below zero is "
            "cut.",
            sum(
                max(part, 0) for part in parts
            ): "First add, then cut: a map that speaks "
            "against the class may outweigh one that speaks for it.",
            sum(
                map(abs, parts)
            ): "The sign of a gradient counts: a map with a negative "
            "one speaks against the class.",
            sum(maps): "Each map is weighed by its gradient before they are added.",
        },
    )


class _Count(nn.Module):
    """Judges nothing and counts what it is shown."""

    seen = 0

    def forward(self, x: Tensor) -> Tensor:
        self.seen += len(x)
        return x.flatten(1)[:, :1]


@question(
    "40_training/44_where_it_looks",
    side=(8, 9, 10, 12, 13),
    square=(3, 4, 5, 6),
    step=(1, 2, 3),
)
def covered_images(side: int, square: int, step: int) -> Posed | None:
    """Images that occlusion has judged."""
    if step >= square or (side - square) % step:
        return None
    counter = _Count()
    occlusion(counter, torch.zeros(1, 1, side, side), 0, size=square, stride=step)
    count = counter.seen - 1  # one of them is the image as it is
    each_way = math.isqrt(count)
    return Posed(
        f"Occlusion covers {square} x {square} pixels of an image of {side} x {side}. "
        f"The square moves by {step} and stays inside. How many covered images does "
        "the network judge?",
        count,
        f"({side} - {square}) / {step} + 1 = {each_way} places each way, {each_way} * "
        f"{each_way} in all. Grad-CAM needs one pass, and one back.",
        {
            (side // step) ** 2: "The square stays inside the image: it cannot start "
            "near the last pixels.",
            each_way: "The square moves in both directions.",
            (each_way - 1) ** 2: "The first place counts, too.",
            (side // square) ** 2: "The squares may overlap: they move by the step.",
        },
    )


QUESTIONS = (
    number_from_the_table,
    accuracy_of_the_rest,
    heat_of_a_place,
    covered_images,
)
