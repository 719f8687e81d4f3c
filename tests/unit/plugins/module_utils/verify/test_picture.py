# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The picture's model, its layout, and what SVG and Mermaid make of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.health import (
    parse_defaults,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.inventory import (
    parse_inventory,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.parser import (
    parse_services,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import SHAPES
from ansible_collections.lvs.topology.plugins.module_utils.verify.diagram import sketch
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.layout import (
    Box,
    Layout,
    Line,
    arrange,
    overlaps,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.mermaid import flowchart
from ansible_collections.lvs.topology.plugins.module_utils.verify.picture import Picture, observed
from ansible_collections.lvs.topology.plugins.module_utils.verify.portrait import stack
from ansible_collections.lvs.topology.plugins.module_utils.verify.svg import draw
from ansible_collections.lvs.topology.plugins.plugin_utils.page import TELEPHONE

from .scenes import CLIENT, GROUPS, INSIDE, Scene

MODES = ["nat", "dr", "tun", "fullnat"]
MAPPING = ("nat", "fullnat")  # a real server may have another port
LONG = [f"application-backend-{number:02}.frankfurt.example.com" for number in range(20)]


def service(mode: str, hosts: list[str], vip: str = "10.0.0.100", **keys: object) -> dict[str, Any]:
    port = {"port": 8080} if mode in MAPPING else {}
    servers = [{"host": host, **port} for host in hosts]
    return {"mode": mode, "vips": [vip], "port": 80, "real_servers": servers, **keys}


def picture(services: dict[str, Any], servers: list[str], directors: int = 1) -> Picture:
    groups = {
        "lvs_clients": ["client"],
        "lvs_routers": ["router"],
        "lvs_directors": [f"lb{number}" for number in range(directors)],
        "lvs_real_servers": servers,
    }
    parsed, wrong = parse_services(
        services, parse_inventory(groups), SHAPES, parse_defaults(None)[0]
    )
    assert not wrong
    return sketch(parsed, groups)


def every_mode(servers: list[str], directors: int = 1) -> Picture:
    services = {
        f"service-{mode}": service(mode, servers, f"10.0.0.10{number}")
        for number, mode in enumerate(MODES)
    }
    return picture(services, servers, directors)


PICTURES = {
    **{mode: picture({"web": service(mode, ["web1", "web2"])}, ["web1", "web2"]) for mode in MODES},
    "all": every_mode(["web1", "web2", "web3"]),
    "a pair": picture({"web": service("dr", ["web1", "web2"])}, ["web1", "web2"], 2),
    "a pair, every mode": every_mode(["web1", "web2"], 2),
    "twenty": every_mode(LONG),
    "nobody": picture({"web": service("dr", [])}, []),
}


@pytest.fixture(params=PICTURES.values(), ids=list(PICTURES))
def drawn(request: pytest.FixtureRequest) -> Picture:
    found: Picture = request.param
    return found


@pytest.fixture(params=[arrange, stack])
def layout(drawn: Picture, request: pytest.FixtureRequest) -> Layout:
    found: Layout = request.param(drawn)
    return found


def test_no_two_lines_lie_on_one_another(layout: Layout) -> None:
    # Two dashed ones would fill each other's gaps.
    assert overlaps(layout.lines) == []


def test_nothing_is_cut_and_no_host_covers_another(layout: Layout) -> None:
    boxes = [*layout.hosts.values(), *layout.services]
    corners = [(box.left, box.top) for box in boxes] + [(box.right, box.bottom) for box in boxes]
    for x, y in (*corners, *(point for line in layout.lines for point in line.points)):
        assert 0 < x < layout.width
        assert 0 < y < layout.height
    for number, one in enumerate(boxes):
        assert not any(covers(one, other) for other in boxes[:number])


def covers(one: Box, other: Box) -> bool:
    beside = one.right <= other.left or other.right <= one.left
    return not (beside or one.bottom <= other.top or other.bottom <= one.top)


def test_no_line_crosses_a_host(layout: Layout) -> None:
    for line in layout.lines:
        for (x, y), (to_x, to_y) in zip(line.points, line.points[1:], strict=False):
            for box in layout.hosts.values():
                across = max(min(x, to_x), box.left) < min(max(x, to_x), box.right)
                along = max(min(y, to_y), box.top) < min(max(y, to_y), box.bottom)
                within = (box.left < x < box.right, box.top < y < box.bottom)
                assert not (across and within[1] and y == to_y), line
                assert not (along and within[0] and x == to_x), line


@pytest.mark.parametrize("name", [*MODES, "a pair"])
def test_common_topologies_fit_on_a_telephone(name: str) -> None:
    assert stack(PICTURES[name]).width <= TELEPHONE


def test_everything_has_its_label(drawn: Picture, layout: Layout) -> None:
    text = " ".join(ET.fromstring(draw(drawn, layout, "title")).itertext())  # noqa: S314 - our own
    chart = flowchart(drawn)
    for host in drawn.hosts:
        for word in (host.name, *host.addresses, *(offer.text for offer in host.offers)):
            assert word in text
            assert word in chart
    for one in drawn.services:
        for word in (one.name, one.mode, *one.vips):
            assert word in text
            assert word in chart


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("servers", [["web1"], ["web1", "web2", "web3"], LONG])
@pytest.mark.parametrize("place", [arrange, stack])
def test_replies_of_a_service_end_in_one_arrowhead(
    mode: str, servers: list[str], place: Callable[[Picture], Layout]
) -> None:
    shown = picture({"web": service(mode, servers)}, servers)
    text = draw(shown, place(shown), "title")
    # One at the client, and one at the router or the director; in the latter case, one from there.
    passes = mode in MAPPING
    assert text.count('reply-tip"') == (3 if passes else 2)
    assert text.count('request-tip"') == 2 + len(servers)


def test_a_real_server_with_weight_0_gets_nothing() -> None:
    servers = [{"host": "web1", "weight": 3}, {"host": "web2", "weight": 0}]
    found = picture({"web": service("dr", [], real_servers=servers)}, ["web1", "web2"])
    assert {link.target for link in found.links} == {"client", "router", "lb0", "web1"}
    (out,) = [offer for host in found.hosts for offer in host.offers if offer.is_out]
    assert (out.text, out.why) == (":80 weight 0", "declared with weight 0")
    assert "no new connections" in draw(found, arrange(found), "title")


def test_names_are_text_and_no_markup() -> None:
    name = "<b>&\"'"
    found = picture({name: service("dr", [name])}, [name])
    text = draw(found, arrange(found), name)
    assert "<b>" not in text
    assert name in [*ET.fromstring(text).itertext()]  # noqa: S314 - our own
    assert "<b>" not in flowchart(found)


def test_services_differ_in_colour_and_number() -> None:
    text = draw(PICTURES["all"], arrange(PICTURES["all"]), "title")
    assert {*re.findall(r'class="on (s\d)"', text)} == {"s0", "s1", "s2", "s3"}
    numbers = re.findall(r'class="chip"[^>]*>(\d)<', text)
    assert {*numbers} == {"1", "2", "3", "4"}
    apart = {
        f"web{number}": service("dr", [f"web{number}"], f"10.0.0.9{number}") for number in "123"
    }
    styles = re.findall(r"linkStyle \d+ stroke:(\S+)", flowchart(picture(apart, [*apart])))
    assert len({*styles}) == len(apart)


@pytest.mark.parametrize("mode", MODES)
def test_addresses_and_networks_are_those_on_the_path(mode: str) -> None:
    scene = Scene(mode)
    # As a management network: all hosts have it.
    for number, facts in enumerate(scene.facts.values()):
        other = {"device": "mgmt0", "address": f"10.0.2.{number + 1}", "prefix": 24}
        facts["addresses"].insert(0, {**other, "family": "ipv4"})
    # The sample's router lacks an address on the client's link.
    outside = {"device": "eth1", "address": "198.51.100.1", "prefix": 24, "family": "ipv4"}
    scene.facts["router"]["addresses"].append(outside)
    scene.requests()
    hosts = read_hosts(scene.facts)
    found = observed(scene.endpoints(), hosts, GROUPS, scene.verdicts())
    addresses = {host.name: {*host.addresses} for host in found.hosts}
    assert addresses["client"] == {CLIENT}
    assert addresses["director"] == {INSIDE["director"]}
    assert addresses["web1"] == {INSIDE["web1"]}
    assert found.networks[0] == ("198.51.100.0/24",)
    assert found.networks[2] == ("10.0.0.0/24",)


def test_health_and_the_pair_are_shown() -> None:
    scene = Scene("dr", is_watched=True)
    scene.decide({"web2": 0})
    scene.requests()
    scene.facts["standby"] = {**scene.facts["web1"], "addresses": []}
    groups = {**GROUPS, "lvs_directors": ["director", "standby"]}
    found = observed(scene.endpoints(), read_hosts(scene.facts), groups, scene.verdicts())
    states = {host.name: host.state for host in found.hosts if host.state}
    assert states == {"director": "has the VIPs", "standby": "standby"}
    (out,) = [offer.why for host in found.hosts for offer in host.offers if offer.is_out]
    assert out == "connection refused"
    assert "connection refused" in draw(found, arrange(found), "title")


def test_what_counts_as_lying_on_one_another() -> None:
    def line(*points: tuple[float, float]) -> Line:
        return Line("reply", 0, points, is_arrow=False, says=str(points))

    assert overlaps([line((0, 0), (10, 0)), line((5, 0), (20, 0))])
    assert overlaps([line((3, 0), (3, 10), (9, 10)), line((3, 12), (3, 9))])
    assert not overlaps([line((0, 0), (10, 0)), line((10, 0), (20, 0)), line((5, -5), (5, 5))])
