# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Makes this host what a part wants of it: read, plan, record, change."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Iterable, NamedTuple, Sequence

from ..host.codec import dump_found, dump_wanted, load_found, load_wanted
from ..host.errors import HostError
from ..host.ip import run as iproute
from ..host.ip.announce import announce
from ..host.ip.commands import (
    addresses,
    default_routes,
    gue_ports,
    links,
    links_up,
    our_rules,
    permanent_neighbours,
)
from ..host.model import (
    DEVICES,
    IN_NFT,
    Address,
    Current,
    Found,
    GuePort,
    Neighbour,
    Route,
    Rule,
    Ruleset,
    Thing,
    Wanted,
)
from ..host.nft import run as nft
from ..host.plan import Add, Operation, Remove, Write, after, difference, problems
from ..host.sysctl import files as sysctl
from ..host.sysctl.rules import sysctls_to_read
from ..state.state_file import Record
from .phases import ALL, Goal, Past, phased


class Outcome(NamedTuple):
    """What was done, or in check mode would be done."""

    operations: tuple[Operation, ...]
    difference: dict[str, dict[str, Any]]
    warnings: list[str]
    later: tuple[Operation, ...]  # what the phase finish has yet to do


def converge(
    record: Record,
    goal: Goal,
    *,
    phase: str = ALL,
    check_mode: bool = False,
    announce_again: bool = False,
) -> Outcome:
    """Make the host what is wanted, and undo what an earlier run made and nobody wants now.

    ``announce_again`` tells the neighbours of the wanted addresses that were there before, too.
    """
    past = Past(load_wanted(record.desired), load_found(record.found))
    current = read(goal.wanted, past.found)
    in_the_way = problems(current, goal.wanted, past.found)
    if in_the_way:
        raise HostError("\n".join(in_the_way))
    todo = phased(phase, current, goal, past, check_mode=check_mode)
    operations, desired = todo.plan.operations, dump_wanted(todo.kept)
    record.record(desired, dump_found(todo.plan.found))
    hidden = todo.wanted.hidden
    warnings: list[str] = []
    if not check_mode:
        _carry_out(current, operations, hidden=hidden)
        news = [] if hidden else [one.thing for one in operations if isinstance(one, Add)]
        warnings = _announce([*news, *(_kept(current, goal.wanted) if announce_again else ())])
    record.record(desired, dump_found(todo.plan.left))
    return Outcome(operations, difference(todo.current, operations), warnings, todo.later)


def apply(record: Record) -> None:
    """Make the host what its state file says: the boot program's part."""
    converge(record, Goal.at_once(load_wanted(record.desired)))


def read(wanted: Wanted, found: Found) -> Current:
    """Look at what a plan for these needs to know, the rare kinds only where they are concerned."""
    concerned = wanted.things | found.things
    routing = any(isinstance(one, (Route, Rule)) for one in concerned)
    neighbours = any(isinstance(one, Neighbour) for one in concerned)
    questions = ["address show"]
    # One dump of all tables: to name a table that does not exist yet is an error.
    questions += ["route show default table all", "rule show"] if routing else []
    questions += ["neighbour show nud permanent"] if neighbours else []
    shown, *more = iproute.show(questions)
    things: set[Thing] = {*links(shown), *addresses(shown)}
    if routing:
        rules_shown = more[1]
        if has_ipv6():
            rules_shown = rules_shown + iproute.show(["rule show"], "-6")[0]
        things |= {*default_routes(more[0]), *our_rules(rules_shown)}
    if neighbours:
        things |= {*permanent_neighbours(more[-1])}
    if any(isinstance(one, GuePort) for one in concerned):
        things |= {*gue_ports(iproute.show_fou())}
    for table in {one.table for one in concerned if isinstance(one, Ruleset)}:
        things |= {*nft.show(table)}
    names = [thing.name for thing in things if isinstance(thing, DEVICES)]
    keys = sysctls_to_read(wanted.settings, found.settings, names)
    return Current(frozenset(things), frozenset(links_up(shown)), sysctl.read(keys))


def has_ipv6() -> bool:
    """Whether this kernel has IPv6, and it is not off altogether (ipv6.disable=1)."""
    return (sysctl.ROOT / "net/ipv6").is_dir()


def _carry_out(current: Current, operations: Sequence[Operation], *, hidden: bool) -> None:
    later = after(current, operations)
    is_nft_done = False
    for tool, group in groupby(operations, key=_tool):
        together = [*group]
        if tool == "ip":
            changes = [one for one in together if not isinstance(one, Write)]
            iproute.change(changes, hidden=hidden)
        elif tool == "sysctl":
            for one in together:
                if isinstance(one, Write):
                    sysctl.write(one.key, one.value)
        elif not is_nft_done:
            # The whole table in one transaction: what comes and what goes.
            either = current.things | later.things
            for table in {one.table for one in either if isinstance(one, Ruleset)}:
                nft.change(table, (one for one in later.things if isinstance(one, IN_NFT)))
            is_nft_done = True


def _kept(current: Current, wanted: Wanted) -> list[Thing]:
    """The wanted addresses that are there, with whatever prefix."""
    slots = {one.slot for one in wanted.things if isinstance(one, Address)}
    return sorted((one for one in current.things if one.slot in slots), key=str)


def _announce(things: Iterable[Thing]) -> list[str]:
    """Tell the neighbours who has these addresses; gives warnings where that failed."""
    return [
        f"cannot announce {one}: {reason}"
        for one in things
        if isinstance(one, Address)
        for reason in announce(one.device, one.address)
    ]


def _tool(operation: Operation) -> str:
    """What carries an operation out."""
    if isinstance(operation, Write):
        return "sysctl"
    if isinstance(operation, (Add, Remove)) and isinstance(operation.thing, IN_NFT):
        return "nft"
    return "ip"
