# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The compiler: declaration and facts → the arguments of each host's modules.

Everything that is wrong is reported at once: what is right about a declaration is checked against
the hosts even where the rest of it is not.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Iterable, Iterator, Mapping, NamedTuple, Sequence

from ..listing import few
from ..printable import printable
from . import acceptance, desired_state
from .checks.table import CHECKS
from .declaration.bounded import bounded
from .declaration.inventory import Inventory, parse_inventory
from .declaration.model import Service
from .declaration.options import Options, parse_options
from .declaration.parser import parse_services
from .migration import moving, unknown_services
from .modes.check import check_path, check_topology
from .modes.table import MODES, SHAPES, mode_of
from .path_facts import describe
from .paths.facts import Node
from .paths.on_director import OnDirector
from .paths.path import Path
from .paths.reading import read_nodes
from .paths.resolver import PathResolver
from .teardown import Teardown, parse_teardown, stopping
from .topology import Topology
from .violation import Violation, first_causes, in_short, names_of

_OF_OTHERS = (
    "services",
    "facts",
    "unreachable",
    "groups",
)  # of compile_topology's options, given by themselves


class Compiled(NamedTuple):
    """The result; with violations nothing is needed from any host."""

    nodes: dict[str, dict[str, dict[str, Any]]]
    warnings: list[str]
    violations: list[Violation]
    paths: list[dict[str, Any]]  # those whose addresses are known, violations or not
    notices: list[str]  # what clients will notice: a sentence each
    accepted: list[Violation]  # those of checks of which the operator knows better


def compile_topology(
    declaration: Mapping[str, Any],
    groups: Mapping[str, Sequence[str]],
    facts: Mapping[str, Mapping[str, Any]],
    options: Mapping[str, Any],
) -> Compiled:
    """Compile a declaration. Facts are missing or empty where a host was not read."""
    unreachable = {str(name): str(one) for name, one in options["unreachable"].items()}
    options = bounded({name: one for name, one in options.items() if name not in _OF_OTHERS})
    inventory = parse_inventory(groups)
    settings, of_options = parse_options(options)
    declaration = bounded(declaration)
    teardown, of_names = parse_teardown(options["teardown"], [*map(str, declaration)], inventory)
    everything, of_shape = parse_services(declaration, inventory, SHAPES, settings.health)
    nodes, unreadable = read_nodes(facts)
    topology = _join(teardown, everything, inventory, nodes, settings)
    topology = replace(topology, unreachable=unreachable, unreadable=unreadable)
    of_options += acceptance.problems(topology.services, settings.accept)
    # Whatever is wrong with what goes must not keep it from going.
    violations = [one for one in of_options if one.host not in teardown.hosts]
    violations += of_names + unknown_services(settings.migration, declaration)
    violations += [one for one in of_shape if one.service not in teardown.services]
    of_modes = (check for mode in MODES.values() for check in mode.topology_checks)
    violations += check_topology((*CHECKS, *of_modes), topology)
    for path in topology.paths:
        violations += check_path(mode_of(path).checks, path, topology)
    violations, accepted = acceptance.part(
        dict.fromkeys(violations), everything, settings.accept, inventory
    )
    violations, accepted = _printable(violations), _printable(accepted)
    described = describe(topology)
    if violations and not teardown.everything:
        return Compiled({}, [], violations, described, [], accepted)
    warnings = [*(f"accepted: {one}" for one in in_short(accepted)), *_warnings(topology)]
    notices = [*stopping(teardown, everything, inventory), *moving(topology)]
    return Compiled(
        desired_state.arguments(topology),
        [*map(printable, warnings)],
        [],
        described,
        [*map(printable, notices)],
        accepted,
    )


def _printable(violations: Iterable[Violation]) -> list[Violation]:
    shown = (Violation(*map(printable, map(str, violation))) for violation in violations)
    return list(dict.fromkeys(shown))


def _join(
    teardown: Teardown,
    everything: tuple[Service, ...],
    inventory: Inventory,
    nodes: Mapping[str, Node],
    options: Options,
) -> Topology:
    declared = teardown.rest(everything)
    topology = Topology(declared, inventory, nodes, options, (), teardown.hosts)
    directors = topology.directors
    vips = [virtual.vip for service in declared for virtual in service.virtuals]
    resolvers = {name: mode.resolver(options, directors, vips) for name, mode in MODES.items()}
    itself = OnDirector(options, topology.all_directors, vips)
    # No path without a director: that none is known is reported as such.
    paths = tuple(_paths(declared, nodes, resolvers, itself)) if directors else ()
    return replace(topology, paths=paths)


def _paths(
    declared: Iterable[Service],
    nodes: Mapping[str, Node],
    resolvers: Mapping[str, PathResolver],
    itself: OnDirector,
) -> Iterator[Path]:
    for service in declared:
        # A host without facts has been reported; nothing can be said of its paths.
        servers = [one for one in service.servers if not one.host or one.host in nodes]
        for virtual in service.virtuals:
            for server in servers:
                leg = itself.leg(virtual.vip, server)
                if leg is None:
                    node = nodes.get(server.host)
                    leg = resolvers[server.mode].leg(virtual.vip, server, node)
                yield Path(service, virtual, server, leg)


def _warnings(topology: Topology) -> Iterator[str]:
    """A sentence for each thing that is worth a second look."""
    for service in topology.services:
        if not service.pool:
            yield f"service {service.name} has no real servers: every connection is refused"
        elif not any(server.settings.weight for server in service.pool):
            yield (
                f"service {service.name} has weight 0 on every real server: none takes new "
                "connections"
            )
    open_ones = [service.name for service in topology.services if service.is_health_open]
    if open_ones:
        yield (
            f"service{'s' if open_ones[1:] else ''} {few(open_ones)}: nobody tries the real "
            "servers, and a dead one gets its share of requests; declare health, or health: false"
        )
    yield from _warnings_of_modes(topology)


def _warnings_of_modes(topology: Topology) -> Iterator[str]:
    """What modes say of paths; where they say the same of many paths, one sentence."""
    sentences = (one for path in topology.paths for one in mode_of(path).warnings(path))
    yield from dict.fromkeys(sentences)
    of_paths = (
        (doubt, (path.service.name, path.name))
        for path in topology.paths
        for doubt in mode_of(path).doubts(path, topology)
    )
    causes, more = first_causes(of_paths)
    for text, places in causes:
        yield f"{names_of(places)}: {text}"
    if more:
        yield f"and {more} more like that"
