"""The part of a file that an answer needs."""

from __future__ import annotations

import ast
import json

import pytest

from cnn_tutorial.exercises.slices import defined_in, read_source, sliced

SCRIPT = '''\
"""A lesson."""
from __future__ import annotations

import json, torch
import torch.nn.functional as F

print("long training")
KERNEL = [1, 0, -1]
KERNEL[0] = SCALE = 2
UNUSED = torch.zeros(7)
for row in range(3):
    TABLE = F.relu
try:
    import numpy as np
except ImportError:
    np = None


def answer(x):
    raise NotImplementedError


def helper(x: torch.Tensor):
    return TABLE(x) * KERNEL[0]


class Unused:
    pass


def answer(x):
    return helper(x)
'''


def unparsed(source, name):
    return ast.unparse(sliced(source, name)).splitlines()


def test_what_a_definition_mentions_is_taken_and_nothing_else():
    lines = unparsed(SCRIPT, "answer")
    for taken in (
        "import json, torch",
        "KERNEL = [1, 0, -1]",
        "KERNEL[0] = SCALE = 2",
        "    TABLE = F.relu",
        "def helper(x: torch.Tensor):",
        "    return helper(x)",
        "from __future__ import annotations",
    ):
        assert taken in lines
    left = "\n".join(lines)
    assert all(w not in left for w in ("print", "UNUSED", "Unused", "numpy"))
    assert left.count("def answer") == 2


def test_the_last_definition_counts_and_lines_keep_their_numbers():
    space: dict[str, object] = {}
    exec(compile(sliced(SCRIPT, "answer"), "lesson.py", "exec"), space)
    answer = space["answer"]
    assert (
        answer.__code__.co_firstlineno
        == SCRIPT.splitlines().index("def answer(x):", 20) + 1
    )


def test_a_star_import_may_bind_anything():
    source = "from math import *\nimport os\ndef area(r):\n    return pi * r * r\n"
    assert unparsed(source, "area")[0] == "from math import *"
    assert "import os" not in unparsed(source, "area")


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("a = b = 1\n(c, d), e = (1, 2), 3", ["a", "b", "c", "d", "e"]),
        ("def f(): pass\ndef f(): pass\nclass C: pass", ["f", "C"]),
        ("if True:\n    def g(): pass", []),
        ("class C(\n    x = = 2\ndef f(x): pass\ndefine = 3", ["C", "f"]),
        ("", []),
    ],
)
def test_names_of_the_top_level(source, names):
    assert defined_in(source) == names


def cell(source, kind="code"):
    return {"cell_type": kind, "source": source}


def test_a_notebook_is_its_cells_of_python(tmp_path):
    path = tmp_path / "work.ipynb"
    cells = [
        cell("# Title", "markdown"),
        cell(["%matplotlib inline\n", "import torch\n"]),
        cell("!ls\nx = 3"),
        cell("this is no Python"),
        cell("def broken(:\n    return 1"),
    ]
    path.write_text(json.dumps({"cells": cells}))
    source = read_source(path)
    lines = [line.strip() for line in source.splitlines() if line]
    assert lines == ["import torch", "x = 3", "def broken(:", "return 1"]


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.txt", b"x = 1", "must end in .py or .ipynb"),
        ("a.py", b"\xff\xfe\x00", "cannot be read: 'utf-8' codec"),
        ("a.ipynb", b"{", "cannot be read"),
        ("a.ipynb", b"[]", "cannot be read"),
        ("a.ipynb", b'{"cells": [{}]}', "cannot be read: 'cell_type'"),
    ],
)
def test_what_is_no_python_is_refused(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        read_source(path)
    assert "`path` (=" in str(caught.value)
