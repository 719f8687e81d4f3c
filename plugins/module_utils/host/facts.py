# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads what the compiler of a topology has to know of a host; three processes, and files."""

from __future__ import annotations

import os
from typing import Any, Iterable, Mapping

from ..health import runtime
from ..health.decisions import render_target
from ..net.addresses import family_of
from ..state import lease
from ..state.part import Part
from ..state.record import Record
from ..state.section import HOST, Section
from ..vrrp import facts as pair
from . import kernel, table_writers
from .apply import has_ipv6
from .codec import load
from .ip import routing, run as iproute
from .ip.commands import addresses, our_rules
from .model import Address, Neighbour, Resource, Route
from .sysctl import files as sysctl
from .sysctl.rules import ALL, ipv4_conf

_HOST_SYSCTLS = (
    "net/ipv4/ip_forward",
    "net/ipv6/conf/all/forwarding",
    "net/ipv4/vs/conntrack",
)
_DEVICE_SYSCTLS = ("arp_ignore", "arp_announce", "rp_filter", "send_redirects")
_FAMILIES = {"ipv4": "-4", "ipv6": "-6"}


def gather() -> dict[str, Any]:
    """Everything that node_info returns."""
    shown = iproute.show(["address show"])[0]
    vrfs = _vrfs(shown)
    system = os.uname()
    director = Part("director")  # read once: a table may be large
    return {
        "hostname": system.nodename,
        "kernel": system.release,
        "links": [_link(one, vrfs) for one in shown],
        "addresses": [_address(one) for one in addresses(shown)],
        **_routing({one.address for one in addresses(shown)}),
        "sysctls": _sysctls(one["ifname"] for one in shown),
        "ipvs": kernel.ipvs(),
        "owners": table_writers.table_writers(),
        "lease_generation": lease.generation(),
        "health": _health(),
        "vip_owned": sorted(_owned_vips(director) | pair.addresses(director)),
        "vrrp": pair.gather(director),
        "neighbours_owned": [
            {"address": one.address, "interface": one.device, "mac": one.mac}
            for one in _owned_neighbours()
        ],
    }


def _routing(own: set[str]) -> dict[str, Any]:
    """Rules and routes, without those to own addresses, and those that are there by our doing."""
    owned = _owned(Part("real_server"))
    tables = {one.table for one in owned if isinstance(one, Route)}
    found: list[dict[str, Any]] = []
    rules: list[dict[str, Any]] = []
    for family, option in _FAMILIES.items():
        if family == "ipv4" or has_ipv6():
            routes, shown = iproute.show(["route show table all", "rule show"], option)
            found += routing.routes(family, routes)
            rules += routing.rules(
                family, (one for one in shown if not owned & {*our_rules([one])})
            )
    others = (one for one in found if one["table"] not in tables)
    kept, omitted = routing.bounded(one for one in others if not routing.is_to(one, own))
    return {"rules": rules, "routes": kept, "routes_omitted": omitted}


def _link(shown: dict[str, Any], vrfs: Mapping[str, int]) -> dict[str, Any]:
    # A VRF's own addresses are in its table too: l3mdev_fib_table() in net/l3mdev/l3mdev.c.
    in_vrfs = [one for one in (shown["ifname"], shown.get("master", "")) if one in vrfs]
    return {
        "name": shown["ifname"],
        "kind": shown.get("linkinfo", {}).get("info_kind", ""),
        "mac": shown.get("address", ""),
        "mtu": shown["mtu"],
        "up": "UP" in shown["flags"],
        "vrf": in_vrfs[0] if in_vrfs else "",
        "vrf_table": vrfs.get(shown["ifname"], 0),
        "link_local": [
            one["local"]
            for one in shown.get("addr_info", ())
            if str(one.get("local", "")).startswith("fe80:")
        ],
    }


def _vrfs(shown: Iterable[dict[str, Any]]) -> dict[str, int]:
    """The table of each VRF."""
    infos = {one["ifname"]: one.get("linkinfo", {}) for one in shown}
    return {
        name: int(info.get("info_data", {}).get("table", 0))
        for name, info in infos.items()
        if info.get("info_kind") == "vrf"
    }


def _address(one: Address) -> dict[str, Any]:
    return {**one._asdict(), "family": family_of(one.address)}


def _sysctls(devices: Iterable[str]) -> dict[str, str]:
    keys = [*_HOST_SYSCTLS]
    keys += [ipv4_conf(one, name) for one in (ALL, *devices) for name in _DEVICE_SYSCTLS]
    return {key.replace("/", "."): value for key, value in sysctl.read(keys).items()}


def _health() -> dict[str, Any]:
    """Whether the health daemon runs, and what it has decided; None if unknown."""
    decisions = runtime.decisions()
    weights = (
        None
        if decisions is None
        else [
            {**render_target(target), **decision._asdict()}
            for target, decision in decisions.items()
        ]
    )
    return {"running": runtime.is_running(), "weights": weights}


def _owned_vips(director: Part) -> set[str]:
    resources = _owned(Part("real_server")) | _owned(Section(director, HOST))
    return {resource.address for resource in resources if isinstance(resource, Address)}


def _owned_neighbours() -> list[Neighbour]:
    return sorted(one for one in _owned(Part("router")) if isinstance(one, Neighbour))


def _owned(record: Record) -> frozenset[Resource]:
    """What a part's last run desired of this host."""
    return load(record).desired.resources
