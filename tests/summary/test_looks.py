"""How a trace looks: as text, as a table of a page, as JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from html.parser import HTMLParser

from torch import nn

from cnn_tutorial.models import LeNet
from cnn_tutorial.summary import Row, Trace, trace

HEAD = ["layer", "type", "output", "parameters", "MACs", "memory", "field"]


class Cells(HTMLParser):
    """The texts of a table, cell by cell, and its attributes."""

    def __init__(self, page):
        super().__init__()
        self.open, self.rows, self.attributes = [], [], []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.attributes += attrs
        if tag == "tr":
            self.rows.append([])
        if tag in {"td", "th"}:
            self.rows[-1].append("")

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open and self.open[-1] in {"td", "th"}:
            self.rows[-1][-1] += data


class TestLooks:
    def test_text(self):
        lines = str(trace(LeNet(), (1, 32, 32))).splitlines()
        assert lines[0].split() == HEAD
        assert lines[2].split() == ["input", "1", "×", "1", "×", "32", "×", "32"]
        assert lines[3].split()[-5:] == ["60", "48,600", "21.6", "kB", "3"]
        assert lines[8].split() == ["total", "81,194", "274,656", "33.3", "kB"]
        assert "F.relu" in lines[-1]

    def test_html_says_the_same(self):
        result = trace(LeNet(), (1, 32, 32))
        table = Cells(result._repr_html_())
        assert table.open == []
        assert table.rows[0] == HEAD
        conv1 = ["conv1", "Conv2d", "1 × 6 × 30 × 30", "60", "48,600", "21.6 kB", "3"]
        assert table.rows[2] == conv1
        assert table.rows[-1] == ["total", "", "", "81,194", "274,656", "33.3 kB", ""]
        assert len(table.rows) == 8

    def test_html_names_no_colour_and_can_be_scrolled(self):
        page = trace(LeNet(), (1, 32, 32))._repr_html_()
        attributes = Cells(page).attributes
        assert [v for k, v in attributes if k == "style"] == ["overflow-x: auto"]
        assert ("tabindex", "0") in attributes
        assert any(k == "aria-label" and "81,194" in v for k, v in attributes)
        assert "color" not in page
        assert page.count('scope="col"') == 7

    def test_names_are_escaped(self):
        model = nn.ModuleDict({"<b>": nn.Linear(2, 3)})
        model.forward = model["<b>"].__call__
        page = trace(model, (2,))._repr_html_()
        assert "&lt;b&gt;" in page
        assert "<b>" not in page

    def test_json(self):
        result = trace(LeNet(), (1, 32, 32))
        content = json.loads(result.to_json())
        assert (content["macs"], content["memory"]) == (274_656, 33_272)
        for row, found in zip(content.pop("rows"), result.rows, strict=True):
            field = row.pop("field")
            assert field["size"] == list(found.field.size)
            shapes = tuple(map(tuple, row.pop("output_shapes")))
            assert Row(**row, output_shapes=shapes, field=found.field) == found
        assert content.keys() | {"rows"} == {*Trace.__dataclass_fields__, "memory"}

    def test_strides_that_are_fractions(self):
        wider = nn.ConvTranspose2d(1, 1, 2, stride=2)
        row = json.loads(trace(wider, (1, 5, 7)).to_json())["rows"][0]
        assert row["field"]["stride"] == ["1/2", "1/2"]

    def test_time(self):
        table = Cells(trace(LeNet(), (1, 32, 32), timed=True)._repr_html_())
        assert table.rows[0] == [*HEAD, "time"]
        assert all(row[-1].endswith("%") for row in table.rows[2:-1])
        assert table.rows[-1][-1].endswith(" ms")

    def test_large_numbers_are_short(self):
        wide = trace(nn.Linear(1, 10**6), (1,)).stages(1)
        assert wide.rows[0].cells()[5] == "4.0 MB"
        slow = replace(wide, rows=(replace(wide.rows[0], seconds=12.34),))
        assert slow.table()[2][-1] == "12.3 s"
        quick = replace(wide, rows=(replace(wide.rows[0], seconds=0.01234),))
        assert quick.table()[2][-1] == "12.3 ms"
