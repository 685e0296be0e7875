"""Exercise: sort the gradient of a residual stack by the length of its paths."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import combinations, permutations

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Slopes = list[float]


def gradient_by_paths(slopes: list[float]) -> list[float]:
    """Return [sum over all paths through k branches of their product, for each k]."""
    by_length = [1.0]
    for slope in slopes:
        passed = [*by_length, 0.0]
        entered = [0.0, *(slope * value for value in by_length)]
        by_length = [a + b for a, b in zip(passed, entered, strict=True)]
    return by_length


def _over(
    choose: Callable[[Slopes, int], object] = combinations,
    value: Callable[[tuple[float, ...]], float] = math.prod,
) -> Callable[[Slopes], Slopes]:
    def sums(slopes: Slopes) -> Slopes:
        lengths = range(len(slopes) + 1)
        return [float(sum(map(value, choose(slopes, k)))) for k in lengths]  # type: ignore[call-overload]

    return sums


def _neighbours(slopes: Slopes, k: int) -> list[tuple[float, ...]]:
    """Return the branches that lie next to each other only."""
    if k == 0:
        return [()]
    return [tuple(slopes[i : i + k]) for i in range(len(slopes) - k + 1)]


def _running(slopes: Slopes) -> Slopes:
    found = [1.0]
    for slope in slopes:
        found.append(found[-1] * (1 + slope))
    return found


def _first_ones(slopes: Slopes) -> Slopes:
    return [float(math.prod(slopes[:k])) for k in range(len(slopes) + 1)]


def _powers(slopes: Slopes) -> Slopes:
    n = len(slopes)
    mean = sum(slopes) / max(n, 1)
    return [math.comb(n, k) * mean**k for k in range(n + 1)]


def _mean(slopes: Slopes) -> Slopes:
    sums = gradient_by_paths(slopes)
    return [value / math.comb(len(slopes), k) for k, value in enumerate(sums)]


MISTAKES = (
    Mistake(
        "paths are counted",
        "Each path weighs the product of the slopes of the branches it goes through.",
        _over(value=lambda _: 1.0),
    ),
    Mistake(
        "slopes are added along a path",
        "The chain rule multiplies along a path, and adds over paths.",
        _over(value=lambda path: float(sum(path))),
    ),
    Mistake(
        "the path past all branches is left out",
        "The list begins with k = 0: one path, through no branch, of weight 1.",
        lambda slopes: gradient_by_paths(slopes)[1:],
    ),
    Mistake(
        "the longest path comes first",
        "Entry k belongs to the paths through k branches, so that entry 0 is 1.",
        lambda slopes: gradient_by_paths(slopes)[::-1],
    ),
    Mistake(
        "the derivative of growing stacks",
        "1 + slope multiplied up gives all paths together. They are to be sorted by "
        "the number of branches.",
        _running,
    ),
    Mistake(
        "every order of the branches counts",
        "A path meets the branches in the order of the network: combinations, not "
        "permutations.",
        _over(choose=permutations),
    ),
    Mistake(
        "only branches next to each other",
        "A path may enter the first branch, pass the second and enter the third.",
        _over(choose=_neighbours),
    ),
    Mistake(
        "only the first branches",
        "Any k branches make a path, not only the first k: sum over all choices.",
        _first_ones,
    ),
    Mistake(
        "all slopes are taken for their mean",
        "Branches differ: multiply the slopes that a path really meets.",
        _powers,
    ),
    Mistake(
        "the mean over paths",
        "The derivative is the sum over all paths, and many short steps count.",
        _mean,
    ),
)


def _case(name: str, *slopes: float) -> Case:
    return Case(name, lambda: {"slopes": list(slopes)})


EXERCISE = Exercise(
    reference=gradient_by_paths,
    title="The gradient, path by path",
    lesson="50_architectures/34_gradient_flow",
    level="deeper",
    minutes=12,
    prompt="A stack of blocks y = x + f(x), each branch f with a known slope. A path "
    "goes through some branches and past the others. Return a list whose entry k is "
    "the sum, over all paths through exactly k branches, of the product of their "
    "slopes. (The sum of the list is the derivative of the stack.)",
    observe=call_it(gradient_by_paths),
    cases=(
        _case("one block", 0.5),  # past it: 1; through it: 0.5
        _case("two blocks", 0.5, 3.0),  # 1; 0.5 + 3; 0.5 * 3
        # 1; 2 + 3 + 5; 6 + 10 + 15; 30.
        _case("three blocks", 2.0, 3.0, 5.0),
        _case("a slope that is negative", 1.0, -1.0),  # 1; 0; -1
        _case("no block"),  # the empty stack: 1
        _case("seven blocks", 0.3, -0.2, 0.7, 1.1, -0.5, 0.05, 0.4),
    ),
    mistakes=MISTAKES,
    hints=(
        "A new block doubles the paths: each old one goes past it, or through it.",
        (
            "Past it, a path keeps its length and its product. Through it, the length "
            "grows by one and the product by the slope."
        ),
        (
            "new[k] = old[k] + slope * old[k - 1], starting from [1.0]; or sum "
            "`math.prod` over `itertools.combinations(slopes, k)`."
        ),
    ),
    next="With 50 slopes of 0.1, which length carries most of the gradient?",
)
