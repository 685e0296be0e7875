"""Which step of a run read what: its graph, with every way that goes past a layer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakIdKeyDictionary

from cnn_tutorial._validation import integer
from cnn_tutorial.hooks.layers import tensors_in

__all__ = ["Graph", "Node", "Step", "Wiring", "graph_of"]

Call = tuple[str, int]


@dataclass(frozen=True)
class Step:
    """A function that made a tensor on the way from the input to the output.

    Parameters
    ----------
    function
        PyTorch's name of it.
    calls
        The module calls that it happened in, outermost first: name and number.
    reads
        The steps whose tensors it took, by their place in the trace; -1 is the input.
    output_shape
        Of the first tensor that it made.
    last
        Whether the model returned what it made.
    """

    function: str
    calls: tuple[Call, ...]
    reads: tuple[int, ...]
    output_shape: tuple[int, ...]
    last: bool = False


@dataclass(frozen=True)
class Node:
    """A part of a model, or a function that stands between parts.

    Parameters
    ----------
    name
        As in ``model.named_modules()``; "input"; or the function's, as it is read.
    kind
        Class of the module, "function" or "input".
    shape
        Of what comes out.
    """

    name: str
    kind: str
    shape: tuple[int, ...]


@dataclass(frozen=True)
class Graph:
    """Parts of a model, and which one reads what another one made.

    Parameters
    ----------
    nodes
        In the order in which they ran; the first one is the input.
    edges
        Places of the node that made a tensor and of the node that read it.
    """

    nodes: tuple[Node, ...]
    edges: tuple[tuple[int, int], ...]


#: How functions are read that are written as signs, or under another name.
SIGNS = {
    **dict.fromkeys(("add", "iadd", "radd"), "+"),
    **dict.fromkeys(("sub", "isub", "rsub", "neg"), "−"),
    **dict.fromkeys(("mul", "imul", "rmul"), "×"),
    **dict.fromkeys(("div", "truediv", "itruediv"), "/"),
    **dict.fromkeys(("concat", "concatenate"), "cat"),
    "matmul": "@",
}


class Wiring(TorchFunctionMode):
    """Write down each function that makes tensors: what it read, and where it stood."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Step] = []
        self.shapes: list[tuple[int, ...]] = []
        """Of tensors with more than two axes, in the order in which they were made."""
        self.calls: list[Call] = []
        self._numbers: dict[str, int] = {}
        # Weak: a tensor that is gone cannot lend its address to another.
        self._makers = WeakIdKeyDictionary()

    def enter(self, name: str) -> None:
        """Note that a module is called."""
        self._numbers[name] = self._numbers.get(name, -1) + 1
        self.calls.append((name, self._numbers[name]))

    def made(self, tensors: object, step: int = -1) -> None:
        """Note which step made some tensors."""
        for _, tensor in tensors_in(tensors):
            self._makers[tensor] = step

    def returned(self, output: object) -> None:
        """Note what the model returned."""
        for _, tensor in tensors_in(output):
            step = self._makers.get(tensor, -1)
            if step >= 0:
                self.steps[step] = replace(self.steps[step], last=True)

    def known(self, tensors: object) -> bool:
        """Whether the makers of all these tensors are known."""
        return all(tensor in self._makers for _, tensor in tensors_in(tensors))

    def note(self, function: str, read: object, output: object) -> None:
        """Write a step down, if something of the input is in it."""
        makers = [self._makers.get(tensor) for _, tensor in tensors_in(read)]
        reads = tuple(dict.fromkeys(m for m in makers if m is not None))
        shapes = [tuple(tensor.shape) for _, tensor in tensors_in(output)]
        if reads and shapes:
            self.steps.append(Step(function, tuple(self.calls), reads, shapes[0]))
            self.made(output, len(self.steps) - 1)

    def __torch_function__(
        self,
        func: Callable[..., object],
        types: object,
        args: tuple[object, ...] = (),
        kwargs: dict[str, object] | None = None,
    ) -> object:
        """Call the function, and note what it read and made."""
        output = func(*args, **(kwargs or {}))
        name = getattr(func, "__name__", type(func).__name__).strip("_")
        # Writing into a part of a tensor returns nothing, and changes the tensor.
        self.note(name, (args, kwargs), args[0] if name == "setitem" else output)
        if isinstance(output, Tensor) and output.ndim > 2:
            self.shapes.append(tuple(output.shape))
        return output


def graph_of(
    steps: Sequence[Step],
    types: dict[str, str],
    size: tuple[int, ...],
    depth: int,
) -> Graph:
    """Return the graph in which each call at some depth is one node.

    Parameters
    ----------
    steps
        All of a run, in order.
    types
        Class of each module, by its name.
    size
        Shape of the input.
    depth
        How many calls may stand around a node; a call that is deeper joins its caller.

    Returns
    -------
    Graph
        Without nodes that the output does not hang on.
    """
    integer("depth", depth, minimum=1)
    nodes, places = [Node("input", "input", size)], [0] * len(steps)
    keys: dict[object, int] = {}
    edges: dict[tuple[int, int], None] = {}
    for number, step in enumerate(steps):
        around = step.calls[: depth + 1]
        whole = len(step.calls) > depth or (
            len(step.calls) > 1 and not _has_parts(step.calls[-1][0], types)
        )
        key = around if whole else number
        if key not in keys:
            keys[key] = len(nodes)
            nodes.append(_node(step, around, types, whole=whole))
        here = places[number] = keys[key]
        nodes[here] = Node(nodes[here].name, nodes[here].kind, step.output_shape)
        for read in step.reads:
            there = places[read] if read >= 0 else 0
            if there != here:
                edges[there, here] = None
    ends = {place for place, step in zip(places, steps, strict=True) if step.last}
    return _leading_to(ends, nodes, list(edges))


def _has_parts(name: str, types: dict[str, str]) -> bool:
    start = f"{name}." if name else ""
    return any(other != name and other.startswith(start) for other in types)


def _node(
    step: Step, around: Sequence[Call], types: dict[str, str], *, whole: bool
) -> Node:
    if whole:
        name = around[-1][0]
        return Node(name, types[name], step.output_shape)
    sign = SIGNS.get(step.function, step.function)
    return Node(sign, "function", step.output_shape)


def _leading_to(
    ends: set[int], nodes: Sequence[Node], edges: Sequence[tuple[int, int]]
) -> Graph:
    """Leave out what was computed for nothing."""
    needed = {0} | ends
    for made, read in sorted(edges, key=lambda edge: -edge[1]):
        if read in needed:
            needed.add(made)
    new = {old: k for k, old in enumerate(sorted(needed))}
    return Graph(
        tuple(nodes[old] for old in new),
        tuple((new[a], new[b]) for a, b in edges if a in new and b in new),
    )
