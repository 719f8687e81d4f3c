# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads and writes the IPVS table of the current network namespace."""

from __future__ import annotations

import errno
from types import MappingProxyType
from typing import Iterator, Mapping, NamedTuple, Sequence

from ..net.probe_marks import is_probe_mark
from ..netlink.connection import Connection, NetlinkError, Request
from ..netlink.generic import NETLINK_GENERIC, family_number
from ..state import paths
from . import protocol, sync_daemon
from .errors import IpvsError, explain_operations, explain_read
from .model import DestinationKey, Entry, Service, ServiceKey, Table, Timeouts
from .plan import Operation, Verb
from .protocol import Activity, Reading, Reply
from .sync_daemon import StartSync, StopSync, SyncDaemon

_HELPERS = "proc/net/ip_vs_app"
_NOBODYS = ServiceKey("ipv4", 0, "tcp", "255.255.255.255", 21)


class ServiceActivity(NamedTuple):
    """Connections and statistics of a service and its destinations."""

    statistics: dict[str, int]
    destinations: dict[DestinationKey, Activity]


class Client:
    """A connection to the kernel's IPVS; close it, or use it in a with statement.

    The services that lead probes are in nobody's table: ``probe_services`` alone tells of them.
    Every method raises IpvsError with a message for people.
    """

    def __init__(self) -> None:
        try:
            self._connection = Connection(NETLINK_GENERIC)
        except OSError as error:
            raise explain_read("ask the kernel", error) from error
        try:
            self._number = family_number(self._connection, protocol.NAME)
        except NetlinkError as refused:
            self._connection.close()
            raise explain_read("find IPVS", refused) from refused

    def __enter__(self) -> Client:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._connection.close()

    def table(self, likely: Mapping[ServiceKey, Entry] = MappingProxyType({})) -> Table:
        """Return every service with its destinations.

        Of a table that is likely there, only what differs is decoded.
        """
        return {one.key: self._entry(one, likely.get(one.key)) for one, _reply in self._services()}

    def services(self) -> frozenset[ServiceKey]:
        """Return which services there are, without their destinations."""
        return frozenset(service.key for service, _reply in self._services())

    def probe_services(self) -> Table:
        """Return the services that lead probes, with their destinations."""
        found = [service for service, _reply in self._all() if is_probe_mark(service.key.fwmark)]
        return {service.key: self._entry(service) for service in found}

    def entry(self, key: ServiceKey) -> Entry | None:
        """Return a service with its destinations, or None if it does not exist."""
        try:
            replies = self._connection.ask(self._request(protocol.get_service(key)))
        except NetlinkError as refused:
            if refused.errno == errno.ESRCH:
                return None
            raise explain_read(f"read service {key}", refused) from refused
        return self._entry(protocol.service(*replies[0]))

    def activity(self) -> dict[ServiceKey, ServiceActivity]:
        """Return connections and statistics of every service and destination."""
        result = {}
        for (key, *_fields), reply in self._services():
            statistics = protocol.service_statistics(*reply)
            result[key] = ServiceActivity(statistics, self.connections(key))
        return result

    def readings(self) -> dict[ServiceKey, Reading]:
        """Return every service with its destinations and what was counted, by one dump of each."""
        return {service.key: self._reading(service, reply) for service, reply in self._services()}

    def connections(self, key: ServiceKey) -> dict[DestinationKey, Activity]:
        """Return connections and statistics of a service's destinations."""
        return {
            protocol.destination(*each, key.family).key: protocol.activity(*each)
            for each in self._destinations(key)
        }

    def apply(self, operations: Sequence[Operation]) -> None:
        """Run all operations of a plan; raise one IpvsError for all refusals."""
        requests = [self._request(protocol.operation(operation)) for operation in operations]
        answers = self._connection.submit(requests)
        refused = [pair for pair in zip(operations, answers) if pair[1] is not None]
        if refused:
            raise explain_operations([(one, why) for one, why in refused if why])

    def timeouts(self) -> Timeouts:
        """Return the timeouts of idle connections, in seconds."""
        return protocol.timeouts(*self._ask_one("read the timeouts", protocol.get_timeouts()))

    def set_timeouts(self, timeouts: Timeouts) -> None:
        """Set the timeouts that are not 0."""
        self._ask("set the timeouts", protocol.set_timeouts(timeouts))

    def helpers(self) -> frozenset[str]:
        """Return the helpers that this kernel has loaded (ip_vs_app_seq_show() in ip_vs_app.c)."""
        try:
            lines = (paths.ROOT / _HELPERS).read_text(encoding="ascii").splitlines()
        except FileNotFoundError:
            return frozenset()
        return frozenset(line.split()[-1] for line in lines[1:])

    def load_helper(self, name: str) -> None:
        """Have the kernel load a helper.

        There is no request for that. But the kernel loads ip_vs_NAME for a scheduler NAME that it
        does not know, before it looks at the rest of a service (ip_vs_scheduler_get() in
        ip_vs_sched.c), and refuses a service with a helper's name.
        """
        service = Service(_NOBODYS, scheduler=name)
        request = self._request(protocol.operation(Operation(Verb.NEW_SERVICE, service)))
        (refused,) = self._connection.submit([request])
        if refused and refused.errno != errno.ENOENT:
            raise explain_read(f"load the helper {name}", OSError(*refused))
        if name not in self.helpers():
            msg = f"the kernel has no helper {name}: modprobe ip_vs_{name}"
            raise IpvsError(msg)

    def sync_daemons(self) -> list[SyncDaemon]:
        """Return the daemons that synchronise connections with other directors."""
        replies = self._dump("read the sync daemons", sync_daemon.get())
        return [sync_daemon.daemon(*reply) for reply in replies]

    def change_sync(self, operations: Sequence[StartSync | StopSync]) -> None:
        """Stop and start such daemons, in this order."""
        for operation in operations:
            self._ask(str(operation), sync_daemon.request(operation))

    def info(self) -> tuple[str, int]:
        """Return IPVS's version, and the size of its connection table (hash buckets)."""
        return protocol.info(*self._ask_one("read the version", protocol.get_info()))

    def _request(self, payload: bytes) -> Request:
        return Request(self._number, payload)

    def _ask(self, what: str, payload: bytes) -> list[Reply]:
        try:
            return self._connection.ask(self._request(payload))
        except NetlinkError as refused:
            raise explain_read(what, refused) from refused

    def _ask_one(self, what: str, payload: bytes) -> Reply:
        replies = self._ask(what, payload)
        if not replies:
            msg = f"cannot {what}: the kernel sent no answer"
            raise IpvsError(msg)
        return replies[0]

    def _dump(self, what: str, payload: bytes) -> Iterator[Reply]:
        # A socket holds one dump at a time: finish one before the next.
        try:
            yield from self._connection.dump(self._request(payload))
        except NetlinkError as refused:
            raise explain_read(what, refused) from refused

    def _services(self) -> list[tuple[Service, Reply]]:
        return [one for one in self._all() if not is_probe_mark(one[0].key.fwmark)]

    def _all(self) -> list[tuple[Service, Reply]]:
        replies = self._dump("read the services", protocol.get_services())
        return [(protocol.service(*reply), reply) for reply in replies]

    def _destinations(self, key: ServiceKey) -> Iterator[Reply]:
        return self._dump(f"read the destinations of {key}", protocol.get_destinations(key))

    def _reading(self, service: Service, reply: Reply) -> Reading:
        destinations, counted = {}, {}
        for each in self._destinations(service.key):
            destination = protocol.destination(*each, service.key.family)
            destinations[destination.key] = destination
            counted[destination.key] = protocol.traffic(*each)
        traffic = protocol.service_traffic(protocol.service_statistics(*reply), counted.values())
        return Reading(Entry(service, destinations), traffic, counted)

    def _entry(self, service: Service, likely: Entry | None = None) -> Entry:
        replies = [*self._destinations(service.key)]
        if likely and protocol.are(replies, likely.destinations.values()):
            return likely if likely.service == service else Entry(service, likely.destinations)
        family = service.key.family
        destinations = [protocol.destination(*reply, family) for reply in replies]
        return Entry(service, {destination.key: destination for destination in destinations})
