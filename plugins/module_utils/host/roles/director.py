# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The desired state of a director, from the options of the module director."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, Mapping, Sequence

from ...net.addresses import HOST_PREFIX, family_of
from ...net.probe_marks import EXPECTED, is_probe_mark
from ..model import HELPERS, Address, Desired, LocalAddresses, Mark, NftTable, Resource, Snat
from ..nft.director_table import PROTOCOLS, TABLE
from ..nft.marks import MARKED
from ..sysctl.rules import (
    ALL,
    FORWARDING,
    accept_local,
    exactly,
    ipv4_conf,
    liberal_conntrack,
    loose_rp_filter,
)
from .options import Inputs

_MAX_MARK = 2**32 - 1

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
        "choices": list(FORWARDING),
    },
    "no_redirects": {"type": "list", "elements": "str", "default": []},
    "probe_interfaces": {"type": "list", "elements": "str", "default": []},
    "liberal_conntrack": {"type": "bool", "default": False},
    "lips": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "required": True},
            "interface": {"type": "str", "required": True},
        },
    },
    "snat": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "required": True},
            "protocol": {"type": "str", "default": "tcp", "choices": list(PROTOCOLS)},
            "ports": {"type": "str", "required": True},
        },
    },
    "local_addresses": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "real_server": {"type": "str", "required": True},
            "first": {"type": "str", "required": True},
            "last": {"type": "str"},
        },
    },
    "helpers": {"type": "list", "elements": "str", "default": [], "choices": list(HELPERS)},
    "marks": {
        "type": "list",
        "elements": "dict",
        "default": [],
        "options": {
            "address": {"type": "str", "required": True},
            "protocol": {"type": "str", "default": "tcp", "choices": list(MARKED)},
            "ports": {"type": "str", "required": True},
            "mark": {"type": "int", "required": True},
        },
    },
}


def parse(options: Mapping[str, Any]) -> tuple[Desired, list[str]]:
    """Return the desired state, and all problems of the options."""
    inputs = Inputs()
    resources: set[Resource] = {*_addresses(inputs, options)}
    in_table = {
        *_snat(inputs, options["snat"]),
        *_local(inputs, options["local_addresses"]),
        *_marks(inputs, options["marks"]),
    }
    if in_table:
        resources |= {NftTable(TABLE), *in_table}

    settings = [exactly(key, "1") for name, key in FORWARDING.items() if name in options["forward"]]
    for option, why in (
        ("no_redirects", "all is included"),
        ("probe_interfaces", "others stay"),
    ):
        for index, value in enumerate(options[option]):
            where = f"{option}[{index}]"
            inputs.once(where, (option, value), value)
            if value == ALL:
                inputs.problem(where, value, f"an interface by its name ({why})")
            else:
                inputs.device(where, value)
    if options["no_redirects"]:
        # The kernel sends redirects if either conf/all or the interface has a 1.
        silent = (ALL, *options["no_redirects"])
        settings += [exactly(ipv4_conf(name, "send_redirects"), "0") for name in silent]
    for name in options["probe_interfaces"]:
        settings += [accept_local(name), loose_rp_filter(name)]
    if options["liberal_conntrack"]:
        settings.append(liberal_conntrack())
    helpers = tuple(dict.fromkeys(options["helpers"]))
    return Desired(frozenset(resources), tuple(settings), helpers=helpers), inputs.problems


def early(options: Mapping[str, Any]) -> Mapping[str, Any]:
    """What comes before the IPVS table is filled: whoever reaches a VIP finds a table behind it.

    A packet with a mark goes where that leads before IPVS looks at its port (ip_vs_service_find()
    in net/netfilter/ipvs/ip_vs_ctl.c).
    """
    return {**options, "vips": [], "marks": []}


def _addresses(inputs: Inputs, options: Mapping[str, Any]) -> Iterator[Resource]:
    for name in ("vips", "lips"):
        for index, item in enumerate(options[name]):
            where = f"{name}[{index}]"
            device = inputs.device(f"{where}.interface", item["interface"])
            address = inputs.address(f"{where}.address", item["address"])
            if address:
                inputs.once(where, address, item["address"])
                yield Address(device, address, HOST_PREFIX[family_of(address)])


def _snat(inputs: Inputs, items: Sequence[Mapping[str, Any]]) -> Iterator[Resource]:
    parsed = []
    for index, item in enumerate(items):
        where = f"snat[{index}]"
        address = inputs.address(f"{where}.address", item["address"])
        ports = inputs.ports(f"{where}.ports", item["ports"])
        if address:
            parsed.append((where, (item["protocol"], address), ports))
            yield Snat(item["protocol"], address, ports)
    inputs.apart(parsed)


def _local(inputs: Inputs, items: Sequence[Mapping[str, Any]]) -> Iterator[Resource]:
    for index, item in enumerate(items):
        where = f"local_addresses[{index}]"
        real_server = inputs.address(f"{where}.real_server", item["real_server"])
        first = inputs.address(f"{where}.first", item["first"])
        last = inputs.address(f"{where}.last", item["last"]) if item.get("last") else first
        if not (real_server and first and last):
            continue
        inputs.once(where, ("local", real_server), real_server)
        expected = family_of(real_server)
        if {family_of(first), family_of(last)} != {expected}:
            inputs.problem(
                where, f"{first} to {last}", f"{expected} addresses, as {real_server} is"
            )
        elif int(ipaddress.ip_address(first)) > int(ipaddress.ip_address(last)):
            inputs.problem(where, f"{first} to {last}", "the smaller address first")
        yield LocalAddresses(real_server, first, last)


def _marks(inputs: Inputs, items: Sequence[Mapping[str, Any]]) -> Iterator[Resource]:
    parsed = []
    for index, item in enumerate(items):
        where = f"marks[{index}]"
        address = inputs.address(f"{where}.address", item["address"])
        ports = inputs.ports(f"{where}.ports", item["ports"])
        mark = inputs.number(f"{where}.mark", item["mark"], 1, _MAX_MARK)
        if is_probe_mark(mark):
            inputs.problem(f"{where}.mark", mark, EXPECTED)
        if address:
            parsed.append((where, (item["protocol"], address), ports))
            yield Mark(item["protocol"], address, ports, mark)
    inputs.apart(parsed)
