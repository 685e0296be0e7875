"""Programs that differ from a solution in one place."""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator

OPERATORS = {
    ast.Add: ast.Sub,
    ast.Sub: ast.Add,
    ast.Mult: ast.Add,
    ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult,
    ast.Div: ast.Mult,
    ast.Mod: ast.FloorDiv,
    ast.MatMult: ast.Add,
}
COMPARISONS = {
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
}
NAMES = {
    "min": "max",
    "max": "min",
    "floor": "ceil",
    "ceil": "floor",
    "amax": "amin",
    "amin": "amax",
    "argmax": "argmin",
    "sum": "mean",
    "mean": "sum",
    "zeros": "ones",
    "ones": "zeros",
    "zeros_like": "ones_like",
    "any": "all",
    "all": "any",
    "sin": "cos",
    "cos": "sin",
    "exp": "sqrt",
    "sqrt": "abs",
    "abs": "exp",
    "relu": "sigmoid",
    "sigmoid": "relu",
    "ReLU": "Sigmoid",
    "Sigmoid": "ReLU",
    "MaxPool2d": "AvgPool2d",
    "AvgPool2d": "MaxPool2d",
}


def _replaced(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what may stand in the place of a node."""
    if isinstance(node, ast.Constant):
        value = node.value
        if isinstance(value, bool):
            yield ast.Constant(not value)
        elif isinstance(value, int):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        elif isinstance(value, float):
            yield ast.Constant(value * 2 + 0.1)
    elif isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
    elif isinstance(node, ast.AugAssign) and type(node.op) in OPERATORS:
        yield ast.AugAssign(node.target, OPERATORS[type(node.op)](), node.value)
    elif isinstance(node, ast.Compare):
        for k, op in enumerate(node.ops):
            ops = [*node.ops[:k], COMPARISONS[type(op)](), *node.ops[k + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        other = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        yield ast.BoolOp(other, node.values)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.Not)):
        yield node.operand
    elif isinstance(node, (ast.If, ast.IfExp)):
        yield _with(node, test=ast.Constant(True))
        yield _with(node, test=ast.Constant(False))
    elif isinstance(node, ast.Slice):
        for bound in ("lower", "upper", "step"):
            if getattr(node, bound) is not None:
                yield _with(node, **{bound: None})
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield ast.Pass()


def _is_integer(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) is int


def _calls(node: ast.Call) -> Iterator[ast.AST]:
    for k in range(len(node.keywords)):
        yield _with(node, keywords=node.keywords[:k] + node.keywords[k + 1 :])
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name in NAMES:
        field = "attr" if isinstance(node.func, ast.Attribute) else "id"
        yield _with(node, func=_with(node.func, **{field: NAMES[name]}))


def _with(node: ast.AST, **fields: object) -> ast.AST:
    other = copy.copy(node)
    for name, value in fields.items():
        setattr(other, name, value)
    return other


class _Swap(ast.NodeTransformer):
    """Put another node in the place of the n-th."""

    def __init__(self, n: int, other: ast.AST) -> None:
        self.n, self.other, self.count = n, other, -1

    def visit(self, node: ast.AST) -> ast.AST:
        self.count += 1
        if self.count == self.n:
            return self.other
        return self.generic_visit(node)


def mutants(source: str, *, few: bool = False) -> Iterator[tuple[str, str]]:
    """Yield what was changed, as ``before -> after``, and the program.

    `few`: only arithmetic and whole numbers, each in one way.
    """
    tree = ast.parse(source)
    for n, node in enumerate(_in_order(tree)):
        if few and not (isinstance(node, ast.BinOp) or _is_integer(node)):
            continue
        for other in list(_replaced(node))[: 1 if few else None]:
            changed = _Swap(n, other).visit(copy.deepcopy(tree))
            text = ast.unparse(ast.fix_missing_locations(changed))
            before = ast.unparse(node)
            after = ast.unparse(ast.fix_missing_locations(other))
            yield f"{before} -> {after}", text


def _in_order(node: ast.AST) -> Iterator[ast.AST]:
    """Yield nodes as a transformer visits them."""
    yield node
    for inner in ast.iter_child_nodes(node):
        yield from _in_order(inner)
