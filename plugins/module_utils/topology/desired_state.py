# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From a sound topology to the arguments of each host's modules."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Dict, Hashable, Iterable, Iterator, Mapping, Sequence

from ..ipvs.model import Destination, DestinationKey, Entry, ServiceKey
from ..ipvs.schema import render_entry
from ..metrics.settings import render_metrics
from ..net.addresses import family
from . import pair
from .declaration.model import Service
from .migration import wait_argument
from .modes.table import mode_of, with_static_arp
from .paths.facts import Neighbour, Node
from .paths.path import Path
from .settings import settings_of
from .static_arp import static_entries
from .topology import Topology, vip_device
from .watches import probe_interfaces, watches

Arguments = Dict[str, Any]


def arguments(topology: Topology) -> dict[str, dict[str, Arguments]]:
    """Host → call of a module → arguments.

    Routers may have two calls, and so has the director of a pair that is without traffic: a change
    that cannot be made meets it alone.

    A host from which nothing is needed (any more) gets ``absent``, so that nothing of ours stays.
    """
    nodes: dict[str, dict[str, Arguments]] = {name: {} for name in topology.nodes}
    real_servers = _real_servers(topology)
    for name in topology.inventory.real_servers:
        if name in nodes:
            nodes[name]["real_server"] = _real_server(
                topology, real_servers.get(name, ModuleArgs())
            )
    for name, call, options in _routers(topology):
        nodes[name][call] = options
    directors = _directors(topology)
    table = {**_table(topology), **wait_argument(topology)}
    watched, probed = watches(topology), probe_interfaces(topology)
    measured = _metrics(topology)
    nothing = {**table, "services": [], "hosts": {}, "wait": None}
    # A director that leaves its pair waits for nothing: its connections go on at the other one.
    is_followed = pair.members(topology) != ()
    for director in topology.all_directors:
        host = directors[director.name]
        is_gone = director.name in topology.torn_down
        own = nothing if is_gone else table
        if is_gone and is_followed:
            own = {**nothing, "drain_removed": None}
        is_used = any(host.values()) or any(own["services"])
        nodes[director.name]["director"] = {
            "state": "present" if is_used else "absent",
            **host,
            **own,
            "health": [] if is_gone else watched[director.name],
            "metrics": None if is_gone else measured,
            "probe_interfaces": [] if is_gone else probed.get(director.name, []),
            "persist": topology.options.persist,
        }
    standby = pair.standby(topology)
    if standby:
        nodes[standby]["standby"] = nodes[standby]["director"]
    return nodes


def _real_servers(topology: Topology) -> dict[str, ModuleArgs]:
    """Real server → option → values, of those that have to do something at all."""
    needed: dict[str, ModuleArgs] = {}
    suppressed = {"arp_interfaces": topology.options.arp_interfaces}
    for path in topology.paths:
        if path.node:
            mode = mode_of(path)
            additions = mode.real_server(path)
            if additions:
                own = needed.setdefault(path.node.name, ModuleArgs())
                own.add(additions)
                # No ARP without an IPv4 address to be silent about: the host stays as it is.
                is_silent = "vips" in additions and mode.suppresses_arp(path.service)
                if is_silent and family(path.vip) == "ipv4":
                    own.add(suppressed)
    return needed


def _real_server(topology: Topology, needed: ModuleArgs) -> Arguments:
    return {
        "state": "present" if needed else "absent",
        "vips": needed.get("vips"),
        "vip_device": topology.options.vip_device,
        "arp_interfaces": needed.get("arp_interfaces"),
        "loose_rp_filter": needed.get("loose_rp_filter"),
        "return_routes": needed.get("return_routes"),
        "tunnels": needed.get("tunnels"),
        "mss_limits": _smallest(needed.get("mss_limits")),
        "persist": topology.options.persist,
    }


def _smallest(limits: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """One limit for each VIP: a SYN-ACK does not tell by which tunnel its SYN came."""
    sizes: dict[str, int] = {}
    for limit in limits:
        address, size = limit["address"], limit["size"]
        sizes[address] = min(size, sizes.get(address, size))
    return [{"address": address, "size": size} for address, size in sizes.items()]


def _routers(topology: Topology) -> Iterator[tuple[str, str, Arguments]]:
    """What routers keep, and then what they forget; nothing for who has none of both.

    An entry that is no longer desired stays until no real server answers for its VIP any more: the
    first call still lists it, and the second one does not.
    """
    needed: dict[str, dict[Neighbour, None]] = {router.name: {} for router in topology.routers}
    for entry in static_entries(topology, with_static_arp(topology.services)):
        if entry.neighbour and entry.router.name not in topology.torn_down:
            needed[entry.router.name][entry.neighbour] = None
    for router in topology.routers:
        neighbours = list(needed[router.name])
        places = [(neighbour.interface, neighbour.address) for neighbour in neighbours]
        leaving = [
            neighbour
            for neighbour in router.owned_neighbours
            if (neighbour.interface, neighbour.address) not in places
        ]
        if neighbours:
            yield router.name, "router", _router(topology, [*neighbours, *leaving])
        if leaving:
            yield router.name, "router_finish", _router(topology, neighbours)


def _router(topology: Topology, neighbours: Iterable[Neighbour]) -> Arguments:
    return {
        "neighbours": [neighbour._asdict() for neighbour in neighbours],
        "persist": topology.options.persist,
    }


def _directors(topology: Topology) -> dict[str, Arguments]:
    staying = [one for one in topology.directors if one.name not in topology.torn_down]
    desired = {one.name: ModuleArgs() for one in topology.all_directors}
    known: set[object] = set()
    for path in topology.paths:
        endpoint = path.service.name, path.virtual.text
        # One without a DIP ends at a director, and tells nothing of its service.
        if not path.dips or (endpoint in known and path.leg in known):
            continue
        known |= {endpoint, path.leg}
        for dip in path.dips:
            if dip.director in staying:
                additions = mode_of(path).director(path, dip)
                desired[dip.director.name].add(additions)
    for service in topology.services:
        for director in staying:
            desired[director.name].add({"marks": _marks(service)})
    for director in staying if topology.options.manage_vips else ():
        desired[director.name].add({"vips": [*_vips(topology, director)]})
    settings = settings_of(topology)
    found = {
        name: _director(options, {} if name in topology.torn_down else settings)
        for name, options in desired.items()
    }
    return _with_pair(topology, found) if topology.options.high_availability else found


def _with_pair(topology: Topology, found: dict[str, Arguments]) -> dict[str, Arguments]:
    """The same with addresses that are keepalived's."""
    floating = {name: [*one["vips"], *one["lips"]] for name, one in found.items()}
    of_pair = dict(pair.arguments(topology, floating))
    tracks = str(settings_of(topology).get("sysctls", {}).get("conntrack", 0)) == "1"
    return {
        name: {
            **one,
            "vips": [],
            "lips": [],
            "vrrp": of_pair.get(name),
            "liberal_conntrack": tracks and name in of_pair,
        }
        for name, one in found.items()
    }


def _vips(topology: Topology, director: Node) -> Iterator[dict[str, Any]]:
    """What the director has, or would have as master: VIPs, and the DIP that moves with them."""
    for service in topology.services:
        for virtual in service.virtuals:
            device = vip_device(topology, director, virtual.vip)
            yield {"address": virtual.text, "interface": device}
    shared = pair.floating_dips(topology)
    for path in topology.paths if shared else ():
        for dip in path.dips:
            if dip.director is director and dip.interface.address in shared:
                yield {"address": dip.interface.text, "interface": dip.interface.device}


def _director(options: ModuleArgs, settings: Arguments) -> Arguments:
    return {
        "vips": options.get("vips"),
        "forward": options.get("forward"),
        "no_redirects": options.get("no_redirects"),
        "lips": options.get("lips"),
        "snat": options.get("snat"),
        "local_addresses": options.get("local_addresses"),
        "marks": options.get("marks"),
        "helpers": options.get("helpers"),
        "settings": settings,
        "liberal_conntrack": False,
        "vrrp": None,
    }


def _marks(service: Service) -> list[dict[str, Any]]:
    """What of a service with a mark IPVS finds by it."""
    if not service.fwmark:
        return []
    return [
        {
            "address": virtual.text,
            "protocol": protocol,
            "ports": str(ports),
            "mark": service.fwmark,
        }
        for virtual in service.virtuals
        for protocol in service.protocols
        for ports in service.ports
    ]


def _table(topology: Topology) -> Arguments:
    """The IPVS table; destinations in the declared order, on which the scheduler mh depends."""
    table: dict[ServiceKey, Entry] = {
        virtual.service.key: Entry(virtual.service, {})
        for service in topology.services
        for virtual in service.virtuals
    }
    for virtual, paths in groupby(topology.paths, key=lambda path: path.virtual):
        table[virtual.service.key].destinations.update(_destinations(paths))
    return {
        "services": [render_entry(entry) for entry in table.values()],
        "hosts": _hosts(topology),
        "purge": topology.options.purge,
        "drain_removed": dict(topology.options.drain_removed) or None,
    }


def _metrics(topology: Topology) -> Arguments | None:
    """What directors write metrics of, by the names that people know."""
    settings = topology.options.metrics
    names = {
        str(virtual.service.key): service.name
        for service in topology.services
        for virtual in service.virtuals
    }
    return render_metrics(settings._replace(names=names)) if settings else None


def _destinations(paths: Iterable[Path]) -> Iterator[tuple[DestinationKey, Destination]]:
    for path in paths:
        mode, settings = mode_of(path), path.server.settings
        key = DestinationKey(path.rip.text, path.server.port)
        yield (
            key,
            Destination(
                key,
                mode.forwarding,
                settings.weight,
                settings.upper_threshold,
                settings.lower_threshold,
                **mode.destination(path),
            ),
        )


def _hosts(topology: Topology) -> dict[str, list[str]]:
    """The RIPs of each real server that has a name."""
    rips: dict[str, dict[str, None]] = {}
    for path in topology.paths:
        if path.node:
            rips.setdefault(path.node.name, {})[path.rip.text] = None
    return {name: [*addresses] for name, addresses in rips.items()}


class ModuleArgs:
    """List options of a module: each value once, in the order in which they come."""

    def __init__(self) -> None:
        self._values: dict[str, dict[Hashable, Any]] = {}
        self._last: dict[str, Sequence[Any]] = {}

    def __bool__(self) -> bool:
        return any(self._values.values())

    def add(self, additions: Mapping[str, Sequence[Any]]) -> None:
        """Add what is not there yet; values are strings, or flat dicts."""
        for name, values in additions.items():
            if not values or self._last.get(name) is values:
                continue
            self._last[name] = values
            there = self._values.setdefault(name, {})
            for value in values:
                key = tuple(value.items()) if isinstance(value, dict) else value
                there.setdefault(key, value)

    def get(self, name: str) -> list[Any]:
        """The values of one option."""
        return [*self._values.get(name, {}).values()]
