# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The kernel's filter accepts the packets that the parser reads."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.packets import bpf, frames
from ansible_collections.lvs.topology.plugins.module_utils.packets.frames import (
    Error,
    ExactFilter,
    Neighbour,
    Packet,
    Seen,
)
from ansible_collections.lvs.topology.plugins.module_utils.packets.options import MOST

from .build import (
    MAC1,
    MAC2,
    arp,
    ethernet,
    gre,
    gue,
    icmp_error,
    ip,
    neighbour,
    run,
    tcp,
    udp,
    vrrp,
)

CIP, VIP, DIP, RIP = "198.51.100.10", "10.0.0.100", "10.0.0.5", "10.1.0.11"
CIP6, VIP6, DIP6, RIP6 = "2001:db8:51::10", "2001:db8:10::100", "2001:db8:10::5", "2001:db8:11::11"
PORTS = {80, 8080}
PROGRAM = bpf.program([CIP, CIP6], PORTS, [VIP, VIP6, RIP], [6080], 160)
NO_PORTS = bpf.program([CIP, CIP6], [], [VIP, VIP6, RIP], [6080], 160)
EXACT = ExactFilter({CIP, CIP6}, {VIP, VIP6, RIP})
SEEN = Seen(1.5, "eth0", "in", "", "")
V4, V6, ARP = bpf.IPV4, bpf.IPV6, bpf.ARP

REQUEST = ip(CIP, VIP, 6, tcp(40000, 80))
REQUEST6 = ip(CIP6, VIP6, 6, tcp(40000, 80))
REFUSED6 = ip(RIP6, CIP6, 58, icmp_error(1, 4, REQUEST6))
WANTED = {
    "request": (V4, REQUEST),
    "reply": (V4, ip(VIP, CIP, 6, tcp(80, 40000))),
    "request with IP options": (V4, ip(CIP, VIP, 6, tcp(40000, 80), options=bytes(8))),
    "request over IPv6": (V6, REQUEST6),
    "datagram": (V4, ip(CIP, VIP, 17, udp(40000, 80))),
    "SCTP": (V6, ip(CIP6, VIP6, 132, udp(40000, 8080))),
    "ipip": (V4, ip(DIP, RIP, 4, REQUEST)),
    "IPv6 in IPv6": (V6, ip(DIP6, RIP6, 41, REQUEST6)),
    "sit": (V4, ip(DIP, RIP, 41, REQUEST6)),
    "IPv4 in IPv6": (V6, ip(DIP6, RIP6, 4, REQUEST)),
    "gre": (V4, ip(DIP, RIP, 47, gre(V4, REQUEST))),
    "gre with checksum": (V4, ip(DIP, RIP, 47, gre(V4, REQUEST, flags=0x8000))),
    "gre with all": (V6, ip(DIP6, RIP6, 47, gre(V6, REQUEST6, flags=0xB000))),
    "gue": (V4, ip(DIP, RIP, 17, udp(50000, 6080, gue(4, REQUEST)))),
    "gue with a private field": (
        V4,
        ip(DIP, RIP, 17, udp(50000, 6080, gue(41, REQUEST6, words=2))),
    ),
    "ARP request": (ARP, arp(1, "10.0.0.1", VIP)),
    "ARP reply": (ARP, arp(2, VIP, "10.0.0.1")),
    "solicitation": (V6, ip(DIP6, VIP6, 58, neighbour(135, VIP6))),
    "advertisement": (V6, ip(DIP6, VIP6, 58, neighbour(136, VIP6))),
    "too big": (V4, ip("10.0.0.1", DIP, 1, icmp_error(3, 4, ip(DIP, RIP, 4, b""), mtu=1400))),
    "refused": (V4, ip(RIP, CIP, 1, icmp_error(3, 3, REQUEST))),
    "VRRP": (V4, ip("10.0.0.6", "224.0.0.18", 112, vrrp(51, 254))),
    "VRRP over IPv6, version 3": (V6, ip(DIP6, "ff02::12", 112, vrrp(51, 0))),
    "VRRP, version 2": (V4, ip("10.0.0.6", DIP, 112, vrrp(51, 100, version=2))),
    "too big over IPv6": (V6, ip(DIP6, CIP6, 58, icmp_error(2, 0, REQUEST6, mtu=1300))),
}
UNWANTED = {
    "another client": (V4, ip("198.51.100.11", VIP, 6, tcp(40000, 80))),
    "another port": (V4, ip(CIP, VIP, 6, tcp(40000, 443))),
    "another client in a tunnel": (V4, ip(DIP, RIP, 4, ip("198.51.100.11", VIP, 6, tcp(4, 80)))),
    "not the tunnel's port": (V4, ip(DIP, RIP, 17, udp(50000, 6081, gue(4, REQUEST)))),
    "the host outside of a tunnel only": (V4, ip(CIP, RIP, 4, ip(DIP, VIP, 6, tcp(4, 80)))),
    "echo": (V4, ip(CIP, VIP, 1, bytes(8))),
    "OSPF": (V4, ip(CIP, VIP, 89, bytes(20))),
    "ARP for another": (ARP, arp(1, "10.0.0.1", "10.0.0.2")),
    "solicitation for another": (V6, ip(DIP6, VIP6, 58, neighbour(135, RIP6))),
    "error about others": (V4, ip(RIP, DIP, 1, icmp_error(3, 3, ip(DIP, "10.9.9.9", 6, b"")))),
    "a tunnel in a tunnel": (V4, ip(DIP, RIP, 4, ip(DIP, RIP, 4, REQUEST))),
    "LLDP": (0x88CC, bytes(60)),
}


def read(data: bytes, ethertype: int) -> frames.Frame | None:
    return frames.parse(
        ethernet(data, ethertype), ethertype=ethertype, hardware=1, seen=SEEN, tunnel_ports=[6080]
    )


@pytest.mark.parametrize("name", WANTED)
def test_what_is_wanted_comes_through_and_is_read(name: str) -> None:
    ethertype, data = WANTED[name]
    assert run(PROGRAM, data, ethertype) == 160
    assert run(NO_PORTS, data, ethertype) == 160
    frame = read(data, ethertype)
    assert frame is not None
    assert EXACT.wants(frame)


@pytest.mark.parametrize("name", UNWANTED)
def test_what_is_not_wanted_does_not_come_through(name: str) -> None:
    ethertype, data = UNWANTED[name]
    assert run(PROGRAM, data, ethertype) == 0


def test_without_ports_every_port_counts() -> None:
    assert run(NO_PORTS, ip(CIP, VIP, 6, tcp(40000, 443)), V4) == 160


def test_later_fragments_have_no_ports() -> None:
    fragment = bytearray(REQUEST)
    fragment[7] = 1
    assert run(PROGRAM, bytes(fragment), V4) == 0
    assert read(bytes(fragment), V4) is None


def test_exact_test_sorts_out_what_the_filter_cannot() -> None:
    """Two IPv6 addresses with the same last 32 bits."""
    data = ip("2001:db8:99::10", VIP6, 6, tcp(40000, 80))
    assert run(PROGRAM, data, V6) == 160
    frame = read(data, V6)
    assert frame is not None
    assert not EXACT.wants(frame)


def test_the_largest_filter_fits_the_memory_of_a_socket() -> None:
    """20480 bytes; the kernel makes eBPF of it: 8 bytes for a jump, seven times that for a load."""
    hosts = [f"10.0.0.{number}" for number in range(MOST["hosts"])]
    neighbours = [f"10.0.1.{number}" for number in range(MOST["neighbours"])]
    ports, tunnels = range(MOST["ports"]), range(MOST["tunnel_ports"])
    program = bpf.program(hosts, ports, neighbours, tunnels, 160)
    loads = sum(one.code in (0x40, 0x48, 0x50) for one in program)
    assert 8 * (len(program) + 6 * loads) < 20480


@st.composite
def odd_frames(draw: st.DrawFn) -> tuple[int, bytes]:
    """A frame that is wanted or not, with some bytes changed, and cut at some place."""
    ethertype, data = draw(st.sampled_from([*WANTED.values(), *UNWANTED.values()]))
    changed = bytearray(data)
    places = st.integers(0, len(data) - 1)
    numbers = st.integers(0, 255) | st.sampled_from([1, 4, 6, 17, 41, 47, 58, 0x45, 0x50, 0x60])
    for place, number in draw(st.lists(st.tuples(places, numbers), max_size=6)):
        changed[place] = number
    end = draw(st.just(len(data)) | places)
    return draw(st.just(ethertype) | st.sampled_from([V4, V6, ARP])), bytes(changed[:end])


@pytest.mark.fuzz
@given(odd_frames())
def test_the_filter_lets_through_what_the_reader_wants(odd: tuple[int, bytes]) -> None:
    """Anybody may have sent a frame: none breaks the reader."""
    ethertype, data = odd
    frame = read(data, ethertype)
    if frame and EXACT.wants(frame):
        assert run(NO_PORTS, data, ethertype)
        has_port = not isinstance(frame, Packet) or {frame.source_port, frame.target_port} & PORTS
        assert bool(run(PROGRAM, data, ethertype)) is bool(has_port)


@pytest.mark.parametrize(
    ("ethertype", "data"),
    [
        pytest.param(V6, b"\x50" + REFUSED6[1:], id="not the version of its ethertype"),
        pytest.param(V4, ip(DIP, RIP, 4, b"\x50" + REFUSED6[1:]), id="no version, in IPIP"),
        pytest.param(V4, ip(DIP, RIP, 4, REQUEST6), id="IPv6 in what announces IPv4"),
        pytest.param(V4, ip(RIP, CIP, 58, icmp_error(1, 0, REQUEST)), id="ICMPv6 in IPv4"),
        pytest.param(V4, ip(RIP, CIP, 1, icmp_error(3, 3, REQUEST6)), id="quotes another version"),
    ],
)
def test_a_frame_that_contradicts_itself(ethertype: int, data: bytes) -> None:
    assert read(data, ethertype) is None


def test_packet() -> None:
    data = ip(DIP, RIP, 17, udp(50000, 6080, gue(4, ip(CIP, VIP, 6, tcp(40000, 80, flags=0x12)))))
    assert read(data, V4) == Packet(
        seen=SEEN._replace(source_mac=MAC1, target_mac=MAC2),
        protocol="tcp",
        source=CIP,
        source_port=40000,
        target=VIP,
        target_port=80,
        flags="SA",
        sequence=7,
        hops=63,
        length=20 + 8 + 4 + 40,
        encapsulation="gue",
        outer_source=DIP,
        outer_target=RIP,
    )


def test_a_device_without_ethernet_header() -> None:
    frame = frames.parse(REQUEST, ethertype=V4, hardware=768, seen=SEEN)
    assert isinstance(frame, Packet)
    assert frame.seen == SEEN


def test_neighbours() -> None:
    seen = SEEN._replace(source_mac=MAC1, target_mac=MAC2)
    assert read(arp(2, VIP, DIP), ARP) == Neighbour(seen, is_answer=True, address=VIP, mac=MAC1)
    assert read(arp(1, DIP, VIP), ARP) == Neighbour(seen, is_answer=False, address=VIP, mac="")
    data = ip(VIP6, DIP6, 58, neighbour(136, VIP6))
    assert read(data, V6) == Neighbour(seen, is_answer=True, address=VIP6, mac=MAC1)


def test_error() -> None:
    found = read(WANTED["too big"][1], V4)
    assert isinstance(found, Error)
    assert (found.sender, found.reason, found.mtu) == ("10.0.0.1", "packet too big", 1400)
    assert (found.source, found.target) == (DIP, RIP)
    assert (found.source_port, found.target_port) == (0, 0)
    refused = read(WANTED["refused"][1], V4)
    assert isinstance(refused, Error)
    assert (refused.source_port, refused.target_port) == (40000, 80)


def test_frames_survive_the_way_as_plain_data() -> None:
    found = [read(data, ethertype) for ethertype, data in WANTED.values()]
    dumped = json.loads(json.dumps(frames.dump(one for one in found if one)))
    assert {*frames.load(dumped)} == {*found}
    assert "payload" not in json.dumps(dumped)
