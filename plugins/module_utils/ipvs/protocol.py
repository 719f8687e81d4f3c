# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The generic netlink family IPVS, version 1: encoding and decoding of the model.

Numbers and layouts: include/uapi/linux/ip_vs.h. Attributes of each request:
net/netfilter/ipvs/ip_vs_ctl.c (ip_vs_cmd_policy and the parse and fill functions).
Ports and IPv4 netmasks are big-endian, everything else is in host byte order.
"""

from __future__ import annotations

import struct
from functools import lru_cache, wraps
from socket import (
    AF_INET,
    AF_INET6,
    IPPROTO_SCTP,
    IPPROTO_TCP,
    IPPROTO_UDP,
    htons,
    inet_ntop,
    inet_pton,
    ntohs,
)
from sys import byteorder
from typing import (
    Any,
    Callable,
    Collection,
    Iterable,
    Mapping,
    NamedTuple,
    Sequence,
    Tuple,
    TypeVar,
    cast,
)

from ..net.addresses import HOST_PREFIX
from ..netlink.message import GENERIC_HEADER, attribute, attributes, nested, text
from ..tunnels.kind import CHECKSUMS
from .errors import IpvsError
from .model import (
    FORWARDINGS,
    SCHEDULER_FLAGS,
    TUNNEL,
    TUNNEL_TYPES,
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
    Timeouts,
)
from .plan import Operation, Verb

Decode = TypeVar("Decode", bound=Callable[..., Any])
Reply = Tuple[bytes, int, int]  # a datagram, and where in it the payload starts and ends

NAME = "IPVS"
_VERSION = 1

IPVS_CMD_NEW_SERVICE, IPVS_CMD_SET_SERVICE, IPVS_CMD_DEL_SERVICE, IPVS_CMD_GET_SERVICE = 1, 2, 3, 4
IPVS_CMD_NEW_DEST, IPVS_CMD_SET_DEST, IPVS_CMD_DEL_DEST, IPVS_CMD_GET_DEST = 5, 6, 7, 8
IPVS_CMD_SET_CONFIG, IPVS_CMD_GET_CONFIG, IPVS_CMD_GET_INFO = 12, 13, 15

_COMMANDS = {
    Verb.NEW_SERVICE: IPVS_CMD_NEW_SERVICE,
    Verb.SET_SERVICE: IPVS_CMD_SET_SERVICE,
    Verb.DEL_SERVICE: IPVS_CMD_DEL_SERVICE,
    Verb.NEW_DESTINATION: IPVS_CMD_NEW_DEST,
    Verb.SET_DESTINATION: IPVS_CMD_SET_DEST,
    Verb.DEL_DESTINATION: IPVS_CMD_DEL_DEST,
}

IPVS_CMD_ATTR_SERVICE, IPVS_CMD_ATTR_DEST = 1, 2
IPVS_CMD_ATTR_TIMEOUT_TCP, IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, IPVS_CMD_ATTR_TIMEOUT_UDP = 4, 5, 6

(
    IPVS_SVC_ATTR_AF,
    IPVS_SVC_ATTR_PROTOCOL,
    IPVS_SVC_ATTR_ADDR,
    IPVS_SVC_ATTR_PORT,
    IPVS_SVC_ATTR_FWMARK,
) = 1, 2, 3, 4, 5
IPVS_SVC_ATTR_SCHED_NAME, IPVS_SVC_ATTR_FLAGS, IPVS_SVC_ATTR_TIMEOUT, IPVS_SVC_ATTR_NETMASK = (
    6,
    7,
    8,
    9,
)
IPVS_SVC_ATTR_PE_NAME, IPVS_SVC_ATTR_STATS64 = 11, 12

IPVS_DEST_ATTR_ADDR, IPVS_DEST_ATTR_PORT, IPVS_DEST_ATTR_FWD_METHOD, IPVS_DEST_ATTR_WEIGHT = (
    1,
    2,
    3,
    4,
)
IPVS_DEST_ATTR_U_THRESH, IPVS_DEST_ATTR_L_THRESH = 5, 6
IPVS_DEST_ATTR_ACTIVE_CONNS, IPVS_DEST_ATTR_INACT_CONNS, IPVS_DEST_ATTR_PERSIST_CONNS = 7, 8, 9
IPVS_DEST_ATTR_STATS, IPVS_DEST_ATTR_ADDR_FAMILY, IPVS_DEST_ATTR_STATS64 = 10, 11, 12
IPVS_DEST_ATTR_TUN_TYPE, IPVS_DEST_ATTR_TUN_PORT, IPVS_DEST_ATTR_TUN_FLAGS = 13, 14, 15

IPVS_INFO_ATTR_VERSION, IPVS_INFO_ATTR_CONN_TAB_SIZE = 1, 2

# A table consists mostly of destinations, so that each is packed and unpacked in one call: a header
# before each value, the address with room for IPv6, 16 bit values padded to 32.
_LITTLE = byteorder == "little"


def _attribute_header(kind: int, length: int) -> int:
    """Return length and type of an attribute as one number."""
    return kind << 16 | length if _LITTLE else length << 16 | kind


_DEST_ADDR = _attribute_header(IPVS_DEST_ATTR_ADDR, 20)
_DEST_PORT = _attribute_header(IPVS_DEST_ATTR_PORT, 6)
_DEST_FWD_METHOD = _attribute_header(IPVS_DEST_ATTR_FWD_METHOD, 8)
_DEST_WEIGHT = _attribute_header(IPVS_DEST_ATTR_WEIGHT, 8)
_DEST_TUN_TYPE = _attribute_header(IPVS_DEST_ATTR_TUN_TYPE, 5)
_DEST_TUN_PORT = _attribute_header(IPVS_DEST_ATTR_TUN_PORT, 6)
_DEST_TUN_FLAGS = _attribute_header(IPVS_DEST_ATTR_TUN_FLAGS, 6)
_DEST_U_THRESH = _attribute_header(IPVS_DEST_ATTR_U_THRESH, 8)
_DEST_L_THRESH = _attribute_header(IPVS_DEST_ATTR_L_THRESH, 8)
_DEST_ACTIVE_CONNS = _attribute_header(IPVS_DEST_ATTR_ACTIVE_CONNS, 8)
_DEST_INACT_CONNS = _attribute_header(IPVS_DEST_ATTR_INACT_CONNS, 8)
_DEST_PERSIST_CONNS = _attribute_header(IPVS_DEST_ATTR_PERSIST_CONNS, 8)
_DEST_ADDR_FAMILY = _attribute_header(IPVS_DEST_ATTR_ADDR_FAMILY, 6)
_DESTINATION_KEY = struct.Struct("=I16s IHxx IHxx")
_DESTINATION = struct.Struct(_DESTINATION_KEY.format + " II II II II")

# The attributes of ip_vs_genl_fill_dest in Linux 5.3 and newer before the statistics, in order.
_CONFIGURATION = struct.Struct("=I16s IHxx II II IBxxx IHxx IHxx II II")
_FAMILY_BEHIND = struct.Struct("=IHxx")
_FILLED = struct.Struct(f"{_CONFIGURATION.format} II II II {_FAMILY_BEHIND.format[1:]}")
_FILLED_HEADERS = (
    *(_DEST_ADDR, _DEST_PORT, _DEST_FWD_METHOD, _DEST_WEIGHT),
    *(_DEST_TUN_TYPE, _DEST_TUN_PORT, _DEST_TUN_FLAGS),
    *(_DEST_U_THRESH, _DEST_L_THRESH),
    *(_DEST_ACTIVE_CONNS, _DEST_INACT_CONNS, _DEST_PERSIST_CONNS),
    _DEST_ADDR_FAMILY,
)
_BEFORE_FILLED = GENERIC_HEADER.size + 4  # the header of IPVS_CMD_ATTR_DEST

# The statistics behind them: those of 32 bits, and then the first of those of 64 bits.
_COUNTED = struct.Struct("=I88x I IQ IQ IQ IQ IQ")
_COUNTED_HEADERS = (
    _attribute_header(IPVS_DEST_ATTR_STATS, 92),
    _attribute_header(IPVS_DEST_ATTR_STATS64, 124),
    *(_attribute_header(kind, 12) for kind in range(1, 6)),
)

IP_VS_SVC_F_PERSISTENT, IP_VS_SVC_F_ONEPACKET = 0x1, 0x4
_FLAG_SCHEDULER = {"fallback": 0x08, "port": 0x10}
# Flags we set or clear; HASHED (0x2) is the kernel's own and always on.
_FLAG_MASK = IP_VS_SVC_F_PERSISTENT | IP_VS_SVC_F_ONEPACKET | sum(_FLAG_SCHEDULER.values())

_AF = {"ipv4": AF_INET, "ipv6": AF_INET6}
_FILLED_FAMILY = {af: _FAMILY_BEHIND.pack(_DEST_ADDR_FAMILY, af) for af in _AF.values()}
_FAMILY = {int(number): name for name, number in _AF.items()}
_PROTOCOL = {
    "tcp": IPPROTO_TCP,
    "udp": IPPROTO_UDP,
    "sctp": IPPROTO_SCTP,
}
_PROTOCOL_NAME = {int(number): name for name, number in _PROTOCOL.items()}
_FORWARDING = dict(zip(FORWARDINGS, (0, 3, 2)))
# LOCALNODE (1) and BYPASS (4) are the kernel's own; only a foreign tool could request them.
_FORWARDING_NAME = {number: name for name, number in _FORWARDING.items()}
_TUNNEL_TYPE = dict(zip(TUNNEL_TYPES, range(3)))
_TUNNEL_CHECKSUM = dict(zip(CHECKSUMS, range(3)))

_U16, _U32, _U64 = struct.Struct("=H"), struct.Struct("=I"), struct.Struct("=Q")
_FLAGS = struct.Struct("=II")
_STATISTICS = (
    "connections",
    "incoming_packets",
    "outgoing_packets",
    "incoming_bytes",
    "outgoing_bytes",
    "connections_per_second",
    "incoming_packets_per_second",
    "outgoing_packets_per_second",
    "incoming_bytes_per_second",
    "outgoing_bytes_per_second",
)


class Activity(NamedTuple):
    """A destination's current connections, and statistics since it was added or zeroed."""

    active_connections: int
    inactive_connections: int
    persistent_connections: int
    statistics: dict[str, int]


class Traffic(NamedTuple):
    """Connections now, and what was counted since a destination or a service was added."""

    active_connections: int = 0
    inactive_connections: int = 0
    connections: int = 0
    incoming_packets: int = 0
    outgoing_packets: int = 0
    incoming_bytes: int = 0
    outgoing_bytes: int = 0


class Reading(NamedTuple):
    """A service with all that the kernel tells of it."""

    entry: Entry
    traffic: Traffic
    destinations: dict[DestinationKey, Traffic]


def operation(change: Operation) -> bytes:
    """Return the request for one operation of a plan."""
    command = _COMMANDS[change.verb]
    if change.destination is not None:
        whole = command != IPVS_CMD_DEL_DEST
        return _destination_head(command, change.service.key) + nested(
            IPVS_CMD_ATTR_DEST, _destination(change.destination, whole=whole)
        )
    fields = _service_key(change.service.key)
    if change.verb is not Verb.DEL_SERVICE:
        fields += _service_fields(change.service)
    return _header(command) + nested(IPVS_CMD_ATTR_SERVICE, fields)


def get_services() -> bytes:
    """Return the dump request for all services."""
    return _header(IPVS_CMD_GET_SERVICE)


def get_service(key: ServiceKey) -> bytes:
    """Return the request for one service."""
    return _header(IPVS_CMD_GET_SERVICE) + nested(IPVS_CMD_ATTR_SERVICE, _service_key(key))


def get_destinations(key: ServiceKey) -> bytes:
    """Return the dump request for one service's destinations."""
    return _header(IPVS_CMD_GET_DEST) + nested(IPVS_CMD_ATTR_SERVICE, _service_key(key))


def get_info() -> bytes:
    """Return the request for version and table size."""
    return _header(IPVS_CMD_GET_INFO)


def get_timeouts() -> bytes:
    """Return the request for the timeouts."""
    return _header(IPVS_CMD_GET_CONFIG)


def set_timeouts(timeouts: Timeouts) -> bytes:
    """Return the request that sets the timeouts; those of 0 stay."""
    return (
        _header(IPVS_CMD_SET_CONFIG)
        + _u32(IPVS_CMD_ATTR_TIMEOUT_TCP, timeouts.tcp)
        + _u32(IPVS_CMD_ATTR_TIMEOUT_TCP_FIN, timeouts.tcp_fin)
        + _u32(IPVS_CMD_ATTR_TIMEOUT_UDP, timeouts.udp)
    )


def from_the_kernel(decode: Decode) -> Decode:
    """Decorate a decoder: a reply that is short of something is an error for people."""

    @wraps(decode)
    def decoded(*reply: object) -> object:
        try:
            return decode(*reply)
        except (LookupError, OSError, ValueError, struct.error) as error:
            raise IpvsError(
                f"cannot read what the kernel tells of IPVS ({decode.__name__}: {error}): its"
                " layout is another one than this release knows"
            ) from error

    return cast("Decode", decoded)


@from_the_kernel
def service(data: bytes, start: int, end: int) -> Service:
    """Decode a service from a reply of GET SERVICE."""
    at = _within(data, start, end, IPVS_CMD_ATTR_SERVICE)
    family = _FAMILY[_read16(data, at[IPVS_SVC_ATTR_AF])]
    if IPVS_SVC_ATTR_FWMARK in at:
        key = ServiceKey(family, _read32(data, at[IPVS_SVC_ATTR_FWMARK]), "", "", 0)
    else:
        key = ServiceKey(
            family,
            0,
            _PROTOCOL_NAME[_read16(data, at[IPVS_SVC_ATTR_PROTOCOL])],
            _read_address(data, at[IPVS_SVC_ATTR_ADDR], family),
            ntohs(_read16(data, at[IPVS_SVC_ATTR_PORT])),
        )
    flags = _FLAGS.unpack_from(data, at[IPVS_SVC_ATTR_FLAGS][0])[0]
    persistent = bool(flags & IP_VS_SVC_F_PERSISTENT)
    return Service(
        key,
        _read_text(data, at[IPVS_SVC_ATTR_SCHED_NAME]),
        tuple(name for name in SCHEDULER_FLAGS if flags & _FLAG_SCHEDULER[name]),
        _read32(data, at[IPVS_SVC_ATTR_TIMEOUT]) if persistent else 0,
        _read_prefix(data, at[IPVS_SVC_ATTR_NETMASK], family) if persistent else 0,
        _read_text(data, at[IPVS_SVC_ATTR_PE_NAME]) if IPVS_SVC_ATTR_PE_NAME in at else "",
        bool(flags & IP_VS_SVC_F_ONEPACKET),
    )


@from_the_kernel
def service_statistics(data: bytes, start: int, end: int) -> dict[str, int]:
    """Decode a service's statistics from the same reply."""
    return _read_statistics(
        data, _within(data, start, end, IPVS_CMD_ATTR_SERVICE)[IPVS_SVC_ATTR_STATS64]
    )


@from_the_kernel
def destination(data: bytes, start: int, end: int, service_family: str) -> Destination:
    """Decode a destination from a reply of GET DEST."""
    if end - start >= _BEFORE_FILLED + _FILLED.size:
        headers_and_values = _FILLED.unpack_from(data, start + _BEFORE_FILLED)
        if headers_and_values[::2] == _FILLED_HEADERS:
            return _make_destination(headers_and_values[1::2])
    at = _within(data, start, end, IPVS_CMD_ATTR_DEST)
    # Kernels before 3.18 send no address family, those before 5.3 no tunnel types.
    return _make_destination(
        (
            data[at[IPVS_DEST_ATTR_ADDR][0] : at[IPVS_DEST_ATTR_ADDR][1]],
            _read16(data, at[IPVS_DEST_ATTR_PORT]),
            _read32(data, at[IPVS_DEST_ATTR_FWD_METHOD]),
            _read32(data, at[IPVS_DEST_ATTR_WEIGHT]),
            data[at[IPVS_DEST_ATTR_TUN_TYPE][0]] if IPVS_DEST_ATTR_TUN_TYPE in at else 0,
            _read16(data, at[IPVS_DEST_ATTR_TUN_PORT]) if IPVS_DEST_ATTR_TUN_PORT in at else 0,
            _read16(data, at[IPVS_DEST_ATTR_TUN_FLAGS]) if IPVS_DEST_ATTR_TUN_FLAGS in at else 0,
            _read32(data, at[IPVS_DEST_ATTR_U_THRESH]),
            _read32(data, at[IPVS_DEST_ATTR_L_THRESH]),
            *(0, 0, 0),  # connections: not in the model
            _read16(data, at[IPVS_DEST_ATTR_ADDR_FAMILY])
            if IPVS_DEST_ATTR_ADDR_FAMILY in at
            else _AF[service_family],
        )
    )


def are(replies: Sequence[Reply], destinations: Collection[Destination]) -> bool:
    """Tell whether replies of GET DEST are surely these destinations, without decoding any.

    A kernel that fills in the same in another way makes this False: decode then.
    """
    return len(replies) == len(destinations) and {
        _configuration(data, start) for data, start, _end in replies
    } == {_filled(one) for one in destinations}


def _configuration(data: bytes, start: int) -> tuple[bytes, bytes]:
    """Return all that identifies and configures a destination; between the two are counters."""
    start += _BEFORE_FILLED
    end = start + _FILLED.size
    return data[start : start + _CONFIGURATION.size], data[end - _FAMILY_BEHIND.size : end]


def _filled(one: Destination) -> tuple[bytes, bytes]:
    """Return the same as the kernel fills it in for a destination."""
    address, port = one.key
    family = AF_INET6 if ":" in address else AF_INET
    return (
        _CONFIGURATION.pack(
            _DEST_ADDR,
            inet_pton(family, address),
            _DEST_PORT,
            htons(port),
            _DEST_FWD_METHOD,
            _FORWARDING[one.forwarding],
            _DEST_WEIGHT,
            one.weight,
            _DEST_TUN_TYPE,
            _TUNNEL_TYPE[one.tunnel_type],
            _DEST_TUN_PORT,
            htons(one.tunnel_port),
            _DEST_TUN_FLAGS,
            _TUNNEL_CHECKSUM[one.tunnel_checksum],
            _DEST_U_THRESH,
            one.upper_threshold,
            _DEST_L_THRESH,
            one.lower_threshold,
        ),
        _FILLED_FAMILY[family],
    )


def _make_destination(filled: tuple[Any, ...]) -> Destination:
    """Return a destination from the values of _FILLED."""
    address, port, method, weight, *tunnel, upper, lower, _a, _i, _p, family = filled
    size = 4 if family == AF_INET else 16
    key = DestinationKey(inet_ntop(family, address[:size]), ntohs(port))
    forwarding = _FORWARDING_NAME.get(method, str(method))
    if forwarding != TUNNEL:
        return Destination(key, forwarding, weight, upper, lower)
    kind, tunnel_port, flags = tunnel
    return Destination(
        key,
        forwarding,
        weight,
        upper,
        lower,
        TUNNEL_TYPES[kind],
        ntohs(tunnel_port),
        CHECKSUMS[flags],
    )


@from_the_kernel
def activity(data: bytes, start: int, end: int) -> Activity:
    """Decode a destination's connections and statistics from the same reply."""
    at = _within(data, start, end, IPVS_CMD_ATTR_DEST)
    return Activity(
        _read32(data, at[IPVS_DEST_ATTR_ACTIVE_CONNS]),
        _read32(data, at[IPVS_DEST_ATTR_INACT_CONNS]),
        _read32(data, at[IPVS_DEST_ATTR_PERSIST_CONNS]),
        _read_statistics(data, at[IPVS_DEST_ATTR_STATS64]),
    )


@from_the_kernel
def traffic(data: bytes, start: int, end: int) -> Traffic:
    """Decode less of the same, and faster: of 100,000 destinations each counts."""
    begin = start + _BEFORE_FILLED
    if end - begin >= _FILLED.size + _COUNTED.size:
        configured = _FILLED.unpack_from(data, begin)
        stats, stats64, *counted = _COUNTED.unpack_from(data, begin + _FILLED.size)
        if (
            configured[::2] == _FILLED_HEADERS
            and (stats, stats64, *counted[::2]) == _COUNTED_HEADERS
        ):
            return Traffic(configured[19], configured[21], *counted[1::2])
    active, inactive, _persistent, statistics = activity(data, start, end)
    return Traffic(active, inactive, **_counters(statistics))


def service_traffic(statistics: Mapping[str, int], destinations: Iterable[Traffic]) -> Traffic:
    """A service's own statistics, and the connections of its destinations."""
    active = inactive = 0
    for one in destinations:
        active += one.active_connections
        inactive += one.inactive_connections
    return Traffic(active, inactive, **_counters(statistics))


@from_the_kernel
def timeouts(data: bytes, start: int, end: int) -> Timeouts:
    """Decode the timeouts from a reply of GET CONFIG."""
    at = attributes(data, start + GENERIC_HEADER.size, end)
    return Timeouts(
        _read32(data, at[IPVS_CMD_ATTR_TIMEOUT_TCP]),
        _read32(data, at[IPVS_CMD_ATTR_TIMEOUT_TCP_FIN]),
        _read32(data, at[IPVS_CMD_ATTR_TIMEOUT_UDP]),
    )


@from_the_kernel
def info(data: bytes, start: int, end: int) -> tuple[str, int]:
    """Decode version and size of the connection table (entries) from a reply of GET INFO."""
    at = attributes(data, start + GENERIC_HEADER.size, end)
    number = _read32(data, at[IPVS_INFO_ATTR_VERSION])
    version = f"{number >> 16 & 0xFF}.{number >> 8 & 0xFF}.{number & 0xFF}"
    return version, _read32(data, at[IPVS_INFO_ATTR_CONN_TAB_SIZE])


def _counters(statistics: Mapping[str, int]) -> dict[str, int]:
    return {name: statistics.get(name, 0) for name in Traffic._fields[2:]}


def _header(command: int) -> bytes:
    return GENERIC_HEADER.pack(command, _VERSION, 0)


def _u16(kind: int, value: int) -> bytes:
    return attribute(kind, _U16.pack(value))


def _u32(kind: int, value: int) -> bytes:
    return attribute(kind, _U32.pack(value))


def _address(kind: int, address: str) -> bytes:
    # union nf_inet_addr: 16 bytes for both families
    family = AF_INET6 if ":" in address else AF_INET
    return attribute(kind, inet_pton(family, address).ljust(16, b"\0"))


@lru_cache(maxsize=1)  # consecutive operations of a plan concern the same service
def _destination_head(command: int, key: ServiceKey) -> bytes:
    """Return the start of requests about a service's destinations."""
    return _header(command) + nested(IPVS_CMD_ATTR_SERVICE, _service_key(key))


def _service_key(key: ServiceKey) -> bytes:
    family = _u16(IPVS_SVC_ATTR_AF, _AF[key.family])
    if key.fwmark:
        return family + _u32(IPVS_SVC_ATTR_FWMARK, key.fwmark)
    return (
        family
        + _u16(IPVS_SVC_ATTR_PROTOCOL, _PROTOCOL[key.protocol])
        + _address(IPVS_SVC_ATTR_ADDR, key.address)
        + _u16(IPVS_SVC_ATTR_PORT, htons(key.port))
    )


def _service_fields(one: Service) -> bytes:
    flags = sum(_FLAG_SCHEDULER[name] for name in one.scheduler_flags)
    flags |= IP_VS_SVC_F_PERSISTENT if one.persistence_timeout else 0
    flags |= IP_VS_SVC_F_ONEPACKET if one.one_packet else 0
    prefix = one.persistence_prefix or HOST_PREFIX[one.key.family]
    if one.key.family == "ipv4":
        netmask = (0xFFFFFFFF << (32 - prefix) & 0xFFFFFFFF).to_bytes(4, "big")
    else:
        netmask = _U32.pack(prefix)
    fields = (
        text(IPVS_SVC_ATTR_SCHED_NAME, one.scheduler)
        + attribute(IPVS_SVC_ATTR_FLAGS, _FLAGS.pack(flags, _FLAG_MASK))
        + _u32(IPVS_SVC_ATTR_TIMEOUT, one.persistence_timeout)
        + attribute(IPVS_SVC_ATTR_NETMASK, netmask)
    )
    if one.persistence_engine:
        fields += text(IPVS_SVC_ATTR_PE_NAME, one.persistence_engine)
    return fields


def _destination(one: Destination, *, whole: bool) -> bytes:
    address, port = one.key
    family = AF_INET6 if ":" in address else AF_INET
    # Always send the family: without it the kernel takes the service's.
    key = (
        *(_DEST_ADDR, inet_pton(family, address)),
        *(_DEST_PORT, htons(port)),
        *(_DEST_ADDR_FAMILY, family),
    )
    if not whole:
        return _DESTINATION_KEY.pack(*key)
    fields = _DESTINATION.pack(
        *key,
        *(_DEST_FWD_METHOD, _FORWARDING[one.forwarding]),
        *(_DEST_WEIGHT, one.weight),
        *(_DEST_U_THRESH, one.upper_threshold),
        *(_DEST_L_THRESH, one.lower_threshold),
    )
    if one.forwarding == TUNNEL:
        fields += (
            attribute(IPVS_DEST_ATTR_TUN_TYPE, bytes((_TUNNEL_TYPE[one.tunnel_type],)))
            + _u16(IPVS_DEST_ATTR_TUN_PORT, htons(one.tunnel_port))
            + _u16(IPVS_DEST_ATTR_TUN_FLAGS, _TUNNEL_CHECKSUM[one.tunnel_checksum])
        )
    return fields


def _within(data: bytes, start: int, end: int, kind: int) -> dict[int, tuple[int, int]]:
    outer = attributes(data, start + GENERIC_HEADER.size, end)[kind]
    return attributes(data, *outer)


def _read16(data: bytes, at: tuple[int, int]) -> int:
    return int(_U16.unpack_from(data, at[0])[0])


def _read32(data: bytes, at: tuple[int, int]) -> int:
    return int(_U32.unpack_from(data, at[0])[0])


def _read_text(data: bytes, at: tuple[int, int]) -> str:
    return data[at[0] : at[1]].split(b"\0", 1)[0].decode("ascii")


def _read_address(data: bytes, at: tuple[int, int], family: str) -> str:
    start = at[0]
    if family == "ipv6":
        return inet_ntop(AF_INET6, data[start : start + 16])
    return inet_ntop(AF_INET, data[start : start + 4])


def _read_prefix(data: bytes, at: tuple[int, int], family: str) -> int:
    if family == "ipv6":
        return _read32(data, at)
    return bin(int.from_bytes(data[at[0] : at[0] + 4], "big")).count("1")


def _read_statistics(data: bytes, at: tuple[int, int]) -> dict[str, int]:
    where = attributes(data, *at)
    values: list[int] = [
        int(_U64.unpack_from(data, where[kind][0])[0]) for kind in range(1, len(_STATISTICS) + 1)
    ]
    return dict(zip(_STATISTICS, values))
