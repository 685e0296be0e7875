"""Name the public bases of a class in its reference: what is private may change."""

from __future__ import annotations

from typing import Any

from sphinx.application import Sphinx


def public_bases(bases: list[type]) -> list[type]:
    """Put the bases of a private class in its place.

    Parameters
    ----------
    bases : of a class

    Examples
    --------
    >>> class _Hidden(dict): ...
    >>> public_bases([_Hidden, int])
    [<class 'dict'>, <class 'int'>]
    """
    found: list[type] = []
    for base in bases:
        hidden = getattr(base, "__name__", "").startswith("_")
        found += public_bases(list(base.__bases__)) if hidden else [base]
    return [base for base in found if base is not object] or [object]


def _show(
    app: Sphinx, name: str, obj: object, options: object, bases: list[type]
) -> None:
    del app, name, obj, options
    bases[:] = public_bases(bases)


def setup(app: Sphinx) -> dict[str, Any]:
    """Connect to the event of autodoc."""
    app.setup_extension("sphinx.ext.autodoc")
    app.connect("autodoc-process-bases", _show)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
