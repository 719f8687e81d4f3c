# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The desired state of a real server, from the options of the module real_server."""

from __future__ import annotations

from typing import Any, Mapping, Sequence

from ...net.addresses import HOST_PREFIX, family_of
from ...net.ports import MAX_RULE_PORT
from ..model import Address, Desired, Link, Resource, Route, Rule
from ..sysctl.rules import ALL, arp_suppression, loose_rp_filter
from . import tunnels
from .options import Inputs
from .return_tables import numbered

PROTOCOLS = ("tcp", "udp", "sctp")
DEFAULT_TABLE = 20020
_FIRST_FREE_TABLE, _LAST_TABLE = 256, 2**32 - 1  # main, local and default are below 256

OPTIONS: dict[str, Any] = {
    "vips": {"type": "list", "elements": "str", "default": []},
    "vip_device": {"type": "str", "default": "lo"},
    "arp_interfaces": {"type": "list", "elements": "str", "default": [ALL]},
    "loose_rp_filter": {"type": "list", "elements": "str", "default": []},
    "return_routes": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "source": {"type": "str", "required": True},
            "protocol": {"type": "str", "default": "tcp", "choices": list(PROTOCOLS)},
            "ports": {"type": "str", "required": True},
            "gateway": {"type": "str", "required": True},
        },
    },
    "return_table": {"type": "int", "default": DEFAULT_TABLE},
    **tunnels.OPTIONS,
}


def parse(options: Mapping[str, Any]) -> tuple[Desired, list[str]]:
    """Return the desired state, and all problems of the options."""
    inputs = Inputs()
    vips: set[Resource] = set()
    device = inputs.device("vip_device", options["vip_device"])
    for index, value in enumerate(options["vips"]):
        where = f"vips[{index}]"
        address = inputs.address(where, value)
        if address:
            inputs.once(where, address, value)
            vips.add(Address(device, address, HOST_PREFIX[family_of(address)]))
    resources = {*vips}
    up: tuple[str, ...] = (device,) if vips else ()
    if vips and device != "lo":
        resources.add(Link(device, "dummy"))

    settings = []
    for name in ("arp_interfaces", "loose_rp_filter"):
        for index, value in enumerate(options[name]):
            where = f"{name}[{index}]"
            inputs.once(where, (name, value), value)
            if value != ALL:
                inputs.device(where, value)
            # all does not make rp_filter loose: an interface's own value may be larger.
            if value == "lo" or (value == ALL and name == "loose_rp_filter"):
                inputs.problem(where, value, "an interface on which packets arrive from outside")
    for name in options["arp_interfaces"]:
        settings += arp_suppression(name)
    settings += [loose_rp_filter(name) for name in options["loose_rp_filter"]]

    addresses = [vip.address for vip in vips if isinstance(vip, Address)]
    behind = tunnels.parse(inputs, options, addresses)
    resources |= behind.resources
    settings += behind.settings

    inputs.number("return_table", options["return_table"], _FIRST_FREE_TABLE, _LAST_TABLE)
    resources |= _return_routes(inputs, options["return_routes"], options["return_table"])
    up += behind.up
    return Desired(frozenset(resources), tuple(settings), up, arp_suppressed=True), inputs.problems


def _return_routes(inputs: Inputs, items: Sequence[Mapping[str, Any]], table: int) -> set[Resource]:
    """A rule for each service, and a table for each gateway."""
    parsed = []
    for index, item in enumerate(items):
        where = f"return_routes[{index}]"
        source = inputs.address(f"{where}.source", item["source"])
        gateway = inputs.address(f"{where}.gateway", item["gateway"])
        ports = inputs.ports(f"{where}.ports", item["ports"], 0, MAX_RULE_PORT)
        if not (source and gateway):
            continue
        if family_of(source) != family_of(gateway):
            expected = f"an {family_of(source)} address, as the source is"
            inputs.problem(f"{where}.gateway", item["gateway"], expected)
        if source == gateway:
            inputs.problem(f"{where}.gateway", item["gateway"], "another host's address")
        protocol = item["protocol"]
        inputs.once(where, (source, protocol, ports), f"{source} {protocol} {ports}")
        parsed.append((source, protocol, ports, gateway))
    tables = numbered({gateway for _source, _protocol, _ports, gateway in parsed}, table)
    routes: set[Resource] = {Route(number, gateway) for gateway, number in tables.items()}
    return routes | {
        Rule(source, protocol, ports, tables[gateway])
        for source, protocol, ports, gateway in parsed
    }
