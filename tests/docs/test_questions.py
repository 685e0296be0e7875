from __future__ import annotations

from docutils import nodes
from docutils.utils import new_document

import questions


def page(*cells):
    document = new_document("page")
    for code, language in cells:
        document += nodes.literal_block(code, code, language=language)
    return document


def left(document):
    return [block.astext() for block in document.findall(nodes.literal_block)]


def test_only_the_question_goes():
    code = 'a = 2\npredict(\n    "How many?",\n    a,\n)\nb = 3'
    document = page((code, "Python"))
    questions.hide(document)
    assert left(document) == ["a = 2\nb = 3"]


def test_a_cell_that_only_asks_goes_whole():
    document = page(('predict("How many?", 7)', "Python"), ("x = 1", "Python"))
    questions.hide(document)
    assert left(document) == ["x = 1"]


def test_other_calls_and_output_stay():
    cells = [
        ("logits, labels = training.predict(net, test)", "Python"),
        ("answer = predict('?', 1)", "Python"),
        ("predict(", "none"),
    ]
    document = page(*cells)
    questions.hide(document)
    assert left(document) == [code for code, _ in cells]
