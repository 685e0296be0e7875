"""What docstrings write in single backticks: a link if it is documented, else code.

A docstring names functions and arguments alike. Which of them has a place in the
reference only Sphinx knows, once it has read all pages.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.roles import XRefRole

if TYPE_CHECKING:
    from sphinx.addnodes import pending_xref
    from sphinx.application import Sphinx
    from sphinx.environment import BuildEnvironment

_MARK = "cnn-named"


class Named(XRefRole):
    """The role of single backticks."""

    innernodeclass = nodes.literal

    def process_link(
        self,
        env: BuildEnvironment,
        refnode: nodes.Element,
        has_explicit_title: bool,  # noqa: ARG002
        title: str,
        target: str,
    ) -> tuple[str, str]:
        """Look for a Python object, seen from the module and class of this place."""
        for key in ("py:module", "py:class"):
            refnode[key] = env.ref_context.get(key)
        refnode["refdomain"], refnode["reftype"] = "py", "obj"
        refnode[_MARK] = True
        return title, target


def leave_as_code(
    _app: Sphinx, _env: BuildEnvironment, node: pending_xref, shown: nodes.TextElement
) -> nodes.TextElement | None:
    """Take what is no documented object for an argument or a value."""
    return shown if node.get(_MARK) else None


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the role ``named``."""
    app.add_role("named", Named())
    # After those that know other projects' objects.
    app.connect("missing-reference", leave_as_code, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
