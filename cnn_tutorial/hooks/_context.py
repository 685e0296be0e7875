"""What the context managers have in common: entering, leaving, and whose runs count."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from torch import nn

__all__ = ["Reentrant", "is_replica"]


def is_replica(module: nn.Module) -> bool:
    """Tell whether ``nn.DataParallel`` made the module for a single call."""
    return bool(getattr(module, "_is_replica", False))


class Reentrant:
    """Hang something on a model at the first entry, take it off at the last exit.

    Counts the entries of each thread: a model may be shared between threads, and what
    one of them asked to see should not mix with what another one runs.
    """

    def __init__(self) -> None:
        self._lock = threading.RLock()
        self._threads: list[int] = []
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        with self._lock:
            if not self._threads:
                self.clear()
                with ExitStack() as stack:  # takes off what is on, should a line fail
                    self._hang(stack)
                    self._stack = stack.pop_all()
            self._threads.append(threading.get_ident())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        with self._lock:
            self._threads.remove(threading.get_ident())
            if not self._threads:
                self._stack.close()

    def __deepcopy__(self, memo: Mapping[int, object]) -> Self:
        """Return the object itself: copies of a model refer to it and are not seen."""
        return self

    def _here(self) -> bool:
        """Tell whether the running thread has entered the context."""
        return threading.get_ident() in self._threads

    def _hang(self, stack: ExitStack) -> None:
        """Hang what is needed on the model, and how to take it off on the stack."""
        raise NotImplementedError

    def clear(self) -> None:
        """Forget everything that was recorded."""
        raise NotImplementedError
