# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a director wants of its host, from the options of the module director. Pure."""

from __future__ import annotations

from typing import Any, Mapping

from ansible_collections.lvs.topology.plugins.module_utils.node.inputs import Inputs
from ansible_collections.lvs.topology.plugins.module_utils.node.settings import (
    ALL,
    exactly,
    ipv4_conf,
)
from ansible_collections.lvs.topology.plugins.module_utils.node.state import (
    HOST_PREFIX,
    Address,
    Thing,
    Wanted,
    family_of,
)

_FORWARDING = {"ipv4": "net/ipv4/ip_forward", "ipv6": "net/ipv6/conf/all/forwarding"}

OPTIONS: dict[str, Any] = {
    "vips": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "required": True},
            "interface": {"type": "str", "required": True},
        },
    },
    "forward": {
        "type": "list",
        "elements": "str",
        "default": [],
        "choices": list(_FORWARDING),
    },
    "no_redirects": {"type": "list", "elements": "str", "default": []},
}


def parse(options: Mapping[str, Any]) -> tuple[Wanted, list[str]]:
    """What is wanted, and everything that is wrong with the options."""
    inputs = Inputs()
    things: set[Thing] = set()
    for index, item in enumerate(options["vips"]):
        where = f"vips[{index}]"
        device = inputs.device(f"{where}.interface", item["interface"])
        address = inputs.address(f"{where}.address", item["address"])
        if address:
            inputs.once(where, address, item["address"])
            things.add(Address(device, address, HOST_PREFIX[family_of(address)]))

    settings = [
        exactly(key, "1") for name, key in _FORWARDING.items() if name in options["forward"]
    ]
    for index, value in enumerate(options["no_redirects"]):
        where = f"no_redirects[{index}]"
        inputs.once(where, ("no_redirects", value), value)
        inputs.device(where, value)
        if value == ALL:
            inputs.problem(where, value, "an interface by its name (all is included)")
    if options["no_redirects"]:
        # Redirects are sent where either of conf/all and the interface has a 1.
        silent = (ALL, *options["no_redirects"])
        settings += [exactly(ipv4_conf(name, "send_redirects"), "0") for name in silent]
    return Wanted(frozenset(things), tuple(settings)), inputs.problems
