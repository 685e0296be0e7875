"""Exercise: a polynomial and its slope in one forward sweep."""

from __future__ import annotations

from collections.abc import Sequence

from cnn_tutorial.exercises.exercise import Exercise, call_it
from cnn_tutorial.exercises.judge import Mistake
from cnn_tutorial.exercises.trial import Case

__all__ = ["EXERCISE"]

Pair = tuple[float, float]


def polynomial_slope(coefficients: list[float], x: float) -> tuple[float, float]:
    """Return value and slope at x; the highest power's coefficient comes first."""
    value, slope = 0.0, 0.0
    for coefficient in coefficients:
        slope = slope * x + value  # product rule; the slope of x itself is 1
        value = value * x + coefficient
    return value, slope


def _value_first(coefficients: Sequence[float], x: float) -> Pair:
    value, slope = 0.0, 0.0
    for coefficient in coefficients:
        value = value * x + coefficient
        slope = slope * x + value
    return value, slope


def _reversed(coefficients: Sequence[float], x: float) -> Pair:
    return polynomial_slope(list(coefficients)[::-1], x)


def _swapped(coefficients: Sequence[float], x: float) -> Pair:
    return polynomial_slope(list(coefficients), x)[::-1]


def _power_kept(coefficients: Sequence[float], x: float) -> Pair:
    value, _ = polynomial_slope(list(coefficients), x)
    degree = len(coefficients) - 1
    powers = [degree - k for k in range(len(coefficients))]
    terms = zip(coefficients, powers, strict=True)
    return value, sum(float(c) * n * x**n for c, n in terms)


def _no_factor(coefficients: Sequence[float], x: float) -> Pair:
    value, _ = polynomial_slope(list(coefficients), x)
    slope, _ = polynomial_slope(list(coefficients)[:-1], x)
    return value, slope


def _half_product(coefficients: Sequence[float], x: float) -> Pair:
    value, slope = 0.0, 0.0
    for coefficient in coefficients:
        slope = slope * x + coefficient
        value = value * x + coefficient
    return value, slope


def _slope_of_start(coefficients: Sequence[float], x: float) -> Pair:
    value, slope = 0.0, 1.0
    for coefficient in coefficients:
        slope = slope * x + value
        value = value * x + coefficient
    return value, slope


def _last_left_out(coefficients: Sequence[float], x: float) -> Pair:
    return polynomial_slope([*coefficients[:-1], 0.0], x)


def _value_alone(coefficients: Sequence[float], x: float) -> float:
    return polynomial_slope(list(coefficients), x)[0]


def _nudged(coefficients: Sequence[float], x: float) -> Pair:
    step = 0.1
    here, _ = polynomial_slope(list(coefficients), x)
    there, _ = polynomial_slope(list(coefficients), x + step)
    return here, (there - here) / step


MISTAKES = (
    Mistake(
        "the value is updated before the slope",
        "The slope of `value * x` is `slope * x + value` with the value *before* this "
        "round. Update the slope first, or both at once.",
        _value_first,
    ),
    Mistake(
        "the coefficients are read from the wrong end",
        "The first coefficient belongs to the highest power: [2, 3] is 2x + 3.",
        _reversed,
    ),
    Mistake(
        "value and slope are swapped",
        "Return the value first, then the slope.",
        _swapped,
    ),
    Mistake(
        "the slope is not returned",
        "Return two numbers, `value, slope`: the slope at x is asked for, too.",
        _value_alone,
    ),
    Mistake(
        "the power does not go down by one",
        "The derivative of x^n is n x^(n - 1): one power less.",
        _power_kept,
    ),
    Mistake(
        "the factor in front is missing",
        "The derivative of x^n is n x^(n - 1): where does the n come from in your sum?",
        _no_factor,
    ),
    Mistake(
        "the slope adds the coefficient",
        "A coefficient is a constant, its slope is 0. What the product rule adds is "
        "the value so far.",
        _half_product,
    ),
    Mistake(
        "the slope starts at 1",
        "It is x that has slope 1. The sum starts as the constant 0, whose slope is 0.",
        _slope_of_start,
    ),
    Mistake(
        "the constant is left out",
        "The last coefficient stands alone: it adds to the value, not to the slope.",
        _last_left_out,
    ),
    Mistake(
        "the slope is a difference over a step of 0.1",
        "A nudge gives an estimate. Forward mode is exact: carry the slope along.",
        _nudged,
    ),
)


def _case(name: str, coefficients: list[float], x: float) -> Case:
    return Case(name, lambda: {"coefficients": list(coefficients), "x": x})


EXERCISE = Exercise(
    reference=polynomial_slope,
    title="Forward mode for polynomials",
    lesson="10_tensors/25_directions",
    level="core",
    minutes=10,
    prompt="Return value and slope of a polynomial at `x` as a pair of numbers. "
    "The first coefficient belongs to the highest power: `[2, 3]` is 2x + 3.",
    observe=call_it(polynomial_slope),
    cases=(
        _case("2x + 3 at 5", [2.0, 3.0], 5.0),
        _case("x^2 at 3", [1.0, 0.0, 0.0], 3.0),
        _case("a constant", [7.0], 2.0),
        _case("x^3 + x^2 at 2, as on the page", [1.0, 1.0, 0.0, 0.0], 2.0),
        _case("5x^4 - 2x^2 + x - 11 at -1.5", [5.0, 0.0, -2.0, 1.0, -11.0], -1.5),
        _case("at zero", [3.0, -4.0, 6.0], 0.0),
    ),
    mistakes=MISTAKES,
    hints=(
        (
            "Horner's rule: start with 0, and for each coefficient do "
            "`value = value * x + coefficient`. What happens to the slope in such a "
            "round?"
        ),
        (
            "By the product rule the slope of `value * x` is `slope * x + value`: here "
            "`value` is the one before the round, and the slope of x is 1."
        ),
        (
            "In the loop: `slope = slope * x + value`, then `value = value * x + "
            "coefficient`. Both start at 0.0."
        ),
    ),
    next="Carry a third number along, the curvature. Then give `Dual` a division and a "
    "`sin`, and compare with `jvp`.",
)
