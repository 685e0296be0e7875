"""Make an SVG that Matplotlib has drawn part of a page.

A chart that stands in the page itself, and not behind ``<img>``, can take its ink from
the theme: black becomes ``currentColor``, white the colour of the page, grey a share of
the ink. Colours that mean something stay as they were drawn. What Matplotlib writes for
a file of its own (metadata, a style sheet for every element, ids such as ``axes_1``)
would leak into the page and is taken out.
"""

from __future__ import annotations

import re
from xml.etree import ElementTree as ET

SVG = "http://www.w3.org/2000/svg"
_XLINK_HREF = "{http://www.w3.org/1999/xlink}href"

#: Texts whose group carries this prefix stand on a coloured patch and keep their
#: colour.
KEEP = "cnn-keep-"

FONT = "var(--pst-font-family-base, system-ui, sans-serif)"
#: Formulas are placed glyph by glyph, so their font must have the metrics of DejaVu
#: Sans.
FORMULA_FONT = "'DejaVu Sans', Verdana, sans-serif"
PAPER = "var(--pst-color-background, #fff)"

_HEX = re.compile(r"#[0-9a-fA-F]{6}")
_NUMBER = re.compile(r"-?\d+\.\d{3,}")
_URL = re.compile(r"url\(#([^)]+)\)")
_SPREAD = 10  # of 255: how far the channels of a grey may be apart
_INK_PROPERTIES = ("fill", "stroke")


def lightness_of_grey(colour: str) -> float | None:
    """Lightness of a colour without hue.

    Parameters
    ----------
    colour : ``#rrggbb``

    Returns
    -------
    0 for black to 1 for white, or None for a colour that has a hue

    Examples
    --------
    0x33 is 51, and 51/255 = 0.2.

    >>> lightness_of_grey("#333333")
    0.2
    >>> lightness_of_grey("#0072b2") is None
    True
    """
    red, green, blue = bytes.fromhex(colour[1:])
    if max(red, green, blue) - min(red, green, blue) > _SPREAD:
        return None
    return round((red + green + blue) / (3 * 255), 3)


def _parse_style(style: str) -> dict[str, str]:
    items = (item.partition(":") for item in style.split(";") if ":" in item)
    return {name.strip(): value.strip() for name, _, value in items}


def _format_style(style: dict[str, str]) -> str:
    return "; ".join(f"{name}: {value}" for name, value in style.items())


def _ink(style: dict[str, str]) -> None:
    """Give one fill or stroke the colour of the theme, in place."""
    for name in _INK_PROPERTIES:
        value = style.get(name, "")
        if not _HEX.fullmatch(value):
            continue
        lightness = lightness_of_grey(value)
        if lightness is None:
            continue
        if lightness > 0.97:
            style[name] = PAPER
            continue
        style[name] = "currentColor"
        if lightness > 0.2:  # nearly black is meant as ink, too
            share = 1 - lightness
            opacity = float(style.get(f"{name}-opacity", 1)) * share
            style[f"{name}-opacity"] = f"{opacity:.3g}"


def _restyle(element: ET.Element, keep: bool) -> None:
    style = _parse_style(element.get("style", ""))
    # Pattern and gradient definitions carry colours in attributes of their own.
    for name in _INK_PROPERTIES:
        if _HEX.fullmatch(element.get(name, "")):
            style[name] = element.attrib.pop(name)
    if element.tag in (f"{{{SVG}}}text", f"{{{SVG}}}tspan"):
        style.pop("font-family", None)
        if element.tag.endswith("tspan"):
            style["font-family"] = FORMULA_FONT
        if keep:
            style.setdefault("fill", "#000000")
    if not keep:
        _ink(style)
    if style:
        element.set("style", _format_style(style))


def _round(text: str) -> str:
    def shorter(match: re.Match[str]) -> str:
        return f"{float(match[0]):.2f}".rstrip("0").rstrip(".")

    return " ".join(_NUMBER.sub(shorter, text).split())


def _tidy_numbers(element: ET.Element) -> None:
    for name in ("d", "transform", "x", "y", "width", "height"):
        if (value := element.get(name)) is not None:
            element.set(name, _round(value))
    if re.fullmatch(r"rotate\(-?0 .*\)", element.get("transform", "")):
        del element.attrib["transform"]


def _references(element: ET.Element) -> list[str]:
    link = element.get(_XLINK_HREF, "")
    named = [name for value in element.attrib.values() for name in _URL.findall(value)]
    return [*named, *([link[1:]] if link.startswith("#") else [])]


def _rename(root: ET.Element, prefix: str) -> None:
    """Drop the ids nobody refers to, and make the others unique in the page."""
    used = {name for element in root.iter() for name in _references(element)}
    for element in root.iter():
        name = element.attrib.pop("id", None)
        if name in used:
            element.set("id", f"{prefix}-{name}")
        if _XLINK_HREF in element.attrib:
            element.set("href", f"#{prefix}-{element.attrib.pop(_XLINK_HREF)[1:]}")
        for key, value in element.attrib.items():
            element.set(key, _URL.sub(rf"url(#{prefix}-\1)", value))


def _remove_document_parts(root: ET.Element) -> None:
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag == f"{{{SVG}}}metadata":
                parent.remove(child)
            elif child.tag == f"{{{SVG}}}defs":
                for style in child.findall(f"{{{SVG}}}style"):
                    child.remove(style)
                if not len(child):
                    parent.remove(child)


def _walk(element: ET.Element, keep: bool = False) -> None:
    keep = keep or element.get("id", "").startswith(KEEP)
    _restyle(element, keep)
    _tidy_numbers(element)
    element.tail = None
    if element.tag != f"{{{SVG}}}tspan" and not (element.text or "").strip():
        element.text = None
    for child in element:
        _walk(child, keep)


def themed(svg: str, *, prefix: str, label: str) -> str:
    """Turn Matplotlib's SVG into one for the inside of a page.

    Parameters
    ----------
    svg : what ``savefig`` wrote with ``svg.fonttype`` set to ``none``
    prefix : put before each id, unique in the page
    label : what the picture shows, for those who cannot see it

    Returns
    -------
    an ``<svg>`` element

    Raises
    ------
    ValueError
        If the label is empty.
    """
    if not label.strip():
        raise ValueError(f"label must say what the picture shows, got {label!r}")
    root = ET.fromstring(svg)
    view = root.get("viewBox", "").split()
    _remove_document_parts(root)
    _walk(root)
    _rename(root, prefix)
    root.attrib.clear()
    # Points of Matplotlib are 4/3 pixels of the page.
    width, height = (round(float(length) * 4 / 3) for length in view[2:])
    root.attrib.update(
        {
            "viewBox": " ".join(view),
            "width": str(width),
            "height": str(height),
            "role": "img",
            "aria-label": " ".join(label.split()),
            "fill": "currentColor",
            "stroke-linejoin": "round",
            "stroke-linecap": "butt",
            "style": f"font-family: {FONT}",
        }
    )
    ET.register_namespace("", SVG)
    return ET.tostring(root, encoding="unicode")
