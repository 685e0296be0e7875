"""The built site as data: every page's tags, links and texts, parsed once."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parents[1]
SITE = Path(os.environ.get("CNN_TUTORIAL_SITE", ROOT / "docs" / "_build" / "html"))

# Attributes that make a browser fetch something, and those that a reader may follow.
FETCHED = {
    "audio": ("src",),
    "embed": ("src",),
    "feimage": ("href", "xlink:href"),
    "iframe": ("src",),
    "image": ("href", "xlink:href"),
    "img": ("src", "srcset"),
    "input": ("src",),
    "object": ("data",),
    "script": ("src",),
    "source": ("src", "srcset"),
    "track": ("src",),
    "use": ("href", "xlink:href"),
    "video": ("src", "poster"),
}
# A <link> with one of these only tells; with any other it makes the browser act.
TELLS = {
    "alternate", "author", "canonical", "copyright", "genindex", "help", "index",
    "license", "next", "prev", "search",
}  # fmt: skip
CSS_URL = re.compile(r"""url\(\s*["']?([^"')]+)|@import\s+["']([^"']+)""")
# Comments of style sheets hold addresses that nobody asks for.
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
# fetch("https:..., import("//..., new Worker("http..., x.src = "https:...
SCRIPT_ASKS = re.compile(
    r"""(?:\b(?:fetch|import|importScripts|open|sendBeacon|require)\s*\(
          |\bnew\s+(?:Worker|SharedWorker|WebSocket|EventSource|URL)\s*\(
          |\bfrom\b|\bimport\b|\.(?:src|href)\s*=)
        \s*(?:["']GET["']\s*,\s*)?["'`]((?:https?:|wss?:)?//[^"'`\s]+)""",
    re.VERBOSE,
)


@dataclass(frozen=True)
class Tag:
    """A start tag: name, attributes, line; text for those whose text is data."""

    name: str
    attributes: dict[str, str]
    line: int
    inside: tuple[str, ...]

    def get(self, name: str) -> str:
        """Return an attribute, or an empty text."""
        return self.attributes.get(name, "")


@dataclass
class Page:
    """An HTML file of the site."""

    path: Path
    tags: list[Tag] = field(default_factory=list)
    styles: list[str] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    title: str = ""

    @property
    def name(self) -> str:
        """Path below the site."""
        return self.path.relative_to(SITE).as_posix()

    @property
    def anchors(self) -> set[str]:
        """Names that a fragment may point at."""
        ids = {tag.get("id") for tag in self.tags}
        return ids | {tag.get("name") for tag in self.tags if tag.name == "a"}

    def find(self, name: str) -> list[Tag]:
        """Return the tags of one kind."""
        return [tag for tag in self.tags if tag.name == name]

    def fetched(self) -> Iterator[tuple[Tag, str]]:
        """Yield (tag, address) for all that opening the page makes a browser fetch."""
        for tag in self.tags:
            for attribute in FETCHED.get(tag.name, ()):
                for part in _candidates(attribute, tag.get(attribute)):
                    yield tag, part
            if tag.name == "link" and not set(tag.get("rel").lower().split()) & TELLS:
                yield tag, tag.get("href")
            for address in css_addresses(tag.get("style")):
                yield tag, address
        for style in self.styles:
            for address in css_addresses(style):
                yield Tag("style", {}, 0, ()), address

    def followed(self) -> Iterator[tuple[Tag, str]]:
        """Yield (tag, address) for all that a reader may follow."""
        for tag in self.tags:
            if tag.name in {"a", "area"} and "href" in tag.attributes:
                yield tag, tag.get("href")
            if tag.name == "form" and tag.get("action"):
                yield tag, tag.get("action")


class _Parser(HTMLParser):
    VOID = frozenset(
        {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta"}
        | {"source", "track", "wbr"}
    )

    def __init__(self, page: Page) -> None:
        super().__init__(convert_charrefs=True)
        self.page = page
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        self.page.tags.append(Tag(tag, attributes, self.getpos()[0], tuple(self.open)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if self.open and self.open[-1] == tag and tag not in self.VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if tag in self.open:
            while self.open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self.open:
            return
        if self.open[-1] == "style":
            self.page.styles.append(data)
        elif self.open[-1] == "script":
            self.page.scripts.append(data)
        elif self.open[-1] == "title" and "svg" not in self.open:
            self.page.title += data


def _candidates(attribute: str, value: str) -> list[str]:
    if attribute == "srcset":
        return [part.split()[0] for part in value.split(",") if part.strip()]
    return [value] if value else []


def css_addresses(text: str) -> list[str]:
    """Return what a style sheet fetches."""
    found = CSS_URL.findall(CSS_COMMENT.sub("", text))
    return [first or other for first, other in found]


def asked_by_script(text: str) -> list[str]:
    """Return the addresses on other servers that a script asks for."""
    return SCRIPT_ASKS.findall(text)


def says_nothing(text: str) -> bool:
    """Tell whether an alternative text is a placeholder or a file name."""
    text = text.strip()
    return bool(
        re.fullmatch(r"(?i)(plot|figure|image|img|picture|untitled)[\s_-]*\d*", text)
        or re.search(r"(?i)\.(png|jpe?g|svg|webp|gif)$", text)
        or re.fullmatch(r"[0-9a-f_-]{16,}", text)
    )


def parse(path: Path) -> Page:
    """Parse an HTML file."""
    page = Page(path)
    parser = _Parser(page)
    parser.feed(path.read_text(encoding="utf-8"))
    parser.close()
    return page


@cache
def pages() -> dict[str, Page]:
    """Return all pages of the site by name."""
    found = [parse(path) for path in sorted(SITE.rglob("*.html"))]
    # Parts of pages that the theme's scripts read are no pages.
    return {page.name: page for page in found if page.find("html")}


def is_external(address: str) -> bool:
    """Tell whether an address leaves the site."""
    parts = urlsplit(address.strip())
    return parts.scheme in {"http", "https", "ws", "wss", "ftp"} or bool(parts.netloc)


def is_embedded(address: str) -> bool:
    """Tell whether an address carries its own content, or opens another program."""
    scheme = urlsplit(address.strip()).scheme
    return scheme in {"about", "blob", "data", "javascript", "mailto"}


def resolve(source: Path, address: str) -> tuple[Path, str]:
    """Return the file and the fragment that an internal address points at."""
    parts = urlsplit(address.strip())
    target = source
    if parts.path:
        target = Path(os.path.normpath(source.parent / unquote(parts.path)))
    if target.is_dir():
        target /= "index.html"
    return target, unquote(parts.fragment)


def lessons() -> list[str]:
    """Return the names of the lessons, such as ``20_convolution/30_unfold``."""
    return [
        path.relative_to(ROOT / "gallery").with_suffix("").as_posix()
        for path in sorted((ROOT / "gallery").glob("[0-9]*/[0-9]*.py"))
    ]
