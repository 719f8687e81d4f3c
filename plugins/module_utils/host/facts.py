# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads what the compiler of a topology has to know of a host; two processes, and files."""

from __future__ import annotations

import os
from typing import Any, Iterable, Iterator

from ..net.addresses import HOST_PREFIX, family_of
from ..state import lease
from ..state.part import Part
from ..state.record import Record
from ..state.section import HOST, Section
from . import kernel, table_writers
from .apply import has_ipv6
from .codec import load
from .ip import run as iproute
from .ip.commands import addresses
from .model import Address, Neighbour, Resource
from .sysctl import files as sysctl
from .sysctl.rules import ALL, ipv4_conf

_HOST_SYSCTLS = (
    "net/ipv4/ip_forward",
    "net/ipv6/conf/all/forwarding",
    "net/ipv4/vs/conntrack",
)
_DEVICE_SYSCTLS = ("arp_ignore", "arp_announce", "rp_filter", "send_redirects")
_ANYWHERE = {"ipv4": "0.0.0.0/0", "ipv6": "::/0"}


def gather() -> dict[str, Any]:
    """Everything that node_info returns."""
    shown, routes = iproute.show(["address show", "route show table main"])
    routes6 = iproute.show(["route show table main"], "-6")[0] if has_ipv6() else []
    system = os.uname()
    return {
        "hostname": system.nodename,
        "kernel": system.release,
        "links": [_link(one) for one in shown],
        "addresses": [_address(one) for one in addresses(shown)],
        "routes": [*_routes("ipv4", routes), *_routes("ipv6", routes6)],
        "sysctls": _sysctls(one["ifname"] for one in shown),
        "ipvs": kernel.ipvs(),
        "owners": table_writers.table_writers(),
        "runs": lease.number(),
        "vip_owned": sorted(_owned_vips()),
        "neighbours_owned": [
            {"address": one.address, "interface": one.device, "mac": one.mac}
            for one in _owned_neighbours()
        ],
    }


def _link(shown: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": shown["ifname"],
        "kind": shown.get("linkinfo", {}).get("info_kind", ""),
        "mac": shown.get("address", ""),
        "mtu": shown["mtu"],
        "up": "UP" in shown["flags"],
    }


def _address(one: Address) -> dict[str, Any]:
    return {**one._asdict(), "family": family_of(one.address)}


def _routes(family: str, shown: Iterable[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """The unicast routes, one for each gateway of a multipath route."""
    for route in shown:
        if _is_unicast(route) and not route["dst"].startswith("fe80:"):
            for hop in route.get("nexthops", (route,)):
                yield {
                    "family": family,
                    "destination": _destination(family, route["dst"]),
                    # An IPv4 route may lead to an IPv6 next hop.
                    "gateway": hop.get("gateway") or hop.get("via", {}).get("host", ""),
                    "device": hop.get("dev", ""),
                    "metric": route.get("metric", 0),
                }


def _is_unicast(route: dict[str, Any]) -> bool:
    # A number, since ip -N leaves numbers be: RTN_UNICAST. With no details, nothing is said.
    return route.get("type", "1") in ("1", "unicast")


def _destination(family: str, shown: str) -> str:
    if shown == "default":
        return _ANYWHERE[family]
    return shown if "/" in shown else f"{shown}/{HOST_PREFIX[family]}"


def _sysctls(devices: Iterable[str]) -> dict[str, str]:
    keys = [*_HOST_SYSCTLS]
    keys += [ipv4_conf(one, name) for one in (ALL, *devices) for name in _DEVICE_SYSCTLS]
    return {key.replace("/", "."): value for key, value in sysctl.read(keys).items()}


def _owned_vips() -> set[str]:
    resources = _owned(Part("real_server")) | _owned(Section(Part("director"), HOST))
    return {resource.address for resource in resources if isinstance(resource, Address)}


def _owned_neighbours() -> list[Neighbour]:
    return sorted(one for one in _owned(Part("router")) if isinstance(one, Neighbour))


def _owned(record: Record) -> frozenset[Resource]:
    """What a part's last run desired of this host."""
    return load(record).desired.resources
