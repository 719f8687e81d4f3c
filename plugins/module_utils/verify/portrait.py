# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where everything of a picture goes on a narrow screen: one lane below the other.

Hosts are in one column. What goes from one to the next is an upright line between them. All else
takes a rail: on the left if it goes to real servers, on the right if it comes from them. Behind the
directors each service has its own rail; past them, all services share one.
"""

from __future__ import annotations

from typing import Iterable, Iterator, NamedTuple, Sequence

from .layout import (
    APART,
    CHAR,
    GAP_Y,
    LINE,
    NAME,
    PAD,
    RAIL,
    ROW,
    Box,
    Label,
    Layout,
    Line,
    host_height,
    host_width,
    lane_name,
    name_width,
    offer_top,
    service_height,
    service_width,
)
from .picture import DIRECTOR, LANES, REPLY, REQUEST, SERVER, Host, Link, Picture

_EDGE = 16.0  # beside the outermost rail, and beside the hosts where there is none
_STUB = 18.0  # from a host to its nearest rail, with room for an arrowhead
_BESIDE = 76.0  # for the upright lines, right of the labels
_HEAD, _BETWEEN = 24.0, 12.0
_LEGEND = 104.0
_FRAME = LANES[DIRECTOR]


class _Way(NamedTuple):
    """What shares one rail."""

    kind: str
    hub: str  # the host, or the directors' frame, where the rail ends
    is_back: bool  # it goes to the hub
    service: int  # -1 = of all services


def stack(picture: Picture) -> Layout:
    """Find the places."""
    return _Stack(picture).layout()


class _Stack:
    """One picture's places while they are found."""

    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.by_name = {host.name: host for host in picture.hosts}
        self.lanes = sorted({host.lane for host in picture.hosts})
        self.boxes: dict[str, Box] = {}
        self.rows: list[Box] = []
        self.lane_boxes: list[Box] = []
        self.labels: list[Label] = []
        self.order: list[str] = []  # ends of lines, from the top down
        self.used: dict[tuple[str, bool], int] = {}
        self.width = self._width()
        self.bundles = self._bundles()
        self.passing = self._passing()

    def layout(self) -> Layout:
        """Place hosts, then lines."""
        lefts, rights = self._sides()
        left = _EDGE + (_STUB + RAIL * (len(lefts) - 1) if lefts else 0.0)
        bottom = self._place(left)
        right = left + self.width
        rails = {way: left - _STUB - RAIL * number for number, way in enumerate(lefts)}
        rails.update({way: right + _STUB + RAIL * number for number, way in enumerate(rights)})
        width = right + _EDGE + (_STUB + RAIL * (len(rights) - 1) if rights else 0.0)
        return Layout(
            width=width,
            height=bottom + _LEGEND,
            hosts={host.name: self.boxes[host.name] for host in self.picture.hosts},
            frame=self.boxes.get(_FRAME),
            services=self.rows,
            lanes=[lane._replace(left=4.0, width=width - 8) for lane in self.lane_boxes],
            labels=self.labels,
            lines=[*self._upright(), *self._past(rails), *self._of_servers(rails)],
            legend=_LEGEND,
        )

    def _width(self) -> float:
        """Return the width of the column."""
        frame = [service_width(one) for one in self.picture.services]
        frame += [host_width(one) for one in self.picture.hosts if one.lane == DIRECTOR]
        networks = [one for every in self.picture.networks.values() for one in every]
        return max(
            [
                *(host_width(one) for one in self.picture.hosts if one.lane != DIRECTOR),
                *(width + 2 * PAD for width in frame),
                *(name_width(lane_name(self.picture, lane)) + _BESIDE for lane in self.lanes),
                *(CHAR * len(network) + _BESIDE for network in networks),
            ],
            default=0.0,
        )

    def _place(self, left: float) -> float:
        """Place lanes and hosts, and return where they end."""
        top = 4.0
        for lane in self.lanes:
            start = top
            self.labels.append(Label("head start", left, top + 17, lane_name(self.picture, lane)))
            top += _HEAD
            hosts = [host for host in self.picture.hosts if host.lane == lane]
            inset = PAD if lane == DIRECTOR else 0.0
            inside = top
            top += inset
            for host in hosts:
                height = host_height(host)
                self.boxes[host.name] = Box(left + inset, top, self.width - 2 * inset, height)
                top += height + GAP_Y
            top -= GAP_Y
            if lane == DIRECTOR:
                for service in self.picture.services:
                    top += 6
                    height = service_height(service)
                    self.rows.append(Box(left + PAD, top, self.width - 2 * PAD, height))
                    top += height
                self.boxes[_FRAME] = Box(left, inside, self.width, top + PAD - inside)
                top += PAD
            self.order += [_FRAME] if lane == DIRECTOR else [host.name for host in hosts]
            top += _BETWEEN
            self.lane_boxes.append(Box(0, start, 0, top - start))
            networks = self.picture.networks.get(lane, ())
            for network in networks if lane != self.lanes[-1] else ():
                top += LINE
                self.labels.append(Label("net start", left, top, network))
            top += _BETWEEN
        return top - _BETWEEN

    def _end(self, name: str) -> str:
        """What lines of a host share: directors have one frame."""
        return _FRAME if self.by_name[name].lane == DIRECTOR else name

    def _is_server(self, name: str) -> bool:
        return self.by_name[name].lane == SERVER

    def _bundles(self) -> dict[_Way, dict[tuple[str, int], Link]]:
        """Return the links between real servers and others, by the rail that they share."""
        found: dict[_Way, dict[tuple[str, int], Link]] = {}
        for link in sorted(self.picture.links, key=lambda one: one.service):
            is_back = self._is_server(link.source)
            if is_back != self._is_server(link.target):
                server, other = (link.source, link.target)[:: 1 if is_back else -1]
                hub = self._end(other)
                way = _Way(link.kind, hub, is_back, link.service if hub == _FRAME else -1)
                found.setdefault(way, {})[server, link.service] = link
        return found

    def _passing(self) -> dict[_Way, tuple[Link, set[int]]]:
        """Return the links without one end at a real server; all services share each."""
        found: dict[_Way, tuple[Link, set[int]]] = {}
        for link in self.picture.links:
            ends = self._end(link.source), self._end(link.target)
            if self._is_server(link.source) == self._is_server(link.target) and ends[0] != ends[1]:
                way = _Way(f"{link.kind} {ends[0]}", ends[1], link.kind == REPLY, -1)
                found.setdefault(way, (link, set()))[1].add(link.service)
        return found

    def _sides(self) -> tuple[list[_Way], list[_Way]]:
        """Return the ways that take rails on the left, and on the right, the innermost first."""
        order = self._planned_order()
        near_first = sorted(self.bundles, key=lambda way: (-order.index(way.hub), way.service))
        every = [*near_first, *(way for way, found in self.passing.items() if self._is_far(*found))]
        return [one for one in every if not one.is_back], [one for one in every if one.is_back]

    def _planned_order(self) -> list[str]:
        return [*dict.fromkeys(self._end(host.name) for host in self._by_lane())]

    def _by_lane(self) -> list[Host]:
        return sorted(self.picture.hosts, key=lambda host: host.lane)

    def _is_far(self, link: Link, _services: Iterable[int] = ()) -> bool:
        """Tell whether hosts lie between the ends of a link."""
        order = self._planned_order()
        return abs(order.index(self._end(link.source)) - order.index(self._end(link.target))) > 1

    def _colour(self, services: Iterable[int]) -> int:
        """Return the service that a line belongs to; -1 for several."""
        every = {*services}
        return every.pop() if len(every) == 1 else -1

    def _upright(self) -> Iterator[Line]:
        """Yield the lines from one box to the next one."""
        for link, services in self.passing.values():
            if self._is_far(link):
                continue
            source, target = self.boxes[self._end(link.source)], self.boxes[self._end(link.target)]
            is_down = source.top < target.top
            # Requests that go down and replies that go up are the usual ones, and in the middle.
            is_odd = is_down == (link.kind == REPLY)
            shift = (3 if is_odd else 1) * (APART if link.kind == REPLY else -APART)
            x = source.right - _BESIDE / 2 + shift
            ends = (source.bottom, target.top) if is_down else (source.top, target.bottom)
            points = tuple((x, y) for y in ends)
            says = f"{link.kind}: {link.source} to {link.target}"
            yield Line(link.kind, self._colour(services), points, is_arrow=True, says=says)

    def _past(self, rails: dict[_Way, float]) -> Iterator[Line]:
        """Yield the lines past other hosts."""
        for way, (link, services) in self.passing.items():
            if way in rails:
                x = rails[way]
                start = self._free(self._end(link.source), is_right=way.is_back)
                end = self._free(self._end(link.target), is_right=way.is_back)
                points = (start, (x, start[1]), (x, end[1]), end)
                says = f"{link.kind}: {link.source} to {link.target}"
                yield Line(link.kind, self._colour(services), points, is_arrow=True, says=says)

    def _of_servers(self, rails: dict[_Way, float]) -> Iterator[Line]:
        """Yield the rails of real servers, the lines to their hubs, and one to each real server."""
        for way, links in self.bundles.items():
            x = rails[way]
            services = self._colour(link.service for link in links.values())
            hub = self._hub(way)
            rows = {key: self._row(way, *key) for key in links}
            ordered = sorted({y for _x, y in rows.values()} | {hub[1]})
            says = f"{way.kind}: {'to' if way.is_back else 'from'} {way.hub}"
            ends = ((x, hub[1]), hub)[:: 1 if way.is_back else -1]
            yield Line(way.kind, services, ends, is_arrow=way.is_back, says=says)
            rail = tuple((x, y) for y in (ordered[0], ordered[-1]))
            yield Line(way.kind, services, rail, is_arrow=False, says=says)
            for key, link in links.items():
                points: Sequence[tuple[float, float]] = (rows[key], (x, rows[key][1]))
                yield Line(
                    way.kind,
                    link.service,
                    tuple(points if way.is_back else points[::-1]),
                    is_arrow=not way.is_back,
                    says=f"{way.kind}: {link.source} to {link.target}",
                )

    def _hub(self, way: _Way) -> tuple[float, float]:
        if way.hub != _FRAME:
            return self._free(way.hub, is_right=way.is_back)
        box = self.boxes[_FRAME]
        shift = APART if way.kind == REPLY else -APART
        return box.right if way.is_back else box.left, self.rows[way.service].middle + shift

    def _row(self, way: _Way, server: str, service: int) -> tuple[float, float]:
        """Return where a real server's line ends: at the row of its service."""
        host, box = self.by_name[server], self.boxes[server]
        numbers = [at for at, one in enumerate(host.offers) if one.service == service]
        top = offer_top(host, box, numbers[0]) if numbers else box.top + PAD
        # Two rails of one service can be on one side.
        shift = {(REQUEST, False): 0, (REPLY, True): 0}.get((way.kind, way.is_back), APART)
        return box.right if way.is_back else box.left, top + ROW / 2 + shift

    def _free(self, name: str, *, is_right: bool) -> tuple[float, float]:
        """Return a place at a side of a box that has no line yet."""
        number = self.used.get((name, is_right), 0)
        self.used[name, is_right] = number + 1
        box = self.boxes[name]
        y = box.top + PAD + NAME / 4 + (APART + 1) * number
        return box.right if is_right else box.left, y
