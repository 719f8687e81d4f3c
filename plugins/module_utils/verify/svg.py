# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A topology as an SVG picture: hosts in columns, and the paths between them."""

from __future__ import annotations

from html import escape
from typing import Iterable, Iterator, Mapping, NamedTuple, Sequence

from .endpoints import Endpoint, Server

CLIENTS, ROUTERS, DIRECTORS = "lvs_clients", "lvs_routers", "lvs_directors"
_COLUMNS = ("client", "router", "director", "real server")

_WIDTH, _HEIGHT, _GAP_X, _GAP_Y, _MARGIN, _HEAD = 176, 58, 84, 26, 16, 26
_APART = 7  # between the lines of a request and of its reply
_BOW = 34  # how far a line that passes a column keeps from the hosts in it


class Box(NamedTuple):
    """A host of the picture."""

    name: str
    column: int  # of _COLUMNS
    lines: tuple[str, ...]  # below its name


class Arrow(NamedTuple):
    """A link of a request or a reply."""

    source: str
    target: str
    kind: str  # request or reply


class _Place(NamedTuple):
    left: float
    top: float
    column: int


def boxes(
    endpoints: Sequence[Endpoint],
    groups: Mapping[str, Sequence[str]],
    addresses: Mapping[str, Iterable[str]],
) -> list[Box]:
    """Return a box for every host of the endpoints and groups."""
    found: dict[str, Box] = {}
    for column, group in enumerate((CLIENTS, ROUTERS, DIRECTORS)):
        for name in groups.get(group, ()):
            vips = dict.fromkeys(one.vip for one in endpoints) if group == DIRECTORS else {}
            own = [one for one in addresses.get(name, ()) if one not in vips]
            lines = (*own[:2], *(f"VIP {vip}" for vip in vips))
            found.setdefault(name, Box(name, column, lines))
    for endpoint in endpoints:
        for server in endpoint.servers:
            known = found.get(server.name)
            rips = known.lines if known else ()
            lines = tuple(dict.fromkeys((*rips, *([server.rip] if server.rip else []))))
            if known is None or known.column == len(_COLUMNS) - 1:
                found[server.name] = Box(server.name, len(_COLUMNS) - 1, lines)
            elif server.on_director:
                serves = f"serves {endpoint.service} ({server.mode})"
                found[server.name] = known._replace(lines=tuple(dict.fromkeys((*rips, serves))))
    return [*found.values()]


def declared_arrows(server: Server, groups: Mapping[str, Sequence[str]]) -> Iterator[Arrow]:
    """Return the arrows that a real server's mode demands."""
    way = [name for group in (CLIENTS, ROUTERS) for name in groups.get(group, ())[:1]]
    for director in groups.get(DIRECTORS, ()):
        there = list(dict.fromkeys((*way, director, server.name)))
        back = there if server.demand.through_director else [*way, server.name]
        for kind, hosts in (("request", there), ("reply", back[::-1])):
            yield from (Arrow(*link, kind) for link in zip(hosts, hosts[1:]))


def draw(hosts: Sequence[Box], arrows: Iterable[Arrow], title: str) -> str:
    """Draw the picture; the page's style sheet can replace its colours."""
    used = sorted({box.column for box in hosts})
    tall = {column: [box for box in hosts if box.column == column] for column in used}
    heights = {box.name: _height(box) for box in hosts}
    most = max(
        (sum(heights[box.name] + _GAP_Y for box in column) for column in tall.values()), default=0
    )
    places: dict[str, _Place] = {}
    for number, column in enumerate(used):
        left = _MARGIN + number * (_WIDTH + _GAP_X)
        total = sum(heights[box.name] + _GAP_Y for box in tall[column])
        top = _HEAD + _MARGIN + (most - total) / 2
        for box in tall[column]:
            places[box.name] = _Place(left, top, number)
            top += heights[box.name] + _GAP_Y
    width = 2 * _MARGIN + len(used) * _WIDTH + (len(used) - 1) * _GAP_X
    height = _HEAD + _MARGIN + most + 2 * _BOW
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"',
        f' role="img" aria-label="{escape(title)}" width="{width:g}" height="{height:g}">',
        f"<title>{escape(title)}</title>",
        _STYLE,
    ]
    for number, column in enumerate(used):
        middle = _MARGIN + number * (_WIDTH + _GAP_X) + _WIDTH / 2
        lines.append(f'<text class="head" x="{middle:g}" y="{_HEAD - 8}">{_COLUMNS[column]}</text>')
    bottom = _HEAD + _MARGIN + most - _GAP_Y
    lines += [
        _arrow(arrow, places, heights, bottom)
        for arrow in dict.fromkeys(arrows)
        if arrow.source in places and arrow.target in places
    ]
    lines += [_box(box, places[box.name], heights[box.name]) for box in hosts]
    return "\n".join((*lines, "</svg>"))


_STYLE = """<defs>
<marker id="request-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
 orient="auto"><path class="request-head" d="M0 0L8 4L0 8z"/></marker>
<marker id="reply-end" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7"
 orient="auto"><path class="reply-head" d="M0 0L8 4L0 8z"/></marker>
</defs>
<style>
svg { --box: #fff; --line: #8a94a6; --text: #1b2230; --dim: #5a6474; --request: #0b62c4;
 --reply: #b3470b; font-family: system-ui, sans-serif; max-width: 100%; height: auto }
@media (prefers-color-scheme: dark) { svg { --box: #1e2532; --line: #69748a; --text: #e9edf5;
 --dim: #a5afc0; --request: #6cb2ff; --reply: #ffa366 } }
.host rect { fill: var(--box); stroke: var(--line); stroke-width: 1.5 }
.host text { fill: var(--text); font-size: 14px; font-weight: 600 }
.host .address { fill: var(--dim); font-size: 11px; font-weight: 400 }
.head { fill: var(--dim); font-size: 12px; text-anchor: middle }
.request, .reply { fill: none; stroke-width: 2 }
.request { stroke: var(--request) } .request-head { fill: var(--request) }
.reply { stroke: var(--reply); stroke-dasharray: 6 4 } .reply-head { fill: var(--reply) }
</style>"""


def _height(box: Box) -> int:
    return max(_HEIGHT, 34 + 15 * len(box.lines))


def _box(box: Box, place: _Place, height: float) -> str:
    texts = [f'<text x="{place.left + 12:g}" y="{place.top + 22:g}">{escape(box.name)}</text>']
    for number, line in enumerate(box.lines):
        top = place.top + 39 + 15 * number
        texts.append(
            f'<text class="address" x="{place.left + 12:g}" y="{top:g}">{escape(line)}</text>'
        )
    return (
        f'<g class="host" data-host="{escape(box.name)}"><rect x="{place.left:g}" y="{place.top:g}"'
        f' width="{_WIDTH}" height="{height:g}" rx="8"/>{"".join(texts)}</g>'
    )


def _arrow(
    arrow: Arrow, places: Mapping[str, _Place], heights: Mapping[str, float], bottom: float
) -> str:
    source, target = places[arrow.source], places[arrow.target]
    shift = _APART if arrow.kind == "reply" else -_APART
    start = source.top + heights[arrow.source] / 2 + shift
    end = target.top + heights[arrow.target] / 2 + shift
    right = target.left > source.left
    here = source.left + (_WIDTH if right else 0)
    there = target.left + (0 if right else _WIDTH)
    if source.column == target.column:
        here = there = source.left + _WIDTH
        way = f"M{here:g} {start:g}C{here + 40:g} {start:g} {here + 40:g} {end:g} {here:g} {end:g}"
    elif abs(source.column - target.column) == 1:
        way = f"M{here:g} {start:g}L{there:g} {end:g}"
    else:
        # Around the hosts between, below all of them.
        low = bottom + _BOW
        step = _GAP_X / 2 if right else -_GAP_X / 2
        way = (
            f"M{here:g} {start:g}C{here + step:g} {start:g} {here + step:g} {low:g}"
            f" {here + 2 * step:g} {low:g}L{there - 2 * step:g} {low:g}C{there - step:g} {low:g}"
            f" {there - step:g} {end:g} {there:g} {end:g}"
        )
    says = f"{arrow.kind}: {arrow.source} to {arrow.target}"
    return (
        f'<path class="{arrow.kind}" d="{way}" marker-end="url(#{arrow.kind}-end)">'
        f"<title>{escape(says)}</title></path>"
    )
