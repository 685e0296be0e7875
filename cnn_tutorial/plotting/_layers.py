"""Places for the nodes of a small directed graph without cycles, layer by layer.

References
----------
K. Sugiyama, S. Tagawa, M. Toda. Methods for visual understanding of hierarchical
system structures. IEEE Transactions on Systems, Man, and Cybernetics 11(2), 1981.
Layers by the longest path, empty places where an edge passes a layer, order by
barycentres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import mean

__all__ = ["Layers"]

#: Width of the lane of an edge that passes a layer, and room between places, in inches.
LANE, GAP = 0.12, 0.22
#: Sweeps up or down, for the order and for the places.
SWEEPS, MOVES = 12, 6

Edge = tuple[int, int]


@dataclass(frozen=True)
class Layers:
    """A layout: node 0, the root, is alone in the lowest layer."""

    layers: tuple[tuple[int, ...], ...]
    """What is in each layer, lowest first, from left to right."""
    chains: tuple[tuple[int, ...], ...]
    """For each edge its items, from the user up to the operand."""
    x: tuple[float, ...]
    """Middle of each item, in inches."""
    widths: tuple[float, ...]
    """Width of each item, in inches."""

    @classmethod
    def of(cls, edges: Sequence[Edge], widths: Sequence[float]) -> Layers:
        """Lay out nodes of these widths; an edge is (user, operand)."""
        ranks = _ranks(edges, len(widths))
        wide, chains = list(widths), []
        for user, operand in edges:
            lanes = range(len(wide), len(wide) + ranks[operand] - ranks[user] - 1)
            wide += [LANE] * len(lanes)
            ranks += [ranks[user] + 1 + k for k in range(len(lanes))]
            chains.append((user, *lanes, operand))
        near = _neighbours(chains, len(wide))
        layers: list[list[int]] = [[] for _ in range(max(ranks) + 1)]
        for item, rank in enumerate(ranks):
            layers[rank].append(item)
        _order(layers, near)
        x = _places(layers, near, wide)
        left = min(middle - w / 2 for middle, w in zip(x, wide, strict=True))
        return cls(
            tuple(map(tuple, layers)),
            tuple(chains),
            tuple(middle - left for middle in x),
            tuple(wide),
        )

    @property
    def depth(self) -> int:
        """Number of layers."""
        return len(self.layers)

    @property
    def width(self) -> float:
        """Inches from the left edge to the right one."""
        return max(m + w / 2 for m, w in zip(self.x, self.widths, strict=True))

    def places(self, row: float) -> list[tuple[float, float]]:
        """Return the middle of each upper edge; layers are `row` inches apart."""
        rank = {item: r for r, layer in enumerate(self.layers) for item in layer}
        return [(x, (self.depth - 1 - rank[k]) * row) for k, x in enumerate(self.x)]

    def twin(self, edge: int) -> float:
        """Return how far an edge is from the middle of those that join the same two."""
        ends = [(chain[0], chain[-1]) for chain in self.chains]
        same = [k for k, pair in enumerate(ends) if pair == ends[edge]]
        return same.index(edge) - (len(same) - 1) / 2


def _ranks(edges: Sequence[Edge], count: int) -> list[int]:
    """Return the longest way from node 0 to each, in edges."""
    ranks = [0] * count
    for _ in range(count):
        for user, operand in edges:
            ranks[operand] = max(ranks[operand], ranks[user] + 1)
    return ranks


def _neighbours(chains: Sequence[Sequence[int]], count: int) -> list[list[int]]:
    near: list[list[int]] = [[] for _ in range(count)]
    for chain in chains:
        for below, above in pairwise(chain):
            near[below].append(above)
            near[above].append(below)
    return near


def _order(layers: list[list[int]], near: list[list[int]]) -> None:
    """Sort each layer by the mean place of its neighbours, until few lines cross."""
    for k in range(SWEEPS):
        upward = k % 2 == 0
        ranks = range(1, len(layers)) if upward else range(len(layers) - 2, -1, -1)
        for r in ranks:
            fixed = layers[r - 1 if upward else r + 1]
            at = {item: p / max(1, len(fixed) - 1) for p, item in enumerate(fixed)}
            old = {item: p for p, item in enumerate(layers[r])}

            def middle(item: int, at: dict[int, float] = at) -> float:
                found = [at[other] for other in near[item] if other in at]
                return mean(found) if found else 0.5

            layers[r].sort(key=lambda item: (middle(item), old[item]))


def _places(
    layers: Sequence[Sequence[int]], near: list[list[int]], widths: Sequence[float]
) -> list[float]:
    """Move items above those that use them, then users below the middle of operands.

    The last move leaves chains straight.
    """
    rank = {item: r for r, layer in enumerate(layers) for item in layer}
    x = [0.0] * len(widths)
    for k in range(MOVES):
        step = -1 if k % 2 else 1
        for layer in layers[::step]:
            wanted = []
            for item in layer:
                found = [x[o] for o in near[item] if (rank[o] - rank[item]) * step < 0]
                wanted.append(mean(found) if found else x[item])
            gaps = [(widths[a] + widths[b]) / 2 + GAP for a, b in pairwise(layer)]
            for item, place in zip(layer, _apart(wanted, gaps), strict=True):
                x[item] = place
    return x


def _apart(wanted: Sequence[float], gaps: Sequence[float]) -> list[float]:
    """Return places with these gaps at least: the mean of what pushes right and left.

    >>> _apart([0.0, 0.0], [1.0])
    [-0.5, 0.5]
    """
    right, left = list(wanted), list(wanted)
    for k, gap in enumerate(gaps):
        right[k + 1] = max(right[k + 1], right[k] + gap)
    for k, gap in reversed(list(enumerate(gaps))):
        left[k] = min(left[k], left[k + 1] - gap)
    return [(a + b) / 2 for a, b in zip(right, left, strict=True)]
