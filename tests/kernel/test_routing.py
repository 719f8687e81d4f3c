# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compiler concludes from rules and routes is what the kernel does.

Each world is a network namespace with rules, tables and routes by chance, from a seed. `ip route
get` is the oracle. What the compiler leaves open (docs/kernel.md) is given in no world, but in the
last test.
"""

from __future__ import annotations

import ipaddress
import random
import subprocess
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.ip import routing
from ansible_collections.lvs.topology.plugins.module_utils.host.ip.commands import (
    addresses,
    documents,
)
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import PortRange
from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.facts import (
    read_routing,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.flow import (
    Flow,
    plain,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.lookup import (
    Routing,
    Ways,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.routes import Route

NAME = "lvs-routing"
DEVICES = ("v0", "v1", "v2", "v3")
OPTION = {4: "-4", 6: "-6"}
FAMILY = {4: "ipv4", 6: "ipv6"}
TABLES = (254, 100, 101)
WORLDS = range(12)
LOOKUPS = 40
REFUSALS = {
    "unreachable": {"No route to host", "Network is unreachable"},
    "prohibit": {"Permission denied"},
    "blackhole": {"Invalid argument"},
    "": {"Network is unreachable"},
}


class Question(NamedTuple):
    flow: Flow
    line: str  # the same for ip


def ip(*options: str, lines: list[str]) -> tuple[list[Any], dict[int, str]]:
    """The answers of a batch in the namespace, and its errors by line."""
    done = subprocess.run(
        ["ip", "-n", NAME, "-N", "-json", "-details", *options, "-force", "-batch", "-"],
        input="\n".join((*lines, "")),
        capture_output=True,
        encoding="utf-8",
        check=False,
    )
    errors: dict[int, str] = {}
    reason = ""
    for line in done.stderr.splitlines():
        if line.startswith("Command failed -:"):
            errors[int(line.rpartition(":")[2]) - 1] = reason
        else:
            reason = line.removeprefix("RTNETLINK answers: ").removeprefix("Error: ").rstrip(".")
    return [*documents(done.stdout)], errors


def execute(*command: str) -> None:
    subprocess.run(["ip", "netns", "exec", NAME, *command], check=True, capture_output=True)


@pytest.fixture
def namespace() -> Iterator[str]:
    """A host with four links, one of them in a VRF if the kernel has such; the VRF, or ""."""
    subprocess.run(["ip", "netns", "add", NAME], check=True)
    try:
        for key in ("net.ipv4.conf.all.rp_filter=0", "net.ipv4.conf.default.rp_filter=0"):
            execute("sysctl", "-qw", key)
        execute("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        _found, errors = ip(lines=["link add blue type vrf table 102", "link set blue up"])
        links = ["link set lo up"]
        for one, other in (("v0", "v1"), ("v2", "v3")):
            links.append(f"link add {one} type veth peer name {other}")
        links += [] if errors else ["link set v3 master blue"]
        for number, device in enumerate(DEVICES):
            links.append(f"link set {device} up")
            links.append(f"address add 10.{number}.0.1/24 dev {device}")
            links.append(f"address add 2001:db8:{number}::1/64 dev {device} nodad")
        _found, failed = ip(lines=links)
        assert failed == {}
        yield "" if errors else "blue"
    finally:
        subprocess.run(["ip", "netns", "delete", NAME], check=True)


class World:
    """What is made by chance, of one IP version."""

    def __init__(self, seed: int, version: int) -> None:
        self.chance = random.Random(seed)  # noqa: S311 - a seed, so that a failure comes again
        self.version = version

    def address(self, device: int, host: int) -> str:
        return f"10.{device}.0.{host}" if self.version == 4 else f"2001:db8:{device}::{host}"

    def host(self) -> str:
        """Somebody far away; there are few, so that routes and rules meet them."""
        high, low = self.chance.randrange(4), self.chance.randrange(4)
        if self.version == 4:
            return f"100.64.{high * 64}.{low}"
        return f"2001:db8:100:{high * 4096:x}::{low:x}"

    def network(self) -> str:
        lengths = (0, 1, 8, 16, 18, 24, 31, 32) if self.version == 4 else (0, 3, 48, 50, 64, 127)
        text = f"{self.host()}/{self.chance.choice(lengths)}"
        return str(ipaddress.ip_network(text, strict=False))

    def routes(self) -> list[str]:
        return [self.route() for _number in range(30)]

    def route(self) -> str:
        line = f"{self.network()} table {self.chance.choice(TABLES)}"
        if self.chance.random() < 0.5:
            line += f" metric {self.chance.randrange(1, 4)}"
        if self.version == 6 and self.chance.random() < 0.3:
            line += f" from {self.address(self.chance.randrange(4), 0)}/64"
        kind = self.chance.choice(
            [
                "hop",
                "hop",
                "hop",
                "link",
                "several",
                "unreachable",
                "prohibit",
                "blackhole",
                "throw",
            ]
        )
        if kind == "hop":
            return f"route add {line} {self.hop()}"
        if kind == "link":
            return f"route add {line} dev {self.chance.choice(DEVICES[:3])}"
        if kind == "several":
            return f"route add {line} nexthop {self.hop()} nexthop {self.hop()}"
        return f"route add {kind} {line}"

    def hop(self) -> str:
        device = self.chance.randrange(3)
        return f"via {self.address(device, self.chance.randrange(2, 9))} dev {DEVICES[device]}"

    def rules(self) -> list[str]:
        return [self.rule(number) for number in range(1, 9)]

    def rule(self, number: int) -> str:
        selectors: dict[str, Callable[[], str]] = {
            "from": lambda: f"{self.source()}{self.chance.choice(['', '/16'])}",
            "to": self.network,
            "fwmark": lambda: f"{self.chance.randrange(4)}/{self.chance.choice((1, 3))}",
            "iif": lambda: self.chance.choice(("lo", "v0")),
            "oif": lambda: "v2",
            "ipproto": lambda: self.chance.choice(("tcp", "udp")),
            "sport": lambda: self.chance.choice(("80", "1-100")),
            "dport": lambda: self.chance.choice(("4000", "2000-5000")),
        }
        line = f"rule add pref {number * 10}"
        line += " not" if self.chance.random() < 0.15 else ""
        for name in self.chance.sample(sorted(selectors), self.chance.randrange(3)):
            value = selectors[name]()
            if name in ("from", "to") and "/" in value:
                value = str(ipaddress.ip_network(value, strict=False))
            line += f" {name} {value}"
        action = self.chance.choice(
            ["table", "table", "table", "suppress", "goto", "unreachable", "prohibit", "blackhole"]
        )
        if action == "goto":
            return f"{line} goto {self.chance.randrange(number + 1, 11) * 10}"
        if action == "suppress":
            length = self.chance.choice((0, 8, 16))
            return f"{line} table {self.chance.choice(TABLES)} suppress_prefixlength {length}"
        if action == "table":
            return f"{line} table {self.chance.choice(TABLES)}"
        return f"{line} {action}" if self.chance.random() < 0.3 else f"{line} table 100"

    def source(self) -> str:
        return self.address(self.chance.randrange(3), 1)

    def question(self, vrf: str) -> Question:
        chance = self.chance
        near = chance.random() < 0.1
        to = self.address(chance.randrange(3), chance.randrange(1, 9)) if near else self.host()
        flow = Flow(
            ipaddress.ip_network(to),
            mark=chance.randrange(4),
            protocol=chance.choice((6, 17)),
            source_ports=PortRange.single(chance.choice((80, 443))),
            destination_ports=PortRange.single(chance.choice((4000, 6000))),
        )
        line = f"route get {to} mark {flow.mark} ipproto {flow.protocol}"
        line += f" sport {flow.source_ports} dport {flow.destination_ports}"
        kind = chance.choice(("plain", "from", "forwarded", "vrf" if vrf else "from"))
        if kind == "vrf":
            return Question(flow._replace(vrf=vrf), f"{line} vrf {vrf}")
        if kind == "from":
            source = self.source()
            flow = flow._replace(source=ipaddress.ip_address(source))
            return Question(flow, f"{line} from {source}")
        if kind == "forwarded":
            source = self.address(0, 77)
            flow = flow._replace(source=ipaddress.ip_address(source), device="v0")
            return Question(flow, f"{line} from {source} iif v0")
        return Question(flow, line)


def read(version: int) -> Routing:
    """What a compiler gets from node_info."""
    shown = ip(lines=["address show"])[0][0]
    (routes, rules), _errors = ip(OPTION[version], lines=["route show table all", "rule show"])
    vrfs = {
        one["ifname"]: one["linkinfo"]["info_data"]["table"]
        for one in shown
        if one.get("linkinfo", {}).get("info_kind") == "vrf"
    }
    facts = {
        "links": [
            {
                "name": one["ifname"],
                "vrf": one.get("master", ""),
                "vrf_table": vrfs.get(one["ifname"], 0),
            }
            for one in shown
        ],
        "addresses": [
            {**one._asdict(), "family": "ipv6" if ":" in one.address else "ipv4"}
            for one in addresses(shown)
        ],
        "rules": [*routing.rules(FAMILY[version], rules)],
        "routes": [*routing.routes(FAMILY[version], routes)],
        "routes_omitted": [],
        "vip_owned": [],
    }
    return read_routing(facts)[version]


def make(world: World) -> None:
    # Some routes are there already, or lead through a gateway that is not beside the host.
    _found, errors = ip(OPTION[world.version], lines=world.routes())
    assert len(errors) < 25
    _found, errors = ip(OPTION[world.version], lines=world.rules())
    assert errors == {}


def ask(version: int, questions: list[Question]) -> Iterator[tuple[Question, Any]]:
    """The kernel's answers: a route, or the reason why there is none."""
    found, errors = ip(OPTION[version], lines=[one.line for one in questions])
    answers = iter(found)
    for number, question in enumerate(questions):
        yield question, errors[number] if number in errors else next(answers, [{}])[0]


def is_same(answer: tuple[Route, ...], kernel: dict[str, Any] | str) -> bool:
    """Whether a route of an answer is the kernel's."""
    if isinstance(kernel, str):
        return kernel in REFUSALS.get(answer[0].kind if answer else "", set())
    gateway = kernel.get("gateway", "")
    if kernel.get("type") in ("2", "local"):
        return any(one.kind == "local" for one in answer)
    return (kernel["dev"], gateway) in [
        (one.device, str(one.gateway or "")) for one in answer if one.kind == "unicast"
    ]


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("seed", WORLDS)
def test_the_kernel_says_the_same(namespace: str, seed: int, version: int) -> None:
    world = World(seed, version)
    make(world)
    host = read(version)
    questions = [world.question(namespace) for _number in range(LOOKUPS)]
    for question, kernel in ask(version, questions):
        ways: Ways = host.lookup(question.flow)
        assert ways.doubts == (), question.line
        assert is_same(ways.answers[0], kernel), (question.line, ways, kernel)


@pytest.mark.usefixtures("namespace")
@pytest.mark.parametrize("seed", WORLDS[:4])
def test_rules_by_protocol_or_port_take_no_plain_packets(seed: int) -> None:
    """For IPv6 only: inet_rtm_getroute() asks as for UDP where nothing is said."""
    world = World(seed, 6)
    make(world)
    host = read(6)
    flows = [plain(ipaddress.ip_network(world.host())) for _number in range(LOOKUPS)]
    questions = [Question(flow, f"route get {flow.destination}") for flow in flows]
    for question, kernel in ask(6, questions):
        ways = host.lookup(question.flow)
        assert ways.doubts == (), question.line
        assert is_same(ways.answers[0], kernel), (question.line, ways, kernel)


@pytest.mark.parametrize("version", [4, 6])
@pytest.mark.parametrize("seed", WORLDS[:4])
def test_what_is_not_known_is_among_what_is_possible(
    namespace: str, seed: int, version: int
) -> None:
    world = World(seed, version)
    make(world)
    host = read(version)
    questions = [world.question(namespace) for _number in range(LOOKUPS)]
    for question, kernel in ask(version, questions):
        vague = question.flow._replace(
            mark=None, protocol=None, source_ports=PortRange(80, 443), destination_ports=None
        )
        ways = host.lookup(vague)
        assert len(ways.answers) == 1 or ways.doubts
        assert any(is_same(answer, kernel) for answer in ways.answers), (question.line, ways)
