# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A director that is a real server itself: what it keeps, and what it should have kept."""

from __future__ import annotations

from typing import Any

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.packets.frames import Error, Seen
from ansible_collections.lvs.topology.plugins.module_utils.verify.columns import reply_path

from .scenes import CLIENT, INSIDE, VIP, Scene, Step, mac

MODES = ("nat", "dr", "tun", "fullnat")
ALL = {"director": 1, "web1": 1, "web2": 1}
NOTHING: dict[str, Any] = {"listening": [], "filters": [], "redirects": [], "connections": {}}
WEB: dict[str, Any] = {
    **NOTHING,
    "listening": [{"protocol": "tcp", "address": "0.0.0.0", "port": 80}],
}


def refused(steps: list[Step]) -> list[Step]:
    for step in steps[2:]:
        step.flags = "R"
    return steps


def arrived(steps: list[Step]) -> list[Step]:
    return steps[:2]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
@pytest.mark.parametrize("mode", MODES)
def test_its_own_answer_is_a_real_servers(mode: str, protocol: str) -> None:
    verdict = Scene(mode, protocol=protocol, weights=ALL).requests().verdict()
    assert verdict["findings"] == []
    assert [one["requests"] for one in verdict["servers"]] == [2, 2, 2]
    seen = {CLIENT, INSIDE["director"]} if mode == "fullnat" else {CLIENT}
    assert verdict["seen_by_servers"] == sorted(seen)
    assert verdict["passed_back"] == (["director"] if mode in ("nat", "fullnat") else [])
    (way,) = [one for one in verdict["ways"] if one["server"] == "director"]
    for kind, hosts in (("request", ["client", "router"]), ("reply", ["director", "router"])):
        assert [hop["from"] for hop in way[kind]] == hosts


@pytest.mark.parametrize("mode", MODES)
def test_it_may_be_the_only_one(mode: str) -> None:
    scene = Scene(mode, weights={"director": 1})
    scene.frames = {"client": [], "director": []}
    verdict = scene.requests().verdict()
    assert verdict["findings"] == []
    assert reply_path(verdict) == "straight from the real servers"


@pytest.mark.parametrize(("mode", "address"), [("dr", f"{VIP}:80"), ("nat", "10.0.0.5:80")])
def test_an_application_that_is_down(mode: str, address: str) -> None:
    scene = Scene(mode, weights=ALL, obstacles={"director": NOTHING})
    scene.request("web1")
    scene.request("web2")
    scene.request("director", change=refused, result="refused")
    (finding,) = scene.verdict()["findings"]
    assert (finding["id"], finding["host"]) == ("verify.reply", "director")
    assert finding["cause"] == f"nothing listens on {address} at director"


def test_an_application_of_udp_that_is_down() -> None:
    scene = Scene("dr", protocol="udp", weights=ALL, obstacles={"director": NOTHING})
    scene.request("director", change=arrived, result="refused")
    seen = Seen(0.0, "eth0", "out", mac("director"), mac("router"))
    scene.frames["director"].append(Error(seen, VIP, "port unreachable", 0, CLIENT, VIP, 40000, 80))
    (finding,) = scene.verdict()["findings"]
    assert (finding["id"], finding["host"]) == ("verify.reply", "director")
    assert finding["cause"] == f"nothing listens on {VIP}:80 at director"


@pytest.mark.parametrize("reason", ["packet too big", "host unreachable"])
def test_what_it_says_about_others_is_no_answer(reason: str) -> None:
    scene = Scene("tun", weights=ALL)
    scene.request("web1", change=arrived, result="timed out")
    seen = Seen(0.0, "eth0", "out", mac("director"), mac("router"))
    scene.frames["director"].append(Error(seen, VIP, reason, 0, CLIENT, VIP, 40000, 80))
    (finding,) = scene.verdict()["findings"]
    assert finding["id"] == "verify.forwarding"


def test_silence_may_be_its_own() -> None:
    """Nothing tells whether IPVS took the request for the director or lost it."""
    scene = Scene("dr", weights=ALL, obstacles={"director": WEB})
    scene.request("director", change=arrived, result="timed out")
    (finding,) = scene.verdict()["findings"]
    assert (finding["id"], finding["host"]) == ("verify.forwarding", "director")
    assert finding["got"].endswith("was sent to no real server, nor answered there")
    assert (
        "not shown by what was read; it was for director itself, and the application"
        in (finding["cause"])
    )


def test_silence_has_a_cause_where_it_is_the_only_one() -> None:
    scene = Scene("dr", weights={"director": 1}, obstacles={"director": NOTHING})
    scene.frames = {"client": [], "director": []}
    scene.request("director", change=arrived, result="timed out")
    (finding,) = scene.verdict()["findings"]
    assert finding["cause"] == f"nothing listens on {VIP}:80 at director"


def test_silence_of_udp_is_no_finding() -> None:
    def asked(steps: list[Step]) -> list[Step]:
        return [one for one in steps if one.name not in ("reply", "answer")]

    verdict = Scene("dr", protocol="udp", weights=ALL).requests(asked, result="no answer").verdict()
    assert verdict["findings"] == []
    assert [one["requests"] for one in verdict["servers"]] == [2, 2, 2]


@pytest.mark.parametrize("protocol", ["tcp", "udp"])
def test_a_request_that_was_for_another_one_is_not_its_own(protocol: str) -> None:
    scene = Scene("dr", protocol=protocol, weights=ALL)
    scene.query("director", INSIDE["web1"])
    scene.request("web1", change=arrived, result="timed out")
    (finding,) = scene.verdict()["findings"]
    assert (finding["id"], finding["host"]) == ("verify.forwarding", "web1")
    assert finding["cause"].startswith("director asked for 10.0.0.11 and got no answer")


def test_it_answers_although_ipvs_knows_nothing_of_it() -> None:
    scene = Scene("dr", weights=ALL)
    scene.services = []
    for _time in range(6):
        scene.request("director")
    (finding,) = scene.verdict()["findings"]
    assert finding["got"].endswith("was sent to no real server, but answered there")
    assert finding["cause"] == f"its IPVS table has no service tcp {VIP}:80"


def test_it_answers_for_the_others() -> None:
    """Packets without the mark do not come to IPVS, but to the application behind it."""
    scene = Scene("dr", weights=ALL, fwmark=7)
    for _time in range(6):
        scene.request("director")
    findings = scene.verdict()["findings"]
    assert [(one["id"], one["host"]) for one in findings] == [
        ("verify.share", "web1"),
        ("verify.share", "web2"),
    ]
    assert "do not get the mark 7, and director answers them itself" in findings[0]["cause"]


PAST = "packets to tcp 10.0.0.100:80 do not get the mark 7 there"
DECIDES = "(decides: `nft list table inet lvs_director; ipvsadm -Ln --stats` on director)"


def only_itself(scene: Scene) -> dict[str, Any]:
    for _time in range(6):
        scene.request("director")
    return scene.verdict()


def test_it_answers_although_it_has_no_weight() -> None:
    verdict = only_itself(Scene("dr", weights={**ALL, "director": 0, "web2": 0}, fwmark=7))
    own = [one for one in verdict["findings"] if one["id"] == "verify.forwarding"]
    assert [(one["host"], one["requests"]) for one in own] == [("director", 6)]
    assert PAST in own[0]["cause"]
    assert own[0]["cause"].endswith(DECIDES)
    assert verdict["notes"] == []


def test_it_answers_although_it_was_declared_without_weight() -> None:
    scene = Scene("dr", weights={**ALL, "director": 0, "web2": 0}, fwmark=7)
    scene.services[0]["destinations"][0]["weight"] = 1
    own = [one for one in only_itself(scene)["findings"] if one["id"] == "verify.forwarding"]
    assert [one["cause"] for one in own] == ["its weight in director's IPVS table is 1"]


def test_a_client_that_it_has_had_before_it_was_drained_may_stay() -> None:
    scene = Scene("dr", weights={**ALL, "director": 0}, fwmark=7, persistent=True)
    verdict = only_itself(scene)
    assert verdict["findings"] == []
    assert verdict["notes"][0].endswith(DECIDES)


@pytest.mark.parametrize(
    "scene",
    [
        Scene("dr", weights=ALL, fwmark=7, persistent=True),
        Scene("dr", weights={**ALL, "web1": 0, "web2": 0}, fwmark=7),
    ],
)
def test_what_cannot_be_told_of_its_answer_is_said(scene: Scene) -> None:
    verdict = only_itself(scene)
    assert verdict["findings"] == []
    (note,) = verdict["notes"]
    assert note.startswith("director answered itself, which IPVS may have had no part in")
    assert note.endswith(DECIDES)


@pytest.mark.parametrize(("fwmark", "persistent"), [(7, False), (0, True)])
def test_what_the_others_got_tells_enough(fwmark: int, *, persistent: bool) -> None:
    scene = Scene("dr", weights=ALL, fwmark=fwmark, persistent=persistent)
    assert scene.requests().verdict()["notes"] == []


def test_its_own_address_is_none_of_a_real_server_unless_it_is_declared() -> None:
    scene = Scene("dr")
    scene.services[0]["destinations"].append(
        {"address": INSIDE["director"], "port": 80, "weight": 1, "forwarding": "droute"}
    )
    for _time in range(4):
        scene.request("director")
    (finding,) = scene.verdict()["findings"]
    assert finding["cause"].startswith("its IPVS table has its own address 10.0.0.5")


def test_it_does_not_ask_for_its_own_vip() -> None:
    scene = Scene("dr", weights=ALL).requests()
    for name in ("router", "client"):
        scene.facts[name]["addresses"][0]["prefix"] = 32
    assert [*scene.observed().queries] == ["web1", "web2"]
