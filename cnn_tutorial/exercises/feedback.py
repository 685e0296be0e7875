"""The three answers of an exercise, as HTML for pages and as text for terminals."""

from __future__ import annotations

import html
import textwrap
from dataclasses import dataclass
from enum import StrEnum

from cnn_tutorial.teaching import marked_up

__all__ = ["FailingCase", "Feedback", "Folded", "Hint", "Status"]


class Status(StrEnum):
    """What became of an attempt."""

    NOT_ATTEMPTED = "not attempted"
    WRONG = "wrong"
    RIGHT = "right"


# Blue and orange of the course; the site has shades of them for its dark mode. Only
# the border is coloured, so that the text has the contrast of the page it stands on.
_COLORS = {
    Status.NOT_ATTEMPTED: "var(--cnn-muted, #888888)",
    Status.WRONG: "var(--cnn-kernel, #D55E00)",
    Status.RIGHT: "var(--cnn-input, #0072B2)",
}
_SIGNS = {Status.NOT_ATTEMPTED: "○", Status.WRONG: "✗", Status.RIGHT: "✓"}
_WORDS = {
    Status.NOT_ATTEMPTED: "Not attempted yet",
    Status.WRONG: "Not right yet",
    Status.RIGHT: "Right",
}


@dataclass(frozen=True)
class FailingCase:
    """The smallest case that an attempt gets wrong; all values as they are shown."""

    name: str
    """What the case is about."""
    inputs: str
    """What the attempt was given."""
    expected: str
    """What should have come out."""
    got: str
    """What came out, or the error that did."""
    difference: str = ""
    """How the two differ, in a sentence."""

    @property
    def panels(self) -> tuple[tuple[str, str], ...]:
        """What is shown, with its titles; nothing is expected of a file."""
        given = ("Given", self.inputs), ("Expected", self.expected)
        return *(panel for panel in given if panel[1]), ("Yours", self.got)


@dataclass(frozen=True, repr=False)
class Feedback:
    """What a check says about an attempt.

    Examples
    --------
    >>> Feedback(Status.RIGHT, "A sum", "all 3 cases agree", next="Try a product.")
    A sum. Right: all 3 cases agree.
    Next: Try a product.
    """

    status: Status
    """Not attempted, wrong or right."""
    title: str
    """The exercise."""
    summary: str
    """What happened, in a few words."""
    case: FailingCase | None = None
    """The smallest case that fails, when the attempt is wrong."""
    mistake: str = ""
    """Name of the mistake, if it was recognised."""
    hint: str = ""
    """What to look at."""
    next: str = ""
    """What to try when it is right."""

    def __repr__(self) -> str:
        parts = [f"{self.title}. {_WORDS[self.status]}: {self.summary}."]
        if self.case:
            parts.append(f"Smallest case that fails: {self.case.name}")
            parts += [
                f"{name}:\n{textwrap.indent(text, '    ')}"
                for name, text in self.case.panels
            ]
            if self.case.difference:
                parts.append(f"Difference: {self.case.difference}")
        parts += [
            f"{name}: {text}"
            for name, text in (("Hint", self.hint), ("Next", self.next))
            if text
        ]
        return "\n".join(parts)

    def _repr_html_(self) -> str:
        kind = self.status.value.replace(" ", "-")
        border = f"border-inline-start:3px solid {_COLORS[self.status]}"
        parts = [
            f'<div class="cnn-feedback cnn-feedback--{kind}" ',
            f'style="{border};padding-inline-start:1.1rem">',
            '<p class="cnn-feedback__verdict">',
            f'<span aria-hidden="true">{_SIGNS[self.status]}</span> ',
            f"<strong>{_WORDS[self.status]}</strong>: {marked_up(self.summary)}.</p>",
            self._case_html(),
        ]
        for name, word in (("hint", "Hint"), ("next", "Next")):
            text = marked_up(getattr(self, name))
            if text:
                start = f'<p class="cnn-feedback__{name}"><strong>{word}</strong>'
                parts.append(f"{start}: {text}</p>")
        return "".join(parts) + "</div>"

    def _case_html(self) -> str:
        if self.case is None:
            return ""
        name, sentence = marked_up(self.case.name), marked_up(self.case.difference)
        rows = "".join(
            f"<dt>{word}</dt><dd><pre>{html.escape(text, quote=False)}</pre></dd>"
            for word, text in self.case.panels
        )
        return (
            f'<p class="cnn-feedback__case">Smallest case that fails: {name}.</p>'
            f'<dl class="cnn-feedback__values">{rows}</dl>'
            f'<p class="cnn-feedback__difference">{sentence}</p>'
        )


@dataclass(frozen=True, repr=False)
class Folded:
    """Python code that a page shows only when it is asked to, such as a solution."""

    summary: str
    """What one clicks on."""
    code: str
    """Source."""

    def __repr__(self) -> str:
        return self.code

    def _repr_html_(self) -> str:
        code = html.escape(self.code, quote=False)
        return (
            '<details class="cnn-solution">'
            f"<summary>{marked_up(self.summary)}</summary>"
            f'<pre><code class="language-python">{code}</code></pre></details>'
        )


@dataclass(frozen=True, repr=False)
class Hint:
    """One of the hints of an exercise."""

    number: int
    """1, 2, ..."""
    total: int
    """How many there are."""
    text: str
    """The hint."""

    def __repr__(self) -> str:
        return f"Hint {self.number} of {self.total}: {self.text}"

    def _repr_html_(self) -> str:
        return (
            f'<p class="cnn-hint"><strong>Hint {self.number} of {self.total}</strong>: '
            f"{marked_up(self.text)}</p>"
        )
