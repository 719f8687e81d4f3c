# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Green if everything matches the mode; else red, with the right host and cause."""

from __future__ import annotations

import copy
import json
from collections.abc import Callable
from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.packets.frames import Error, Seen
from ansible_collections.lvs.topology.plugins.module_utils.verify.diagnosis import not_unwrapped
from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import (
    Server,
    read_endpoints,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.evidence import Evidence
from ansible_collections.lvs.topology.plugins.module_utils.verify.flows import (
    Scene as EvidenceScene,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.neighbours import nobody_has
from ansible_collections.lvs.topology.plugins.module_utils.verify.verdict import (
    Observation,
    alike,
    owners,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    link,
    route,
    rule,
)

from .scenes import CLIENT, INSIDE, PORT, STRANGER, VIP, Scene, Step, facts, mac

MODES = ("nat", "dr", "tun", "fullnat")
DIRECTOR, WEB1, ROUTER = INSIDE["director"], INSIDE["web1"], INSIDE["router"]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("mode", MODES)
def test_green(mode: str, protocol: str) -> None:
    verdict = Scene(mode, protocol=protocol).requests().verdict()
    assert verdict["findings"] == []
    assert verdict["verdict"] == "green"
    assert verdict["answered"] == verdict["requests"] == 4
    assert [one["requests"] for one in verdict["servers"]] == [2, 2]
    assert verdict["answered_by"] == ["director"]
    assert verdict["notes"] == []
    assert verdict["seen_by_servers"] == [DIRECTOR if mode == "fullnat" else CLIENT]
    assert verdict["passed_back"] == (["director"] if mode in ("nat", "fullnat") else [])
    assert json.loads(json.dumps(verdict)) == verdict


@pytest.mark.parametrize(
    ("mode", "request_way", "reply_way"),
    [
        ("dr", ["client", "router", "director", "web1"], ["web1", "router", "client"]),
        ("tun", ["client", "router", "director", "web1"], ["web1", "router", "client"]),
        ("nat", ["client", "router", "director", "web1"],
         ["web1", "director", "router", "client"]),
        ("fullnat", ["client", "router", "director", "web1"],
         ["web1", "director", "router", "client"]),
    ],
)  # fmt: skip
def test_ways(mode: str, request_way: list[str], reply_way: list[str]) -> None:
    way = Scene(mode).requests().verdict()["ways"][0]
    assert [one["from"] for one in way["request"]] + [way["request"][-1]["to"]] == request_way
    assert [one["from"] for one in way["reply"]] + [way["reply"][-1]["to"]] == reply_way
    last = way["request"][-1]
    assert last["encapsulation"] == ("ipip" if mode == "tun" else "")
    assert last["target"] == (f"{WEB1}:80" if mode in ("nat", "fullnat") else f"{VIP}:80")


MIXED = {"web2": "tun"}


def test_green_where_real_servers_have_modes_of_their_own() -> None:
    verdict = Scene("dr", own_modes=MIXED).requests().verdict()
    assert verdict["findings"] == []
    assert verdict["mode"] == "dr, tun"
    assert [one["mode"] for one in verdict["servers"]] == ["dr", "tun"]
    assert [way["request"][-1]["encapsulation"] for way in verdict["ways"]] == ["", "ipip"]


def test_each_real_server_is_held_to_its_own_mode() -> None:
    """The director sends to both as if the service had one mode."""
    for mode, wrong, cause in (
        ("dr", "web2", "its IPVS table forwards with droute and not with tunnel"),
        ("tun", "web1", "its IPVS table forwards with tunnel and not with droute"),
    ):
        scene = Scene(mode).requests()
        scene.own_modes = {"web1": "dr", "web2": "tun"}
        (finding,) = scene.verdict()["findings"]
        assert (finding["id"], finding["requests"]) == ("verify.forwarding", 2)
        assert f"sends requests for {wrong} as" in finding["got"]
        assert finding["cause"] == cause


def test_only_who_has_a_tunnel_is_asked_for_its_device() -> None:
    scene = Scene("dr", own_modes=MIXED)
    scene.facts["web2"]["links"].pop()
    scene.requests(
        change=lambda steps: [one for one in steps if one.name not in ("reply", "answer")],
        result="timed out",
    )
    causes = {one["host"]: one["cause"] for one in scene.verdict()["findings"]}
    assert causes["web2"] == "web2 has no device that unwraps ipip over IPv4 (kind ipip)"
    assert "unwraps" not in causes["web1"]


def arp_is_not_suppressed(scene: Scene) -> None:
    for name in ("all", "eth0"):
        scene.facts["web1"]["sysctls"][f"net.ipv4.conf.{name}.arp_ignore"] = "0"
    scene.answered_by.append(mac("web1"))
    scene.requests()


def requests_go_past(scene: Scene) -> None:
    scene.answered_by = [mac("web1")]

    def past(steps: list[Step]) -> list[Step]:
        leave, arrive, _forward, *rest = steps
        arrive.receiver = "web1"
        return [leave, arrive, *rest]

    for _time in range(3):
        scene.request("web1", change=past)


def duplicate_address(scene: Scene) -> None:
    scene.answered_by.append(STRANGER)
    scene.requests()


def vip_is_on_a_real_server_of_nat(scene: Scene) -> None:
    scene.add_address("web1", VIP)
    scene.answered_by.append(mac("web1"))
    scene.requests()


def nobody_has_the_vip(scene: Scene) -> None:
    scene.answered_by = []
    scene.facts["director"]["addresses"].pop()
    for _time in range(3):
        scene.request("web1", lost="leave", result="timed out")


def no_route_to_the_vip(scene: Scene) -> None:
    scene.facts["client"]["routes"].pop(0)
    scene.request("web1", change=lambda _steps: [], result="unreachable")


def no_service(scene: Scene) -> None:
    scene.services = []
    scene.requests(change=lambda steps: steps[:2], result="refused")


def no_weight(scene: Scene) -> None:
    for one in scene.services[0]["destinations"]:
        one["weight"] = 0
    scene.requests(change=lambda steps: steps[:2], result="timed out")


def real_server_is_down(scene: Scene) -> None:
    scene.query("director", WEB1)
    scene.request("web2")
    scene.request("web1", change=lambda steps: steps[:2], result="timed out")


def real_server_is_not_there(scene: Scene) -> None:
    """It is unreachable for the controller too, so that it has no paths."""
    scene.request("web1")
    scene.request("web2", change=lambda steps: steps[:2], result="timed out")
    del scene.weights["web2"], scene.facts["web2"], scene.frames["web2"]


def other_method(scene: Scene) -> None:
    scene.services[0]["destinations"][0]["forwarding"] = "masq"

    def rewritten(steps: list[Step]) -> list[Step]:
        steps[2].target, steps[2].outer = (steps[2].target[0].replace(VIP, WEB1), 80), None
        return steps[:3]

    scene.request("web1", change=rewritten, result="timed out")
    scene.request("web2")


def never_delivered(scene: Scene) -> None:
    scene.request("web1", lost="forward", result="timed out")
    scene.request("web2")


def no_vip_on_the_real_server(scene: Scene) -> None:
    scene.facts["web1"]["addresses"].pop()
    scene.request("web1", change=lambda steps: steps[:3], result="timed out")
    scene.request("web2")


def no_tunnel(scene: Scene) -> None:
    scene.facts["web1"]["links"].pop()
    scene.request("web1", change=lambda steps: steps[:3], result="timed out")
    scene.request("web2")


def tunnel_is_down(scene: Scene) -> None:
    scene.facts["web1"]["links"][-1].update(up=False, name="ipip1")
    scene.request("web1", change=lambda steps: steps[:3], result="timed out")
    scene.request("web2")


def strict_rp_filter(scene: Scene) -> None:
    scene.facts["web1"]["sysctls"]["net.ipv4.conf.tunl0.rp_filter"] = "1"
    scene.request("web1", change=lambda steps: steps[:3], result="timed out")
    scene.request("web2")


def nothing_listens(scene: Scene) -> None:
    def refuse(steps: list[Step]) -> list[Step]:
        for step in steps[3:]:
            step.flags = "RA"
        return steps

    scene.request("web1", change=refuse, result="refused")
    scene.request("web2")


def wrong_gateway(scene: Scene) -> None:
    def past(steps: list[Step]) -> list[Step]:
        steps[3].receiver = "router"
        return steps[:4]

    scene.request("web1", change=past, result="timed out")
    scene.request("web2")


def gateway_is_the_director(scene: Scene) -> None:
    scene.facts["web1"] = {**facts("web1", gateway=DIRECTOR), "addresses":
                           scene.facts["web1"]["addresses"]}  # fmt: skip

    def through(steps: list[Step]) -> list[Step]:
        reply = steps[3]
        onward = Step("on", "director", "router", reply.source, reply.target, "SA")
        reply.receiver = "director"
        return [*steps[:4], onward, *steps[4:]]

    scene.request("web1", change=through)
    scene.request("web2")


def no_forwarding(scene: Scene) -> None:
    scene.facts["director"]["sysctls"]["net.ipv4.ip_forward"] = "0"
    scene.requests(change=lambda steps: steps[:4], result="timed out")


def _not_local(scene: Scene) -> None:
    def keep(steps: list[Step]) -> list[Step]:
        steps[2].source = steps[0].source
        return steps[:3]

    scene.requests(change=keep, result="timed out")


def no_snat(scene: Scene) -> None:
    _not_local(scene)


def no_conntrack(scene: Scene) -> None:
    scene.facts["director"]["sysctls"]["net.ipv4.vs.conntrack"] = "0"
    _not_local(scene)


def masquerade(scene: Scene) -> None:
    def hide(steps: list[Step]) -> list[Step]:
        steps[2].source = (DIRECTOR, steps[2].source[1])
        return steps

    scene.requests(change=hide)


def mtu(scene: Scene) -> None:
    scene.too_big("director", 1400)
    scene.requests(result="stalled")


def nothing_is_left(scene: Scene) -> None:
    scene.weights = {"web1": 0, "web2": 0}
    scene.request("web1", change=lambda steps: steps[:2], result="timed out")


def one_gets_nothing(scene: Scene) -> None:
    for _time in range(4):
        scene.request("web1")


FAULTS: list[tuple[str, Callable[[Scene], None], str, str, str]] = [
    # mode, fault, check, host, a part of the message
    ("dr", arp_is_not_suppressed, "owner", "web1", "arp_ignore is all: 0"),
    ("dr", requests_go_past, "arrival", "web1", "went to web1, past the director"),
    ("dr", requests_go_past, "owner", "web1", "and not by the director"),
    ("nat", duplicate_address, "owner", STRANGER, "a duplicate address"),
    ("nat", vip_is_on_a_real_server_of_nat, "owner", "web1", "which no real server of nat needs"),
    ("dr", nobody_has_the_vip, "owner", "director", "no host answers ARP for 10.0.0.100"),
    ("dr", nobody_has_the_vip, "arrival", "director",
     "no host answers for 10.0.0.100: director does not have 10.0.0.100"),
    ("nat", no_route_to_the_vip, "arrival", "client", "client has no route to 10.0.0.100"),
    ("nat", no_service, "forwarding", "director", "has no service tcp 10.0.0.100:8080"),
    ("fullnat", no_weight, "forwarding", "director", "has weight 0 in its IPVS table"),
    ("dr", real_server_is_down, "forwarding", "web1",
     "director asked for 10.0.0.11 and got no answer: the question did not reach web1"),
    ("nat", real_server_is_not_there, "forwarding", "director", "sends requests to 10.0.0.12 too"),
    ("tun", other_method, "forwarding", "director", "forwards with masq and not with tunnel"),
    ("dr", never_delivered, "delivery", "web1", "did not arrive"),
    ("dr", no_vip_on_the_real_server, "reply", "web1", "web1 does not have 10.0.0.100"),
    ("tun", no_tunnel, "reply", "web1", "web1 has no device that unwraps ipip"),
    ("tun", tunnel_is_down, "reply", "web1", "ipip1 of web1 is down"),
    ("tun", strict_rp_filter, "reply", "web1", "rp_filter is strict (1) for tunl0"),
    ("nat", nothing_listens, "reply", "web1", "nothing listens on 10.0.0.11:80"),
    ("tun", nothing_listens, "reply", "web1", "nothing listens on 10.0.0.100:80"),
    ("nat", wrong_gateway, "return", "web1",
     "left through eth0 towards router (10.0.0.1), not through the DIP 10.0.0.5"),
    ("nat", wrong_gateway, "return", "web1",
     "(the route of web1 to 198.51.100.10 leads through 10.0.0.1 on eth0)"),
    ("dr", gateway_is_the_director, "return", "web1", "must not lead through director"),
    ("nat", no_forwarding, "return", "director", "net.ipv4.ip_forward is 0"),
    ("fullnat", no_snat, "source", "director", "the SNAT rule for the service is missing"),
    ("fullnat", no_conntrack, "source", "director", "net.ipv4.vs.conntrack is 0"),
    ("nat", masquerade, "source", "director", "a masquerading rule"),
    ("tun", mtu, "transfer", "director", "packet too big, at most 1400 bytes"),
    ("dr", nothing_is_left, "share", "director", "every real server of 10.0.0.100:80 has weight 0"),
    ("dr", one_gets_nothing, "share", "web2", "web2 (weight 1) got none of 4 requests"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "inject", "check", "host", "message"),
    FAULTS,
    ids=[f"{mode}-{inject.__name__}-{check}" for mode, inject, check, _host, _text in FAULTS],
)
def test_red(
    mode: str, inject: Callable[[Scene], None], check: str, host: str, message: str
) -> None:
    scene = Scene(mode)
    inject(scene)
    verdict = scene.verdict()
    assert verdict["verdict"] == "red"
    matching = [one for one in verdict["findings"] if message in one["message"]]
    assert [(one["id"], one["host"]) for one in matching] == [(f"verify.{check}", host)]


@pytest.mark.parametrize(
    "selector", [{"destination_ports": [80, 8080]}, {"other": ["tos"]}], ids=str
)
@pytest.mark.parametrize(
    ("mode", "inject", "cause"),
    [
        ("tun", strict_rp_filter, "rp_filter is strict"),
        ("nat", wrong_gateway, "the gateway is not the director"),
    ],
)
def test_a_route_that_a_rule_may_decide_is_no_cause(
    mode: str, inject: Callable[[Scene], None], cause: str, selector: dict[str, Any]
) -> None:
    scene = Scene(mode)
    inject(scene)
    assert cause in str(scene.verdict()["findings"])
    host = scene.facts["web1"]
    host["routes"].append({**route("0.0.0.0/0", "10.0.0.7", "eth7"), "table": 7})
    host["rules"] = [*host["rules"], {**rule(100, 7), **selector}]
    assert cause not in str(scene.verdict()["findings"])


def test_a_route_that_may_not_have_been_read_is_no_cause() -> None:
    scene = Scene("nat")
    no_route_to_the_vip(scene)
    omitted = {"family": "ipv4", "table": 254, "networks": ["10.0.0.0/8"]}
    scene.facts["client"]["routes_omitted"] = [omitted]
    assert "has no route" not in str(scene.verdict()["findings"])


@pytest.mark.parametrize(
    ("is_in_table", "message"),
    [
        (True, "packets to tcp 10.0.0.100:80 do not get the mark 7 there"),
        (False, "its IPVS table has no service fwmark 7"),
    ],
)
def test_a_service_with_a_mark_that_gets_no_packets(*, is_in_table: bool, message: str) -> None:
    scene = Scene("dr", fwmark=7)
    assert Scene("dr", fwmark=7).requests().verdict()["verdict"] == "green"
    if not is_in_table:
        scene.services[0]["fwmark"] = 8
    verdict = scene.requests(change=lambda steps: steps[:2], result="refused").verdict()
    (finding,) = verdict["findings"]
    assert (finding["id"], finding["host"]) == ("verify.forwarding", "director")
    assert message in finding["message"]


def test_ports_with_one_mark_are_scheduled_in_one_row() -> None:
    scene = Scene("dr", fwmark=7, ports=(80, 81))
    # Alternately, so that each port has its own real server.
    verdicts = scene.requests().verdicts()
    assert [[each["requests"] for each in one["servers"]] for one in verdicts] == [[2, 0], [0, 2]]
    assert [one["verdict"] for one in verdicts] == ["green", "green"]


def test_a_real_server_that_gets_nothing_of_a_mark() -> None:
    scene = Scene("dr", fwmark=7, ports=(80, 81))
    for _each in range(4):
        scene.request("web1")
    for verdict in scene.verdicts():
        (finding,) = verdict["findings"]
        assert (finding["id"], finding["host"]) == ("verify.share", "web2")
        assert "got none of 4 requests to the mark 7" in finding["message"]


def refused_by_the_application(steps: list[Step]) -> list[Step]:
    for step in steps[3:]:
        step.flags = "RA"
    return steps


def unused(
    protocol: str = "tcp",
    *,
    is_range: bool = True,
    last: str = "answered",
    refusal: Callable[[list[Step]], list[Step]] = refused_by_the_application,
) -> Scene:
    """A service at whose ports, but the last, nothing listens at the moment."""
    scene = Scene("dr", fwmark=7, ports=(80, 81, 82), is_range=is_range, protocol=protocol)
    used = [] if last == "refused" else [{**HTTP, "protocol": protocol, "port": 82}]
    scene.obstacles = {host: {**NOTHING, "listening": used} for host in ("web1", "web2")}
    for number in range(6):
        host = ("web1", "web2")[number % 2]
        result = last if number % 3 == 2 else "refused"
        if result == "answered":
            scene.request(host)
            continue
        change = refusal if protocol == "tcp" else lambda steps: steps[:3]
        scene.request(host, change=change, result=result)
        if (protocol, result) == ("udp", "refused"):
            port_unreachable(scene, host, number)
    return scene


def port_unreachable(scene: Scene, host: str, number: int) -> None:
    """A real server says that nothing listens where a request has come."""
    seen = Seen(0.0, "eth0", "out", mac(host), mac("router"))
    port = scene.ports[number % len(scene.ports)]
    error = Error(seen, VIP, "port unreachable", 0, CLIENT, VIP, 40000 + number, port)
    scene.frames[host].append(error)


@pytest.mark.parametrize(
    ("protocol", "last"), [("tcp", "answered"), ("udp", "answered"), ("udp", "no answer")]
)
def test_a_port_of_a_range_need_not_be_in_use(protocol: str, last: str) -> None:
    verdicts = unused(protocol, last=last).verdicts()
    assert [(one["port"], one["verdict"], one["answered"]) for one in verdicts] == [
        (80, "green", 0),
        (81, "green", 0),
        (82, "green", 2 if last == "answered" else 0),
    ]
    assert "2 of 2 requests were refused by real servers" in verdicts[0]["notes"][0]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_range_of_which_every_port_is_refused(protocol: str) -> None:
    for verdict in unused(protocol, last="refused").verdicts():
        assert [one["id"] for one in verdict["findings"]] == ["verify.reply"] * 2
        causes = [one["cause"] for one in verdict["findings"]]
        assert all(one.startswith("nothing listens on") for one in causes)


def test_a_refusal_whose_cause_was_not_read() -> None:
    scene = unused()
    del scene.obstacles["web1"]
    assert [one["host"] for one in scene.verdicts()[0]["findings"]] == ["web1"]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_one_that_is_named_by_itself_has_to_be(protocol: str) -> None:
    verdicts = unused(protocol, is_range=False).verdicts()
    ids = {finding["id"] for one in verdicts for finding in one["findings"]}
    assert ids == {"verify.reply"}


def test_a_range_that_is_refused_although_something_listens() -> None:
    scene = unused()
    scene.obstacles["web1"] = {**NOTHING, "listening": [HTTP]}
    first, second, _last = scene.verdicts()
    assert [one["host"] for one in first["findings"]] == ["web1"]
    assert second["verdict"] == "green"


def test_an_error_about_one_port_is_none_about_another() -> None:
    scene = Scene("dr", fwmark=7, ports=(80, 81), protocol="udp")
    for number, result in enumerate(("refused", "no answer")):
        scene.request("web1", change=lambda steps: steps[:3], result=result)
        if result == "refused":
            port_unreachable(scene, "web1", number)
    refused, silent = scene.verdicts()
    assert [one["id"] for one in refused["findings"]] == ["verify.reply"]
    assert silent["verdict"] == "green"


def test_the_way_of_a_refusal_counts() -> None:
    def through_the_director(steps: list[Step]) -> list[Step]:
        last = refused_by_the_application(steps)[3:]
        last[0].receiver = "director"
        last[1].sender = "router"
        back = [last[0], Step("on", "director", "router", last[0].source, last[0].target, "RA")]
        return [*steps[:3], *back, last[1]]

    refused = unused(refusal=through_the_director).verdicts()[:2]
    ids = {finding["id"] for one in refused for finding in one["findings"]}
    assert ids == {"verify.return"}


@pytest.mark.parametrize("mode", MODES)
def test_a_silent_application_behind_udp_is_no_finding(mode: str) -> None:
    scene = Scene(mode, protocol="udp")
    verdict = scene.requests(change=lambda steps: steps[:3], result="no answer").verdict()
    assert verdict["findings"] == []
    assert "4 of 4 datagrams had no answer" in verdict["notes"][0]


def test_udp_that_cannot_be_answered_is_one() -> None:
    scene = Scene("dr", protocol="udp")
    for name in ("web1", "web2"):
        scene.facts[name]["addresses"].pop()
    verdict = scene.requests(change=lambda steps: steps[:3], result="no answer").verdict()
    assert {one["host"] for one in verdict["findings"]} == {"web1", "web2"}


def test_what_was_left_out_is_said() -> None:
    scene = Scene("dr").requests()
    scene.complete = False
    notes = scene.verdict()["notes"]
    assert "the capture on client is not complete (3 packets dropped)" in notes


def test_a_vip_that_is_nobodys_neighbour_is_not_asked_for() -> None:
    scene = Scene("dr").requests()
    for name in ("router", "web1", "web2"):
        scene.facts[name]["addresses"][0]["prefix"] = 32
    verdict = scene.verdict()
    assert verdict["answered_by"] is None
    assert "no host in the network of 10.0.0.100 could query it" in verdict["notes"][0]
    assert verdict["findings"] == []


def test_a_router_that_has_to_know_and_asks() -> None:
    scene = Scene("dr", static_arp=True).requests()
    assert scene.verdict()["findings"] == []
    scene.query("router", VIP, heard_by="web1")
    (finding,) = scene.verdict()["findings"]
    assert (finding["id"], finding["host"]) == ("verify.owner", "router")
    assert "no permanent neighbour entry for 10.0.0.100" in finding["message"]


# The condition of a cause holds, and the fault is elsewhere all the same.


def the_question_reaches_the_server(scene: Scene) -> None:
    real_server_is_down(scene)
    scene.query("director", WEB1, heard_by="web1")


def the_servers_device_is_down(scene: Scene) -> None:
    real_server_is_down(scene)
    scene.facts["web1"]["links"][1]["up"] = False


def the_server_does_not_have_its_address(scene: Scene) -> None:
    real_server_is_down(scene)
    scene.facts["web1"]["addresses"][0]["address"] = "10.0.0.19"


def _network_on_lo(scene: Scene) -> None:
    """An old script has put the VIP there with the prefix of the network."""
    (own,) = [one for one in scene.facts["web1"]["addresses"] if one["device"] == "lo"]
    own["prefix"] = 24
    _local_route(scene, "10.0.0.0/24")


def _local_route(scene: Scene, network: str) -> None:
    one = {**route(network, device="lo"), "type": "local", "table": 255}
    scene.facts["web1"]["routes"].append(one)


def network_on_lo_and_no_answer(scene: Scene) -> None:
    real_server_is_down(scene)
    _network_on_lo(scene)
    scene.facts["web1"]["sysctls"]["net.ipv4.conf.all.rp_filter"] = "1"


def network_on_lo_and_no_reply(scene: Scene) -> None:
    _local_route(scene, "198.51.100.0/24")
    network_on_lo_without_a_route(scene)


def network_on_lo_without_a_route(scene: Scene) -> None:
    """Its address has noprefixroute."""
    scene.facts["web1"]["addresses"].append(
        {"device": "lo", "address": "198.51.100.200", "prefix": 24, "family": "ipv4"}
    )
    scene.request("web1", change=lambda steps: steps[:3], result="timed out")
    scene.request("web2")


def a_frame_may_be_missing(scene: Scene) -> None:
    real_server_is_down(scene)
    scene.complete = False


def a_silent_server_takes_no_requests(scene: Scene) -> None:
    real_server_is_down(scene)
    scene.services[0]["destinations"][0]["weight"] = 0


def the_director_that_has_the_vip_does_not_answer(scene: Scene) -> None:
    scene.answered_by = []
    scene.requests()


def the_director_has_it_on_a_device_that_is_down(scene: Scene) -> None:
    the_director_that_has_the_vip_does_not_answer(scene)
    scene.facts["director"]["links"][1]["up"] = False


def arp_is_suppressed_and_answered(scene: Scene) -> None:
    scene.facts["web1"]["sysctls"]["net.ipv4.conf.all.arp_ignore"] = "1"
    scene.answered_by.append(mac("web1"))
    scene.requests()


def arp_is_answered_and_settings_were_not_read(scene: Scene) -> None:
    scene.facts["web1"]["sysctls"]["net.ipv4.conf.all.arp_ignore"] = "0"
    scene.answered_by.append(mac("web1"))
    scene.requests()


def a_server_without_the_vip_answers(scene: Scene) -> None:
    scene.answered_by.append(mac("web1"))
    scene.requests()


def requests_go_past_a_silent_server(scene: Scene) -> None:
    requests_go_past(scene)
    scene.answered_by = [mac("director")]


def the_client_says_why(scene: Scene) -> None:
    no_route_to_the_vip(scene)
    scene.results[0]["status"] = "Operation not permitted"


def nothing_is_forwarded_for_no_known_reason(scene: Scene) -> None:
    scene.requests(change=lambda steps: steps[:2], result="timed out")


def the_director_is_a_real_server(scene: Scene) -> None:
    scene.services[0]["destinations"][0]["address"] = DIRECTOR
    scene.request("web2")
    scene.request("web1", change=lambda steps: steps[:2], result="timed out")
    del scene.weights["web1"], scene.facts["web1"], scene.frames["web1"]


def a_tunnel_that_is_up(scene: Scene) -> None:
    scene.facts["web1"]["links"][-1].update(name="ipip1")
    scene.request("web1", change=lambda steps: steps[:3], result="timed out")
    scene.request("web2")


def a_tunnel_of_the_wrong_kind(scene: Scene) -> None:
    a_tunnel_that_is_up(scene)
    scene.facts["web1"]["links"][-1].update(kind="sit")


def an_application_that_is_silent(scene: Scene) -> None:
    scene.request("web1", change=lambda steps: steps[:3], result="timed out")
    scene.request("web2")


def the_route_back_is_right(scene: Scene) -> None:
    """A rule of the real server, or an ICMP redirect, leads replies elsewhere."""
    scene.facts["web1"]["routes"][0]["gateway"] = DIRECTOR
    wrong_gateway(scene)


def the_servers_are_behind_another_router(scene: Scene) -> None:
    for host in ("web1", "web2"):
        scene.facts[host]["routes"].append(route(f"{DIRECTOR}/32", ROUTER, "eth0"))
    wrong_gateway(scene)


def a_rule_of_ours_leads_replies(scene: Scene) -> None:
    scene.policy_route = True
    wrong_gateway(scene)


def a_rule_of_ours_leads_replies_that_are_not_sent(scene: Scene) -> None:
    scene.policy_route = True
    scene.facts["web1"]["routes"].pop(0)
    an_application_that_is_silent(scene)


def a_rule_by_port_leads_replies(scene: Scene) -> None:
    """The table of another rule leads replies of this port to the director."""
    _rule(scene, source_ports=[PORT, PORT])
    wrong_gateway(scene)


def a_rule_by_mark_may_lead_replies(scene: Scene) -> None:
    _rule(scene, mark=1, mask=1)
    wrong_gateway(scene)


def _rule(scene: Scene, **asked: object) -> None:
    first, *others = scene.facts["web1"]["rules"]
    one = {**others[0], "priority": 100, "table": 7, **asked}
    scene.facts["web1"]["rules"] = [first, one, *others]
    onward = {**route("0.0.0.0/0", DIRECTOR, "eth0"), "table": 7}
    scene.facts["web1"]["routes"].append(onward)


def the_route_back_does_not_lead_to_the_director(scene: Scene) -> None:
    gateway_is_the_director(scene)
    scene.facts["web1"]["routes"][0]["gateway"] = ROUTER


def a_stateful_firewall(scene: Scene) -> None:
    scene.facts["director"]["sysctls"]["net.ipv4.vs.conntrack"] = "0"
    scene.requests(change=lambda steps: steps[:4], result="timed out")


def no_way_to_the_client(scene: Scene) -> None:
    scene.requests(change=lambda steps: steps[:4], result="timed out")
    scene.facts["director"]["routes"].pop(0)


def a_threshold(scene: Scene) -> None:
    one_gets_nothing(scene)


def no_error_tells_of_the_size(scene: Scene) -> None:
    scene.requests(result="stalled")


ELSEWHERE: list[tuple[str, Callable[[Scene], None], str, str]] = [
    # mode, fault, a part of the cause, and what must not be said
    ("dr", the_question_reaches_the_server, "the question reached web1: not shown", "is down"),
    ("dr", the_servers_device_is_down, "eth0 of web1 is down", "not shown"),
    ("dr", the_server_does_not_have_its_address, "web1 does not have 10.0.0.11", "is down"),
    ("dr", network_on_lo_and_no_answer, "10.0.0.100/24 on lo makes all of 10.0.0.0/24 local",
     "is down"),
    ("nat", network_on_lo_and_no_reply, "what it sends to 198.51.100.10 does not leave it",
     "silently"),
    ("dr", the_director_that_has_the_vip_does_not_answer,
     "the question did not reach director, which has 10.0.0.100 on eth0: not shown", "not have"),
    ("dr", the_director_has_it_on_a_device_that_is_down, "eth0 of director, which has",
     "not shown"),
    ("dr", arp_is_suppressed_and_answered, "it answers for others (proxy ARP or ND)",
     "ARP is not suppressed"),
    ("dr", arp_is_answered_and_settings_were_not_read, "it answers for others (proxy ARP or ND)",
     "ARP is not suppressed"),
    ("dr", a_frame_may_be_missing, "not shown by what was read", "got no answer"),
    ("dr", a_silent_server_takes_no_requests, "not shown by what was read", "got no answer"),
    ("nat", real_server_is_not_there, "not shown by what was read; its IPVS table sends requests",
     "#"),
    ("nat", network_on_lo_without_a_route, "the application silently drops", "does not leave"),
    ("nat", a_server_without_the_vip_answers, "web1 did not have 10.0.0.100 when it was read",
     "which no real server of nat needs"),
    ("dr", requests_go_past_a_silent_server,
     "`ip route get 10.0.0.100; ip neighbour show 10.0.0.100` on router", "which answered ARP"),
    ("nat", the_client_says_why, "cause: Operation not permitted", "has no route"),
    ("nat", nothing_is_forwarded_for_no_known_reason, "a firewall on it, or every real server",
     "no route"),
    ("nat", the_director_is_a_real_server, "are delivered on the director itself", "no route"),
    ("tun", a_tunnel_that_is_up, "ipip1 of web1 is up: not shown", "no device"),
    ("tun", a_tunnel_of_the_wrong_kind, "no device that unwraps ipip over IPv4 (kind ipip)",
     "is up"),
    ("dr", an_application_that_is_silent, "`nft list ruleset; ss -Hlnp 'sport = :80'",
     "nothing listens"),
    ("nat", the_route_back_is_right, "a rule or another table of web1", "gateway is not"),
    ("nat", a_rule_of_ours_leads_replies, "a rule or another table of web1", "gateway is not"),
    ("nat", a_rule_of_ours_leads_replies_that_are_not_sent, "a rule of web1 gives replies no",
     "has no route"),
    ("nat", a_rule_by_port_leads_replies, "a rule or another table of web1", "gateway is not"),
    ("nat", a_rule_by_mark_may_lead_replies, "a rule or another table of web1", "gateway is not"),
    ("nat", the_servers_are_behind_another_router,
     "read; a router between leads it past the director: the gateway is not the director", "#"),
    ("dr", the_route_back_does_not_lead_to_the_director, "by a rule or another table",
     "the route of web1 to 198.51.100.10 leads through 10.0.0.1"),
    ("nat", a_stateful_firewall, "set topology_settings.sysctls.conntrack to 1", "no route"),
    ("nat", no_way_to_the_client, "it has no route to 198.51.100.10", "firewall"),
    ("dr", a_threshold, "its upper threshold of connections is reached", "is 0"),
    ("tun", no_error_tells_of_the_size, "the application does not read on", "too big"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "inject", "cause", "wrong"),
    ELSEWHERE,
    ids=[f"{mode}-{inject.__name__}" for mode, inject, _cause, _wrong in ELSEWHERE],
)
def test_a_cause_that_nothing_shows_is_not_named(
    mode: str, inject: Callable[[Scene], None], cause: str, wrong: str
) -> None:
    scene = Scene(mode)
    inject(scene)
    messages = [one["message"] for one in scene.verdict()["findings"]]
    matching = [one for one in messages if cause in one]
    assert len(matching) == 1, messages
    assert wrong not in matching[0]


def test_a_packet_filter_that_rejects_is_no_missing_application() -> None:
    scene = Scene("dr")
    scene.request("web1", change=lambda steps: steps[:3], result="refused")
    scene.request("web2")
    seen = Seen(0.0, "eth0", "out", mac("web1"), mac("router"))
    scene.frames["web1"].append(Error(seen, VIP, "prohibited", 0, CLIENT, VIP, 40000, PORT))
    (finding,) = scene.verdict()["findings"]
    assert "read; a packet filter on web1 rejects it, or a rule or route" in finding["message"]
    assert "nothing listens" not in finding["message"]


FILTER = {"table": "inet filter", "hooks": ["forward", "input"], "by_state": True}
NOTHING: dict[str, Any] = {"listening": [], "filters": [], "redirects": [], "connections": {}}
HTTP = {"protocol": "tcp", "address": "0.0.0.0", "port": PORT}


@pytest.mark.parametrize(
    ("obstacles", "cause"),
    [
        ({"listening": []}, "nothing listens on 10.0.0.100:80 at web1"),
        # A published port of a container has no socket.
        ({"listening": [], "redirects": ["ip nat"]}, "the application silently drops requests"),
        ({"listening": [], "redirects": None}, "the application silently drops requests"),
        ({"listening": [{**HTTP, "address": VIP}]}, "the application silently drops requests"),
        ({"listening": [{**HTTP, "address": "::"}]}, "the application silently drops requests"),
        ({"connections": {"tracked": 10, "most": 10}}, "tracks as many connections as it can"),
        ({"connections": {"tracked": 10, "most": 0}}, "the application silently drops requests"),
        ({"filters": [FILTER]}, "a firewall on it (tables: inet filter), or the application"),
        ({"filters": None}, "a firewall on it, or the application"),
        ({"filters": [{**FILTER, "hooks": ["forward"]}]}, "read; the application silently"),
    ],
)
def test_what_was_read_after_a_request_without_an_answer(
    obstacles: dict[str, Any], cause: str
) -> None:
    scene = Scene("dr")
    scene.obstacles["web1"] = {**NOTHING, "listening": [HTTP], **obstacles}
    an_application_that_is_silent(scene)
    (finding,) = scene.verdict()["findings"]
    assert cause in finding["message"]


@pytest.mark.parametrize(
    ("filters", "said", "unsaid"),
    [
        ([FILTER], "tables: inet filter), or one that looks at the state", "nothing"),
        ([{**FILTER, "by_state": False}], "a firewall on it (tables: inet filter)", "state"),
        ([], "not shown by what was read; its kernel drops it", "firewall"),
    ],
)
def test_a_director_that_drops_replies(
    filters: list[dict[str, Any]], said: str, unsaid: str
) -> None:
    scene = Scene("nat")
    scene.obstacles["director"] = {**NOTHING, "filters": filters}
    a_stateful_firewall(scene)
    (finding,) = scene.verdict()["findings"]
    assert said in finding["cause"]
    assert unsaid not in finding["cause"].partition("(decides")[0]


def test_a_refusal_while_something_listens() -> None:
    scene = Scene("dr")
    scene.obstacles["web1"] = {**NOTHING, "listening": [HTTP], "filters": [FILTER]}
    nothing_listens(scene)
    (finding,) = scene.verdict()["findings"]
    assert "the application refuses it itself, or a firewall on it" in finding["cause"]


def test_both_directors_answer() -> None:
    scene = Scene("dr")
    names = ("lb1", "lb2")
    evidence = Evidence(EvidenceScene(read_hosts(scene.facts), "client", names, {}), {})
    endpoint = read_endpoints(scene.paths)[0]
    for answering, found in ((names, 1), (names[:1], 0)):
        seen = Observation(endpoint, frozenset(answering), (), is_served=True)
        problems = [*owners(seen, evidence)]
        assert len(problems) == found
        for one in problems:
            assert one.got == "ARP for 10.0.0.100 is answered by lb1 and by lb2"
            assert "split brain" in one.cause


@pytest.mark.parametrize(
    ("change", "got"),
    [
        (lambda table: table.clear(), "standby has no service for 10.0.0.100:80"),
        (
            lambda table: table[0]["destinations"].pop(),
            "standby has wrr: 10.0.0.11:80 (droute) for 10.0.0.100:80",
        ),
        (lambda table: table[0]["destinations"][0].update(weight=0), ""),
    ],
)
def test_a_standby_with_another_table_is_named(
    change: Callable[[list[dict[str, Any]]], object], got: str
) -> None:
    scene = Scene("dr")
    scene.facts["standby"] = facts("web2")
    destinations = [
        {"address": f"10.0.0.{number}", "port": 80, "forwarding": "droute", "weight": 1}
        for number in (11, 12)
    ]
    service = {"protocol": "tcp", "address": "10.0.0.100", "port": 80, "scheduler": "wrr"}
    tables = {
        name: [{**service, "destinations": copy.deepcopy(destinations)}]
        for name in ("director", "standby")
    }
    change(tables["standby"])
    evidence = Evidence(
        EvidenceScene(read_hosts(scene.facts), "client", ("director", "standby"), {}), tables
    )
    found = [*alike(read_endpoints(scene.paths)[0], evidence)]
    assert [(one.host, one.got) for one in found] == ([("standby", got)] if got else [])


def test_one_director_of_two_that_lacks_the_vip_is_no_cause() -> None:
    """With VRRP, only one of them has it."""
    scene = Scene("dr")
    scene.facts["standby"] = facts("web2")
    evidence = Evidence(
        EvidenceScene(read_hosts(scene.facts), "client", ("standby", "director"), {}), {}
    )
    said = nobody_has(read_endpoints(scene.paths)[0], evidence)
    assert "standby" not in said
    assert "which has 10.0.0.100 on eth0" in said


def test_ipv6_in_ipv6_is_unwrapped_by_its_own_kind_of_device() -> None:
    """A filter such as firewalld's IPv6_rpfilter drops what leaves the tunnel."""
    rip = "2001:db8:10::11"
    found = facts("web1")
    found["links"].append(link("tun6", "", 1452, "ip6tnl"))
    host = read_hosts({"web1": found}).by_name["web1"]
    server = Server("web1", "web1", "tun", rip, 80, 1, {}, (), "sit", 0)
    said = not_unwrapped(host, server, "ipv6", "ipv6")
    assert "tun6 of web1 is up: not shown by what was read" in said
    assert "firewalld: IPv6_rpfilter" in said
    found["links"].pop()
    assert "no device that unwraps sit over IPv6 (kind ip6tnl)" in not_unwrapped(
        read_hosts({"web1": found}).by_name["web1"], server, "ipv6", "ipv6"
    )


def test_a_device_that_the_kernel_makes_by_itself_is_no_cause() -> None:
    found = facts("web1")
    found["links"].append({**link("tunl0", "", 1480, "ipip"), "up": False})
    host = read_hosts({"web1": found}).by_name["web1"]
    server = Server("web1", "web1", "tun", "10.0.0.11", 80, 1, {}, (), "ipip", 0)
    assert not_unwrapped(host, server, "ipv4", "ipv4") == (
        "web1 has no device that unwraps ipip over IPv4 (kind ipip)"
    )


def test_a_device_for_the_other_family_unwraps_nothing() -> None:
    found = facts("web1")
    found["links"].append(link("sit-1", "", 1480, "sit"))
    host = read_hosts({"web1": found}).by_name["web1"]
    server = Server("web1", "web1", "tun", "10.0.0.11", 80, 1, {}, (), "gue", 6080)
    assert "no device that unwraps gue over IPv4 (kind ipip)" in not_unwrapped(
        host, server, "ipv4", "ipv4"
    )
    assert "UDP port 6080 is not open for it" in not_unwrapped(host, server, "ipv6", "ipv4")
