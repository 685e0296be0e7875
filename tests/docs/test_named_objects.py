from __future__ import annotations

from bs4 import BeautifulSoup

import small_site

PAGE = """
Named
=====

.. py:module:: shop

.. py:function:: weigh(box)

   Weigh `box` as `Scales.read` does; `shop.Scales` has more, `torch.zeros` nothing.

.. py:class:: Scales

   .. py:method:: read()

      See `weigh`.

.. py:currentmodule:: other

`weigh` is not here.
"""


def test_names_are_links_where_they_are_documented_and_code_elsewhere(tmp_path):
    small_site.write(tmp_path, ["named_objects"])
    (tmp_path / "docs" / "named.rst").write_text(PAGE)
    conf = tmp_path / "docs" / "conf.py"
    conf.write_text(conf.read_text() + "\ndefault_role = 'named'\nnitpicky = True\n")
    built = small_site.build(tmp_path)
    page = BeautifulSoup(built.html("named"), "html.parser")
    links = page.select("article a.reference.internal, p a.reference.internal")
    assert [a["href"] for a in links if a.find_parent("dd")] == [
        "#shop.Scales.read",
        "#shop.Scales",
        "#shop.weigh",
    ]
    codes = [
        code.get_text() for code in page.select("p code") if not code.find_parent("a")
    ]
    assert codes == ["box", "torch.zeros", "weigh"]
