# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The drawings of the documentation site."""

from __future__ import annotations

import re
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from ansible_collections.lvs.topology.tests.docsite.flowchart import draw, parse

ROOT = Path(__file__).resolve().parents[3]
CHART = """\
flowchart TD
  a["<b>one</b><br>more & more"] -->|label| b{two} & c
  a --> d[below both]
  b & c --> d
"""


def test_boxes_arrows_and_labels() -> None:
    boxes, arrows, is_sideways = parse(CHART)
    assert {name: box.lines for name, box in boxes.items()} == {
        "a": ("<b>one</b>", "more & more"),
        "b": ("two",),
        "c": ("c",),
        "d": ("below both",),
    }
    assert [name for name, box in boxes.items() if box.is_question] == ["b"]
    assert arrows == [
        ("a", "b", "label"), ("a", "c", "label"), ("a", "d", ""), ("b", "d", ""), ("c", "d", ""),
    ]  # fmt: skip
    assert not is_sideways


@pytest.mark.parametrize("direction", ["TD", "LR"])
def test_everything_is_drawn_and_nothing_is_cut(direction: str) -> None:
    drawn = ET.fromstring(draw(CHART.replace("TD", direction), "title"))  # noqa: S314 - our own
    _x, _y, width, height = map(float, drawn.attrib["viewBox"].split())
    shapes = [one for one in drawn.iter() if one.tag.endswith("rect") and "x" in one.attrib]
    assert [one.attrib["class"] for one in shapes].count("box") == 4
    for one in shapes:
        left, top, wide, high = (float(one.attrib[name]) for name in ("x", "y", "width", "height"))
        assert left >= 0
        assert top >= 0
        assert left + wide <= width
        assert top + high <= height
    texts = [one.text for one in drawn.iter() if one.tag.endswith("text")]
    assert {*texts} == {"<b>one</b>", "more & more", "two", "c", "below both", "label"}
    assert len([one for one in drawn.iter() if one.tag.endswith("polygon")]) == 5


@pytest.mark.parametrize(
    ("chart", "said"),
    [
        ("sequenceDiagram\n  a --> b", "expected one of flowchart TD"),
        ("flowchart TD\n  a -.-> b", "expected a box"),
        ("flowchart TD\n  subgraph a", "expected a box"),
        ("flowchart TD\n  a --> b\n  b --> a", "leads back to itself"),
    ],
)
def test_what_it_does_not_know_is_an_error(chart: str, said: str) -> None:
    with pytest.raises(ValueError, match=re.escape(said)):
        draw(chart, "title")


def test_the_pages_of_the_site_have_nothing_else() -> None:
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/*.md")]
    found = [
        block
        for page in pages
        for block in re.findall("```mermaid\n(.*?)```", page.read_text(), re.DOTALL)
    ]
    assert found
    for block in found:
        assert draw(block, "title").startswith("<svg")
