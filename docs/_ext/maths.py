"""Formulas drawn by KaTeX while the site is built, with its own fonts beside it.

The reader's browser gets finished HTML and MathML: no script, no request to another
server. A formula that KaTeX does not understand is a warning with its page and line,
and therefore an error under ``-W``. Node and KaTeX come from where ``node_packages``
says.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from docutils import nodes
from sphinx.util import logging
from sphinx.util.math import get_node_equation_number

from katex_pipe import Katex, MathsError
from node_packages import node_binary, package_file

if TYPE_CHECKING:
    from sphinx.application import Sphinx
    from sphinx.config import Config
    from sphinx.writers.html5 import HTML5Translator

#: Commands of the pages in ``docs/``. Gallery pages are also notebooks, where nobody
#: would know these names; there they are unknown and stop the build.
MACROS = {
    r"\E": r"\mathbb{E}",
    r"\floor": r"\left\lfloor #1 \right\rfloor",
    r"\ceil": r"\left\lceil #1 \right\rceil",
    r"\inner": r"\left\langle #1, #2 \right\rangle",
    r"\softmax": r"\operatorname{softmax}",
    r"\inputof": r"\htmlClass{cnn-input}{#1}",
    r"\kernelof": r"\htmlClass{cnn-kernel}{#1}",
    r"\outputof": r"\htmlClass{cnn-output}{#1}",
    r"\gradientof": r"\htmlClass{cnn-gradient}{#1}",
}

#: KaTeX knows these, the MathJax of notebooks does not.
ONLY_KATEX = (r"\N", r"\R", r"\Z", r"\argmax", r"\argmin", r"\plim", r"\reals")
FOR_NOTEBOOKS = dict.fromkeys(ONLY_KATEX, r"\unknowntonotebooks")

logger = logging.getLogger(__name__)


def only_woff2(css: str) -> str:
    """Drop the font formats that no browser with WebAssembly still needs.

    Examples
    --------
    >>> only_woff2('src:url(a.woff2) format("woff2"),url(a.ttf) format("truetype")}')
    'src:url(a.woff2) format("woff2")}'
    """
    return re.sub(r',\s*url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)', "", css)


def split_lines(latex: str) -> str:
    r"""Put a formula of several lines or parts into the environment it stands for.

    Sphinx's rule: ``\\`` starts a line, a blank line starts a part, ``&`` aligns.

    Examples
    --------
    >>> split_lines("a + b")
    'a + b'
    >>> split_lines(r"a &= b \\ &= c")
    '\\begin{split}a &= b \\\\ &= c\\end{split}'
    """
    parts = [part.strip() for part in latex.split("\n\n") if part.strip()]
    lines = [
        rf"\begin{{split}}{part}\end{{split}}" if r"\\" in part else part
        for part in parts
    ]
    if len(lines) <= 1:
        return "".join(lines)
    return r"\begin{gathered}" + r" \\ ".join(lines) + r"\end{gathered}"


class Visitors:
    """What the HTML writer calls for formulas.

    Parameters
    ----------
    app : Sphinx
        The application.
    """

    def __init__(self, app: Sphinx) -> None:
        self.app = app
        self.katex = Katex()

    def _html(
        self, writer: HTML5Translator, node: nodes.Element, *, display: bool
    ) -> str:
        galleries = getattr(self.app.config, "sphinx_gallery_conf", {})
        folders = galleries.get("gallery_dirs", ())
        folders = [folders] if isinstance(folders, str) else list(folders)
        docname = writer.builder.current_docname or ""
        in_gallery = any(docname.startswith(f"{folder}/") for folder in folders)
        latex = node.astext()
        if display and not node.get("no-wrap", node.get("nowrap")):
            latex = split_lines(latex)
        try:
            return self.katex.render(
                latex,
                display=display,
                macros=FOR_NOTEBOOKS if in_gallery else MACROS,
            )
        except MathsError as error:
            where = " (not all that the site knows is known to notebooks)" * in_gallery
            logger.warning("%s%s", error, where, location=node, type="maths")
            code: str = writer.encode(latex)
            return f"<code>{code}</code>"

    def visit_inline(self, writer: HTML5Translator, node: nodes.Element) -> None:
        """Write a formula within a line."""
        html = self._html(writer, node, display=False)
        writer.body.append(f"{writer.starttag(node, 'span', '', CLASS='math')}{html}")
        writer.body.append("</span>")
        raise nodes.SkipNode

    def visit_display(self, writer: HTML5Translator, node: nodes.math_block) -> None:
        """Write a formula on a line of its own, with its number if it has one."""
        writer.body.append(writer.starttag(node, "div", CLASS="math"))
        writer.body.append(self._html(writer, node, display=True))
        if node["number"]:
            number = get_node_equation_number(writer, node)
            writer.body.append(f'<span class="eqno">({number})')
            writer.add_permalink_ref(node, "Link to this equation")
            writer.body.append("</span>")
        writer.body.append("</div>\n")
        raise nodes.SkipNode

    def stage(self, app: Sphinx) -> None:
        """Put the style sheet and fonts where Sphinx takes static files from."""
        self.katex.node_modules = Path(app.config.node_modules)
        if app.builder.format != "html":
            return
        node_binary()
        sheet = package_file(self.katex.node_modules, "katex/dist/katex.min.css")
        target = Path(app.doctreedir, "maths_static", "katex")
        (target / "fonts").mkdir(parents=True, exist_ok=True)
        css = only_woff2(sheet.read_text(encoding="utf-8"))
        (target / "katex.min.css").write_text(css, encoding="utf-8")
        for font in sorted((sheet.parent / "fonts").glob("*.woff2")):
            (target / "fonts" / font.name).write_bytes(font.read_bytes())
        app.config.html_static_path.append(str(target.parent))

    def link(
        self,
        app: Sphinx,
        pagename: str,
        templatename: str,
        context: dict[str, Any],
        doctree: nodes.document | None,
    ) -> None:
        """Link the style sheet on pages that have a formula, and only there."""
        del pagename, templatename, context
        formula = (nodes.math, nodes.math_block)
        if doctree and any(isinstance(node, formula) for node in doctree.findall()):
            app.add_css_file("katex/katex.min.css", priority=400)

    def close(self, app: Sphinx, exception: Exception | None) -> None:
        """End the Node process."""
        del app, exception
        self.katex.close()


def _choose(app: Sphinx, config: Config) -> None:
    del app
    config.html_math_renderer = "katex"


def setup(app: Sphinx) -> dict[str, Any]:
    """Register the renderer and make it the one in use."""
    visitors = Visitors(app)
    app.setup_extension("node_packages")
    app.add_html_math_renderer(
        "katex", (visitors.visit_inline, None), (visitors.visit_display, None)
    )
    app.connect("config-inited", _choose)
    app.connect("builder-inited", visitors.stage)
    app.connect("html-page-context", visitors.link)
    app.connect("build-finished", visitors.close)
    # Pages written in several processes would share one pipe.
    return {"parallel_read_safe": True, "parallel_write_safe": False}
