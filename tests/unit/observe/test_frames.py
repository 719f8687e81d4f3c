# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
import ipaddress
import struct

from hypothesis import given, strategies as st
from observe.frames import Advertisement, Packet, decode, read

CLIENT, ROUTER, WEB = (bytes.fromhex(f"0200000000{n:02x}") for n in (1, 2, 3))
PORTS = struct.pack("!HH", 80, 40000)


def ipv4(protocol: int, rest: bytes, *, options: bytes = b"", fragment: int = 0) -> bytes:
    first = 0x45 + len(options) // 4
    head = struct.pack("!BBHHHBBH", first, 0, 0, 0, fragment, 64, protocol, 0)
    addresses = (
        ipaddress.ip_address("10.0.0.100").packed + ipaddress.ip_address("198.51.100.10").packed
    )
    return ROUTER + WEB + b"\x08\x00" + head + addresses + options + rest


def ipv6(next_header: int, rest: bytes) -> bytes:
    head = struct.pack("!IHBB", 6 << 28, len(rest), next_header, 64)
    addresses = (
        ipaddress.ip_address("2001:db8::64").packed + ipaddress.ip_address("2001:db8::a").packed
    )
    return ROUTER + WEB + b"\x86\xdd" + head + addresses + rest


def arp(operation: int) -> bytes:
    sender = WEB + ipaddress.ip_address("10.0.0.100").packed
    head = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    return ROUTER + WEB + b"\x08\x06" + head + sender + ROUTER + bytes(4)


def neighbour(kind: int) -> bytes:
    return ipv6(
        58, bytes([kind, 0, 0, 0, 0, 0, 0, 0]) + ipaddress.ip_address("2001:db8::64").packed
    )


def pcap(*frames: bytes, order: str = "<") -> bytes:
    head = struct.pack(f"{order}IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 128, 1)
    return head + b"".join(struct.pack(f"{order}IIII", 0, 0, len(f), len(f)) + f for f in frames)


def packet(protocol: str, source: str, target: str) -> Packet:
    return Packet(protocol, WEB.hex(":"), ROUTER.hex(":"), source, 80, target, 40000)


def test_ipv4_with_ports() -> None:
    expected = packet("tcp", "10.0.0.100", "198.51.100.10")
    assert decode(ipv4(6, PORTS)) == expected
    assert decode(ipv4(6, PORTS, options=bytes(8))) == expected
    assert decode(ipv4(17, PORTS)) == packet("udp", "10.0.0.100", "198.51.100.10")


def test_ipv6_with_ports() -> None:
    assert decode(ipv6(132, PORTS)) == packet("sctp", "2001:db8::64", "2001:db8::a")


def test_later_fragments_have_no_ports() -> None:
    assert decode(ipv4(17, PORTS, fragment=0x2000)) is not None
    assert decode(ipv4(17, PORTS, fragment=185)) is None


def test_only_answers_advertise() -> None:
    assert decode(arp(2)) == Advertisement(WEB.hex(":"), "10.0.0.100")
    assert decode(arp(1)) is None
    assert decode(neighbour(136)) == Advertisement(WEB.hex(":"), "2001:db8::64")
    assert decode(neighbour(135)) is None


def test_either_byte_order_and_a_torn_end() -> None:
    for order in "<>":
        stream = pcap(arp(2), arp(1), ipv4(6, PORTS), order=order)
        kinds = [type(frame) for frame in read(stream)]
        assert kinds == [Advertisement, Packet]
        assert len(list(read(stream[:-45]))) == 1
    assert list(read(b"")) == []


@given(
    st.sampled_from([ipv4(6, PORTS), ipv6(17, PORTS), arp(2), neighbour(136)]), st.integers(0, 90)
)
def test_whatever_is_cut_off_is_not_half_read(frame: bytes, length: int) -> None:
    assert decode(frame[:length]) in (None, decode(frame))
