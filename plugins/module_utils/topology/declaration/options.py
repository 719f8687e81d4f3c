# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The topology's own settings beside its services."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Iterator, Mapping

from ...ipvs.settings import parse_settings
from ...ipvs.wait import problems
from ...metrics.settings import Settings
from ...net.addresses import IPAddress, IPNetwork, parse_address, parse_network
from ...net.devices import is_device_name
from ..violation import Violation
from . import high_availability, metrics
from .health import Defaults, parse_defaults
from .high_availability import HighAvailability

# Each is an address of the director: more are of no use, since one is good for 64,000 connections
# to each real server and port.
MAX_LIPS = 256
_EVERY_DEVICE = "all"  # of arp_interfaces

VALUE = "options.value"
RULES = {VALUE: "every option has a value that it can have"}

Addresses = Mapping[str, "tuple[IPAddress, ...]"]


@dataclass(frozen=True)
class Pool:
    """A director's local addresses (LIPs), from the first to the last."""

    first: IPAddress
    last: IPAddress

    @cached_property
    def size(self) -> int:
        """How many there are."""
        return int(self.last) - int(self.first) + 1

    def __str__(self) -> str:
        return f"{self.first}-{self.last}"

    @cached_property
    def addresses(self) -> tuple[IPAddress, ...]:
        """All of them."""
        return tuple(self.first + number for number in range(self.size))


@dataclass(frozen=True)
class Options:
    """Every option of compile_topology but services and what is known of the hosts."""

    rips: Addresses  # by host
    dips: Addresses
    lips: Mapping[str, tuple[Pool, ...]]
    networks: tuple[IPNetwork, ...]
    clients: tuple[IPNetwork, ...]
    vip_device: str
    arp_interfaces: tuple[str, ...]
    manage_vips: bool
    high_availability: HighAvailability | None
    manage_routers: bool
    ignore_owners: frozenset[str]
    settings: Mapping[str, Any]
    purge: str
    persist: bool
    drain_removed: Mapping[str, Any]
    accept: Mapping[str, tuple[str, ...]]  # by host: ids of checks
    health: Defaults
    metrics: Settings | None  # without the names of services
    migration: Mapping[str, Any]  # services that go to another mode, and how their connections end


def parse_options(options: Mapping[str, Any]) -> tuple[Options, list[Violation]]:
    """The options, and everything that is wrong with them."""
    violations: list[Violation] = []
    migration = options.get("migration") or {}
    taken_down = options["teardown"].get("drain") or {}
    drain = taken_down or options.get("drain_removed") or {}
    health, of_health = parse_defaults(options.get("health"))
    measured, of_metrics = metrics.parse(options.get("metrics"), persist=options["persist"])
    parsed = Options(
        rips=_addresses("topology_rip", options["rips"], violations),
        dips=_addresses("topology_dip", options["dips"], violations),
        lips=_pools("topology_lips", options["lips"], violations),
        networks=_networks("topology_networks", options["networks"], violations),
        clients=_networks("topology_clients", options["clients"], violations),
        vip_device=options["vip_device"],
        arp_interfaces=tuple(options["arp_interfaces"]),
        manage_vips=options["manage_vips"],
        high_availability=high_availability.parse(options["high_availability"]),
        manage_routers=options["manage_routers"],
        ignore_owners=frozenset(options["ignore_owners"]),
        settings={name: value for name, value in options["settings"].items() if value is not None},
        purge=options["purge"],
        persist=options["persist"],
        # What migrate.yml says about its own waiting goes before what is declared for other runs.
        drain_removed=taken_down or _drain_of(migration) or drain,
        accept=_names("topology_accept", options["accept"], violations),
        health=health,
        metrics=measured,
        migration=migration,
    )
    violations += [
        Violation(VALUE, "", "", got, expected) for got, expected in of_health + of_metrics
    ]
    violations += _device_violations(parsed)
    for where, got, expected in high_availability.problems(options["high_availability"]):
        at = f"topology_high_availability.{where}: {got!r}"
        violations.append(Violation(VALUE, "", "", at, expected))
    violations += _settings_violations(parsed.settings)
    violations += _times("topology_drain_removed", drain)
    violations += _times("topology_migration", parsed.migration)
    return parsed, violations


def _networks(
    variable: str, values: list[str], violations: list[Violation]
) -> tuple[IPNetwork, ...]:
    networks = []
    for value in values:
        network = parse_network(value)
        if network:
            networks.append(network)
        else:
            expected = "a network as ADDRESS/PREFIX, with nothing set behind the prefix"
            violations.append(Violation(VALUE, "", "", f"{variable}: {value!r}", expected))
    return tuple(networks)


def _addresses(
    variable: str, by_host: Mapping[str, Any], violations: list[Violation]
) -> dict[str, tuple[IPAddress, ...]]:
    """A host's address, or a list of them; one for each family."""
    parsed = {}
    for host, given in by_host.items():
        values = given if isinstance(given, (list, tuple)) else [given]
        addresses = []
        for value in values:
            address = parse_address(value)
            if address:
                addresses.append(address)
            else:
                expected = "an IPv4 or IPv6 address that other hosts can reach"
                violations.append(Violation(VALUE, "", host, f"{variable}: {value!r}", expected))
        if len({address.version for address in addresses}) < len(addresses):
            expected = "one address for each family"
            violations.append(Violation(VALUE, "", host, f"{variable}: {given!r}", expected))
        parsed[host] = tuple(addresses)
    return parsed


def _names(
    variable: str, by_host: Mapping[str, Any], violations: list[Violation]
) -> dict[str, tuple[str, ...]]:
    """A list of names of each host."""
    parsed = {}
    for host, given in by_host.items():
        is_list = isinstance(given, (list, tuple)) and all(isinstance(one, str) for one in given)
        if not is_list:
            expected = "a list of ids of checks"
            violations.append(Violation(VALUE, "", host, f"{variable}: {given!r}", expected))
        parsed[host] = tuple(given) if is_list else ()
    return parsed


def _pools(
    variable: str, by_host: Mapping[str, Any], violations: list[Violation]
) -> dict[str, tuple[Pool, ...]]:
    """A director's local addresses: an address or FIRST-LAST, or a list with one per family."""
    parsed = {}
    for host, given in by_host.items():
        pools = []
        for value in given if isinstance(given, (list, tuple)) else [given]:
            pool = _pool(value)
            if pool:
                pools.append(pool)
            else:
                expected = f"an address, or FIRST-LAST with at most {MAX_LIPS} addresses"
                violations.append(Violation(VALUE, "", host, f"{variable}: {value!r}", expected))
        if len({pool.first.version for pool in pools}) < len(pools):
            expected = "one address or range for each family"
            violations.append(Violation(VALUE, "", host, f"{variable}: {given!r}", expected))
        parsed[host] = tuple(pools)
    return parsed


def _pool(value: object) -> Pool | None:
    first, dash, last = value.partition("-") if isinstance(value, str) else ("", "", "")
    start, end = parse_address(first), parse_address(last if dash else first)
    if not (start and end) or start.version != end.version:
        return None
    pool = Pool(start, end)
    return pool if 1 <= pool.size <= MAX_LIPS else None


def _device_violations(parsed: Options) -> Iterator[Violation]:
    if not is_device_name(parsed.vip_device):
        got = f"topology_vip_device: {parsed.vip_device!r}"
        yield Violation(VALUE, "", "", got, "lo, or the name of a dummy device")
    for index, name in enumerate(parsed.arp_interfaces):
        got = f"topology_arp_interfaces[{index}]: {name!r}"
        # There is no ARP on lo.
        if name != _EVERY_DEVICE and (name == "lo" or not is_device_name(name)):
            expected = f"{_EVERY_DEVICE}, or an interface on which packets arrive from outside"
            yield Violation(VALUE, "", "", got, expected)
        elif name in parsed.arp_interfaces[:index]:
            yield Violation(VALUE, "", "", got, "each interface only once")


def _settings_violations(settings: Mapping[str, Any]) -> Iterator[Violation]:
    _parsed, problems = parse_settings(settings)
    for problem in problems:
        got = f"topology_settings.{problem.where}: {problem.got!r}"
        yield Violation(VALUE, "", "", got, problem.expected)


def _drain_of(migration: Mapping[str, Any]) -> Mapping[str, Any]:
    """How destinations drain that get another forwarding method, or another port."""
    return {name: value for name, value in migration.items() if name != "services"}


def _times(variable: str, options: Mapping[str, Any]) -> Iterator[Violation]:
    for problem in problems(options) if options else ():
        where, _colon, rest = problem.partition(": got ")
        got, _comma, expected = rest.partition(", expected ")
        yield Violation(VALUE, "", "", f"{variable}.{where}: {got}", expected)
