# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A picture as SVG: it follows the reader's light or dark colours, and prints in light ones."""

from __future__ import annotations

from html import escape
from typing import Callable, Iterator

from .layout import (
    LEGEND,
    LINE,
    MARGIN,
    NAME,
    PAD,
    ROW,
    Box,
    Layout,
    Line,
    offer_top,
)
from .picture import REPLY, REQUEST, Host, Picture

_COLOURS = 8
_OUT = "no new connections"

# Each colour has a contrast of 4.5 with its background, and white text on it.
STYLE = (
    """<style>
svg.topology { --back: #fff; --lane: #f3f5f9; --box: #fff; --line: #8a94a6; --text: #1b2230;
 --dim: #566071; --chip: #fff; --many: #3d4656; --bad: #b00020; --good: #11662e;
 --s0: #0b62c4; --s1: #a8480a; --s2: #0a7055; --s3: #8a3ab0; --s4: #a3315f; --s5: #5c6a00;
 --s6: #00708f; --s7: #7a5230; font-family: system-ui, sans-serif; max-width: 100%; height: auto }
@media screen and (prefers-color-scheme: dark) { svg.topology { --back: #12161e; --lane: #181e28;
 --box: #1e2532; --line: #69748a; --text: #e9edf5; --dim: #a5afc0; --chip: #12161e; --many: #cbd3e1;
 --bad: #ff8a94; --good: #6fd28f; --s0: #6cb2ff; --s1: #ffa366; --s2: #55d6b2; --s3: #d19bf0;
 --s4: #ff94bd; --s5: #c9d64a; --s6: #5fd0ee; --s7: #d9b38c } }
svg.topology .back { fill: var(--back) } svg.topology .lane { fill: var(--lane) }
svg.topology .box, svg.topology .frame { fill: var(--box); stroke: var(--line); stroke-width: 1.5 }
svg.topology .frame { fill: none; stroke-dasharray: 2 3 }
svg.topology text { fill: var(--text); font-size: 12px }
svg.topology .name { font-size: 14px; font-weight: 600 }
svg.topology .head { fill: var(--dim); font-size: 13px; font-weight: 600; text-anchor: middle }
svg.topology .data { font-family: ui-monospace, "DejaVu Sans Mono", monospace }
svg.topology .net { fill: var(--dim); text-anchor: middle;
 font-family: ui-monospace, "DejaVu Sans Mono", monospace }
svg.topology .start { text-anchor: start }
svg.topology .dim { fill: var(--dim) } svg.topology .chip { fill: var(--chip); font-weight: 700;
 text-anchor: middle }
svg.topology .red { fill: var(--bad); font-weight: 700 }
svg.topology .green { fill: var(--good); font-weight: 700 }
svg.topology .out { text-decoration: line-through }
svg.topology .way { fill: none; stroke-width: 2 }
svg.topology .reply { stroke-dasharray: 6 4 }
"""
    + "".join(
        f"svg.topology .way.{name} {{ stroke: var(--{name}) }}\n"
        f"svg.topology .tip.{name}, svg.topology .on.{name} {{ fill: var(--{name}) }}\n"
        for name in (*(f"s{number}" for number in range(_COLOURS)), "many")
    )
    + "</style>"
)


def draw(picture: Picture, layout: Layout, title: str, *, is_alone: bool = True) -> str:
    """Draw it; it needs no other file, but for STYLE where it is not alone."""
    size = f"{layout.width:g} {layout.height:g}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" class="topology" viewBox="0 0 {size}" role="img"',
        f' aria-label="{escape(title)}" width="{layout.width:g}" height="{layout.height:g}">',
        f"<title>{escape(title)}</title>",
        STYLE if is_alone else "",
        f'<rect class="back" width="{layout.width:g}" height="{layout.height:g}"/>',
        *_lanes(layout),
        *(_line(line, picture.first) for line in layout.lines),
        *(_host(host, layout.hosts[host.name], picture.first) for host in picture.hosts),
        *_services(picture, layout),
        *_legend(picture, layout),
    ]
    return "\n".join((*parts, "</svg>"))


def _lanes(layout: Layout) -> Iterator[str]:
    """Yield a lane for each kind of hosts, with the networks between them."""
    yield from (f'<rect class="lane" {_place(lane)} rx="10"/>' for lane in layout.lanes)
    yield from (_text(*label) for label in layout.labels)
    if layout.frame:
        yield f'<rect class="frame" {_place(layout.frame)} rx="10"/>'


def _line(line: Line, first: int) -> str:
    """A line, and a triangle as its arrowhead: markers cannot take a line's colour everywhere."""
    colour = _colour(line.service + first if line.service >= 0 else 0)
    *_before, before, end = line.points
    points = [*line.points]
    tip = ""
    if line.is_arrow:
        across = (end[0] > before[0]) - (end[0] < before[0])
        along = (end[1] > before[1]) - (end[1] < before[1])
        points[-1] = (end[0] - 7 * across, end[1] - 7 * along)
        corners = (
            end,
            (end[0] - 9 * across - 5 * along, end[1] - 9 * along - 5 * across),
            (end[0] - 9 * across + 5 * along, end[1] - 9 * along + 5 * across),
        )
        shape = " ".join(f"{x:g},{y:g}" for x, y in corners)
        tip = f'<polygon class="tip {colour} {line.kind}-tip" points="{shape}"/>'
    way = "M" + "L".join(f"{x:g} {y:g}" for x, y in points)
    says = f"<title>{escape(line.says)}</title>" if line.says else ""
    return f'<path class="way {line.kind} {colour}" d="{way}">{says}</path>{tip}'


def _host(host: Host, box: Box, first: int) -> str:
    left = box.left + PAD
    state = f'<tspan class="dim" font-weight="400" font-size="12">  {escape(host.state)}</tspan>'
    name = escape(host.name) + (state if host.state else "")
    parts = [
        f'<g class="host" data-host="{escape(host.name)}"><rect class="box" {_place(box)} rx="8"/>',
        f'<text class="name" x="{left:g}" y="{box.top + PAD + 10:g}">{name}</text>',
    ]
    for number, address in enumerate(host.addresses):
        parts.append(_text("data dim", left, box.top + PAD + NAME + 2 + LINE * number, address))
    for number, offer in enumerate(host.offers):
        top = offer_top(host, box, number)
        parts.append(_chip(offer.service + first, left, top + 4))
        kind = "data dim out" if offer.is_out else "data"
        why = f"<title>{escape(offer.why)}</title>" if offer.why else ""
        parts.append(
            f'<text class="{kind}" x="{left + 28:g}" y="{top + 16:g}">'
            f"{escape(offer.text)}{why}</text>"
        )
    return "".join((*parts, "</g>"))


def _services(picture: Picture, layout: Layout) -> Iterator[str]:
    for number, (service, box) in enumerate(zip(picture.services, layout.services)):
        yield _chip(number + picture.first, box.left + 2, box.top + 3)
        verdict = (
            f'<tspan class="{service.verdict}" font-size="12">  {service.verdict}</tspan>'
            if service.verdict
            else ""
        )
        yield (
            f'<text class="name" x="{box.left + 30:g}" y="{box.top + 16:g}">{escape(service.name)}'
            f'<tspan class="dim" font-weight="400" font-size="12">  {escape(service.mode)}</tspan>'
            f"{verdict}</text>"
        )
        for at, vip in enumerate(service.vips):
            yield _text("data", box.left + 30, box.top + ROW + 10 + LINE * at, vip)


def _legend(picture: Picture, layout: Layout) -> Iterator[str]:
    """Yield what the signs mean, in as many rows as it takes."""
    y = layout.height - layout.legend + LEGEND / 2 + 6
    x = MARGIN
    for width, sign, text, says in _signs(picture):
        if x > MARGIN and x + width > layout.width:
            x, y = MARGIN, y + ROW
        yield sign(x, y)
        yield _text("", x + text, y + 4, says)
        x += width


_Sign = Callable[[float, float], str]


def _signs(picture: Picture) -> Iterator[tuple[float, _Sign, float, str]]:
    """Yield the width of each sign with its text, how it is drawn, and where what text begins."""
    yield 114, lambda x, y: _sample(REQUEST, x, y), 48, "request"
    yield 114, lambda x, y: _sample(REPLY, x, y), 48, "reply"
    yield 218, lambda x, y: _chip(picture.first, x, y - 8), 28, "a service: number and colour"
    if any(offer.is_out for host in picture.hosts for offer in host.offers):
        yield 200, lambda x, y: _text("data dim out", x, y + 4, "weight 0"), 68, _OUT


def _sample(kind: str, x: float, y: float) -> str:
    return f'<path class="way {kind} many" d="M{x:g} {y:g}L{x + 40:g} {y:g}"/>'


def _chip(number: int, left: float, top: float) -> str:
    return (
        f'<rect class="on {_colour(number)}" x="{left:g}" y="{top:g}" width="22" height="16"'
        ' rx="8"/>'
        f'<text class="chip" x="{left + 11:g}" y="{top + 12:g}">{number}</text>'
    )


def _colour(number: int) -> str:
    """Return the colour of a service by its number; of several it has none."""
    return f"s{(number - 1) % _COLOURS}" if number else "many"


def _text(kind: str, x: float, y: float, text: str) -> str:
    return f'<text class="{kind}" x="{x:g}" y="{y:g}">{escape(text)}</text>'


def _place(box: Box) -> str:
    return f'x="{box.left:g}" y="{box.top:g}" width="{box.width:g}" height="{box.height:g}"'
