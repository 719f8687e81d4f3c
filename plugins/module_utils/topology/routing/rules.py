# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Policy rules, and which packets they match: fib_rule_match() in net/core/fib_rules.c."""

from __future__ import annotations

import ipaddress
from typing import Any, Iterator, Mapping, NamedTuple, Sequence

from ...net.addresses import IPNetwork, covers
from ...net.ports import PortRange
from .flow import Flow
from .routes import LOCAL, UNICAST, Route

TABLE, GOTO, NOP = "table", "goto", "nop"


class Rule(NamedTuple):
    """A rule; of what is None it takes everything."""

    priority: int
    action: str = TABLE  # or goto, nop, blackhole, unreachable, prohibit
    table: int = 0  # 0 = that of the VRF
    target: int = 0  # goto: the priority to go on with
    source: IPNetwork | None = None
    destination: IPNetwork | None = None
    device: str = ""  # by which packets come
    out: str = ""  # by which a socket wants them to go
    mark: int = 0
    mask: int = 0
    protocol: int | None = None
    source_ports: PortRange | None = None
    destination_ports: PortRange | None = None
    vrf: bool = False
    inverted: bool = False
    suppressed: int = -1  # prefixes up to this length are not taken from its table
    other: tuple[str, ...] = ()  # selectors that cannot be decided: uidrange, tos, ...

    def matches(self, flow: Flow) -> bool | None:
        """Whether it takes these packets; None = it depends on what is not known."""
        answers = [*self._answers(flow)]
        if False in answers:
            return self.inverted
        return None if None in answers else not self.inverted

    def suppresses(self, route: Route) -> bool:
        """Whether it leaves a route alone: fib4_rule_suppress() takes no refusal for one."""
        return route.kind in (UNICAST, LOCAL) and route.destination.prefixlen <= self.suppressed

    @property
    def doubt(self) -> str:
        """It, and its selectors that cannot be decided."""
        asked = [*self.other]
        if self.mask:
            asked.append(f"fwmark {self.mark:#x}/{self.mask:#x}")
        if self.protocol is not None:
            asked.append(f"ipproto {self.protocol}")
        if self.source_ports:
            asked.append(f"sport {self.source_ports}")
        if self.destination_ports:
            asked.append(f"dport {self.destination_ports}")
        return f"rule {self.priority} ({', '.join(asked)})"

    @property
    def asks_for(self) -> frozenset[str]:
        """What of packets beside their destination it looks at, by the names of a flow."""
        asked = {
            "source": self.source,
            "device": self.device,
            "mark": self.mask,
            "protocol": self.protocol is not None,
            "source_ports": self.source_ports,
            "destination_ports": self.destination_ports,
            "vrf": self.vrf,
        }
        return frozenset(name for name, asks in asked.items() if asks)

    def _answers(self, flow: Flow) -> Iterator[bool | None]:
        """An answer for each selector."""
        if self.destination:
            # Parts of a network are exceptions, as with routes.
            yield covers(self.destination, flow.destination)
        if self.source:
            yield flow.source is not None and flow.source in self.source
        if self.device:
            yield self.device == flow.device
        if self.out:
            yield False
        if self.mask:
            yield None if flow.mark is None else not (flow.mark ^ self.mark) & self.mask
        if self.protocol is not None:
            yield None if flow.protocol is None else flow.protocol == self.protocol
        yield _is_in(flow.source_ports, self.source_ports)
        yield _is_in(flow.destination_ports, self.destination_ports)
        if self.vrf:
            yield bool(flow.vrf)
        if self.other:
            yield None


def _is_in(ports: PortRange | None, asked: PortRange | None) -> bool | None:
    """Whether packets have a port that is asked for; None = some of them, or unknown."""
    if asked is None:
        return True
    if ports is None:
        return None
    if asked.first <= ports.first and ports.last <= asked.last:
        return True
    return None if asked.first <= ports.last and ports.first <= asked.last else False


def kernel_number(value: Any, bits: int = 32) -> int:  # noqa: ANN401, whatever a host tells
    """A number as the kernel has it: one of 5,000 digits cannot even be shown."""
    number = int(value)
    if not 0 <= number < 1 << bits:
        raise ValueError("a number that no kernel has")
    return number


def read_rule(one: Mapping[str, Any]) -> Rule:
    """A rule from the facts."""
    return Rule(
        kernel_number(one["priority"]),
        str(one["action"]),
        kernel_number(one["table"]),
        kernel_number(one["target"]),
        ipaddress.ip_network(str(one["source"])) if one["source"] else None,
        ipaddress.ip_network(str(one["destination"])) if one["destination"] else None,
        str(one["device"]),
        str(one["out"]),
        kernel_number(one["mark"]),
        kernel_number(one["mask"]),
        None if one["protocol"] is None else kernel_number(one["protocol"], bits=8),
        _ports(one["source_ports"]),
        _ports(one["destination_ports"]),
        bool(one["vrf"]),
        bool(one["inverted"]),
        int(one["suppressed"]),
        tuple(map(str, one["other"])),
    )


def _ports(given: Sequence[int] | None) -> PortRange | None:
    return PortRange(int(given[0]), int(given[1])) if given else None
