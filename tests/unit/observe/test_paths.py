# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
import ipaddress

from observe.declaration import Endpoint
from observe.frames import Advertisement, Packet
from observe.paths import Scene, Sight, owners, trace
from observe.traffic import Request
from observe.wiring import Interface, Wiring

MACS = {
    name: f"02:00:00:00:00:0{number}"
    for number, name in enumerate(("client", "router", "director", "web1"), 1)
}
WIRING = Wiring(
    {
        name: (Interface("inside", mac, (ipaddress.ip_interface(f"10.0.0.{number}/24"),)),)
        for number, (name, mac) in enumerate(MACS.items(), 1)
    }
)
CLIENT, VIP = "198.51.100.10", "10.0.0.100"
ENDPOINT = Endpoint("web", "dr", VIP, 80, {"web1": 1})


def packet(by: str, to: str, source: tuple[str, int], target: tuple[str, int]) -> Packet:
    return Packet("tcp", MACS[by], MACS[to], *source, *target)


def scene(router: list[Packet | Advertisement], director: list[Packet]) -> Scene:
    return Scene(WIRING, {CLIENT}, Sight("router", router), [Sight("director", director)])


def test_direct_routing() -> None:
    there = packet("router", "director", (CLIENT, 4000), (VIP, 80))
    back = packet("web1", "router", (VIP, 80), (CLIENT, 4000))
    other = packet("web1", "router", (VIP, 80), (CLIENT, 4001))
    path = trace(Request(4000), ENDPOINT, scene([there, back, other], [there]))
    assert path.sent_to == {"director"}
    assert path.replied_by == {"web1"}
    assert path.replied_as == {f"{VIP}:80"}
    assert path.reply_passed == set()


def test_a_flooded_frame_has_not_passed_the_director() -> None:
    flooded = packet("web1", "router", (VIP, 80), (CLIENT, 4000))
    assert trace(Request(4000), ENDPOINT, scene([flooded], [flooded])).reply_passed == set()


def test_nat() -> None:
    back = packet("director", "router", (VIP, 80), (CLIENT, 4000))
    inner = packet("web1", "director", ("10.0.0.4", 80), (CLIENT, 4000))
    path = trace(Request(4000), ENDPOINT, scene([back], [inner, back]))
    assert path.replied_by == path.reply_passed == {"director"}


def test_the_reset_of_a_stray_reply_is_no_request() -> None:
    reset = packet("router", "web1", (CLIENT, 4000), ("10.0.0.4", 80))
    assert trace(Request(4000), ENDPOINT, scene([reset], [])).sent_to == set()


def test_all_who_claim_the_vip_are_named() -> None:
    claims: list[Packet | Advertisement] = [
        Advertisement(MACS["director"], VIP),
        Advertisement(MACS["web1"], "10.0.0.4"),
        Advertisement("02:00:00:00:00:99", VIP),
    ]
    assert owners(VIP, scene(claims, [])) == {"director", "02:00:00:00:00:99"}
