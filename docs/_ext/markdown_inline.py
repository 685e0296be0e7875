"""Markdown within a line: emphasis, code, formulas, links.

:mod:`markdown_writer` puts lines together.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from urllib.parse import urljoin, urlsplit

from docutils import nodes

#: Characters that mean something in Markdown where they stand.
_SPECIAL = re.compile(r"[\\`*$]|(?<!\w)_|_(?!\w)|<(?=[A-Za-z/!])|\[(?=[^\]]*\]\()")
Resolve = Callable[[str], str | None]


def name_of(node: nodes.Node) -> str:
    """Name of a kind of node.

    Parameters
    ----------
    node : the node
    """
    return type(node).__name__


class UnknownNodeError(Exception):
    """A part of the page that has no Markdown.

    Parameters
    ----------
    node : the part
    """

    def __init__(self, node: nodes.Node) -> None:
        where = f"line {node.line}: " if node.line else ""
        text = " ".join(node.astext().split())[:60]
        super().__init__(
            f"{where}a notebook has no way to show {name_of(node)!r} ({text!r})"
        )


def absolute(base: str, page: str) -> Resolve:
    """Make a function that turns a link of a page into one that works from anywhere.

    Parameters
    ----------
    base : address of the site, or nothing if it is not known
    page : address of the page in the site

    Returns
    -------
    function from a link to an absolute link, or to None where there is none

    Examples
    --------
    >>> resolve = absolute("https://example.org/course/", "a/b/page.html")
    >>> resolve("../../notation.html#axes")
    'https://example.org/course/notation.html#axes'
    >>> absolute("", "a/b/page.html")("../../notation.html") is None
    True
    """

    def resolve(link: str) -> str | None:
        if scheme := urlsplit(link).scheme:
            return link if scheme in ("http", "https", "mailto") else None
        if not base:
            return None
        return urljoin(f"{base.rstrip('/')}/{page}", link)

    return resolve


def _escape(text: str) -> str:
    return _SPECIAL.sub(r"\\\g<0>", text)


def _code(text: str) -> str:
    """Inline code, whatever it contains."""
    fence = "`"
    while fence in text:
        fence += "`"
    padding = " " if text.startswith("`") or text.endswith("`") else ""
    return f"{fence}{padding}{text}{padding}{fence}"


def around(mark: str, text: str, closing: str | None = None) -> str:
    """Put marks around a text and not around the blanks at its ends.

    Parameters
    ----------
    mark : before the text
    text : the text
    closing : after the text; as before it if not given

    Examples
    --------
    >>> around("**", " bold ")
    ' **bold** '
    """
    inner = text.strip()
    if not inner:
        return text
    start, end = text.index(inner), text.index(inner) + len(inner)
    return f"{text[:start]}{mark}{inner}{closing or mark}{text[end:]}"


class InlineWriter:
    """Writes the inside of paragraphs as Markdown.

    Parameters
    ----------
    resolve : makes links absolute, see :func:`absolute`
    """

    def __init__(self, resolve: Resolve) -> None:
        self.resolve = resolve

    def inline(self, children: Iterable[nodes.Node]) -> str:
        """Write the inside of a paragraph.

        Parameters
        ----------
        children : text and what marks it up

        Raises
        ------
        UnknownNodeError
            If a node has no Markdown.
        """
        return "".join(self._inline(child) for child in children)

    def _inline(self, node: nodes.Node) -> str:
        if isinstance(node, nodes.Text):
            return _escape(node.astext())
        if isinstance(node, nodes.literal):
            return _code(node.astext())
        if isinstance(node, nodes.math):
            return f"${node.astext().strip()}$"
        if isinstance(node, nodes.reference):
            return self._link(node)
        if isinstance(node, nodes.footnote_reference | nodes.citation_reference):
            return f"[{node.astext()}]"
        if isinstance(node, nodes.image):
            return self._image(node)
        if isinstance(node, INVISIBLE):
            return ""
        for kind, (start, end) in _MARKS.items():
            if isinstance(node, kind):
                return around(start, self.inline(node.children), end)
        if isinstance(node, _TRANSPARENT):
            return self.inline(node.children)
        raise UnknownNodeError(node)

    def _link(self, node: nodes.reference) -> str:
        text = self.inline(node.children)
        link = node.get("refuri") or (f"#{node['refid']}" if "refid" in node else "")
        target = self.resolve(link) if link else None
        return f"[{text}]({target})" if target else text

    def _image(self, node: nodes.image) -> str:
        uri = self.resolve(node["uri"])
        alt = _escape(" ".join(node.get("alt", "").split()))
        # A picture of this checkout is of no use elsewhere; its text is.
        return f"![{alt}]({uri})" if uri else f"*{alt}*"


INVISIBLE = (
    nodes.comment,
    nodes.target,
    nodes.raw,
    nodes.substitution_definition,
    nodes.pending,
    nodes.system_message,
    nodes.Invisible,
)
_TRANSPARENT = (
    nodes.inline,
    nodes.generated,
    nodes.abbreviation,
    nodes.problematic,
)
_MARKS = {
    nodes.strong: ("**", "**"),
    nodes.emphasis: ("*", "*"),
    nodes.title_reference: ("*", "*"),
    nodes.superscript: ("<sup>", "</sup>"),
    nodes.subscript: ("<sub>", "</sub>"),
}
