# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Where everything of a picture goes: hosts in lanes, and lines that never lie on one another.

Links to and from real servers are bundled: those of one service, kind and other end share a rail, a
vertical line of its own, to which each real server has a short line. Rails that lead past a lane go
below it, in one line for each kind and end.
"""

from __future__ import annotations

from typing import Iterable, Iterator, Mapping, NamedTuple, Sequence

from .picture import DIRECTOR, LANES, REPLY, SERVER, Host, Link, Picture, Shown

MARGIN, HEAD, GAP_Y, LEGEND = 20.0, 64.0, 16.0, 56.0
NAME, LINE, ROW, PAD = 24.0, 16.0, 24.0, 12.0  # heights of text, and what is around it
CHAR = 7.3  # the width of a typewriter's characters at 12 px
# Widths of bold ones at 14 px, of a wide face: whichever the reader has, nothing is cut.
_NARROW, _WIDE, _UPPER, _USUAL, _FOREIGN = 6.9, 15.5, 11.5, 9.8, 14.5
_CHIP = 30.0
_GAP, RAIL, ARROW = 96.0, 12.0, 30.0
APART = 6.0  # between a request's line and that of its reply
_CHANNEL = 14.0
_NUDGES = 12  # how often real servers move by a pixel, so that no two lines share a height
_TALL = 420.0  # beside real servers that take more, the others stay near the top


class Box(NamedTuple):
    """The place of a host, or of all directors."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.top + self.height

    @property
    def middle(self) -> float:
        """Half its height."""
        return self.top + self.height / 2


class Line(NamedTuple):
    """A line through points; with an arrowhead at its end, or without one."""

    kind: str
    service: int  # -1 = of several
    points: tuple[tuple[float, float], ...]
    is_arrow: bool
    says: str


class _Rail(NamedTuple):
    """An upright line that real servers share."""

    kind: str
    service: int
    x: float
    end: tuple[float, float]  # beside the directors, or on the line below the lanes
    is_back: bool  # from real servers
    is_near: bool


class Label(NamedTuple):
    """A text beside the hosts; its class in the drawing says what it is."""

    kind: str
    x: float
    y: float
    text: str


class Layout(NamedTuple):
    """The places of everything."""

    width: float
    height: float
    hosts: Mapping[str, Box]
    frame: Box | None  # around the directors and what they balance
    services: Sequence[Box]  # rows of the frame
    lanes: Sequence[Box]
    labels: Sequence[Label]  # names of lanes, and the networks between them
    lines: Sequence[Line]
    legend: float  # its height, below everything


def host_height(host: Host) -> float:
    """Return the height of a host's box."""
    return PAD + NAME + LINE * len(host.addresses) + ROW * len(host.offers) + PAD / 2


def offer_top(host: Host, box: Box, number: int) -> float:
    """Return the top of one of a host's rows."""
    return box.top + PAD + NAME + LINE * len(host.addresses) + ROW * number


def service_height(service: Shown) -> float:
    """Return the height of a service's row."""
    return ROW + LINE * len(service.vips) + 6


def name_width(text: str) -> float:
    """Return how wide a name can be."""
    return sum(
        _NARROW if one in "fijlrt.,:;|!'-/()" else
        _WIDE if one in "mwMW@%" else
        _FOREIGN if not one.isascii() else
        _UPPER if one.isupper() else
        _USUAL
        for one in text
    )  # fmt: skip


def host_width(host: Host) -> float:
    """Return the width that a host's box needs."""
    state = len(f"  {host.state}") if host.state else 0
    texts = [
        name_width(host.name) + CHAR * state,
        *(CHAR * len(one) for one in host.addresses),
        *(_CHIP + CHAR * len(one.text) for one in host.offers),
    ]
    return max(110.0, max(texts) + 2 * PAD)


def lane_name(picture: Picture, lane: int) -> str:
    """Return what a lane is called."""
    is_one = sum(1 for host in picture.hosts if host.lane == lane) == 1
    return LANES[lane][:-1] if is_one else LANES[lane]


def service_width(service: Shown) -> float:
    """Return the width that a service's row needs."""
    head = _CHIP + name_width(service.name) + CHAR * len(f"  {service.mode}  red  ")
    return max(head, *(_CHIP + CHAR * len(vip) for vip in service.vips)) + PAD


def arrange(picture: Picture) -> Layout:
    """Find the places."""
    for nudge in range(_NUDGES):
        found = _Arrangement(picture, float(nudge)).layout()
        if not overlaps(found.lines):
            return found
    return _Arrangement(picture, 0.0).layout()


class _Arrangement:
    """One picture's places while they are found."""

    def __init__(self, picture: Picture, nudge: float) -> None:
        self.picture, self.nudge = picture, nudge
        self.lanes = sorted({host.lane for host in picture.hosts})
        self.of_lane = {
            lane: [host for host in picture.hosts if host.lane == lane] for lane in self.lanes
        }
        self.by_name = {host.name: host for host in picture.hosts}
        self.rails = self._rails()
        self.hosts: dict[str, Box] = {}
        self.rows: list[Box] = []
        self.frame: Box | None = None
        self.gaps: dict[int, tuple[float, float]] = {}
        self.lane_boxes: list[Box] = []
        self.labels: list[Label] = []

    def layout(self) -> Layout:
        """Place hosts, then lines."""
        heights = {lane: self._height(lane) for lane in self.lanes}
        tall = max(heights.values(), default=0.0)
        others = max((heights[lane] for lane in self.lanes if lane != SERVER), default=0.0)
        middle = HEAD + max(others, min(tall, _TALL)) / 2
        left = MARGIN
        for number, lane in enumerate(self.lanes):
            width = self._width(lane)
            top = HEAD if lane == SERVER and tall > _TALL else middle - heights[lane] / 2
            nudge = self.nudge if lane == SERVER else 0.0
            self._place(lane, left, max(HEAD, top) + nudge, width)
            self.lane_boxes.append(Box(left - 8, 8, width + 16, 0))
            self.labels.append(Label("head", left + width / 2, 30, lane_name(self.picture, lane)))
            left += width
            if number < len(self.lanes) - 1:
                gap = self._gap(lane, self.lanes[number + 1])
                self.gaps[lane] = (left, gap)
                self.labels += [
                    Label("net", left + gap / 2, 24 + LINE * row, network)
                    for row, network in enumerate(self.picture.networks.get(lane, ()))
                ]
                left += gap
        lines = [*self._between_lanes(), *self._of_servers()]
        lowest = max(
            (y for line in lines for _x, y in line.points),
            default=0.0,
        )
        bottom = max((box.bottom for box in self.hosts.values()), default=HEAD)
        frame = self.frame.bottom if self.frame else 0.0
        height = max(lowest, bottom, frame) + GAP_Y + LEGEND
        lanes = [one._replace(height=height - LEGEND - 8) for one in self.lane_boxes]
        return Layout(
            width=max(left + MARGIN, 560.0),
            height=height,
            hosts=self.hosts,
            frame=self.frame,
            services=self.rows,
            lanes=lanes,
            labels=self.labels,
            lines=lines,
            legend=LEGEND,
        )

    def _height(self, lane: int) -> float:
        hosts = self.of_lane[lane]
        height = sum(map(host_height, hosts)) + GAP_Y * (len(hosts) - 1)
        if lane == DIRECTOR:
            height += 2 * PAD + sum(service_height(one) + 6 for one in self.picture.services)
        return height

    def _width(self, lane: int) -> float:
        widths = [name_width(LANES[lane]), *map(host_width, self.of_lane[lane])]
        if lane == DIRECTOR:
            return max(*widths, *map(service_width, self.picture.services)) + 2 * PAD
        return max(widths)

    def _gap(self, lane: int, following: int) -> float:
        texts = self.picture.networks.get(lane, ())
        rails = 2 * ARROW + RAIL * len(self.rails) if following == SERVER else 0.0
        return max(_GAP, rails, *(CHAR * len(text) + 36 for text in texts))

    def _place(self, lane: int, left: float, top: float, width: float) -> None:
        start, inner = top, width
        if lane == DIRECTOR:
            top, left, inner = top + PAD, left + PAD, width - 2 * PAD
        for host in self.of_lane[lane]:
            self.hosts[host.name] = Box(left, top, inner, host_height(host))
            top += host_height(host) + GAP_Y
        if lane == DIRECTOR:
            top -= GAP_Y - 6
            for service in self.picture.services:
                self.rows.append(Box(left, top, inner, service_height(service)))
                top += service_height(service) + 6
            self.frame = Box(left - PAD, start, width, top + PAD - start - 6)

    def _box(self, name: str) -> Box:
        """Where lines of a host end: directors have one frame."""
        if self.by_name[name].lane == DIRECTOR and self.frame:
            return self.frame
        return self.hosts[name]

    def _end(self, name: str) -> str:
        """What lines of a host share: directors have one frame."""
        return LANES[DIRECTOR] if self.by_name[name].lane == DIRECTOR else name

    def _lane(self, name: str) -> int:
        return self.by_name[name].lane

    def _rails(self) -> dict[tuple[str, str, int], list[Link]]:
        """Return the links of real servers by kind, other end and service."""
        found: dict[tuple[str, str, int], list[Link]] = {}
        ordered = sorted(self.picture.links, key=lambda one: (one.service, one.kind == REPLY))
        for link in ordered:
            lanes = [self._lane(link.source), self._lane(link.target)]
            if SERVER in lanes and lanes != [SERVER, SERVER]:
                hub = link.target if lanes[0] == SERVER else link.source
                key = (f"{link.kind}{'<' if lanes[0] == SERVER else '>'}", self._end(hub))
                found.setdefault((*key, link.service), []).append(link)
        return found

    def _between_lanes(self) -> Iterator[Line]:
        """Yield the lines that no real server is an end of; all services share each."""
        found: dict[tuple[str, str, str], Link] = {}
        services: dict[tuple[str, str, str], set[int]] = {}
        for link in self.picture.links:
            lanes = [self._lane(link.source), self._lane(link.target)]
            ends = (self._end(link.source), self._end(link.target), link.kind)
            if SERVER not in lanes and ends[0] != ends[1]:
                found.setdefault(ends, link)
                services.setdefault(ends, set()).add(link.service)
        for number, (ends, link) in enumerate(found.items()):
            of = min(services[ends]) if len(services[ends]) == 1 else -1
            yield self._between(link, of if len(self.picture.services) > 1 else 0, number)

    def _between(self, link: Link, service: int, number: int) -> Line:
        source, target = self._box(link.source), self._box(link.target)
        shift = APART if link.kind == REPLY else -APART
        places = [self.lanes.index(self._lane(name)) for name in (link.source, link.target)]
        says = f"{link.kind}: {link.source} to {link.target}"
        if abs(places[0] - places[1]) == 1:
            is_right = places[1] > places[0]
            start = (source.right if is_right else source.left, source.middle + shift)
            end = (target.left if is_right else target.right, target.middle + shift)
            half = (start[0] + end[0]) / 2 + 2 * shift
            bend = [] if start[1] == end[1] else [(half, start[1]), (half, end[1])]
            return Line(link.kind, service, (start, *bend, end), is_arrow=True, says=says)
        low = self._channel(number)
        from_x = source.left + source.width / 2 + shift
        to_x = target.left + target.width / 2 + shift
        points = ((from_x, source.bottom), (from_x, low), (to_x, low), (to_x, target.bottom))
        return Line(link.kind, service, points, is_arrow=True, says=says)

    def _channel(self, number: int) -> float:
        """Return the height of a line below all lanes but that of the real servers."""
        boxes = [self._box(host.name) for host in self.picture.hosts if host.lane != SERVER]
        return max((box.bottom for box in boxes), default=HEAD) + GAP_Y + _CHANNEL * number

    def _of_servers(self) -> Iterator[Line]:
        """Yield the rails, what joins them, and the lines below the lanes."""
        bundles: dict[tuple[str, str], list[tuple[int, float]]] = {}
        left, width = self.gaps.get(self._before_servers(), (0.0, 0.0))
        room = width - 2 * ARROW
        step = room / max(1, len(self.rails) - 1) if len(self.rails) > 1 else 0.0
        far: dict[tuple[str, str], int] = {}
        for number, ((way, hub, service), every) in enumerate(self.rails.items()):
            x = left + ARROW + (step * number if step else room / 2)
            kind, is_back = way[:-1], way.endswith("<")
            # Several directors are one end.
            links = {one.source if is_back else one.target: one for one in every}
            name = every[0].target if is_back else every[0].source
            is_near = self._is_before_servers(name)
            if is_near:
                end = self._end_row(name, service, kind)
            else:
                low = far.setdefault((way, hub), len(far))
                end = (x, self._channel(low + self._unders()))
                bundles.setdefault((way, hub), []).append((service, x))
            yield from self._rail(_Rail(kind, service, x, end, is_back, is_near), [*links.values()])
        for (way, hub), found in bundles.items():
            yield self._bundle(way, hub, found, self._channel(far[way, hub] + self._unders()))
        yield from self._beside()

    def _unders(self) -> int:
        """Return how many lines without a real server are in the channel at most."""
        return sum(
            1
            for link in self.picture.links
            if SERVER not in (self._lane(link.source), self._lane(link.target))
            and abs(
                self.lanes.index(self._lane(link.source))
                - self.lanes.index(self._lane(link.target))
            )
            > 1
        )

    def _before_servers(self) -> int:
        before = [lane for lane in self.lanes if lane < SERVER]
        return before[-1] if before else -1

    def _is_before_servers(self, name: str) -> bool:
        return self._lane(name) == self._before_servers()

    def _row_of(self, link: Link, *, is_back: bool) -> tuple[float, float]:
        """Return where a real server's line ends: at the row of its service."""
        name = link.source if is_back else link.target
        host, box = self.by_name[name], self.hosts[name]
        numbers = [at for at, one in enumerate(host.offers) if one.service == link.service]
        top = offer_top(host, box, numbers[0]) if numbers else box.top + PAD
        return box.left, top + ROW / 2 + (APART - 1 if link.kind == REPLY else 1 - APART)

    def _end_row(self, name: str, service: int, kind: str) -> tuple[float, float]:
        """Return where a rail's other end is: at the service's row of the directors."""
        shift = APART if kind == REPLY else -APART
        if self.by_name[name].lane == DIRECTOR and self.frame:
            return self.frame.right, self.rows[service].middle + shift
        box = self._box(name)
        return box.right, box.middle + shift

    def _rail(self, rail: _Rail, links: Sequence[Link]) -> Iterator[Line]:
        """Yield a rail, the line to its other end, and one to each real server."""
        kind, service, x, end, is_back, is_near = rail
        ends = [self._row_of(link, is_back=is_back) for link in links]
        ordered = sorted({y for _x, y in ends} | {end[1]})
        if is_near and not is_back:
            yield Line(kind, service, (end, (x, end[1])), is_arrow=False, says="")
        if len(ordered) > 1:
            says = f"{kind}: all of service {self.picture.services[service].name}"
            points = tuple((x, y) for y in (ordered[0], ordered[-1]))
            yield Line(kind, service, points, is_arrow=False, says=says)
        if is_near and is_back:
            says = f"{kind}: to {links[0].target}"
            yield Line(kind, service, ((x, end[1]), end), is_arrow=True, says=says)
        for link, (server_x, y) in zip(links, ends):
            says = f"{kind}: {link.source} to {link.target}"
            points = ((server_x, y), (x, y)) if is_back else ((x, y), (server_x, y))
            yield Line(kind, service, points, is_arrow=not is_back, says=says)

    def _bundle(self, way: str, hub: str, rails: Sequence[tuple[int, float]], low: float) -> Line:
        """Return the line of all services below the lanes, with an arrowhead at its end."""
        kind, is_back = way[:-1], way.endswith("<")
        box = self.hosts[hub]
        shift = 3 * APART if kind == REPLY else -3 * APART
        far = max(x for _service, x in rails)
        x, y = box.left + box.width / 2 + shift, box.middle + shift
        lane = self._lane(hub)
        points: tuple[tuple[float, float], ...] = ((far, low), (x, low), (x, box.bottom))
        if any(self.hosts[host.name].top > box.top for host in self.of_lane[lane]):
            beside = box.left - MARGIN / 2  # past the hosts below it
            points = ((far, low), (beside, low), (beside, y), (box.left, y))
        services = {service for service, _x in rails}
        says = f"{kind}: {'to' if is_back else 'from'} {hub}, past the directors"
        return Line(
            kind,
            services.pop() if len(services) == 1 else -1,
            points if is_back else points[::-1],
            is_arrow=is_back,
            says=says,
        )

    def _beside(self) -> Iterator[Line]:
        """Yield what goes from one real server to another, on their right."""
        links = [
            link
            for link in self.picture.links
            if self._lane(link.source) == self._lane(link.target) == SERVER
        ]
        for link in links:
            source, target = self.hosts[link.source], self.hosts[link.target]
            x = source.right + MARGIN / 2
            points = (
                (source.right, source.middle),
                (x, source.middle),
                (x, target.middle),
                (target.right, target.middle),
            )
            says = f"{link.kind}: {link.source} to {link.target}"
            yield Line(link.kind, link.service, points, is_arrow=True, says=says)


def overlaps(lines: Iterable[Line]) -> list[tuple[str, str]]:
    """Return pairs of lines that lie on one another: two dashed ones would look solid."""
    beside: dict[tuple[int, float], list[tuple[float, float, str]]] = {}
    for line in lines:
        for first, second in zip(line.points, line.points[1:]):
            across = 0 if first[0] == second[0] else 1  # all of them are upright or level
            low, high = sorted((first[1 - across], second[1 - across]))
            beside.setdefault((across, round(first[across], 1)), []).append((low, high, line.says))
    found = []
    for spans in beside.values():
        ordered = sorted(spans)
        found += [
            (one[2], other[2]) for one, other in zip(ordered, ordered[1:]) if other[0] < one[1]
        ]
    return found
