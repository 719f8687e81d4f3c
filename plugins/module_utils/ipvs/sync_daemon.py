# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Daemons of the kernel that tell other directors of connections: model, plan and requests.

Numbers: include/uapi/linux/ip_vs.h. Attributes: ip_vs_genl_new_daemon() and
ip_vs_genl_fill_daemon() in net/netfilter/ipvs/ip_vs_ctl.c. A daemon that runs cannot be edited.
"""

from __future__ import annotations

import ipaddress
import struct
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton
from typing import Collection, NamedTuple

from ..netlink.message import GENERIC_HEADER, attribute, attributes, nested, text
from .protocol import from_the_kernel

MASTER, BACKUP = "master", "backup"
ROLES = (MASTER, BACKUP)
DEFAULT_GROUP = "224.0.0.81"  # of the kernel, as the port
DEFAULT_PORT = 8848
MAX_ID = 255  # IP_VS_SYNC_ID in the message has 8 bits

_VERSION = 1
_NEW_DAEMON, _DEL_DAEMON, _GET_DAEMON = 9, 10, 11
_CMD_ATTR_DAEMON = 3
_STATE, _MCAST_IFN, _SYNC_ID, _MCAST_GROUP, _MCAST_GROUP6, _MCAST_PORT = 1, 2, 3, 5, 6, 7
_NUMBER_OF = {MASTER: 1, BACKUP: 2}
_ROLE_OF = {number: role for role, number in _NUMBER_OF.items()}
_U16, _U32 = struct.Struct("=H"), struct.Struct("=I")


class SyncDaemon(NamedTuple):
    """One that sends (master) or receives (backup)."""

    role: str
    interface: str
    sync_id: int
    group: str = DEFAULT_GROUP
    port: int = DEFAULT_PORT

    def __str__(self) -> str:
        is_usual = (self.group, self.port) == (DEFAULT_GROUP, DEFAULT_PORT)
        to = "" if is_usual else f" (group {self.group}, port {self.port})"
        return f"{self.role} sync daemon {self.sync_id} on {self.interface}{to}"


class StartSync(NamedTuple):
    """An operation."""

    daemon: SyncDaemon

    def __str__(self) -> str:
        return f"start {self.daemon}"


class StopSync(NamedTuple):
    """An operation."""

    daemon: SyncDaemon

    def __str__(self) -> str:
        return f"stop {self.daemon}"


def is_group(address: str) -> bool:
    """Whether an address is one that daemons can send to."""
    return ipaddress.ip_address(address).is_multicast


def plan(
    current: Collection[SyncDaemon], desired: Collection[SyncDaemon], owned: Collection[str]
) -> list[StartSync | StopSync]:
    """What stops, and then what starts; ``owned`` are the roles of daemons that are ours."""
    there = {daemon.role: daemon for daemon in current}
    wanted = {daemon.role: daemon for daemon in desired}
    leaving = [
        daemon
        for role, daemon in there.items()
        if (daemon != wanted[role] if role in wanted else role in owned)
    ]
    coming = [daemon for role, daemon in wanted.items() if daemon != there.get(role)]
    return [*map(StopSync, leaving), *map(StartSync, coming)]


def get() -> bytes:
    """Return the dump request for all daemons."""
    return _header(_GET_DAEMON)


def request(operation: StartSync | StopSync) -> bytes:
    """Return the request of an operation."""
    daemon = operation.daemon
    fields = attribute(_STATE, _U32.pack(_NUMBER_OF[daemon.role]))
    if isinstance(operation, StopSync):
        return _header(_DEL_DAEMON) + nested(_CMD_ATTR_DAEMON, fields)
    family, kind = (AF_INET6, _MCAST_GROUP6) if ":" in daemon.group else (AF_INET, _MCAST_GROUP)
    fields += (
        text(_MCAST_IFN, daemon.interface)
        + attribute(_SYNC_ID, _U32.pack(daemon.sync_id))
        + attribute(kind, inet_pton(family, daemon.group))
        + attribute(_MCAST_PORT, _U16.pack(daemon.port))
    )
    return _header(_NEW_DAEMON) + nested(_CMD_ATTR_DAEMON, fields)


@from_the_kernel
def daemon(data: bytes, start: int, end: int) -> SyncDaemon:
    """Decode a daemon from a reply of GET DAEMON."""
    outer = attributes(data, start + GENERIC_HEADER.size, end)[_CMD_ATTR_DAEMON]
    at = attributes(data, *outer)
    name = data[at[_MCAST_IFN][0] : at[_MCAST_IFN][1]].split(b"\0", 1)[0].decode("ascii")
    if _MCAST_GROUP6 in at:
        group = inet_ntop(AF_INET6, data[at[_MCAST_GROUP6][0] : at[_MCAST_GROUP6][1]])
    else:
        group = inet_ntop(AF_INET, data[at[_MCAST_GROUP][0] : at[_MCAST_GROUP][1]])
    return SyncDaemon(
        _ROLE_OF[_U32.unpack_from(data, at[_STATE][0])[0]],
        name,
        int(_U32.unpack_from(data, at[_SYNC_ID][0])[0]),
        group,
        int(_U16.unpack_from(data, at[_MCAST_PORT][0])[0]),
    )


def _header(command: int) -> bytes:
    return GENERIC_HEADER.pack(command, _VERSION, 0)
