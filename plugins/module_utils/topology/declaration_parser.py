# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From the declaration's data to services; every error of its shape is collected. Pure.

What single fields of services and destinations may hold is said in ``ipvs/schema.py``, and is
asked there, so that a declaration and the module ``ipvs_services`` accept the same.
"""

from __future__ import annotations

from typing import Any, Iterable, Mapping, Sequence

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    Service as VirtualService,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import (
    DESTINATION_FIELDS,
    SERVICE_FIELDS,
    SERVICE_KEY_FIELDS,
    Field,
    Problem,
    parse_destination,
    parse_service,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.addresses import (
    IPAddress,
    parse_address,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.declaration import (
    RealServer,
    Service,
    Shape,
    Virtual,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.inventory import (
    REAL_SERVERS,
    Inventory,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.suggestion import did_you_mean
from ansible_collections.lvs.topology.plugins.module_utils.topology.violation import Violation

KEY, VALUE, MODE, HOST, GROUP = (
    "declaration.key",
    "declaration.value",
    "declaration.mode",
    "declaration.host",
    "declaration.group",
)
RULES = {
    KEY: "a service has the keys that its mode needs, and none that it does not know",
    VALUE: "every key has a value that it can have",
    MODE: "the mode of a service is known",
    HOST: "a real server that is named by its host is in the group lvs_real_servers",
    GROUP: "a group of real servers is in the inventory",
}

# The modes set the forwarding method and what belongs to it.
_SERVER_FIELDS = ("weight", "upper_threshold", "lower_threshold")
_SERVER_KEYS = {"host", "group", "address", "port", *_SERVER_FIELDS}
_SERVICE_KEYS = {"mode", "vips", "port", "protocol", "real_servers", *SERVICE_FIELDS}
_CHOICES = {
    name: field.choices
    for table in (SERVICE_KEY_FIELDS, SERVICE_FIELDS, DESTINATION_FIELDS)
    for name, field in table.items()
}
_ADDRESS = "an IPv4 or IPv6 address that other hosts can reach, without prefix length or zone"
# Stand for what is missing or not known yet, while the rest of an entry is checked.
_ANY_ADDRESS = "192.0.2.1"
_ANY_PORT = 1


def parse_services(
    services: Mapping[str, Any], inventory: Inventory, shapes: Mapping[str, Shape]
) -> tuple[tuple[Service, ...], list[Violation]]:
    """The services whose shape is right, and everything that is wrong with the others."""
    parsed = []
    violations: list[Violation] = []
    for name, data in services.items():
        parser = _ServiceParser(str(name), inventory, shapes)
        service = parser.parse(data)
        violations += parser.violations
        if service and not parser.violations:
            parsed.append(service)
    return tuple(parsed), violations


class _ServiceParser:
    """Reads one service; collects what is wrong with it."""

    def __init__(self, name: str, inventory: Inventory, shapes: Mapping[str, Shape]) -> None:
        self.violations: list[Violation] = []
        self._name = name
        self._inventory = inventory
        self._shapes = shapes

    def parse(self, data: object) -> Service | None:
        if not isinstance(data, Mapping):
            self._violation(VALUE, repr(data), "a service: mode, vips, port and real_servers")
            return None
        mode = data.get("mode")
        shape = self._shapes.get(mode) if isinstance(mode, str) else None
        if shape is None:
            wanted = f"one of {', '.join(self._shapes)}{did_you_mean(mode, self._shapes)}"
            found = f"mode: {mode!r}" if "mode" in data else "no mode"
            self._violation(MODE, found, wanted)
            return None
        self._check_keys(data, _SERVICE_KEYS | set(shape.service_fields), "", "")
        for name in ("vips", "port", "real_servers"):
            if data.get(name) is None:
                self._violation(KEY, f"no {name}", f"{name}, which every service needs")
        extra = self._extra(data, shape.service_fields, "", "")
        virtuals = self._virtuals(data)
        key = virtuals[0].service.key if virtuals else None
        servers = self._servers(data.get("real_servers"), shape, key.port if key else 0)
        if key is None:
            return None
        return Service(
            self._name, str(mode), key.port, key.protocol, tuple(virtuals), tuple(servers), extra
        )

    def _virtuals(self, data: Mapping[str, Any]) -> list[Virtual]:
        fields = {name: data.get(name) for name in ("protocol", "port", *SERVICE_FIELDS)}
        virtuals: list[Virtual] = []
        problems: list[Problem] = []
        for index, value in enumerate(self._list(data.get("vips"), "vips", "addresses")):
            vip = parse_address(value)
            if vip is None:
                self._violation(VALUE, f"vips[{index}]: {value!r}", _ADDRESS)
            # With another address in the place of a bad one, the other fields are checked as well.
            virtual, found = self._virtual(fields, vip)
            problems += [one for one in found if one not in problems]
            if vip and virtual:
                if vip in [one.vip for one in virtuals]:
                    self._violation(VALUE, f"vips[{index}]: {value!r}", "each VIP only once")
                virtuals.append(Virtual(vip, virtual))
        self._problems(problems, "")
        return virtuals

    @staticmethod
    def _virtual(
        fields: Mapping[str, Any], vip: IPAddress | None
    ) -> tuple[VirtualService | None, list[Problem]]:
        item = {**fields, "address": str(vip or _ANY_ADDRESS), "destinations": []}
        if fields["port"] is None:  # has been reported as missing
            item["port"] = _ANY_PORT
        entry, problems = parse_service(item, "")
        return entry.service if entry else None, problems

    def _servers(self, data: object, shape: Shape, service_port: int) -> list[RealServer]:
        entries = self._list(data, "real_servers", "real servers")
        # A host that is named by itself has its own entry instead of its group's.
        named = {str(entry.get("host")) for entry in entries if isinstance(entry, Mapping)}
        servers = []
        for index, entry in enumerate(entries):
            where = f"real_servers[{index}]"
            if not isinstance(entry, Mapping):
                wanted = "a real server: a host, a group, or an address"
                self._violation(VALUE, f"{where}: {entry!r}", wanted)
                continue
            hosts = self._hosts(entry, where, named)
            shown = hosts[0] if len(hosts) == 1 else ""
            before = len(self.violations)
            self._check_keys(entry, _SERVER_KEYS | set(shape.server_fields), where, shown)
            extra = self._extra(entry, shape.server_fields, where, shown)
            addresses = self._addresses(entry, where, shown)
            settings = self._settings(entry, where, shown)
            if settings and len(self.violations) == before:
                port = service_port if entry.get("port") is None else settings.key.port
                servers += [
                    RealServer(where, host, addresses, port, settings, extra) for host in hosts
                ]
        return servers

    def _hosts(self, entry: Mapping[str, Any], where: str, named: set[str]) -> tuple[str, ...]:
        """The hosts that an entry means; one without a name is not managed."""
        host, group = entry.get("host"), entry.get("group")
        if group is not None:
            if host is not None or entry.get("address") is not None:
                wanted = "the group alone: its hosts have addresses of their own"
                self._violation(KEY, f"{where}: {sorted(entry)}", wanted)
            members = self._inventory.members(group)
            if members is None:
                wanted = "a group of the inventory" + did_you_mean(group, self._inventory.groups)
                self._violation(GROUP, f"{where}.group: {group!r}", wanted)
            hosts: Sequence[str] = [one for one in members or () if one not in named]
        elif host is not None:
            hosts = [str(host)]
        elif entry.get("address") is not None:
            return ("",)
        else:
            wanted = "a host, a group, or an address"
            self._violation(KEY, f"{where}: {sorted(map(str, entry))}", wanted)
            return ()
        return tuple(one for one in hosts if self._is_managed(one, where))

    def _is_managed(self, host: str, where: str) -> bool:
        if host in self._inventory.real_servers:
            return True
        wanted = f"a host of the group {REAL_SERVERS}, or an address alone"
        if host in self._inventory.hosts:
            found = f"{where}: {host}, which is in the inventory but not in {REAL_SERVERS}"
        else:
            found = f"{where}: {host}, which is not in the inventory"
            wanted += did_you_mean(host, self._inventory.real_servers)
        self._violation(HOST, found, wanted, host)
        return False

    def _addresses(self, entry: Mapping[str, Any], where: str, host: str) -> tuple[IPAddress, ...]:
        given = entry.get("address")
        if given is None:
            return ()
        values = given if isinstance(given, (list, tuple)) else [given]
        parsed = [parse_address(value) for value in values]
        addresses = tuple(address for address in parsed if address)
        for value, address in zip(values, parsed):
            if address is None:
                self._violation(VALUE, f"{where}.address: {value!r}", _ADDRESS, host)
        if len({address.version for address in addresses}) < len(addresses):
            wanted = "one address for each family"
            self._violation(VALUE, f"{where}.address: {given!r}", wanted, host)
        return addresses

    def _settings(self, entry: Mapping[str, Any], where: str, host: str) -> Destination | None:
        fields = {name: entry.get(name) for name in ("port", *_SERVER_FIELDS)}
        # Without its service: what a mode allows as a port is the mode's own to check.
        settings, problems = parse_destination({**fields, "address": _ANY_ADDRESS}, where, None)
        self._problems(problems, host)
        return settings

    def _extra(
        self, data: Mapping[str, Any], fields: Mapping[str, Field], where: str, host: str
    ) -> dict[str, Any]:
        values = {}
        for name, field in fields.items():
            value = data.get(name)
            values[name] = field.default if value is None else value
            wanted = _unfit(field, values[name])
            if wanted:
                self._violation(VALUE, f"{_join(where, name)}: {value!r}", wanted, host)
        return values

    def _check_keys(
        self, data: Mapping[str, Any], known: Iterable[str], where: str, host: str
    ) -> None:
        for key in data:
            if key not in known:
                owners = [mode for mode, shape in self._shapes.items() if _has(shape, key)]
                wanted = f"no such key{did_you_mean(key, known)}"
                if owners:
                    wanted = f"no such key: only {' and '.join(owners)} has it"
                self._violation(KEY, f"{_join(where, str(key))}", wanted, host)

    def _list(self, value: object, name: str, of: str) -> Sequence[Any]:
        if value is None:  # has been reported as missing
            return ()
        if not isinstance(value, (list, tuple)):
            self._violation(VALUE, f"{name}: {value!r}", f"a list of {of}")
            return ()
        if name == "vips" and not value:
            self._violation(VALUE, "vips: []", "at least one address")
        return value

    def _problems(self, problems: Iterable[Problem], host: str) -> None:
        for problem in problems:
            place = problem.where.lstrip(".")
            choices = _CHOICES.get(place.rpartition(".")[2], ())
            wanted = problem.wanted + did_you_mean(problem.found, choices)
            self._violation(VALUE, f"{place}: {problem.found!r}", wanted, host)

    def _violation(self, check: str, found: str, wanted: str, host: str = "") -> None:
        self.violations.append(Violation(check, self._name, host, found, wanted))


def _has(shape: Shape, key: object) -> bool:
    return key in shape.service_fields or key in shape.server_fields


def _join(where: str, name: str) -> str:
    return f"{where}.{name}" if where else name


def _unfit(field: Field, value: object) -> str:
    """What a mode's own field wants instead of this value; "" when it fits."""
    if field.kind == "bool":
        return "" if isinstance(value, bool) else "true or false"
    wanted = f"one of {', '.join(field.choices)}"
    return "" if value in field.choices else wanted + did_you_mean(value, field.choices)
