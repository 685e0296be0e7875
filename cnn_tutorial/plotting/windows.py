"""The end of a script: open its figures."""

from __future__ import annotations

import matplotlib as mpl
from matplotlib import pyplot as plt
from matplotlib.backends.registry import BackendFilter, backend_registry

__all__ = ["show"]


def show() -> None:
    """Open the figures of a script in windows, and wait until they are closed.

    Where no window can open (on a server, in a notebook, while the site is built),
    nothing happens: there the figures are shown already, or nobody could see them.

    Examples
    --------
    >>> show()  # Tests draw without a screen.
    """
    with_windows = backend_registry.list_builtin(BackendFilter.INTERACTIVE)
    inline = {"nbagg", "webagg", "notebook"}
    if mpl.get_backend().lower() in {name.lower() for name in with_windows} - inline:
        plt.show()
