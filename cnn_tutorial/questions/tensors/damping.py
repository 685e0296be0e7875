"""The damped step, and how the damping is chosen."""

from __future__ import annotations

import torch

from cnn_tutorial.questions.question import Posed, question

__all__ = ["QUESTIONS"]


@question(
    "10_tensors/37_damping",
    jacobian=((1, 2), (2, 1), (1, 3), (3, 1)),
    residual=((5, 5), (2, 4), (-4, 2), (10, 0), (0, -10)),
    share=(1, 3, 4),
)
def damped_leap(
    jacobian: tuple[int, int], residual: tuple[int, int], share: int
) -> Posed | None:
    """Step of a damped search in one parameter."""
    J = torch.tensor(jacobian, dtype=torch.float64)[:, None]
    r = torch.tensor(residual, dtype=torch.float64)
    square = int((J**2).sum())
    slope, damping = int((J.T @ r).item()), share * square
    d = torch.linalg.solve(J.T @ J + damping * torch.eye(1), -J.T @ r).item()
    if slope == 0:
        return None
    undamped = -slope / square
    return Posed(
        f"One parameter, two residuals: `J` is a column of {jacobian[0]} and "
        f"{jacobian[1]}, `r` is {residual[0]} and {residual[1]}, the damping is "
        f"{damping}. What is the step `d`?",
        f"{d:.2f}",
        f"J.T @ J is {square}, J.T @ r is {slope}: {-slope} / ({square} + {damping}).",
        {
            f"{undamped:.2f}": "This is undamped. Damping is added to J.T @ J.",
            f"{-d:.2f}": "A step goes against J.T @ r.",
            f"{-slope / damping:.2f}": "Damping does not replace J.T @ J, it is added "
            "to it.",
            f"{slope:.2f}": "That is J.T @ r: it points uphill, nothing divides it.",
        },
    )


@question(
    "10_tensors/37_damping",
    start=(1, 10, 100),
    trials=tuple(
        tuple("falls" if sign == "-" else "rises" for sign in signs)
        for signs in ("--+", "++-", "-+-", "+--", "---+", "-+--", "++-+", "-+", "--")
    ),
)
def damping_after(start: int, trials: tuple[str, ...]) -> Posed:
    """Damping after a few trials of a search."""
    powers = [0]
    for trial in trials:
        powers.append(powers[-1] + (1 if trial == "rises" else -1))
    falls, rises = trials.count("falls"), trials.count("rises")

    def after(power: int) -> str:
        return f"{start * 10.0**power:,.5f}".rstrip("0").rstrip(".")

    return Posed(
        f"Levenberg-Marquardt starts with a damping of {start} and multiplies or "
        "divides it by 10 after each trial. The loss of its trials, one by one: "
        f"{', '.join(trials)}. What is the damping in the end?",
        after(powers[-1]),
        "Less damping after a fall, more after a rise: "
        f"{', '.join(after(power) for power in powers)}.",
        {
            after(falls - rises): "When the loss falls, the linear model is trusted "
            "more. Is that more damping or less?",
            after(-falls): "A trial that is not taken changes the damping, too.",
            after(rises): "A trial that is taken changes the damping, too.",
            after(0): "Go through the trials one by one. Each changes the damping.",
        },
    )


QUESTIONS = (damped_leap, damping_after)
