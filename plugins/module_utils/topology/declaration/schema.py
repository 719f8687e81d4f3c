# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Every key of the declaration, but those of a mode, which are in the mode's own file.

The role's specification and defaults, the documentation of ``compile_topology`` and the tables of
``docs/declaration.md`` are generated from here: ``make reference``.
"""

from __future__ import annotations

from types import MappingProxyType
from typing import Any, Mapping, NamedTuple

from ...health.kinds.table import KINDS
from ...health.schema import CHECK_FIELDS, KIND_FIELDS, POLICY_FIELDS
from ...ipvs.schema import (
    DESTINATION_FIELDS,
    DESTINATION_KEY_FIELDS,
    SERVICE_FIELDS,
    SERVICE_KEY_FIELDS,
)
from ...ipvs.wait import DRAIN_REMOVED_SPEC, MAX_INTERVAL, MAX_TIMEOUT
from ...metrics.settings import FIELDS as METRICS_FIELDS
from ...net.addresses import MAX_PORT
from . import high_availability
from .inventory import REAL_SERVERS
from .key import Key, from_field, from_spec

_KIND_TEXTS = {name: text for kind in reversed(KINDS.values()) for name, text in kind.texts.items()}

HEALTH_KEYS: dict[str, Key] = {
    "check": from_field(
        CHECK_FIELDS["check"],
        "How a real server is checked. "
        + " ".join(f"V({kind.name}) - {kind.text}" for kind in KINDS.values()),
    ),
    "port": Key(
        "The port to check. The default is the service's port; in modes that rewrite addresses, "
        "the real server's port; with C(fwmark), the first of C(ports). It is required for a "
        "service for every port, and if the check does not speak the service's protocol.",
        "int",
        low=1,
        high=MAX_PORT,
    ),
    "through": from_field(
        CHECK_FIELDS["through"]._replace(default=None),
        "The address to check. V(vip) checks the VIP on the real server, through the same tunnel "
        "as clients' requests; this is the default in modes that give real servers the VIP. "
        "V(rip) checks the real server's own address; other modes know only this.",
    ),
    "interval": from_field(
        CHECK_FIELDS["interval"], "Seconds from the start of one check to the start of the next."
    ),
    "timeout": from_field(
        CHECK_FIELDS["timeout"], "Seconds for a whole check, at most C(interval)."
    ),
    "rise": from_field(
        CHECK_FIELDS["rise"], "A real server comes back after this many good answers in a row."
    ),
    "fall": from_field(
        CHECK_FIELDS["fall"],
        "A real server goes out after this many bad or missing answers in a row.",
    ),
    "floor": from_field(
        POLICY_FIELDS["floor"],
        "A percentage of the total weight of all real servers that are not drained. Checks take "
        "out no more real servers once the remaining weight would fall below it.",
    ),
    "on_floor": from_field(
        POLICY_FIELDS["on_floor"],
        "What happens at the floor, which must be above C(0) for it. V(keep) leaves in the real "
        "servers that failed last. V(withdraw) takes all out.",
    ),
    "slow_start": from_field(
        POLICY_FIELDS["slow_start"],
        "Seconds in which the weight of a returning real server grows to the declared one. V(0) "
        "restores it at once.",
    ),
    "fallback": Key(
        "A real server that serves only while no other one of the service has a weight. It is a "
        f"host of the group C({REAL_SERVERS}), which can be the director, or an address, or a dict "
        "with C(host), C(address), C(port) and C(mode), as in C(real_servers).",
        "raw",
    ),
    **{name: from_field(field, _KIND_TEXTS.get(name, "")) for name, field in KIND_FIELDS.items()},
}
"""The keys of C(health), of a service and of all."""

METRICS_KEYS: dict[str, Key] = {
    "directory": from_field(
        METRICS_FIELDS["directory"],
        "The directory that node_exporter reads (its C(--collector.textfile.directory)). The "
        "default is that of Debian's package.",
    ),
    "interval": from_field(
        METRICS_FIELDS["interval"], "Seconds from the end of one collection to the next."
    ),
    "real_servers": from_field(
        METRICS_FIELDS["real_servers"],
        "Whether each real server of each service gets its own dozen series. Switch it off with "
        "tens of thousands of real servers.",
    ),
}
"""The keys of ``topology_metrics``."""

SERVICE_KEYS: dict[str, Key] = {
    "mode": Key("How requests reach the real servers, and how replies return.", required=True),
    "vips": Key(
        "The virtual addresses (VIPs), IPv4 and IPv6.", "list", elements="str", required=True
    ),
    "port": Key(
        "The port that clients connect to. It is required without C(fwmark). V(0) means every "
        "port, and requires C(persistence_timeout).",
        "int",
        high=MAX_PORT,
    ),
    "real_servers": Key("The real servers.", "list", elements="dict", required=True),
    "fwmark": from_field(
        SERVICE_KEY_FIELDS["fwmark"],
        "The firewall mark by which IPVS recognises the service. Such a service has C(ports) "
        "instead of C(port), and its real servers have no C(port).",
    ),
    "ports": Key(
        "The ports of a service with C(fwmark); packets to them get the mark. Each is a number "
        "from V(1) to V(65535) or a range V(FIRST-LAST). It is required with C(fwmark).",
        "list",
        elements="str",
    ),
    "accept": Key(
        "Ids of checks (C(docs/checks.md)) whose findings on this service you accept: they do not"
        " stop a run. Every report shows them. Some checks cannot be accepted.",
        "list",
        elements="str",
    ),
    "health": Key(
        "Health checks of its real servers (C(docs/health.md)). V(true) uses the defaults. "
        "C(topology_health) fills in the keys that are missing here. Without both, there are no "
        "health checks, and a run warns about it. V(false) switches them off without a warning.",
        "raw",
        keys=HEALTH_KEYS,
    ),
    "protocol": from_field(
        SERVICE_KEY_FIELDS["protocol"]._replace(default="tcp"),
        "The transport protocol. With C(fwmark) it can be a list. The protocols are then one "
        "service: a persistent client keeps its real server across them.",
    ),
    "scheduler": from_field(
        SERVICE_FIELDS["scheduler"], "How connections are distributed over the real servers."
    ),
    "scheduler_flags": from_field(
        SERVICE_FIELDS["scheduler_flags"], "Flags of the schedulers V(sh) and V(mh)."
    ),
    "persistence_timeout": from_field(
        SERVICE_FIELDS["persistence_timeout"],
        "Seconds for which a client keeps its real server. V(0) means no persistence.",
    ),
    "persistence_prefix": from_field(
        SERVICE_FIELDS["persistence_prefix"],
        "How many leading bits of the address identify a client. The default is all of them.",
    ),
    "persistence_engine": from_field(
        SERVICE_FIELDS["persistence_engine"],
        "What else identifies a client. V(sip) uses the Call-ID of SIP over UDP.",
    ),
    "one_packet": from_field(
        SERVICE_FIELDS["one_packet"], "Schedule each packet separately. Only for UDP or C(fwmark)."
    ),
}
"""A service's keys."""

SERVER_KEYS: dict[str, Key] = {
    "host": Key(f"A host of the group C({REAL_SERVERS}). Its RIP is found from its facts."),
    "group": Key("Every host of an inventory group, except hosts that have an entry of their own."),
    "address": Key(
        "Without C(host), the address of an unmanaged real server. With C(host), the address of "
        "the host that is the RIP. A list has one address for each family.",
        "raw",
    ),
    "mode": Key(
        "The mode of this real server, if it differs from the service's. Both modes must leave a "
        "packet's addresses unchanged, as V(dr) and V(tun) do. The service can have the keys of "
        "both."
    ),
    "port": from_field(
        DESTINATION_KEY_FIELDS["port"],
        "The real server's port. The default is the service's port. Only modes that rewrite "
        "addresses allow another one.",
    ),
    "weight": from_field(
        DESTINATION_FIELDS["weight"], "Its share of new connections; V(0) drains it."
    ),
    "upper_threshold": from_field(
        DESTINATION_FIELDS["upper_threshold"],
        "At this number of connections it gets no new ones. V(0) means no limit.",
    ),
    "lower_threshold": from_field(
        DESTINATION_FIELDS["lower_threshold"],
        "Below this number of connections it gets new ones again. V(0) means three quarters of "
        "C(upper_threshold).",
    ),
}
"""A real server's keys; it has one of the first three, or C(host) and C(address)."""

_DRAIN_OPTIONS = DRAIN_REMOVED_SPEC["options"]
_POLL_INTERVAL = "Seconds from one look at the connections to the next."
_TIMEOUT = "The longest wait, in seconds."

_DRAIN: dict[str, Key] = {
    "wait_for": from_spec(
        _DRAIN_OPTIONS["wait_for"],
        "The connections to wait for. V(active) includes all of UDP.",
    ),
    "timeout": from_spec(_DRAIN_OPTIONS["timeout"], _TIMEOUT, high=MAX_TIMEOUT),
    "poll_interval": from_spec(_DRAIN_OPTIONS["poll_interval"], _POLL_INTERVAL, 1, MAX_INTERVAL),
    "on_timeout": from_spec(
        _DRAIN_OPTIONS["on_timeout"],
        "At the timeout, V(continue) cuts the remaining connections, and V(fail) ends the run.",
    ),
}
_MOVE: dict[str, Key] = {
    "services": Key("Services by their names.", "list", elements="str", required=True),
    **_DRAIN,
    "wait_for": _DRAIN["wait_for"]._replace(choices=("active", "inactive")),
    "on_timeout": _DRAIN["on_timeout"]._replace(
        text="At the timeout, V(fail) ends the run and leaves the hosts prepared for both modes, "
        "and V(continue) cuts the remaining connections.",
        default="fail",
    ),
}
_EMPTY: Mapping[str, Any] = MappingProxyType({})


class Option(NamedTuple):
    """An option of ``compile_topology``, a variable of role ``topology``, or both."""

    key: Key
    variable: str = ""  # of the role; "" = the module alone has it
    of: str = ""  # whose host variable it is; the module gets a dict by host
    set_by: str = ""  # the playbook or role that sets it: none of the user's own
    otherwise: str = ""  # what holds without it, where that is no value
    role_default: Any = None  # where the role's differs from the module's


OPTIONS: dict[str, Option] = {
    "services": Option(
        Key("The services by name. Names only appear in messages.", "dict", required=True),
        "topology_services",
    ),
    "facts": Option(
        Key(
            "The facts of each host by its name, as M(lvs.topology.node_info) returns them "
            "in RV(lvs.topology.node_info#module:node).\n"
            "A host whose facts are empty counts as one that was not read.",
            "dict",
            required=True,
        ),
    ),
    "unreachable": Option(
        Key(
            "Ansible's message for each host that it could not reach, by the host's name.",
            "dict",
            _EMPTY,
        ),
    ),
    "groups": Option(
        Key(
            "The inventory's groups, each a list of hosts, as in Ansible's own variable "
            "C(groups).\n"
            "Only V(lvs_directors), V(lvs_real_servers), V(lvs_routers) and the groups that "
            "services name are used.",
            "dict",
            required=True,
        ),
    ),
    "rips": Option(
        Key(
            "Its RIP, or a list with one for each family.\n"
            "If a host has several addresses on links with a director, an address in the VIP's "
            "subnet or on its link comes first, then one on whose link a director is the host's "
            "next hop to the clients. An address in a network with neither the VIP nor the host's"
            " route to the clients is used only if it is named.",
            "dict",
            _EMPTY,
        ),
        "topology_rip",
        of="real server",
        otherwise="from the facts",
    ),
    "dips": Option(
        Key("Its DIP, or a list with one for each family.", "dict", _EMPTY),
        "topology_dip",
        of="director",
        otherwise="its first address on the RIP's link that is not a VIP",
    ),
    "lips": Option(
        Key(
            "Its local addresses (LIPs) in FULLNAT: an address, a range FIRST-LAST of at most 256"
            " addresses, or a list with one of these for each family. They are added to the DIP's"
            " interface.\n"
            "One LIP can have 64512 connections to each real server and port at a time.",
            "dict",
            _EMPTY,
        ),
        "topology_lips",
        of="director",
        otherwise="the DIP",
    ),
    "networks": Option(
        Key(
            "Networks (ADDRESS/PREFIX) in which DIP and RIP must be, if hosts share more than one"
            " subnet. A family without a network here is not restricted.",
            "list",
            (),
            elements="str",
        ),
        "topology_networks",
        otherwise="every shared network",
    ),
    "clients": Option(
        Key(
            "The clients' networks (ADDRESS/PREFIX). A host's route to one of them is the longest"
            " prefix that covers the whole network, or several routes that cover it together. For"
            " V(0.0.0.0/0) this is the default route, or V(0.0.0.0/1) with V(128.0.0.0/1).",
            "list",
            ("0.0.0.0/0", "::/0"),
            elements="str",
        ),
        "topology_clients",
    ),
    "vip_device": Option(
        Key(
            "The device that has the VIPs on real servers: V(lo), or the name of a dummy device.",
            default="lo",
        ),
        "topology_vip_device",
    ),
    "arp_interfaces": Option(
        Key(
            "The interfaces of real servers on which ARP for VIPs is suppressed. The RIP's "
            "interface must be among them.\n"
            "An empty list leaves ARP alone.",
            "list",
            ("all",),
            elements="str",
        ),
        "topology_arp_interfaces",
    ),
    "manage_vips": Option(
        Key(
            "Add the VIPs to the director. V(false) leaves them to another program that you "
            "configure. More than one director requires V(false) or O(high_availability).\n"
            "In mode NAT such directors share one DIP that moves with the VIPs; O(dips) must name"
            " it for each of them.",
            "bool",
            default=True,
        ),
        "topology_manage_vips",
    ),
    "high_availability": Option(
        Key(
            "A pair of directors, one of which holds the VIPs. Without C(engine) there is one "
            "director. With it, you can start with one and add the second one later.\n"
            "keepalived must be installed. It speaks VRRP version 3 on the DIP's link, which has "
            "no authentication (RFC 5798): trust the link as you trust ARP on it.\n"
            "A DIP (O(dips)) that both directors share, and LIPs (O(lips)), move with the VIPs.",
            "dict",
            _EMPTY,
            keys=high_availability.KEYS,
        ),
        "topology_high_availability",
    ),
    "manage_routers": Option(
        Key(
            "Contact the hosts of C(lvs_routers), install static neighbour entries for the VIPs "
            "of services that want it (C(arp)), and remove them when no service does. V(false) "
            "never contacts them.",
            "bool",
            default=True,
        ),
        "topology_manage_routers",
    ),
    "ignore_owners": Option(
        Key(
            "Programs (for example V(keepalived)) that may also write a director's IPVS table.",
            "list",
            (),
            elements="str",
        ),
        "topology_ignore_owners",
    ),
    "accept": Option(
        Key(
            "Ids of checks whose findings on this host you accept: they do not stop a run.\n"
            "Set for all hosts (in C(group_vars/all)), it also covers findings without a host. "
            "Every report shows them.",
            "dict",
            _EMPTY,
        ),
        "topology_accept",
        of="host",
        otherwise="none",
    ),
    "settings": Option(
        Key(
            "Timeouts and sysctls of the directors, see M(lvs.topology.director).",
            "dict",
            _EMPTY,
            keys={
                "tcp_timeout": Key("Seconds until IPVS forgets an idle TCP connection.", "int"),
                "tcp_fin_timeout": Key(
                    "Seconds until IPVS forgets a closed TCP connection.", "int"
                ),
                "udp_timeout": Key("Seconds until IPVS forgets an idle UDP flow.", "int"),
                "sysctls": Key("Sysctls by their names below C(net.ipv4.vs).", "dict", _EMPTY),
            },
        ),
        "topology_settings",
    ),
    "health": Option(
        Key(
            "Health checks of all services. C(health) of a service overrides single keys. V(true)"
            " uses the defaults, V(false) checks nothing.\n"
            "Keys of one kind of check apply to services with that kind.",
            "raw",
        ),
        "topology_health",
        otherwise="none, with a warning for each service without C(health)",
    ),
    "metrics": Option(
        Key(
            "Write metrics for node_exporter on the directors (C(docs/metrics.md)). V(true) uses "
            "the defaults, V(false) writes none; or a dict with C(directory), C(interval) and "
            "C(real_servers).",
            "raw",
            keys=METRICS_KEYS,
        ),
        "topology_metrics",
        otherwise="nothing is written",
    ),
    "purge": Option(
        Key(
            "Which undeclared services are deleted, see M(lvs.topology.director).",
            default="owned",
            choices=("owned", "all", "none"),
        ),
        "topology_purge",
    ),
    "persist": Option(
        Key(
            "Whether hosts restore their state after a reboot, without Ansible.",
            "bool",
            default=True,
        ),
        "topology_persist",
    ),
    "drain_removed": Option(
        Key(
            "Drain real servers and services that are no longer declared: they get weight 0, and "
            "are deleted when their connections have ended, or at the timeout. A destination also"
            " drains before its forwarding method changes.\n"
            "Without it, they are deleted at once, which cuts their connections.",
            "dict",
            keys=_DRAIN,
        ),
        "topology_drain_removed",
        role_default=_EMPTY,
    ),
    "teardown": Option(
        Key(
            "What to take down although it is declared.\n"
            "The facts of excluded hosts may be missing.",
            "dict",
            _EMPTY,
            keys={
                "everything": Key(
                    "Every service and every host, whatever is wrong with the declaration.",
                    "bool",
                    default=False,
                ),
                "services": Key("Services by their names.", "list", (), elements="str"),
                "hosts": Key("Directors, real servers and routers.", "list", (), elements="str"),
                "drain": Key("O(drain_removed) for this time.", "dict", keys=_DRAIN),
            },
        ),
        "topology_teardown",
        set_by="the playbook C(teardown.yml)",
    ),
    "migration": Option(
        Key(
            "Services that change their mode while they serve. What the old mode needs stays "
            "until its connections have ended.\n"
            "It also applies to removed destinations, unless O(drain_removed) is set.",
            "dict",
            keys=_MOVE,
        ),
        "topology_migration",
        set_by="the playbook C(migrate.yml)",
        role_default=_EMPTY,
    ),
    "report": Option(
        Key(
            "A file on the controller for the result of the checks as JSON, in check mode too. It"
            " has C(ok), C(violations) and C(accepted) (each with C(id), C(service), C(host), "
            "C(got), C(expected) and C(message)), and C(warnings).\n"
            "Without a result, nothing is written.",
            "path",
        ),
        "topology_report",
        otherwise="the variable C(validate_report), if there is one",
        role_default="{{ validate_report | default('') }}",
    ),
    "refuse": Option(
        Key(
            "End the run if the declaration cannot work, or if a host is unreachable. V(false) "
            "continues with what is known, for roles that change nothing.",
            "bool",
            default=True,
        ),
        "topology_refuse",
        set_by="the role P(lvs.topology.verify#role)",
    ),
}
"""The options of ``compile_topology`` and the variables of role ``topology``, in their order."""

PLAYBOOK_VARIABLES: dict[str, Key] = {
    "topology_lease": Key(
        "(playbooks that change hosts) Seconds after which the run's lease expires. The time for "
        "which the run may wait for connections comes on top.",
        "int",
        7200,
    ),
    "topology_lease_force": Key(
        "(the same playbooks) Take over the lease of a dead run.",
        "bool",
        default=False,
    ),
}
"""Variables that playbooks read besides."""


def argument_spec() -> dict[str, Any]:
    """Return the options of ``compile_topology``, a new copy: validation writes into defaults."""
    return {name: option.key.spec() for name, option in OPTIONS.items()}
