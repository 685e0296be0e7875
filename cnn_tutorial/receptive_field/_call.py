"""A call of one of PyTorch's basic functions, while a model is followed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from torch import Tensor
from torch._ops import OpOverload

from cnn_tutorial.hooks.layers import tensors_in
from cnn_tutorial.receptive_field._sight import Sight

__all__ = ["Call"]


class Call:
    """What a function was given and what it returned, with arguments by name.

    Parameters
    ----------
    func
        The function, as PyTorch dispatches it.
    args, kwargs
        What it was given.
    result
        What it returned.
    find
        What is known of a tensor's sight.
    """

    def __init__(
        self,
        func: OpOverload,
        args: tuple[object, ...],
        kwargs: Mapping[str, object],
        result: object,
        find: Callable[[Tensor], Sight | None],
    ) -> None:
        self.func = func
        self.name = func.overloadpacket.__name__
        places = func._schema.arguments
        self.bound: dict[str, Any] = {
            a.name: a.default_value for a in places if a.has_default_value()
        }
        given = zip((a.name for a in places), args, strict=False)
        self.bound.update(given)
        self.bound.update(kwargs)
        self.results = [tensor for _, tensor in tensors_in(result)]
        self._find = find

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401 - numbers, lists, flags
        return self.bound[name]

    def get(self, name: str, default: object) -> Any:  # noqa: ANN401
        """Return an argument, or another value where the function has none."""
        return self.bound.get(name, default)

    @property
    def output(self) -> Tensor:
        """First tensor that the function returned."""
        return self.results[0]

    def tensor(self, name: str) -> Tensor:
        """Return an argument that is a tensor."""
        found = self.bound[name]
        assert isinstance(found, Tensor)
        return found

    def has_sight(self, name: str) -> bool:
        """Return whether an argument is a tensor that sees the image."""
        value = self.bound.get(name)
        return isinstance(value, Tensor) and self._find(value) is not None

    def sight(self, name: str) -> Sight:
        """Return what an argument sees."""
        found = self._find(self.tensor(name))
        assert found is not None
        return found

    def find(self, tensor: Tensor) -> Sight | None:
        """Return what a tensor sees, or None."""
        return self._find(tensor)

    def seeing(self) -> list[Sight]:
        """Return what the arguments see that see anything."""
        return [s for t in self.given() if (s := self._find(t)) is not None]

    def given(self) -> Iterable[Tensor]:
        """Yield the tensors among the arguments."""
        return (tensor for _, tensor in tensors_in(self.bound))
