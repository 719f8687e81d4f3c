# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Capture this host's packets for a limited time: a packet socket with a kernel filter.

It listens on all devices, is not promiscuous, and copies only headers from the kernel.
"""

from __future__ import annotations

import ctypes
import os
import select
import socket
import struct
import time
from contextlib import suppress
from typing import Any, Protocol

from . import bpf
from .errors import PacketError
from .frames import ExactFilter, Frame, Seen, direction, dump, parse
from .requests import CaptureSpec

# Ethernet, two IPv6 headers, GUE with options, and the first 20 bytes of TCP.
_HEADERS = 160
_ETH_P_ALL = 0x0003
_SO_ATTACH_FILTER, _SO_TIMESTAMPNS = 26, 35
_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, _PACKET_STATISTICS = 263, 1, 6
# struct packet_mreq: interface, type (PACKET_MR_MULTICAST), length of an address, address
_PACKET_MREQ, _MULTICAST = struct.Struct("@iHH8s"), 0
# Of VRRP's groups 224.0.0.18 and ff02::12: network cards leave out what nobody has asked for.
_VRRP_MACS = (bytes.fromhex("01005e000012"), bytes.fromhex("333300000012"))
# struct sockaddr_ll: family, protocol, interface (0: all), and what only sending needs
_SOCKADDR_LL = struct.Struct("@HHiHBB8s")
_BUFFER = 4 * 1024 * 1024  # net.core.rmem_max limits it
# Whoever sends faster than we read keeps frames waiting: neither of the two limits is theirs.
_AT_ONCE = 500  # frames, before the clock and the caller are looked at again
_REST_SECONDS = 1.0  # for the frames that still wait at the end


class Stop(Protocol):
    """What can end a capture before its time."""

    def fileno(self) -> int:
        """Return what becomes readable when a caller connects."""

    def is_called(self) -> bool:
        """Whether the capture ends now; ask only when it is readable."""


class Capture:
    """A socket that listens at once; close it, or use it in a with statement."""

    def __init__(self, spec: CaptureSpec) -> None:
        self._spec = spec
        self._exact = ExactFilter(frozenset(spec.hosts), frozenset(spec.neighbours))
        self._frames: list[Frame] = []
        self._began = time.time()
        self._until = time.monotonic() + spec.seconds
        self._watched = 0.0
        self._dropped = 0
        self._is_full = False
        try:
            # Protocol 0: nothing arrives before the filter is set.
            self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW | socket.SOCK_CLOEXEC, 0)
        except PermissionError as error:
            raise PacketError("not allowed to capture packets: use become") from error
        try:
            self._listen()
        except OSError as error:
            self._socket.close()
            raise PacketError(f"cannot capture packets: {error.strerror}") from error

    def __enter__(self) -> Capture:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop listening."""
        self._socket.close()

    def watch(self, stop: Stop | None = None, after: float | None = None) -> dict[str, Any]:
        """Return all frames, once the time or the memory is used up or `stop` is called.

        `after` is a limit in seconds from now, if that is earlier than the request's own.
        """
        sources: list[Any] = [self._socket, *([stop] if stop else [])]
        stopped = False
        if after is not None:
            self._until = min(self._until, time.monotonic() + after)
        while not (self._is_full or stopped):
            left = self._until - time.monotonic()
            if left <= 0:
                break
            ready, _writable, _broken = select.select(sources, [], [], left)
            self._read()
            stopped = stop is not None and stop in ready and stop.is_called()
        is_read = self._read_rest()
        self._watched = time.time() - self._began
        self._count_dropped()
        return {
            **dump(self._frames),
            "seconds": round(self._watched, 1),
            # A caller that can stop the capture gets everything until then.
            "complete": is_read and not self._dropped and (stopped or stop is None),
            "dropped": self._dropped,
        }

    def _listen(self) -> None:
        spec = self._spec
        instructions = bpf.program(
            spec.hosts, spec.ports, spec.neighbours, spec.tunnel_ports, _HEADERS
        )
        code = ctypes.create_string_buffer(bpf.packed(instructions))
        # struct sock_fprog: a count and a pointer
        program = struct.pack("@HP", len(instructions), ctypes.addressof(code))
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, program)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.settimeout(0)
        self._join()
        self._bind()

    def _join(self) -> None:
        """Hear VRRP of others, for as long as the socket is open; some devices have no groups."""
        for index, _name in socket.if_nameindex():
            for mac in _VRRP_MACS:
                wanted = _PACKET_MREQ.pack(index, _MULTICAST, len(mac), mac)
                with suppress(OSError):
                    self._socket.setsockopt(_SOL_PACKET, _PACKET_ADD_MEMBERSHIP, wanted)

    def _bind(self) -> None:
        """Let frames in, of all protocols and devices; socket.bind() wants the name of a device."""
        libc = ctypes.CDLL(None, use_errno=True)
        anywhere = _SOCKADDR_LL.pack(socket.AF_PACKET, socket.htons(_ETH_P_ALL), 0, 0, 0, 0, b"")
        if libc.bind(self._socket.fileno(), anywhere, len(anywhere)) != 0:
            number = ctypes.get_errno()
            raise OSError(number, os.strerror(number))

    def _read_rest(self) -> bool:
        """Read what still waits; return whether that was all."""
        until = time.monotonic() + _REST_SECONDS
        while not self._is_full:
            if self._read():
                return True
            if time.monotonic() >= until:
                break
        return False

    def _read(self) -> bool:
        """Read some of the frames that wait; return whether none is left."""
        for _frame in range(_AT_ONCE):
            try:
                data, extra, _flags, source = self._socket.recvmsg(_HEADERS, 64)
            except BlockingIOError:
                return True
            except UnicodeDecodeError:  # from an interface whose name is not UTF-8
                continue
            interface, ethertype, packet_type, hardware, _address = source
            seen = Seen(_stamp(extra), interface, direction(packet_type), "", "")
            frame = parse(
                data,
                ethertype=ethertype,
                hardware=hardware,
                seen=seen,
                tunnel_ports=self._spec.tunnel_ports,
            )
            if frame and self._exact.wants(frame):
                if len(self._frames) == self._spec.max_packets:
                    self._is_full = True
                    break
                self._frames.append(frame)
        return False

    def _count_dropped(self) -> None:
        counted = self._socket.getsockopt(_SOL_PACKET, _PACKET_STATISTICS, 8)
        self._dropped = struct.unpack("@II", counted)[1]


def _stamp(extra: list[tuple[int, int, bytes]]) -> float:
    for level, kind, data in extra:
        if (level, kind) == (socket.SOL_SOCKET, _SO_TIMESTAMPNS):
            seconds, nanoseconds = struct.unpack_from("@ll", data)
            return round(float(seconds + nanoseconds / 1e9), 6)
    return time.time()
