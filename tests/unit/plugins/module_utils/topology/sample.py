# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sound topologies in each mode, and a way to change single things of them."""

from __future__ import annotations

import copy
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import SCHEDULERS
from ansible_collections.lvs.topology.plugins.module_utils.topology.compile import (
    Compiled,
    compile_topology,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.schema import (
    argument_spec,
)

OPTIONS = {name: spec["default"] for name, spec in argument_spec().items() if "default" in spec}
OPTIONS["health"] = False  # a decision: without it there is a warning
ROUTER, DIRECTOR = 1, 5
WEB = {"web1": 11, "web2": 12}

Change = Mapping[str, Any]
"""Path, its steps parted by slashes, → the value that belongs there."""


@dataclass
class Sample:
    """The compiler's input."""

    services: dict[str, Any]
    facts: dict[str, Any]
    groups: dict[str, list[str]]
    options: dict[str, Any] = field(default_factory=lambda: copy.deepcopy(OPTIONS))

    def compile(self) -> Compiled:
        return compile_topology(self.services, self.groups, self.facts, self.options)

    def changed(self, change: Change) -> Sample:
        """A copy with some values changed; None takes a key away."""
        sample = copy.deepcopy(self)
        for path, value in change.items():
            root, *steps, last = path.split("/")
            place = getattr(sample, root)
            for step in steps:
                place = place[int(step) if step.isdecimal() else step]
            if value is None:
                del place[last]
            else:
                place[int(last) if last.isdecimal() else last] = value
        return sample


def node(addresses: Mapping[str, list[str]], routes: list[dict[str, Any]]) -> dict[str, Any]:
    """A host's facts; routes to its own networks are added."""
    found: dict[str, Any] = {
        "addresses": [{"device": "lo", "address": "127.0.0.1", "prefix": 8, "family": "ipv4"}],
        "routes": [*routes],
        "routes_omitted": [],
        "rules": default_rules(),
        "ipvs": {
            "available": True,
            "modules": ["ftp", "pe_sip", *SCHEDULERS],
            "version": None,
            "sysctls": None,
        },
        "owners": [],
        "vip_owned": [],
        "vrrp": {"keepalived": "nobody", "others": [], "router_id": 0, "silent_peer": ""},
        "neighbours_owned": [],
        "links": [],
        "sysctls": {},
    }
    for device, interfaces in addresses.items():
        found["links"].append(link(device, mac(interfaces[0])))
        for interface in interfaces:
            found["addresses"].append(on(device, interface))
            found["routes"].append(route(network(interface), device=device))
    found["links"].append(link("lo", "", 65536))
    return found


def link(device: str, mac_address: str, mtu: int = 1500, kind: str = "") -> dict[str, Any]:
    """A device; its MAC address makes its link-local one."""
    return {
        "name": device,
        "kind": kind,
        "up": True,
        "mac": mac_address,
        "mtu": mtu,
        "vrf": "",
        "vrf_table": 0,
        "link_local": [link_local(mac_address)] if ":" in mac_address else [],
    }


def mac(interface: str) -> str:
    """A MAC address as the lab gives them: the IPv4 address is in it."""
    return "52:54:" + ":".join(
        f"{octet:02x}" for octet in ipaddress.ip_interface(interface).ip.packed[-4:]
    )


def on(device: str, interface: str) -> dict[str, Any]:
    """An address of a host."""
    address, _slash, prefix = interface.partition("/")
    return {
        "device": device,
        "address": address,
        "prefix": int(prefix),
        "family": "ipv6" if ":" in address else "ipv4",
    }


def network(interface: str) -> str:
    return str(ipaddress.ip_interface(interface).network)


def route(destination: str, gateway: str = "", device: str = "inside") -> dict[str, Any]:
    return {
        "family": "ipv6" if ":" in destination else "ipv4",
        "destination": destination,
        "table": 254,
        "type": "unicast",
        "source": "",
        "gateway": gateway,
        "device": device,
        "metric": 0,
        "tos": 0,
        "preferred_source": "",
    }


def rule(priority: int, table: int, source: str = "", family: str = "ipv4") -> dict[str, Any]:
    return {
        "family": family,
        "priority": priority,
        "action": "table",
        "table": table,
        "target": 0,
        "source": source,
        "destination": "",
        "device": "",
        "out": "",
        "mark": 0,
        "mask": 0,
        "protocol": None,
        "source_ports": None,
        "destination_ports": None,
        "vrf": False,
        "inverted": False,
        "suppressed": -1,
        "other": [],
    }


def default_rules() -> list[dict[str, Any]]:
    """As the kernel makes them."""
    return [
        rule(priority, table, family=family)
        for family in ("ipv4", "ipv6")
        for priority, table in ((0, 255), (32766, 254))
    ]


def link_local(mac_address: str) -> str:
    """The address that a device gives itself (EUI-64)."""
    octets = [int(one, 16) for one in mac_address.split(":")]
    octets = [octets[0] ^ 2, *octets[1:3], 0xFF, 0xFE, *octets[3:]]
    packed = bytes([0xFE, 0x80, 0, 0, 0, 0, 0, 0, *octets])
    return str(ipaddress.IPv6Address(packed))


def inside(number: int, gateway: int) -> dict[str, Any]:
    """A host of the lab's network inside; its default routes lead through a neighbour."""
    return node(
        {
            "mgmt0": [f"10.0.2.{number}/24"],
            "inside": [f"10.0.0.{number}/24", f"2001:db8:10::{number}/64"],
        },
        [
            route("0.0.0.0/0", f"10.0.0.{gateway}"),
            route("::/0", f"2001:db8:10::{gateway}"),
        ],
    )


def _topology(services: dict[str, Any], gateway: int) -> Sample:
    return Sample(
        services=services,
        facts={
            "director": inside(DIRECTOR, ROUTER),
            **{name: inside(number, gateway) for name, number in WEB.items()},
        },
        groups={
            "all": ["client", "director", *WEB],
            "lvs_clients": ["client"],
            "lvs_directors": ["director"],
            "lvs_real_servers": [*WEB],
        },
    )


def direct_routing() -> Sample:
    """Replies leave by the router."""
    service = {
        "mode": "dr",
        "vips": ["10.0.0.100"],
        "port": 80,
        "real_servers": [{"host": "web1"}, {"host": "web2"}],
    }
    return _topology({"web": service}, ROUTER)


def with_director(sample: Sample, **keys: object) -> Sample:
    """The same, with the director in place of web1."""
    server = {**sample.services["web"]["real_servers"][0], "host": "director", **keys}
    groups = {"groups/lvs_real_servers": ["director", *WEB]}
    return sample.changed({"services/web/real_servers/0": server, **groups})


def static_arp() -> Sample:
    """The same, with a router that is told who has the VIP."""
    sample = direct_routing()
    sample.services["web"]["arp"] = "static"
    sample.groups["lvs_routers"] = ["router"]
    sample.facts["router"] = node(
        {"mgmt0": ["10.0.2.1/24"], "outside": ["198.51.100.1/24"], "inside": ["10.0.0.1/24"]}, []
    )
    return sample


def nat() -> Sample:
    """Replies leave by the director."""
    service = {
        "mode": "nat",
        "vips": ["10.0.0.101"],
        "port": 8080,
        "real_servers": [{"host": "web1", "port": 80}, {"host": "web2", "port": 80}],
    }
    return _topology({"web": service}, DIRECTOR)


def both_ways() -> Sample:
    """Both modes, both families, on the same real servers."""
    sample = direct_routing()
    sample.services["web"]["vips"].append("2001:db8:10::100")
    sample.services["web-nat"] = {
        **nat().services["web"],
        "vips": ["10.0.0.101", "2001:db8:10::101"],
        "return_route": "policy",
    }
    return sample


def two_arms() -> Sample:
    """NAT through a director that stands between the clients and the real servers."""
    sample = nat()
    sample.services["web"]["vips"] = ["198.51.100.5"]
    sample.facts["director"] = node(
        {
            "mgmt0": ["10.0.2.5/24"],
            "outside": ["198.51.100.4/24"],
            "inside": ["10.0.0.5/24"],
        },
        [route("0.0.0.0/0", "198.51.100.1", "outside")],
    )
    return sample


def full_nat() -> Sample:
    """Real servers in two networks; the director's inner arm is beside one of them."""
    servers = [{"host": "web1", "port": 8080}, {"host": "web2", "port": 8080}]
    service = {"mode": "fullnat", "vips": ["10.0.0.100"], "port": 80, "real_servers": servers}
    sample = _topology({"web": service}, ROUTER)
    sample.facts["director"] = node(
        {
            "inside": ["10.0.0.5/24", "2001:db8:10::5/64"],
            "near": ["10.1.0.5/24", "2001:db8:11::5/64"],
        },
        [
            route("0.0.0.0/0", "10.0.0.1"),
            route("10.2.0.0/24", "10.1.0.1", "near"),
            route("2001:db8:12::/64", "2001:db8:11::1", "near"),
        ],
    )
    sample.facts["web1"] = node({"near": ["10.1.0.11/24", "2001:db8:11::11/64"]}, [])
    sample.facts["web2"] = node(
        {"far": ["10.2.0.12/24", "2001:db8:12::12/64"], "mgmt0": ["10.9.0.12/24"]},
        [
            route("10.1.0.0/24", "10.2.0.1", "far"),
            route("2001:db8:11::/64", "2001:db8:12::1", "far"),
        ],
    )
    return sample


def near_and_far() -> Sample:
    """One service: web1 is beside the director, and web2 in another network."""
    sample = direct_routing()
    sample.services["web"]["real_servers"] = [{"host": "web1"}, {"host": "web2", "mode": "tun"}]
    far = tunnels()
    return sample.changed(
        {"facts/web2": far.facts["web2"], "facts/director": far.facts["director"]}
    )


def tunnels() -> Sample:
    """Director and real servers in different networks, with a router between them."""
    servers = [{"host": "web1"}, {"host": "web2"}]
    service = {"mode": "tun", "vips": ["10.0.0.100"], "port": 80, "real_servers": servers}
    sample = _topology({"web": service}, ROUTER)
    for name, number in WEB.items():
        sample.facts[name] = node(
            {
                "mgmt0": [f"10.0.2.{number}/24"],
                "back": [f"10.0.1.{number}/24", f"2001:db8:11::{number}/64"],
            },
            [route("0.0.0.0/0", "10.0.1.1", "back"), route("::/0", "2001:db8:11::1", "back")],
        )
    # A network for management is none in which packets are to arrive.
    sample.facts["director"] = node(
        {"inside": ["10.0.0.5/24", "2001:db8:10::5/64"]},
        [route("0.0.0.0/0", "10.0.0.1"), route("::/0", "2001:db8:10::1")],
    )
    return sample
