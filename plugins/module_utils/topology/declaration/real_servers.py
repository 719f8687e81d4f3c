# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From the entries of a service's ``real_servers`` to real servers."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Iterator, Mapping, Sequence

from ...ipvs.model import Destination
from ...ipvs.schema import DESTINATION_FIELDS, parse_destination
from ...net.addresses import IPAddress, parse_address
from ..violation import did_you_mean
from .inventory import REAL_SERVERS, Inventory
from .model import RealServer, Shape
from .problems import AN_ADDRESS, ANY_ADDRESS, GROUP, HOST, KEY, MODE, VALUE, Problems
from .schema import SERVER_KEYS

# Of a destination's fields; the others belong to the mode.
_FIELDS = tuple(name for name in SERVER_KEYS if name in DESTINATION_FIELDS)


def own_modes(lists: Sequence[object], shape: Shape) -> list[str]:
    """The modes that single entries of these lists have beside the service's."""
    listed = [one for each in lists if isinstance(each, (list, tuple)) for one in each]
    named = [entry.get("mode") for entry in listed if isinstance(entry, Mapping)]
    return [mode for mode in shape.beside if mode in named]


class RealServerParser:
    """Reads the real servers of one service."""

    def __init__(
        self, inventory: Inventory, shapes: Mapping[str, Shape], mode: str, noted: Problems
    ) -> None:
        self._inventory = inventory
        self._shapes = shapes
        self._mode = mode
        self._noted = noted

    def parse(self, entries: Sequence[Any], service_port: int | None) -> Iterator[RealServer]:
        """The real servers of the entries that are right; None: the service has a mark."""
        # A host that is named by itself has its own entry instead of its group's.
        named = {str(entry.get("host")) for entry in entries if isinstance(entry, Mapping)}
        for index, entry in enumerate(entries):
            where = f"real_servers[{index}]"
            if isinstance(entry, Mapping):
                hosts = self._hosts(entry, where, named)
                yield from self._servers(entry, where, hosts, service_port)
            else:
                expected = "a real server: a host, a group, or an address"
                self._noted.add(VALUE, f"{where}: {entry!r}", expected)

    def parse_fallback(
        self, entry: object, where: str, service_port: int | None
    ) -> tuple[RealServer, ...]:
        """The real server that serves where no other one can."""
        if not isinstance(entry, Mapping):
            expected = "a host, an address, or a dict with one of them"
            self._noted.add(VALUE, f"{where}: {entry!r}", expected)
            return ()
        hosts = self._hosts(entry, where, set())
        servers = self._servers(entry, where, hosts, service_port)
        return tuple(replace(server, is_fallback=True) for server in servers)

    def _servers(
        self, entry: Mapping[str, Any], where: str, hosts: Sequence[str], service_port: int | None
    ) -> Iterator[RealServer]:
        shown = hosts[0] if len(hosts) == 1 else ""
        before = len(self._noted.violations)
        mode = self._mode_of(entry, where, shown)
        keys = self._shapes[mode].server_keys
        self._noted.check_keys(entry, {*SERVER_KEYS, *keys}, where, shown)
        extra = self._noted.read(entry, keys, where, shown)
        if service_port is None and entry.get("port") is not None:
            expected = "no port: a packet with a mark keeps its own"
            self._noted.add(KEY, f"{where}.port", expected, shown)
        addresses = self._addresses(entry, where, shown)
        settings = self._settings(entry, where, shown)
        if settings and len(self._noted.violations) == before:
            port = (service_port or 0) if entry.get("port") is None else settings.key.port
            for host in hosts:
                yield RealServer(where, host, addresses, port, settings, extra, mode)

    def _mode_of(self, entry: Mapping[str, Any], where: str, host: str) -> str:
        """The mode of an entry; the service's, if it has none that it could have."""
        mode = entry.get("mode")
        if mode is None:
            return self._mode
        possible = (self._mode, *self._shapes[self._mode].beside)
        if mode in possible:
            return str(mode)
        expected = " or ".join(possible)
        if mode in [*self._shapes]:
            expected += (
                ": only modes that leave a packet's addresses alone go together; this real server "
                "needs a service of its own"
            )
        else:
            expected += did_you_mean(mode, possible)
        self._noted.add(MODE, f"{where}.mode: {mode!r}", expected, host)
        return self._mode

    def _hosts(self, entry: Mapping[str, Any], where: str, named: set[str]) -> tuple[str, ...]:
        """The hosts that an entry means; the one of an address alone has no name."""
        host, group = entry.get("host"), entry.get("group")
        if group is not None:
            if host is not None or entry.get("address") is not None:
                expected = "the group alone: its hosts have addresses of their own"
                self._noted.add(KEY, f"{where}: {sorted(map(str, entry))}", expected)
            return tuple(self._managed(self._members(group, where, named), where))
        if host is not None:
            return tuple(self._managed([str(host)], where))
        if entry.get("address") is not None:
            return ("",)
        expected = "a host, a group, or an address"
        self._noted.add(KEY, f"{where}: {sorted(map(str, entry))}", expected)
        return ()

    def _members(self, group: object, where: str, named: set[str]) -> list[str]:
        members = self._inventory.members(group)
        if members is None:
            expected = "a group of the inventory" + did_you_mean(group, self._inventory.groups)
            self._noted.add(GROUP, f"{where}.group: {group!r}", expected)
        return [host for host in members or () if host not in named]

    def _managed(self, hosts: Sequence[str], where: str) -> Iterator[str]:
        """The hosts that are real servers; what is wrong with the others is noted."""
        for host in hosts:
            if host in self._inventory.real_servers:
                yield host
                continue
            expected = f"a host of the group {REAL_SERVERS}, or an address alone"
            if host in self._inventory.hosts:
                got = f"{where}: {host}, which is in the inventory but not in {REAL_SERVERS}"
            else:
                got = f"{where}: {host}, which is not in the inventory"
                expected += did_you_mean(host, self._inventory.real_servers)
            self._noted.add(HOST, got, expected, host)

    def _addresses(self, entry: Mapping[str, Any], where: str, host: str) -> tuple[IPAddress, ...]:
        given = entry.get("address")
        if given is None:
            return ()
        values = given if isinstance(given, (list, tuple)) else [given]
        parsed = [parse_address(value) for value in values]
        for value, address in zip(values, parsed):
            if address is None:
                self._noted.add(VALUE, f"{where}.address: {value!r}", AN_ADDRESS, host)
        addresses = tuple(address for address in parsed if address)
        if len({address.version for address in addresses}) < len(addresses):
            expected = "one address for each family"
            self._noted.add(VALUE, f"{where}.address: {given!r}", expected, host)
        return addresses

    def _settings(self, entry: Mapping[str, Any], where: str, host: str) -> Destination | None:
        fields = {name: entry.get(name) for name in ("port", *_FIELDS)}
        # Without its service: what a mode allows as a port is the mode's own to check.
        settings, problems = parse_destination({**fields, "address": ANY_ADDRESS}, where, None)
        self._noted.add_problems(problems, host)
        return settings
