"""The guard of the other tests catches what it should."""

from __future__ import annotations

import pytest

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(
    ("provocation", "word"),
    [
        (
            "fetch('https://cdn.example.org/x.js').catch(() => 0)",
            "request: https://cdn",
        ),
        ("console.error('something is wrong')", "console: something is wrong"),
        ("setTimeout(() => { throw new Error('thrown') })", "thrown"),
        ("fetch('no-such-file.json').catch(() => 0)", "status 404"),
        (
            "const image = new Image(); image.src = '//example.org/a'",
            "request: http://example.org",
        ),
    ],
)
def test_it_catches(provocation, word, visit, guard):
    page = visit("start.html")
    assert guard == []
    page.evaluate(f"() => {{ {provocation} }}")
    page.wait_for_timeout(300)
    caught = [text for text in guard if word in text]
    guard.clear()
    assert caught
