# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The desired state of a real server behind a tunnel, from options of real_server."""

from __future__ import annotations

import ipaddress
import zlib
from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from ...net.addresses import HOST_PREFIX, MAX_PORT, family_of
from ...tunnels.table import DEFAULT, KINDS
from ..model import Address, GuePort, MssLimit, NftTable, Resource, SysctlRequirement, Tunnel
from ..nft.real_server_table import TABLE
from ..sysctl.rules import loose_rp_filter
from .options import Inputs

# What IPv4's smallest MTU (68) leaves for data, and what its largest packet does.
_SMALLEST_MSS, _LARGEST_MSS = 28, 65495

OPTIONS: dict[str, Any] = {
    "tunnels": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "type": {"type": "str", "default": DEFAULT.name, "choices": [*KINDS]},
            "local": {"type": "str", "required": True},
            "family": {"type": "str", "choices": list(HOST_PREFIX)},
            "port": {"type": "int"},
            "checksum": {"type": "bool", "default": False},
        },
    },
    "mss_limits": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "required": True},
            "size": {"type": "int", "required": True},
        },
    },
}


class Requirements(NamedTuple):
    """The requirements of the options."""

    resources: frozenset[Resource]
    settings: tuple[SysctlRequirement, ...]
    up: tuple[str, ...]


def parse(inputs: Inputs, options: Mapping[str, Any], vips: Sequence[str]) -> Requirements:
    """Return the requirements of tunnels for these VIPs."""
    resources: set[Resource] = set()
    names: dict[str, None] = {}
    loose: dict[str, None] = {}
    vip = next((one for one in sorted(vips) if family_of(one) == "ipv4"), "")
    for index, item in enumerate(options["tunnels"]):
        where = f"tunnels[{index}]"
        port = _port(inputs, where, item)
        checksum = _checksum(inputs, where, item)
        local = inputs.address(f"{where}.local", item["local"])
        if not local:
            continue
        outside = family_of(local)
        inside = item["family"] or outside
        inputs.once(where, (item["type"], local, inside, port), f"{item['type']} {local}")
        kind = KINDS[item["type"]].inside[inside].devices[outside].kind
        tunnel = Tunnel(_name(kind, local), kind, local, checksum)
        names[tunnel.name] = None
        resources.add(tunnel)
        if port:
            resources.add(GuePort(outside, port))
        if inside == "ipv4":
            loose[tunnel.name] = None
            if not vip:
                inputs.problem(where, inside, "an IPv4 address among vips for IPv4 to be sent to")
    # Without an address a device drops packets whose reverse route differs, even in loose mode: it
    # has nothing to compare (no_addr in __fib_validate_source()).
    resources |= {Address(name, vip, HOST_PREFIX["ipv4"]) for name in loose if vip}
    resources.update(_limits(inputs, options["mss_limits"]))
    for name in names:
        alike = [
            resource
            for resource in resources
            if isinstance(resource, Tunnel) and resource.name == name
        ]
        if len(alike) > 1:
            inputs.problem(
                "tunnels", name, "checksums in all GRE tunnels to an address, or in none"
            )
    return Requirements(frozenset(resources), tuple(map(loose_rp_filter, loose)), tuple(names))


def _name(kind: str, local: str) -> str:
    """Return a name from kind and address alone, with at most 15 characters."""
    packed = ipaddress.ip_address(local).packed
    shown = packed.hex() if family_of(local) == "ipv4" else f"{zlib.crc32(packed):08x}"
    return f"{kind}-{shown}"


def _port(inputs: Inputs, where: str, item: Mapping[str, Any]) -> int:
    port = item["port"] or 0
    if KINDS[item["type"]].has_port:
        return inputs.number(f"{where}.port", port, 1, MAX_PORT)
    if port:
        inputs.problem(f"{where}.port", port, f"nothing: {item['type']} has no port")
    return 0


def _checksum(inputs: Inputs, where: str, item: Mapping[str, Any]) -> bool:
    if item["checksum"] and not KINDS[item["type"]].checks_per_device:
        told = " and ".join(kind.name for kind in KINDS.values() if kind.checks_per_device)
        expected = f"false: only {told} has to be told of checksums"
        inputs.problem(f"{where}.checksum", item["checksum"], expected)
        return False
    return bool(item["checksum"])


def _limits(inputs: Inputs, items: Sequence[Mapping[str, Any]]) -> Iterator[Resource]:
    for index, item in enumerate(items):
        where = f"mss_limits[{index}]"
        address = inputs.address(f"{where}.address", item["address"])
        size = inputs.number(f"{where}.size", item["size"], _SMALLEST_MSS, _LARGEST_MSS)
        if address:
            inputs.once(where, ("mss", address), address)
            yield NftTable(TABLE)
            yield MssLimit(address, size)
