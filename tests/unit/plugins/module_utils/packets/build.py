# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds frames, and runs classic BPF programs on them as the kernel does."""

from __future__ import annotations

import ipaddress
import struct
from collections.abc import Callable, Iterable

from ansible_collections.lvs.topology.plugins.module_utils.packets import bpf

MAC1, MAC2 = "52:54:00:00:00:01", "52:54:00:00:00:02"


def tcp(source_port: int, target_port: int, *, flags: int = 0x02, sequence: int = 7) -> bytes:
    return struct.pack("!HHIIBBHHH", source_port, target_port, sequence, 0, 0x50, flags, 0, 0, 0)


def udp(source_port: int, target_port: int, rest: bytes = b"?") -> bytes:
    return struct.pack("!HHHH", source_port, target_port, 8 + len(rest), 0) + rest


def ip(source: str, target: str, protocol: int, rest: bytes, *, options: bytes = b"") -> bytes:
    """An IP packet of either version."""
    ends = b"".join(ipaddress.ip_address(one).packed for one in (source, target))
    if ":" in source:
        return struct.pack("!IHBB", 6 << 28, len(rest), protocol, 63) + ends + rest
    length = 20 + len(options)
    head = struct.pack(
        "!BBHHHBBH", 0x40 | length // 4, 0, length + len(rest), 0, 0, 63, protocol, 0
    )
    return head + ends + options + rest


def gre(kind: int, rest: bytes, *, flags: int = 0) -> bytes:
    extra = sum(4 for bit in (0x8000, 0x2000, 0x1000) if flags & bit)
    return struct.pack("!HH", flags, kind) + bytes(extra) + rest


def gue(protocol: int, rest: bytes, *, words: int = 0) -> bytes:
    return struct.pack("!BBH", words, protocol, 0) + bytes(4 * words) + rest


def arp(operation: int, sender: str, target: str) -> bytes:
    own, wanted = (ipaddress.ip_address(one).packed for one in (sender, target))
    head = struct.pack("!HHBBH", 1, 0x0800, 6, 4, operation)
    return head + bytes.fromhex(MAC1.replace(":", "")) + own + bytes(6) + wanted


def neighbour(kind: int, address: str) -> bytes:
    return struct.pack("!BBHI", kind, 0, 0, 0) + ipaddress.ip_address(address).packed


def vrrp(router_id: int, priority: int, *, version: int = 3, kind: int = 1) -> bytes:
    return struct.pack("!BBBBHH", version << 4 | kind, router_id, priority, 1, 100, 0)


def icmp_error(kind: int, code: int, quoted: bytes, *, mtu: int = 0) -> bytes:
    return struct.pack("!BBHI", kind, code, 0, mtu) + quoted


def ethernet(data: bytes, ethertype: int) -> bytes:
    macs = bytes.fromhex((MAC2 + MAC1).replace(":", ""))
    return macs + struct.pack("!H", ethertype) + data


class _Machine:
    """The registers of a running classic BPF program."""

    def __init__(self, data: bytes, ethertype: int) -> None:
        self.data, self.ethertype = data, ethertype
        self.memory, self.a, self.x = [0] * 16, 0, 0

    def load(self, size: int, value: int) -> None:
        place = ((value + self.x) & 0xFFFFFFFF) - bpf.NETWORK
        if place < 0 or place + size > len(self.data):
            raise IndexError
        self.a = int.from_bytes(self.data[place : place + size], "big")

    def do(self, code: int, value: int) -> None:
        if code in LOADS:
            self.load(LOADS[code], value)
        elif code in INTO_A:
            self.a = INTO_A[code](self, value)
        elif code in INTO_X:
            self.x = INTO_X[code](self, value)
        else:
            self.memory[value] = {0x02: self.a, 0x03: self.x}[code]


LOADS = {0x40: 4, 0x48: 2, 0x50: 1}
INTO_A: dict[int, Callable[[_Machine, int], int]] = {
    0x20: lambda machine, _value: machine.ethertype,
    0x60: lambda machine, value: machine.memory[value],
    0x87: lambda machine, _value: machine.x,
    0x04: lambda machine, value: machine.a + value,
    0x0C: lambda machine, _value: machine.a + machine.x,
    0x54: lambda machine, value: machine.a & value,
    0x64: lambda machine, value: machine.a << value,
    0x74: lambda machine, value: machine.a >> value,
}
INTO_X: dict[int, Callable[[_Machine, int], int]] = {
    0x01: lambda _machine, value: value,
    0x61: lambda machine, value: machine.memory[value],
    0x07: lambda machine, _value: machine.a,
}


def run(program: Iterable[bpf.Instruction], data: bytes, ethertype: int) -> int:
    """Return the bytes of a packet that the program accepts; a load past the end drops it."""
    lines, machine, at = [*program], _Machine(data, ethertype), 0
    try:
        while True:
            code, if_true, if_false, value = lines[at]
            at += 1
            if code == 0x06:
                return value
            if code == 0x05:
                at += value
            elif code == 0x15:
                at += if_true if machine.a == value else if_false
            else:
                machine.do(code, value)
    except IndexError:
        return 0
