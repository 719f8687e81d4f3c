# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads the current state of a host, and runs a plan's operations."""

from __future__ import annotations

from itertools import groupby
from typing import Sequence

from .errors import HostError
from .ip import run as iproute
from .ip.commands import (
    addresses,
    default_routes,
    gue_ports,
    links,
    links_up,
    our_rules,
    permanent_neighbours,
)
from .model import (
    DEVICES,
    IN_NFT,
    Current,
    Desired,
    GuePort,
    Neighbour,
    NftTable,
    Owned,
    Resource,
    Route,
    Rule,
)
from .nft import run as nft
from .plan import Add, LinkUp, Operation, Remove, Write, after
from .sysctl import files as sysctl
from .sysctl.rules import sysctls_to_read


def read(desired: Desired, owned: Owned) -> Current:
    """Read the current state that a plan needs; rare kinds only if they are concerned."""
    concerned = desired.resources | owned.resources
    routing = any(isinstance(one, (Route, Rule)) for one in concerned)
    neighbours = any(isinstance(one, Neighbour) for one in concerned)
    questions = ["address show"]
    # One dump of all tables, because a missing table is an error.
    questions += ["route show default table all", "rule show"] if routing else []
    questions += ["neighbour show nud permanent"] if neighbours else []
    shown, *more = iproute.show(questions)
    resources: set[Resource] = {*links(shown), *addresses(shown)}
    if routing:
        rules_shown = more[1]
        if has_ipv6():
            rules_shown = rules_shown + iproute.show(["rule show"], "-6")[0]
        resources |= {*default_routes(more[0]), *our_rules(rules_shown)}
    if neighbours:
        resources |= {*permanent_neighbours(more[-1])}
    if any(isinstance(one, GuePort) for one in concerned):
        resources |= {*gue_ports(iproute.show_fou())}
    for table in {one.table for one in concerned if isinstance(one, NftTable)}:
        resources |= {*nft.show(table)}
    names = [resource.name for resource in resources if isinstance(resource, DEVICES)]
    keys = sysctls_to_read(desired.settings, owned.settings, names)
    return Current(frozenset(resources), frozenset(links_up(shown)), sysctl.read(keys))


def has_ipv6() -> bool:
    """Tell whether this kernel has IPv6, not switched off by ipv6.disable=1."""
    return (sysctl.ROOT / "net/ipv6").is_dir()


def carry_out(
    current: Current,
    operations: Sequence[Operation],
    *,
    arp_suppressed: bool,
    goes_on: bool = False,
) -> None:
    """Change the host, each run of operations by its tool.

    Where it goes on, what ``ip`` refuses stops nothing else. A sysctl that cannot be written always
    does: a host must not answer ARP for what comes next.
    """
    later = after(current, operations)
    failures: list[str] = []
    is_nft_done = False
    for tool, group in groupby(operations, key=_tool):
        together = [*group]
        if tool == "ip":
            changes = [one for one in together if isinstance(one, (Add, Remove, LinkUp))]
            failures += _refused(changes, arp_suppressed=arp_suppressed, goes_on=goes_on)
        elif tool == "sysctl":
            for one in together:
                if isinstance(one, Write):
                    sysctl.write(one.key, one.value)
        elif not is_nft_done:
            _change_nft(current, later)
            is_nft_done = True
    if failures:
        raise HostError("\n".join(failures))


def _refused(
    changes: Sequence[Add | Remove | LinkUp], *, arp_suppressed: bool, goes_on: bool
) -> list[str]:
    """Have ``ip`` make changes; gives what it refused, where that is no reason to end."""
    try:
        iproute.change(changes, arp_suppressed=arp_suppressed, goes_on=goes_on)
    except HostError as error:
        if not goes_on:
            raise
        return [str(error)]
    return []


def _change_nft(current: Current, later: Current) -> None:
    """Make our tables, each in one transaction."""
    either = current.resources | later.resources
    for table in {one.table for one in either if isinstance(one, NftTable)}:
        nft.change(table, (one for one in later.resources if isinstance(one, IN_NFT)))


def _tool(operation: Operation) -> str:
    """Return the tool of an operation."""
    if isinstance(operation, Write):
        return "sysctl"
    if isinstance(operation, (Add, Remove)) and isinstance(operation.resource, IN_NFT):
        return "nft"
    return "ip"
