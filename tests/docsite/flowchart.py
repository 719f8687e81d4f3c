# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Draws the flowcharts of the pages, which GitHub draws from Mermaid, as SVG.

It knows the part of Mermaid that the pages use: boxes, and arrows with labels, without circles.
Anything else is an error. Boxes stand in ranks. An arrow that passes ranks gets a place in each of
them, as if it were a box.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from html import escape, unescape
from itertools import pairwise
from statistics import mean

_HEADS = {"flowchart TD": False, "flowchart LR": True}
_BOX = re.compile(r"""(\w+)(?:\["([^"]*)"\]|\[([^\]"]*)\]|\{([^}]*)\})?""")
_ARROW = re.compile(r"\s*-->\s*(?:\|([^|]*)\|)?\s*")

_CHARACTER, _LINE, _PAD = 7.4, 18.0, 12.0
_BETWEEN, _RANKS = 22.0, 54.0
_SWEEPS = 24

Turn = Callable[[float, float], tuple[float, float]]
"""From a place along and across the ranks to x and y."""

STYLE = """<style>
svg { --back: #fff; --box: #eef3f8; --line: #52606d; --text: #1f2933;
 font-family: system-ui, sans-serif }
@media (prefers-color-scheme: dark) {
 svg { --back: #12161e; --box: #1e2532; --line: #a5afc0; --text: #e9edf5 } }
.back { fill: var(--back) } .box { fill: var(--box); stroke: var(--line) }
.arrow { fill: none; stroke: var(--line); stroke-width: 1.5 } .tip { fill: var(--line) }
text { fill: var(--text); font-size: 13px; text-anchor: middle }
</style>"""


@dataclass
class Box:
    """A box; or, without text, where an arrow passes a rank."""

    lines: tuple[str, ...]
    is_question: bool = False
    rank: int = 0
    at: float = 0.0  # its middle, across the ranks
    before: list[Box] = field(default_factory=list)
    after: list[Box] = field(default_factory=list)

    def size(self) -> tuple[float, float]:
        """Width and height."""
        if not self.lines:
            return 8.0, 8.0
        width = _CHARACTER * max(map(len, self.lines)) + 2 * _PAD
        height = _LINE * len(self.lines) + _PAD
        return (width + 2 * _PAD if self.is_question else width), height


@dataclass(frozen=True)
class Arrow:
    """An arrow, by the boxes that it goes through."""

    label: str
    way: list[Box]


def parse(source: str) -> tuple[dict[str, Box], list[tuple[str, str, str]], bool]:
    """Read boxes, arrows with their labels, and whether ranks are columns."""
    head, *lines = [line.strip() for line in source.strip().splitlines()]
    if head not in _HEADS:
        raise ValueError(f"got {head!r}, expected one of {', '.join(_HEADS)}")
    boxes: dict[str, Box] = {}
    arrows = []
    for line in lines:
        labels = _ARROW.findall(line)
        groups = [[*_group(part, boxes)] for part in re.split(r"\s*-->\s*(?:\|[^|]*\|)?\s*", line)]
        for label, sources, targets in zip(labels, groups, groups[1:], strict=False):
            arrows += [(one, other, label.strip('"')) for one in sources for other in targets]
    return boxes, arrows, _HEADS[head]


def _group(text: str, boxes: dict[str, Box]) -> Iterator[str]:
    for part in re.split(r"\s+&\s+(?=\w+(?:$|[\s\[{]))", text):
        found = _BOX.fullmatch(part.strip())
        if not found:
            raise ValueError(f"got {part!r}, expected a box")
        name, *texts = found.groups()
        shown = next((one for one in texts if one is not None), None)
        box = boxes.setdefault(name, Box((name,)))
        if shown is not None:
            box.lines = tuple(unescape(shown).split("<br>"))
            box.is_question = texts[-1] is not None
        yield name


def draw(source: str, title: str) -> str:
    """Draw a flowchart."""
    boxes, listed, is_sideways = parse(source)
    for one, other, _label in listed:
        boxes[one].after.append(boxes[other])
    for box in boxes.values():
        _rank(box, ())
    for box in boxes.values():
        box.after.clear()
    arrows = [Arrow(label, _way(boxes[one], boxes[other])) for one, other, label in listed]
    ranks = _ordered([*boxes.values(), *(one for arrow in arrows for one in arrow.way[1:-1])])
    _place(ranks, is_sideways=is_sideways)
    return "\n".join(_svg(ranks, arrows, title, is_sideways=is_sideways))


def _rank(box: Box, above: tuple[Box, ...]) -> None:
    if any(one is box for one in above):
        raise ValueError(f"{box.lines[0]} leads back to itself")
    for below in box.after:
        below.rank = max(below.rank, box.rank + 1)
        _rank(below, (*above, box))


def _way(start: Box, end: Box) -> list[Box]:
    """Link two boxes, by a place in each rank between them."""
    way = [start, *(Box((), rank=rank) for rank in range(start.rank + 1, end.rank)), end]
    for one, other in pairwise(way):
        one.after.append(other)
        other.before.append(one)
    return way


def _ordered(boxes: Iterable[Box]) -> list[list[Box]]:
    """Return the ranks, each in an order with few crossings."""
    every = [*boxes]
    ranks = [[box for box in every if box.rank == rank] for rank in range(_depth(every))]
    for rank in ranks:
        for number, box in enumerate(rank):
            box.at = float(number)
    for sweep in range(_SWEEPS):
        is_down = sweep % 2 == 0
        for rank in ranks if is_down else ranks[::-1]:
            rank.sort(key=lambda box: _middle(box.before if is_down else box.after, box.at))
            for number, box in enumerate(rank):
                box.at = float(number)
    return ranks


def _depth(boxes: Iterable[Box]) -> int:
    return max(box.rank for box in boxes) + 1


def _middle(boxes: list[Box], otherwise: float) -> float:
    return mean(box.at for box in boxes) if boxes else otherwise


def _place(ranks: list[list[Box]], *, is_sideways: bool) -> None:
    """Find where in its rank each box is: near what it is linked with, and apart from others."""
    for _sweep in range(_SWEEPS):
        for rank in ranks:
            wished = [_middle(box.before + box.after, box.at) for box in rank]
            lows, highs = [*wished], [*wished]
            for number in range(1, len(rank)):
                room = _room(rank[number - 1], rank[number], is_sideways=is_sideways)
                lows[number] = max(lows[number], lows[number - 1] + room)
            for number in range(len(rank) - 2, -1, -1):
                room = _room(rank[number], rank[number + 1], is_sideways=is_sideways)
                highs[number] = min(highs[number], highs[number + 1] - room)
            for box, low, high in zip(rank, lows, highs, strict=True):
                box.at = (low + high) / 2


def _room(one: Box, other: Box, *, is_sideways: bool) -> float:
    across = 1 if is_sideways else 0
    return (one.size()[across] + other.size()[across]) / 2 + _BETWEEN


def _svg(
    ranks: list[list[Box]], arrows: list[Arrow], title: str, *, is_sideways: bool
) -> Iterator[str]:
    across, along = (1, 0) if is_sideways else (0, 1)
    labels = _CHARACTER * max((len(arrow.label) for arrow in arrows), default=0)
    gap = max(_RANKS, labels + 2 * _PAD) if is_sideways else _RANKS
    first = min(box.at - box.size()[across] / 2 for rank in ranks for box in rank) - _PAD
    last = max(box.at + box.size()[across] / 2 for rank in ranks for box in rank) + _PAD
    middles = []
    end = _PAD
    for rank in ranks:
        deep = max(box.size()[along] for box in rank)
        middles.append(end + deep / 2)
        end += deep + gap
    size = (end - gap + _PAD, last - first)
    width, height = size if is_sideways else size[::-1]

    def turned(near: float, far: float) -> tuple[float, float]:
        return (near, far) if is_sideways else (far, near)

    def centre(box: Box) -> tuple[float, float]:
        return turned(middles[box.rank], box.at - first)

    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" height="{height:.0f}" role="img" aria-label="{escape(title)}">'
    )
    yield STYLE
    yield '<rect class="back" width="100%" height="100%"/>'
    for arrow in arrows:
        points = [
            (middles[box.rank] + side * box.size()[along] / 2, box.at - first)
            for number, box in enumerate(arrow.way)
            for side in ((1,) if number == 0 else (-1,) if box is arrow.way[-1] else (-1, 1))
        ]
        yield from _arrow(arrow.label, points, turned)
    for rank in ranks:
        for box in rank:
            if box.lines:
                yield from _box(box, centre(box))
    yield "</svg>"


def _arrow(label: str, points: list[tuple[float, float]], turned: Turn) -> Iterator[str]:
    (near, far), end = points[0], points[-1]
    points[-1] = (end[0] - 7, end[1])
    way = "M{:.1f} {:.1f}".format(*turned(near, far))
    for to_near, to_far in points[1:]:
        half = (near + to_near) / 2
        curve = (turned(half, far), turned(half, to_far), turned(to_near, to_far))
        way += "C" + " ".join(f"{x:.1f} {y:.1f}" for x, y in curve)
        near, far = to_near, to_far
    yield f'<path class="arrow" d="{way}"/>'
    corners = (end, (end[0] - 9, end[1] - 5), (end[0] - 9, end[1] + 5))
    tip = " ".join("{:.1f},{:.1f}".format(*turned(*corner)) for corner in corners)
    yield f'<polygon class="tip" points="{tip}"/>'
    if label:
        x, y = turned(*(mean(pair) for pair in zip(points[0], points[1], strict=True)))
        wide = _CHARACTER * len(label)
        yield (
            f'<rect class="back" x="{x - wide / 2:.1f}" y="{y - 9:.1f}" width="{wide:.1f}"'
            f' height="18"/><text x="{x:.1f}" y="{y + 4:.1f}">{escape(label)}</text>'
        )


def _box(box: Box, centre: tuple[float, float]) -> Iterator[str]:
    (x, y), (width, height) = centre, box.size()
    radius = height / 2 if box.is_question else 5
    yield (
        f'<rect class="box" x="{x - width / 2:.1f}" y="{y - height / 2:.1f}"'
        f' width="{width:.1f}" height="{height:.1f}" rx="{radius:g}"/>'
    )
    top = y - _LINE * (len(box.lines) - 1) / 2 + 4.5
    for number, line in enumerate(box.lines):
        yield f'<text x="{x:.1f}" y="{top + _LINE * number:.1f}">{escape(line)}</text>'
