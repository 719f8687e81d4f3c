# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From what node_info returns to a host's routing."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, Mapping

from ...net.addresses import FAMILIES, alone
from .lookup import Routing
from .routes import LOCAL, Omitted, Route, read_route
from .rules import read_rule

_LOCAL_TABLE = 255


def read_routing(facts: Mapping[str, Any]) -> dict[int, Routing]:
    """A host's routing for each IP version."""
    tables = {str(link["name"]): int(link["vrf_table"]) for link in facts["links"]}
    vrfs = {name: table for name, table in tables.items() if table}
    of_device = {str(link["name"]): tables.get(link["vrf"], 0) for link in facts["links"]}
    return {version: _read(name, facts, vrfs, of_device) for version, name in FAMILIES.items()}


def _read(
    family: str, facts: Mapping[str, Any], vrfs: Mapping[str, int], of_device: Mapping[str, int]
) -> Routing:
    rules = [read_rule(rule) for rule in facts["rules"] if rule["family"] == family]
    routes = [read_route(route) for route in facts["routes"] if route["family"] == family]
    omitted = [
        Omitted(int(one["table"]), tuple(map(ipaddress.ip_network, one["networks"])))
        for one in facts["routes_omitted"]
        if one["family"] == family
    ]
    return Routing(rules, [*routes, *_own(family, facts, of_device)], vrfs, omitted)


def _own(family: str, facts: Mapping[str, Any], of_device: Mapping[str, int]) -> Iterator[Route]:
    """The routes to the host's own addresses, which its facts leave out."""
    owned = frozenset(facts["vip_owned"])
    for address in facts["addresses"]:
        if address["family"] == family and address["address"] not in owned:
            destination = alone(ipaddress.ip_address(address["address"]))
            table = of_device.get(address["device"], 0) or _LOCAL_TABLE
            yield Route(destination, None, str(address["device"]), kind=LOCAL, table=table)
