"""Who is beaten by nobody when two numbers count."""

from __future__ import annotations

from collections.abc import Sequence

__all__ = ["pareto_front"]


def pareto_front(costs: Sequence[float], scores: Sequence[float]) -> list[int]:
    """Return which points no other point beats, cheapest first.

    A point is beaten by one that costs no more and scores no less, and is better in at
    least one of the two. Points that are equal in both do not beat each other.

    Parameters
    ----------
    costs
        Less is better.
    scores
        More is better; as many as `costs`.

    Returns
    -------
    list of int
        Places in `costs`, by ascending cost; equal points in their order.

    Raises
    ------
    ValueError
        If there are not as many scores as costs.

    References
    ----------
    V. Pareto, "Manuale di economia politica", Milan 1906.

    Examples
    --------
    The second costs more than the first and scores less:

    >>> pareto_front([10, 20, 30], [0.8, 0.7, 0.9])
    [0, 2]
    """
    if len(costs) != len(scores):
        raise ValueError(
            f"`costs` (={len(costs)} numbers) and `scores` (={len(scores)}) must be "
            "equally many."
        )
    # Of those that cost the same, the best comes first and the others are beaten by it.
    order = sorted(range(len(costs)), key=lambda k: (costs[k], -scores[k]))
    front: list[int] = []
    for k in order:
        last = front[-1] if front else None
        same = last is not None and (costs[k], scores[k]) == (costs[last], scores[last])
        if last is None or scores[k] > scores[last] or same:
            front.append(k)
    return front
