"""Markdown from the document tree of a page, for the text cells of a notebook.

Sphinx has resolved every role and link when this runs, so nothing of reStructuredText
can be left over, and what it cannot say in Markdown is an error that names the line.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterable

from docutils import nodes

from markdown_inline import (
    INVISIBLE,
    InlineWriter,
    UnknownNodeError,
    absolute,
    around,
    name_of,
)

__all__ = ["MarkdownWriter", "UnknownNodeError", "absolute"]

#: What would make a list, a heading or a quotation of a line of text.
_BLOCK_START = re.compile(r"^(\s*)([#+>-])(?=\s|$)", re.MULTILINE)
_NUMBER_START = re.compile(r"^(\s*\d+)([.)]\s)", re.MULTILINE)


class MarkdownWriter(InlineWriter):
    """Writes parts of a page as Markdown.

    Parameters
    ----------
    resolve : makes links absolute, see :func:`absolute`
    """

    def heading(self, title: nodes.Element, level: int) -> str:
        """Write a heading.

        Parameters
        ----------
        title : the words
        level : 1 for the title of the page
        """
        return f"{'#' * min(6, level)} {' '.join(self.inline(title.children).split())}"

    def blocks(self, children: Iterable[nodes.Node]) -> str:
        """Write paragraphs, lists, boxes and the like.

        Parameters
        ----------
        children : parts of a page

        Returns
        -------
        Markdown with one empty line between blocks

        Raises
        ------
        UnknownNodeError
            If a node has no Markdown.
        """
        written = (self._block(child) for child in children)
        return "\n\n".join(text for text in written if text.strip())

    def _block(self, node: nodes.Node) -> str:
        if isinstance(node, INVISIBLE):
            return ""
        for kind, write in _BLOCKS.items():
            if isinstance(node, kind):
                return write(self, node)
        if name_of(node) == "code_links_block" and isinstance(node, nodes.Element):
            # Sphinx-Gallery makes these of all code in Python.
            return self._literal_block(node)
        if isinstance(node, nodes.Admonition | nodes.topic | nodes.sidebar):
            return self._box(node)
        raise UnknownNodeError(node)

    def _children(self, node: nodes.Element) -> str:
        return self.blocks(node.children)

    def _paragraph(self, node: nodes.Element) -> str:
        text = self.inline(node.children)
        return _NUMBER_START.sub(r"\1\\\2", _BLOCK_START.sub(r"\1\\\2", text))

    def _rubric(self, node: nodes.Element) -> str:
        return around("**", self.inline(node.children))

    def _literal_block(self, node: nodes.Element) -> str:
        language = node.get("language") or node.get("lang") or ""
        language = "" if language in ("default", "none", "text") else language.lower()
        fence = "```"
        while fence in node.astext():
            fence += "`"
        return f"{fence}{language}\n{node.astext().rstrip()}\n{fence}"

    def _math_block(self, node: nodes.Element) -> str:
        tag = f" \\tag{{{node['number']}}}" if node.get("number") else ""
        return f"$$\n{node.astext().strip()}{tag}\n$$"

    def _items(self, node: nodes.Element) -> str:
        numbered = isinstance(node, nodes.enumerated_list)
        first = int(node.get("start", 1))
        written = []
        for number, item in enumerate(node.children, start=first):
            marker = f"{number}. " if numbered else "* "
            assert isinstance(item, nodes.list_item)
            body = self.blocks(item.children)
            hanging = textwrap.indent(body, " " * len(marker))
            written.append(marker + hanging[len(marker) :])
        simple = all("\n\n" not in item for item in written)
        return ("\n" if simple else "\n\n").join(written)

    def _definitions(self, node: nodes.Element) -> str:
        items = []
        for item in node.findall(nodes.definition_list_item):
            terms = [c for c in item.children if isinstance(c, nodes.term)]
            bodies = [c for c in item.children if isinstance(c, nodes.definition)]
            name = " ".join(around("**", self.inline(t.children)) for t in terms)
            body = self.blocks(child for part in bodies for child in part.children)
            items.append(f"* {name}: " + textwrap.indent(body, "  ").lstrip())
        return "\n".join(items)

    def _box(self, node: nodes.Element) -> str:
        title = node.next_node(nodes.title, descend=True)
        body = [child for child in node.children if not isinstance(child, nodes.title)]
        name = self.inline(title.children) if title else _BOX_NAMES[name_of(node)]
        return self._quote(f"**{name}**\n\n{self.blocks(body)}")

    def _block_quote(self, node: nodes.Element) -> str:
        return self._quote(self.blocks(node.children))

    @staticmethod
    def _quote(text: str) -> str:
        return "\n".join(f"> {line}".rstrip() for line in text.splitlines())

    def _figure(self, node: nodes.Element) -> str:
        kinds = (nodes.image, nodes.reference)
        pictures = [child for child in node.children if isinstance(child, kinds)]
        rest = [child for child in node.children if not isinstance(child, kinds)]
        return "\n\n".join(filter(None, [self.inline(pictures), self.blocks(rest)]))

    def _note(self, node: nodes.Element) -> str:
        """Write a footnote or a citation where it stands."""
        label = node.next_node(nodes.label)
        name = label.astext() if label else ""
        body = [child for child in node.children if not isinstance(child, nodes.label)]
        return f"[{name}] {self.blocks(body)}"

    def _table(self, node: nodes.Element) -> str:
        rows = [
            [
                " ".join(self.blocks(entry.children).replace("|", r"\|").split())
                for entry in row.findall(nodes.entry)
            ]
            for row in node.findall(nodes.row)
        ]
        head, *body = rows
        lines = [head, ["---"] * len(head), *body]
        table = "\n".join(f"| {' | '.join(line)} |" for line in lines)
        titles = [child for child in node.children if isinstance(child, nodes.title)]
        name = "".join(f"**{self.inline(t.children)}**\n\n" for t in titles)
        return name + table

    def _line_block(self, node: nodes.Element) -> str:
        lines = (line for line in node.findall(nodes.line))
        return "  \n".join(self.inline(line.children) for line in lines)

    def _transition(self, node: nodes.Element) -> str:
        del node
        return "---"


_BLOCKS: dict[type[nodes.Element], Callable[[MarkdownWriter, nodes.Element], str]] = {
    nodes.paragraph: MarkdownWriter._paragraph,
    nodes.rubric: MarkdownWriter._rubric,
    nodes.literal_block: MarkdownWriter._literal_block,
    nodes.doctest_block: MarkdownWriter._literal_block,
    nodes.math_block: MarkdownWriter._math_block,
    nodes.bullet_list: MarkdownWriter._items,
    nodes.enumerated_list: MarkdownWriter._items,
    nodes.definition_list: MarkdownWriter._definitions,
    nodes.block_quote: MarkdownWriter._block_quote,
    nodes.image: lambda writer, node: writer.inline([node]),
    nodes.figure: MarkdownWriter._figure,
    nodes.caption: lambda writer, node: f"*{writer.inline(node.children)}*",
    nodes.legend: MarkdownWriter._children,
    nodes.footnote: MarkdownWriter._note,
    nodes.citation: MarkdownWriter._note,
    nodes.table: MarkdownWriter._table,
    nodes.line_block: MarkdownWriter._line_block,
    nodes.transition: MarkdownWriter._transition,
    nodes.container: MarkdownWriter._children,
    nodes.compound: MarkdownWriter._children,
}
_BOX_NAMES = {
    "attention": "Attention",
    "caution": "Caution",
    "danger": "Danger",
    "error": "Error",
    "hint": "Hint",
    "important": "Important",
    "note": "Note",
    "seealso": "See also",
    "tip": "Tip",
    "warning": "Warning",
}
