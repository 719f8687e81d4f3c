# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The desired state of a router, from the options of the module router."""

from __future__ import annotations

from typing import Any, Mapping

from ...net.addresses import family_of
from ..model import Desired, Neighbour, Resource
from .options import Inputs

OPTIONS: dict[str, Any] = {
    "neighbours": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "required": True},
            "interface": {"type": "str", "required": True},
            "mac": {"type": "str", "required": True},
        },
    },
}


def parse(options: Mapping[str, Any]) -> tuple[Desired, list[str]]:
    """Return the desired state, and all problems of the options."""
    inputs = Inputs()
    resources: set[Resource] = set()
    for index, item in enumerate(options["neighbours"]):
        where = f"neighbours[{index}]"
        device = inputs.device(f"{where}.interface", item["interface"])
        address = inputs.address(f"{where}.address", item["address"])
        mac = inputs.mac(f"{where}.mac", item["mac"])
        if address and family_of(address) != "ipv4":
            expected = "an IPv4 address: only the director advertises an IPv6 one"
            inputs.problem(f"{where}.address", address, expected)
        if address and mac:
            inputs.once(where, (device, address), f"{address} on {device}")
            resources.add(Neighbour(device, address, mac))
    return Desired(frozenset(resources)), inputs.problems
