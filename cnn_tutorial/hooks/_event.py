"""One line of a timeline."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Event"]


@dataclass(frozen=True)
class Event:
    """One thing that ran.

    Parameters
    ----------
    order
        1 for the first, 2 for the second, ...
    kind
        ``"forward"``, or the kind of hook: ``"forward pre-hook"``, ``"forward hook"``,
        ``"backward pre-hook"``, ``"backward hook"``, or one of them with ``"global "``
        before it.
    module
        Whose, by name; ``""`` is the module that the timeline watches.
    hook
        Name of the hook's function; ``""`` for ``forward`` and for the hooks that the
        timeline itself has registered.
    depth
        How many ``forward`` were under way.
    """

    order: int
    kind: str
    module: str
    hook: str = ""
    depth: int = 0
