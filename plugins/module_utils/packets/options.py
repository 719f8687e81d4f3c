# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Options of the modules that capture packets and send requests, and their problems."""

from __future__ import annotations

from typing import Any, Iterator, Mapping

from ..net.addresses import MAX_PORT, family_of, written_address
from ..net.devices import is_device_name
from .requests import NO_ADDRESS, CaptureSpec, NeighbourQuery, Target

_PORTS = (1, MAX_PORT)
_LONGEST_NAME = 64  # sockaddr_un has room for 107 bytes
# In one filter, whose size net.core.optmem_max limits (20480 bytes, or more).
MOST = {"hosts": 64, "neighbours": 100, "ports": 64, "tunnel_ports": 8}

_ADDRESSES = {"type": "list", "elements": "str", "default": []}
_PORT_LIST = {"type": "list", "elements": "int", "default": []}

CAPTURE: dict[str, Any] = {
    "state": {
        "type": "str",
        "choices": ["finished", "started", "collected"],
        "default": "finished",
    },
    "name": {"type": "str", "default": "default"},
    "hosts": _ADDRESSES,
    "ports": _PORT_LIST,
    "neighbours": _ADDRESSES,
    "tunnel_ports": _PORT_LIST,
    "seconds": {"type": "int", "default": 10},
    "max_packets": {"type": "int", "default": 5000},
}

NEIGHBOURS: dict[str, Any] = {
    "queries": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "address": {"type": "str", "required": True},
            "interface": {"type": "str", "required": True},
            "source": {"type": "str", "default": ""},
        },
    },
    "seconds": {"type": "float", "default": 0.5},
}

PROBE: dict[str, Any] = {
    "targets": {
        "type": "list",
        "elements": "dict",
        "required": True,
        "options": {
            "address": {"type": "str", "required": True},
            "port": {"type": "int", "required": True},
            "protocol": {"type": "str", "choices": ["tcp", "udp", "sctp"], "default": "tcp"},
            "requests": {"type": "int", "default": 1},
            "http": {"type": "bool", "default": False},
            "size": {"type": "int", "default": 0},
        },
    },
    "rate": {"type": "int", "default": 20},
    "timeout": {"type": "int", "default": 2},
}


def parse_capture(params: Mapping[str, Any]) -> tuple[CaptureSpec, list[str]]:
    """Return the capture request and all of its problems."""
    problems = [
        *_out_of_range("seconds", params["seconds"], 1, 300),
        *_out_of_range("max_packets", params["max_packets"], 1, 20000),
    ]
    name = params["name"]
    if not (name.isascii() and name.isprintable() and 1 <= len(name) <= _LONGEST_NAME):
        problems.append(
            f"name: got {name!r}, expected 1 to {_LONGEST_NAME} printable ASCII characters"
        )
    # Frames have addresses in one spelling.
    addresses: dict[str, tuple[str, ...]] = {}
    for name in ("hosts", "neighbours"):
        problems += _too_many(name, params[name])
        addresses[name] = tuple(
            _address(f"{name}[{number}]", address, problems)
            for number, address in enumerate(params[name])
        )
    for name in ("ports", "tunnel_ports"):
        problems += _too_many(name, params[name])
        for number, port in enumerate(params[name]):
            problems += _out_of_range(f"{name}[{number}]", port, *_PORTS)
    spec = CaptureSpec(
        hosts=addresses["hosts"],
        ports=tuple(params["ports"]),
        neighbours=addresses["neighbours"],
        tunnel_ports=tuple(params["tunnel_ports"]),
        seconds=params["seconds"],
        max_packets=params["max_packets"],
    )
    return spec, problems


def parse_queries(params: Mapping[str, Any]) -> tuple[list[NeighbourQuery], list[str]]:
    """Return the queries and all of their problems."""
    problems = [*_out_of_range("seconds", params["seconds"], 0.1, 10)]
    queries = []
    for number, one in enumerate(params["queries"]):
        where = f"queries[{number}]"
        address = _address(f"{where}.address", one["address"], problems)
        source = _address(f"{where}.source", one["source"] or NO_ADDRESS, problems)
        # Neighbour discovery takes the kernel's own choice of a source.
        is_arp = bool(address) and family_of(address) == "ipv4"
        if is_arp and source and family_of(source) != "ipv4":
            problems.append(f"{where}.source: got {source!r}, expected an IPv4 address")
        if not is_device_name(one["interface"]):
            found = one["interface"]
            problems.append(f"{where}.interface: got {found!r}, expected the name of an interface")
        queries.append(NeighbourQuery(address, one["interface"], source))
    return queries, problems


def parse_targets(params: Mapping[str, Any]) -> tuple[list[Target], list[str]]:
    """Return the targets and all of their problems."""
    problems = [
        *_out_of_range("rate", params["rate"], 1, 100),
        *_out_of_range("timeout", params["timeout"], 1, 10),
    ]
    for number, one in enumerate(params["targets"]):
        where = f"targets[{number}]"
        _address(f"{where}.address", one["address"], problems)
        problems += _out_of_range(f"{where}.port", one["port"], *_PORTS)
        problems += _out_of_range(f"{where}.requests", one["requests"], 1, 100)
        problems += _out_of_range(f"{where}.size", one["size"], 0, 65000)
    targets = [Target(*(target[name] for name in Target._fields)) for target in params["targets"]]
    return targets, problems


def _address(where: str, value: str, problems: list[str]) -> str:
    """Return an address in its one spelling, or add a problem and return ""."""
    address = written_address(value)
    if address is None:
        problems.append(f"{where}: got {value!r}, expected an IPv4 or IPv6 address")
    return address or ""


def _out_of_range(where: str, value: float, low: float, high: float) -> Iterator[str]:
    if not low <= value <= high:
        yield f"{where}: got {value}, expected a number from {low} to {high}"


def _too_many(where: str, values: list[Any]) -> Iterator[str]:
    if len(values) > MOST[where]:
        yield f"{where}: got {len(values)} of them, expected {MOST[where]} at most"
