"""One colour, one meaning: the palette of every figure of the course.

The hues are Okabe and Ito's, which stay apart for colour-blind eyes. Import these
names instead of writing hexadecimal numbers.

References
----------
M. Okabe, K. Ito. Color Universal Design: how to make figures and presentations
that are friendly to colorblind people. 2008. https://jfly.uni-koeln.de/color/
"""

from __future__ import annotations

from typing import Final

from cnn_tutorial._validation import choice

__all__ = [
    "GRADIENT",
    "INK",
    "INPUT",
    "KERNEL",
    "NEUTRAL",
    "OUTPUT",
    "PAPER",
    "RIGHT",
    "ROLES",
    "SERIES",
    "WRONG",
    "contrast",
    "role_color",
    "tint",
]

#: What goes in: images, patches, arguments.
INPUT: Final = "#0072B2"
#: What slides or is learned: kernels, windows, weights.
KERNEL: Final = "#D55E00"
#: What comes out: outputs, feature maps.
OUTPUT: Final = "#009E73"
#: What flows back.
GRADIENT: Final = "#CC79A7"
#: A right prediction; it also wears a tick.
RIGHT: Final = INPUT
#: A wrong prediction; it also wears a cross.
WRONG: Final = KERNEL
#: Text and axes; the site replaces it by the theme's text colour in line charts.
INK: Final = "#000000"
#: What is behind; the site replaces it by the theme's page colour in line charts.
PAPER: Final = "#FFFFFF"
#: What has no meaning of its own; 4.5:1 on white, 4.3:1 on near-black.
NEUTRAL: Final = "#767676"

#: Colour of each role that plotting functions accept.
ROLES: Final[dict[str, str]] = {
    "input": INPUT,
    "kernel": KERNEL,
    "window": KERNEL,
    "output": OUTPUT,
    "gradient": GRADIENT,
    "right": RIGHT,
    "wrong": WRONG,
    "neutral": NEUTRAL,
}

#: Colours of lines that have no role, in order: none is a role's, so that no line seems
#: to be an input or a gradient; at least 3:1 on white and near-black.
SERIES: Final = ("#6B6ECF", "#A5770B", "#B5446E", "#2A8C96", NEUTRAL)


def role_color(role: str) -> str:
    """Return the colour of a role.

    Parameters
    ----------
    role
        A key of `ROLES`.

    Returns
    -------
    color
        Hexadecimal colour, ``#RRGGBB``.

    Raises
    ------
    ValueError
        If there is no such role.

    Examples
    --------
    >>> role_color("kernel")
    '#D55E00'
    """
    return ROLES[choice("role", role, ROLES)]


def _channels(color: str) -> tuple[int, int, int]:
    digits = color.removeprefix("#")
    if len(digits) != 6 or not set(digits) <= set("0123456789abcdefABCDEF"):
        raise ValueError(f"`color` (={color!r}) must look like '#0072B2'.")
    return int(digits[:2], 16), int(digits[2:4], 16), int(digits[4:], 16)


def tint(color: str, strength: float = 0.2) -> str:
    """Mix a colour with white, for fills under black text.

    Parameters
    ----------
    color
        Hexadecimal colour, ``#RRGGBB``.
    strength
        Share of the colour, 0-1: 0 is white, 1 is the colour itself.

    Returns
    -------
    color
        Hexadecimal colour.

    Raises
    ------
    ValueError
        If `color` is not hexadecimal or `strength` is outside 0-1.

    Examples
    --------
    >>> tint("#0072B2", 0.2)  # 255 + 0.2 * (0x72 - 255) = 226.8, hexadecimal E3
    '#CCE3F0'
    """
    if not 0 <= strength <= 1:
        raise ValueError(f"`strength` (={strength!r}) must be between 0 and 1.")
    mixed = (round(255 + strength * (c - 255)) for c in _channels(color))
    return "#" + "".join(f"{c:02X}" for c in mixed)


def _luminance(color: str) -> float:
    shares = (c / 255 for c in _channels(color))
    linear = (
        s / 12.92 if s <= 0.04045 else ((s + 0.055) / 1.055) ** 2.4 for s in shares
    )
    return sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(first: str, second: str) -> float:
    """Return how well two colours can be told apart by lightness alone.

    Parameters
    ----------
    first, second
        Hexadecimal colours.

    Returns
    -------
    ratio
        Contrast ratio of WCAG 2.2, from 1 (the same) to 21 (black on white). Text
        asks for 4.5, lines and marks for 3.

    Raises
    ------
    ValueError
        If a colour is not hexadecimal.

    References
    ----------
    W3C. Web Content Accessibility Guidelines 2.2, "contrast ratio".

    Examples
    --------
    >>> contrast("#000000", "#FFFFFF")  # (1 + 0.05) / (0 + 0.05)
    21.0
    """
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return round((lighter + 0.05) / (darker + 0.05), 2)
