# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Topology files: the meaning of a good one, and all problems of a bad one."""

from __future__ import annotations

import ipaddress
import textwrap
from pathlib import Path

import pytest
from lvslab import topology_file
from lvslab.errors import LabError
from lvslab.settings import LAB_ROOT
from lvslab.topology import Link, Network, Node, Route, Topology
from lvslab.topology_file import TopologyError


def parse(text: str) -> Topology:
    return topology_file.parse(textwrap.dedent(text), "t.yml")


def problems(text: str) -> list[str]:
    with pytest.raises(TopologyError) as caught:
        parse(text)
    assert all(line.startswith("t.yml: ") for line in str(caught.value).splitlines())
    return caught.value.problems


def node(body: str) -> str:
    return f"{{networks: {{net: {{}}}}, nodes: {{a: {body}}}}}"


def test_a_whole_file() -> None:
    found = parse("""
        networks:
          outside:
          inside: {mtu: 1400}
        nodes:
          router:
            groups: [lvs_routers, all_of_them]
            forward: true
            links:
              outside: ["198.51.100.1/24", "2001:db8:51::1/64"]
              inside: {addresses: [10.0.0.1/24], interface: eth1}
            routes:
              default: ["198.51.100.254", "2001:db8:51::fe"]
              203.0.113.0/24: 10.0.0.9
            web: [80, 8080]
    """)
    outside = (
        ipaddress.ip_interface("198.51.100.1/24"),
        ipaddress.ip_interface("2001:db8:51::1/64"),
    )
    router = Node(
        name="router",
        groups=("lvs_routers", "all_of_them"),
        links=(
            Link("outside", "outside", outside),
            Link("inside", "eth1", (ipaddress.ip_interface("10.0.0.1/24"),)),
        ),
        routes=(
            Route("default", ipaddress.ip_address("198.51.100.254")),
            Route("default", ipaddress.ip_address("2001:db8:51::fe")),
            Route("203.0.113.0/24", ipaddress.ip_address("10.0.0.9")),
        ),
        forward=True,
        web=(80, 8080),
    )
    assert found == Topology((Network("outside"), Network("inside", 1400)), (router,))


@pytest.mark.parametrize(
    "file", sorted((LAB_ROOT / "topologies").glob("*.yml")), ids=lambda p: p.stem
)
def test_the_files_that_come_along(file: Path) -> None:
    assert topology_file.load(file).nodes


@pytest.mark.parametrize(
    ("text", "where", "what"),
    [
        ("[]", "the file", "must be a mapping"),
        ("{nets: {}, nodes: {a: {}}}", "the file.nets", "unknown key"),
        ("{networks: {net: {}}, nodes: {}}", "nodes", "there must be 1 to 100"),
        ("{networks: {net: {mtu: 68}}, nodes: {a: {}}}", "networks.net.mtu", "from 1280 to 9000"),
        ("{networks: {net: {mtu: yes}}, nodes: {a: {}}}", "networks.net.mtu", "is True"),
        ("{networks: {lo: {}}, nodes: {a: {}}}", "networks.lo", "is reserved"),
        ("{networks: {sixteen-letters-: {}}, nodes: {a: {}}}", "sixteen-letters-", "not a name"),
        ("{networks: {}, nodes: {vm: {}}}", "nodes.vm", "is reserved"),
        ("{networks: {}, nodes: {Web: {}}}", "nodes.Web", "not a name"),
        ("{networks: {}, nodes: {1: {}}}", "nodes.1", "not a name"),
        (node("{group: []}"), "nodes.a.group", "unknown key"),
        (node("[]"), "nodes.a", "must be a mapping"),
        (node("{groups: lvs}"), "nodes.a.groups", "must be a list"),
        (node("{groups: [real-servers]}"), "nodes.a.groups", "not a name"),
        (node("{groups: [a]}"), "nodes", "the name of a node and of a group"),
        (node("{forward: maybe}"), "nodes.a.forward", "must be true or false"),
        (node("{web: [0]}"), "nodes.a.web", "from 1 to 65535"),
        (node("{links: {other: []}}"), "nodes.a.links.other", "no such network"),
        (node("{links: {net: [10.0.0.1]}}"), "nodes.a.links.net", "with a prefix length"),
        (node("{links: {net: [10.0.0.1/33]}}"), "nodes.a.links.net", "does not appear to be"),
        (node("{links: {net: [7]}}"), "nodes.a.links.net", "with a prefix length"),
        (node("{links: {net: [10.0.0.0/24]}}"), "nodes.a.links.net", "the network's own"),
        (node("{links: {net: [10.0.0.255/24]}}"), "nodes.a.links.net", "the network's own"),
        (node('{links: {net: ["2001:db8::/64"]}}'), "nodes.a.links.net", "the network's own"),
        (node("{links: {net: [10.0.2.7/24]}}"), "nodes.a.links.net", "the network of the lab"),
        (node("{links: {net: {interface: mgmt0}}}"), "nodes.a.links.net.interface", "reserved"),
        (node("{routes: {default: 10.0.0.1}}"), "nodes.a.routes.default", "on none of the node's"),
        (node("{routes: {somewhere: 10.0.0.1}}"), "nodes.a.routes.somewhere", "nor a network"),
        (node("{routes: {default: me}}"), "nodes.a.routes.default", "not an address"),
    ],
)
def test_each_fault_is_found_where_it_is(text: str, where: str, what: str) -> None:
    assert [item for item in problems(text) if where in item and what in item]


def test_all_faults_are_told_at_once() -> None:
    assert len(problems(node("{web: [0, x], forward: 3, links: {net: [1], b: []}, z: 1}"))) == 6


def test_routes_have_one_gateway_of_their_own_family() -> None:
    found = problems("""
        networks: {net: {}}
        nodes:
          a:
            links: {net: [10.0.0.1/24, "2001:db8::1/64"]}
            routes:
              default: [10.0.0.2, 10.0.0.3]
              192.0.2.0/24: "2001:db8::2"
    """)
    assert found == [
        "nodes.a.routes.default: more than one gateway for IPv4",
        "nodes.a.routes.192.0.2.0/24: 2001:db8::2 is of the other family",
    ]


def test_two_nodes_may_not_have_one_address() -> None:
    both = "links: {net: [10.0.0.1/24]}"
    found = problems(f"{{networks: {{net: {{}}}}, nodes: {{a: {{{both}}}, b: {{{both}}}}}}}")
    assert found == ["nodes.b.links.net: 10.0.0.1 already belongs to a"]


def test_two_links_may_not_have_one_name() -> None:
    found = problems("""
        networks: {one: {}, two: {}}
        nodes: {a: {links: {one: [10.0.0.1/24], two: {interface: one}}}}
    """)
    assert found == ["nodes.a.links: 2 links with the interface name 'one'"]


def test_equal_keys_are_refused() -> None:
    (found,) = problems("{networks: {}, nodes: {a: {}, a: {}}}")
    assert "the key 'a' appears 2 times" in found


def test_what_is_not_yaml_is_told_so() -> None:
    (found,) = problems("networks: [")
    assert found.startswith("not valid YAML")


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(LabError, match="No such file"):
        topology_file.load(tmp_path / "none.yml")
