# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Every example is an inventory that Ansible reads and a declaration that compiles."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from ansible.inventory.manager import InventoryManager
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.parsing.dataloader import DataLoader
from ansible.vars.manager import VariableManager

from ansible_collections.lvs.topology.plugins.module_utils.topology.compile import compile_topology
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration.schema import (
    argument_spec,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    node,
    route,
)

FOLDER = Path(__file__).resolve().parents[2] / "examples"
MANAGEMENT = "192.0.2"
LAST_DIRECTOR = 6
BY_HOST = ("rip", "dip", "lips")
SERVERS = ("lvs_directors", "lvs_real_servers", "lvs_routers")


@dataclass(frozen=True)
class Example:
    """What an example compiles to."""

    mode: str
    compiled: dict[str, object] = field(default_factory=dict)
    """Host → a value that its desired state contains: the example's feature."""
    gateway: int = 1
    """Last part of the address of the real servers' gateway: the router, or the director."""
    networks: tuple[str, ...] = ()
    """More networks that all hosts share, by the first three parts."""


EXAMPLES = {
    "consistent_hashing": Example("dr", {"director": "mh"}),
    "director_as_real_server": Example("dr", {"director": "10.0.0.5", "web1": "10.0.0.100"}),
    "dr": Example("dr", {"web1": "10.0.0.100"}),
    "dr_and_tun": Example("dr tun", {"web1": "10.0.0.100", "far1": "ipip"}),
    "dr_prepared": Example("dr", {"director": "10.0.0.99"}),
    "dr_static_arp": Example("dr", {"router": "10.0.0.100"}),
    "drain_removed": Example("dr", {"director": 300}),
    "dual_stack": Example("dr", {"web1": "2001:db8:10::100", "director": "10.0.0.100"}),
    "fullnat": Example("fullnat", {"director": "masq"}),
    "fullnat_lips": Example("fullnat", {"director": "10.0.0.27"}),
    "fwmark": Example("dr", {"director": "443"}),
    "fwmark_protocols": Example("dr", {"director": "udp"}),
    "fwmark_ranges": Example("nat", {"director": "20000", "web1": "20000"}),
    "groups": Example("dr", {"director": 2, "web1": "10.0.0.100"}),
    "health_checks": Example("dr", {"director": "/health", "web1": "10.0.0.100"}),
    "ipv6": Example("dr", {"web1": "2001:db8:10::100"}),
    "metrics": Example("dr", {"director": "/var/lib/node_exporter"}),
    "nat": Example("nat", {"director": 8080}, gateway=5),
    "nat_ftp": Example("nat", {"director": "ftp", "web1": "65534"}),
    "nat_policy_route": Example("nat", {"web1": "10.0.0.5"}),
    "nat_unmanaged": Example("nat", {"director": "10.0.0.99"}, gateway=5),
    "networks": Example("dr", {"director": "10.0.0.11"}, networks=(MANAGEMENT,)),
    "persistence": Example("dr", {"director": 600}),
    "settings": Example("dr", {"director": 1800}),
    "thresholds": Example("dr", {"director": 800}),
    "tun": Example("tun", {"web1": "ipip"}),
    "tun_gre": Example("tun", {"web1": "gre"}),
    "tun_gue": Example("tun", {"web1": "gue"}),
    "two_directors": Example("dr", {"director1": "10.0.0.12", "director2": "10.0.0.12"}),
    "udp_one_packet": Example("dr", {"director": "udp"}),
    "weights": Example("dr", {"director": 3}),
}


def test_every_file_is_here() -> None:
    assert sorted(EXAMPLES) == sorted(path.stem for path in FOLDER.glob("*.yml"))


def test_every_file_is_in_the_list() -> None:
    listed = re.findall(r"\]\(([a-z0-9_]+)\.yml\)", (FOLDER / "README.md").read_text())
    assert sorted(listed) == sorted(EXAMPLES)


@pytest.mark.parametrize("name", EXAMPLES)
def test_compiles(name: str) -> None:
    example = EXAMPLES[name]
    validated = ArgumentSpecValidator(argument_spec()).validate(
        arguments(FOLDER / f"{name}.yml", example)
    )
    assert validated.error_messages == []
    given = validated.validated_parameters
    compiled = compile_topology(given["services"], given["groups"], given["facts"], given)
    assert compiled.violations == []
    # Those of other features leave health checks to theirs.
    is_tried = "topology_health" in (FOLDER / f"{name}.yml").read_text()
    assert ["nobody tries" in one for one in compiled.warnings] == ([] if is_tried else [True])
    assert {path["mode"] for path in compiled.paths} == {*example.mode.split()}
    for host, value in example.compiled.items():
        assert value in values(compiled.nodes[host]), host


def arguments(path: Path, example: Example) -> dict[str, Any]:
    """Return the compiler's arguments, as the role would have them from this inventory."""
    loader = DataLoader()
    inventory = InventoryManager(loader, sources=[str(path)])
    variables = VariableManager(loader, inventory)
    groups = inventory.get_groups_dict()
    hosts = {host for group in SERVERS for host in groups.get(group, ())}
    known = {host: variables.get_vars(host=inventory.get_host(host)) for host in hosts}
    options: dict[str, Any] = {}
    for host, given in known.items():
        for variable, value in given.items():
            option = variable.removeprefix("topology_")
            if option in BY_HOST:
                options.setdefault(option if option == "lips" else f"{option}s", {})[host] = value
            elif option != variable:
                options[option] = value
    facts = {host: host_facts(given["ansible_host"], example) for host, given in known.items()}
    return {**options, "groups": groups, "facts": facts}


def host_facts(address: str, example: Example) -> dict[str, Any]:
    """Return facts of a host with this address and, beside IPv4, the same of IPv6."""
    if ":" in address:
        network = address.rpartition("::")[0]
        return node(
            {"eth0": [f"{address}/64"]}, [route("::/0", f"{network}::{example.gateway}", "eth0")]
        )
    network, _dot, number = address.rpartition(".")
    gateway = 1 if int(number) <= LAST_DIRECTOR else example.gateway
    ipv6 = f"2001:db8:1{network[-1]}::"
    return node(
        {
            "eth0": [f"{address}/24", f"{ipv6}{number}/64"],
            **{f"eth{n}": [f"{net}.{number}/24"] for n, net in enumerate(example.networks, 1)},
        },
        [
            route("0.0.0.0/0", f"{network}.{gateway}", "eth0"),
            route("::/0", f"{ipv6}{gateway}", "eth0"),
        ],
    )


def values(data: object) -> list[object]:
    """Return the values in nested data, and the ends of FIRST-LAST."""
    if isinstance(data, dict):
        return [found for value in data.values() for found in values(value)]
    if isinstance(data, list):
        return [found for value in data for found in values(value)]
    return [data, *data.split("-")] if isinstance(data, str) else [data]
