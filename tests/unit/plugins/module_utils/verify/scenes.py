# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Captures of requests that match their mode, with injected faults."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from ansible_collections.lvs.topology.plugins.module_utils.packets import frames
from ansible_collections.lvs.topology.plugins.module_utils.packets.frames import (
    Error,
    Frame,
    Neighbour,
    Packet,
    Seen,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import (
    Endpoint,
    read_endpoints,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.plan import Limits, plan
from ansible_collections.lvs.topology.plugins.module_utils.verify.report import Observed, report
from ansible_collections.lvs.topology.plugins.module_utils.verify.watched import with_decisions
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    default_rules,
    link,
    route,
)

CLIENT, VIP, STRANGER = "198.51.100.10", "10.0.0.100", "02:00:00:00:00:99"
INSIDE = {"router": "10.0.0.1", "director": "10.0.0.5", "web1": "10.0.0.11", "web2": "10.0.0.12"}
NUMBERS = {"client": 10, "router": 1, "director": 5, "web1": 11, "web2": 12}
GROUPS = {
    "lvs_clients": ["client"],
    "lvs_routers": ["router"],
    "lvs_directors": ["director"],
    "lvs_real_servers": ["web1", "web2"],
}
WATCHED = ("client", "director", "web1", "web2")
PORT, MAPPED = 80, 8080
FORWARDINGS = {"nat": "masq", "fullnat": "masq", "dr": "droute", "tun": "tunnel"}


def mac(host: str, side: str = "inside") -> str:
    return f"52:54:00:00:{'00' if side == 'inside' else '01'}:{NUMBERS[host]:02d}"


def facts(host: str, gateway: str = "10.0.0.1") -> dict[str, Any]:
    address = CLIENT if host == "client" else INSIDE[host]
    network = "198.51.100.0/24" if host == "client" else "10.0.0.0/24"
    return {
        "links": [
            link("lo", "00:00:00:00:00:00", 65536),
            link("eth0", mac(host)),
        ],
        "addresses": [{"device": "eth0", "address": address, "prefix": 24, "family": "ipv4"}],
        "routes": [
            route("0.0.0.0/0", gateway, "eth0"),
            route(network, device="eth0"),
        ],
        "routes_omitted": [],
        "rules": default_rules(),
        "vip_owned": [],
        "sysctls": {"net.ipv4.ip_forward": "1", "net.ipv4.vs.conntrack": "1"},
    }


@dataclass
class Step:
    """A packet from one host to the next."""

    name: str
    sender: str
    receiver: str
    source: tuple[str, int]
    target: tuple[str, int]
    flags: str = "S"
    outer: tuple[str, str] | None = None
    kind: str = ""


@dataclass
class Scene:
    """The input of a verification, made step by step."""

    mode: str
    facts: dict[str, Any] = field(default_factory=lambda: {name: facts(name) for name in NUMBERS})
    frames: dict[str, list[Frame]] = field(default_factory=lambda: {name: [] for name in WATCHED})
    results: list[dict[str, Any]] = field(default_factory=list)
    answered_by: list[str] = field(default_factory=lambda: [mac("director")])
    weights: dict[str, int] = field(default_factory=lambda: {"web1": 1, "web2": 1})
    services: list[dict[str, Any]] = field(default_factory=list)
    protocol: str = "tcp"
    tunnel: str = "ipip"
    lips: list[str] = field(default_factory=lambda: [INSIDE["director"]])
    static_arp: bool = False
    policy_route: bool = False
    fwmark: int = 0
    persistent: bool = False
    ports: tuple[int, ...] = ()
    """Several, for a service with a mark; requests alternate between them."""
    is_range: bool = False
    """The ports, in a row, are one range."""
    complete: bool = True
    obstacles: dict[str, dict[str, Any]] = field(default_factory=dict)
    sync_daemons: dict[str, list[dict[str, Any]]] = field(default_factory=dict)
    is_watched: bool = False
    fallback: str = ""
    own_modes: dict[str, str] = field(default_factory=dict)
    """Real servers with another mode than the service's."""

    def __post_init__(self) -> None:
        self.add_address("director", VIP)
        for name in ("web1", "web2"):
            if self.mode in ("dr", "tun"):
                self.add_address(name, VIP, device="lo")
            if self.mode_of(name) == "tun":
                self.facts[name]["links"].append(link("tunl0", "0.0.0.0", 1480, "ipip"))
        self.services = [
            {
                **self._service_key,
                "destinations": [
                    {
                        "address": INSIDE[name],
                        "port": PORT,
                        "weight": weight,
                        "forwarding": FORWARDINGS[self.mode_of(name)],
                    }
                    for name, weight in self.weights.items()
                ],
            }
        ]

    @property
    def _service_key(self) -> dict[str, Any]:
        if self.fwmark:
            return {"fwmark": self.fwmark, "family": "ipv4"}
        return {"protocol": self.protocol, "address": VIP, "port": self.port}

    @property
    def port(self) -> int:
        return MAPPED if self.mode in ("nat", "fullnat") else PORT

    @property
    def paths(self) -> list[dict[str, Any]]:
        return [
            {
                "service": "web",
                "mode": self.mode_of(name),
                "on_director": name == "director",
                "vip": VIP,
                "port": port,
                "ports": ports,
                "protocol": self.protocol,
                "fwmark": self.fwmark,
                "scheduler": "wrr",
                "persistent": self.persistent,
                "watched": self.is_watched,
                "fallback": name == self.fallback,
                "static_arp": self.static_arp,
                "policy_route": self.policy_route,
                "server": name,
                "host": name,
                "rip": INSIDE[name],
                "rip_port": PORT,
                "weight": weight,
                "dips": {"director": INSIDE["director"]} if name != "director" else {},
                "lips": self.lips if self.mode == "fullnat" and name != "director" else [],
                "tunnel": self.tunnel if self.mode_of(name) == "tun" else "",
                "tunnel_port": 0,
            }
            for port, ports in self._declared_ports
            for name, weight in self.weights.items()
        ]

    def mode_of(self, server: str) -> str:
        return self.own_modes.get(server, self.mode)

    @property
    def _declared_ports(self) -> list[tuple[int, str]]:
        if self.is_range:
            return [(0, f"{self.ports[0]}-{self.ports[-1]}")]
        return [(port, str(port)) for port in self.ports or (self.port,)]

    def add_address(self, host: str, address: str, device: str = "eth0") -> None:
        one = {"device": device, "address": address, "prefix": 32, "family": "ipv4"}
        self.facts[host]["addresses"].append(one)

    def steps(self, server: str, number: int) -> list[Step]:
        """Return the path of the first packets of a request and its reply."""
        ports = self.ports or (self.port,)
        asked = ports[number % len(ports)]
        client, vip, rip = (CLIENT, 40000 + number), (VIP, asked), (INSIDE[server], PORT)
        # The kernel keeps a free port, which identifies packets of all protocols but TCP.
        lip = (INSIDE["director"], (50000 if self.protocol == "tcp" else 40000) + number)
        rewritten = self.mode in ("nat", "fullnat")
        inside = lip if self.mode == "fullnat" else client
        local = rip if rewritten else vip
        is_wrapped = self.mode_of(server) == "tun"
        outer = (INSIDE["director"], INSIDE[server]) if is_wrapped else None
        steps = [
            Step("leave", "client", "router", client, vip),
            Step("arrive", "router", "director", client, vip),
        ]
        answer = Step("answer", "router", "client", vip, client, "SA")
        if server == "director":
            return [*steps, Step("reply", "director", "router", vip, client, "SA"), answer]
        steps.append(
            Step("forward", "director", server, inside, local, outer=outer, kind=self.tunnel)
        )
        if rewritten:
            steps += [
                Step("reply", server, "director", local, inside, "SA"),
                Step("return", "director", "router", vip, client, "SA"),
            ]
        else:
            steps.append(Step("reply", server, "router", vip, client, "SA"))
        return [*steps, answer]

    def request(
        self,
        server: str,
        *,
        change: Callable[[list[Step]], Iterable[Step]] = lambda steps: steps,
        lost: str = "",
        result: str = "answered",
    ) -> None:
        """Send a request to a server; only the sender sees a lost step."""
        number = len(self.results)
        for step in change(self.steps(server, number)):
            self.emit(step, number, arrives=step.name != lost)
            if step.name == lost:
                break
        self.results.append(
            {
                "target": number % len(self.ports or (0,)),
                "source": CLIENT,
                "port": 40000 + number,
                "result": result,
                "seconds": 0.01,
                "status": "",
            }
        )

    def emit(self, step: Step, number: int, *, arrives: bool = True) -> None:
        sides = [(step.sender, "out"), *([(step.receiver, "in")] if arrives else [])]
        for host, direction in sides:
            if host in self.frames:
                self.frames[host].append(self.packet(step, number, direction))
                if step.outer and direction == "in" and self.has_tunnel(host):
                    inner = self.packet(step, number, "in")
                    seen = Seen(0.0, "tunl0", "in", "", "")
                    self.frames[host].append(inner._replace(
                        seen=seen, encapsulation="", outer_source="", outer_target=""
                    ))  # fmt: skip

    def has_tunnel(self, host: str) -> bool:
        return any(link["name"] == "tunl0" for link in self.facts[host]["links"])

    def packet(self, step: Step, number: int, direction: str) -> Packet:
        macs = [
            mac(host, "outside" if "client" in (step.sender, step.receiver) and host == "router"
                else "inside") if host in NUMBERS else host
            for host in (step.sender, step.receiver)
        ]  # fmt: skip
        return Packet(
            seen=Seen(0.0, "eth0", direction, *macs),
            protocol=self.protocol,
            source=step.source[0],
            source_port=step.source[1],
            target=step.target[0],
            target_port=step.target[1],
            flags=step.flags if self.protocol == "tcp" else "",
            sequence=1000 + number,
            hops=64,
            length=60,
            encapsulation=step.kind if step.outer else "",
            outer_source=step.outer[0] if step.outer else "",
            outer_target=step.outer[1] if step.outer else "",
        )

    def requests(
        self,
        change: Callable[[list[Step]], Iterable[Step]] = lambda steps: steps,
        result: str = "answered",
    ) -> Scene:
        for server in (*self.weights, *self.weights):
            self.request(server, change=change, result=result)
        return self

    def query(self, host: str, address: str, heard_by: str = "") -> None:
        seen = Seen(0.0, "eth0", "in" if heard_by else "out", mac(host), "ff:ff:ff:ff:ff:ff")
        self.frames[heard_by or host].append(
            Neighbour(seen, is_answer=False, address=address, mac="")
        )

    def too_big(self, host: str, mtu: int) -> None:
        seen = Seen(0.0, "eth0", "in", mac("router"), mac(host))
        rip, dip = INSIDE["web1"], INSIDE["director"]
        error = Error(seen, INSIDE["router"], "packet too big", mtu, dip, rip, 0, 0)
        self.frames[host].append(error)

    def verdict(self) -> dict[str, Any]:
        """Return the verdict for the only endpoint."""
        (verdict,) = self.verdicts()
        return verdict

    def observed(self) -> Observed:
        """Return the results of the modules."""
        self.facts["router"]["links"].append(link("eth1", mac("router", "outside")))
        limits = Limits(requests=24, http=False, size=0)
        planned = plan(self.endpoints(), read_hosts(self.facts), GROUPS, limits)
        assert planned.captures.keys() == self.frames.keys()
        complete = {"complete": self.complete, "dropped": 0 if self.complete else 3}
        return Observed(
            client=planned.client,
            directors=GROUPS["lvs_directors"],
            captures={
                host: {**frames.dump(seen), **complete} for host, seen in self.frames.items()
            },
            queries=planned.queries,
            neighbour_replies={"router": [{"address": VIP, "interface": "eth0", "mac": one}
                               for one in self.answered_by]},
            targets=planned.targets,
            results=self.results,
            tables={"director": self.services},
            sync_daemons=self.sync_daemons,
            obstacles=self.obstacles,
        )  # fmt: skip

    def verdicts(self) -> list[dict[str, Any]]:
        """Return the verdicts."""
        observed = self.observed()
        return report(self.endpoints(), read_hosts(self.facts), observed)

    def endpoints(self) -> tuple[Endpoint, ...]:
        """Return the endpoints as health checks have left them."""
        hosts = read_hosts(self.facts)
        return with_decisions(read_endpoints(self.paths), hosts, GROUPS["lvs_directors"])

    def decide(self, weights: dict[str, int], *, is_running: bool = True) -> None:
        """Have the health daemon give real servers these weights."""
        key = {**self._service_key}
        self.facts["director"]["health"] = {
            "running": is_running,
            "weights": [
                {
                    "service": key,
                    "destination": {
                        "address": INSIDE[name],
                        "port": 0 if self.fwmark else PORT,
                    },
                    "weight": weight,
                    "reason": "connection refused",
                    "since": 1.5e9,
                }
                for name, weight in weights.items()
            ],
        }
