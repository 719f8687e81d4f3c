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
        "How a real server is tried. "
        + " ".join(f"V({kind.name}) - {kind.text}" for kind in KINDS.values()),
    ),
    "port": Key(
        "The port that is asked. By default that of the service, or in modes that rewrite "
        "addresses that of the real server; of a service with C(fwmark) the first one of C(ports). "
        "A service for every port needs it, and so does one whose protocol the check does not "
        "speak.",
        "int",
        low=1,
        high=MAX_PORT,
    ),
    "through": from_field(
        CHECK_FIELDS["through"]._replace(default=None),
        "What is asked. V(vip) sends the check as requests of clients go, to the VIP on the real "
        "server, by the same tunnel; it is the default of modes that give real servers the VIP. "
        "V(rip) asks the real server's own address; it is all that the other modes have.",
    ),
    "interval": from_field(
        CHECK_FIELDS["interval"], "Seconds from the begin of one check to that of the next."
    ),
    "timeout": from_field(
        CHECK_FIELDS["timeout"], "Seconds for a whole check, at most C(interval)."
    ),
    "rise": from_field(
        CHECK_FIELDS["rise"], "As many good answers in a row bring a real server back."
    ),
    "fall": from_field(
        CHECK_FIELDS["fall"], "As many bad ones in a row, or none at all, take it out."
    ),
    "floor": from_field(
        POLICY_FIELDS["floor"],
        "Percent of the weight of all real servers that are not drained. Checks take nothing more "
        "out, once what is left would fall below.",
    ),
    "on_floor": from_field(
        POLICY_FIELDS["on_floor"],
        "What happens at the floor, which then has to be above C(0). With V(keep) those stay in "
        "that failed last; with V(withdraw) all go out.",
    ),
    "slow_start": from_field(
        POLICY_FIELDS["slow_start"],
        "Seconds in which the weight of a real server that comes back grows to the declared one; "
        "V(0) gives it back at once.",
    ),
    "fallback": Key(
        "A real server that serves only while no other one of the service has a weight: a host of "
        f"the group C({REAL_SERVERS}), which can be the director, or an address; or a dict with "
        "C(host), C(address), C(port) and C(mode), as in C(real_servers).",
        "raw",
    ),
    **{name: from_field(field, _KIND_TEXTS.get(name, "")) for name, field in KIND_FIELDS.items()},
}
"""The keys of C(health), of a service and of all."""

METRICS_KEYS: dict[str, Key] = {
    "directory": from_field(
        METRICS_FIELDS["directory"],
        "The folder that node_exporter reads (its C(--collector.textfile.directory)), by default "
        "that of Debian's package.",
    ),
    "interval": from_field(
        METRICS_FIELDS["interval"], "Seconds from the end of a run to the next."
    ),
    "real_servers": from_field(
        METRICS_FIELDS["real_servers"],
        "Whether each real server of each service has series of its own: a dozen, which are many "
        "with tens of thousands of them.",
    ),
}
"""The keys of ``topology_metrics``."""

SERVICE_KEYS: dict[str, Key] = {
    "mode": Key("How requests reach real servers, and how replies come back.", required=True),
    "vips": Key(
        "The virtual addresses (VIPs), IPv4 and IPv6.", "list", elements="str", required=True
    ),
    "port": Key(
        "The port that clients connect to; a service without C(fwmark) needs it. V(0) stands for "
        "every port, and needs C(persistence_timeout).",
        "int",
        high=MAX_PORT,
    ),
    "real_servers": Key("The real servers.", "list", elements="dict", required=True),
    "fwmark": from_field(
        SERVICE_KEY_FIELDS["fwmark"],
        "The firewall mark by which IPVS knows the service, which then has C(ports) in place of"
        " C(port). Its real servers have no C(port).",
    ),
    "ports": Key(
        "The ports of a service with C(fwmark), which needs them: each from V(1) to V(65535), or "
        "V(FIRST-LAST) for all from the one to the other. Packets to these get the mark.",
        "list",
        elements="str",
    ),
    "accept": Key(
        "Ids of checks (C(docs/checks.md)) whose findings on this service stop nothing, because "
        "you know better. They are shown in every report. Not every check can be accepted.",
        "list",
        elements="str",
    ),
    "health": Key(
        "How its real servers are tried, and what follows (C(docs/health.md)). V(true) takes the "
        "defaults. What it does not say is said by C(topology_health), and without both the real "
        "servers are not tried: a warning says so, unless V(false) does.",
        "raw",
        keys=HEALTH_KEYS,
    ),
    "protocol": from_field(
        SERVICE_KEY_FIELDS["protocol"]._replace(default="tcp"),
        "The transport protocol. With C(fwmark) it can be a list of several, which then are one "
        "service: a persistent client has the same real server with all of them.",
    ),
    "scheduler": from_field(
        SERVICE_FIELDS["scheduler"], "How connections are spread over the real servers."
    ),
    "scheduler_flags": from_field(
        SERVICE_FIELDS["scheduler_flags"], "Flags of the schedulers V(sh) and V(mh)."
    ),
    "persistence_timeout": from_field(
        SERVICE_FIELDS["persistence_timeout"],
        "Seconds for which a client gets the same real server again; V(0) means not persistent.",
    ),
    "persistence_prefix": from_field(
        SERVICE_FIELDS["persistence_prefix"],
        "How many bits of the client's address tell whether it is the same client: all of them,"
        " unless it is given.",
    ),
    "persistence_engine": from_field(
        SERVICE_FIELDS["persistence_engine"],
        "What else makes a client the same one. V(sip) reads the Call-ID of SIP over UDP.",
    ),
    "one_packet": from_field(
        SERVICE_FIELDS["one_packet"], "Schedule each packet by itself; UDP or C(fwmark) only."
    ),
}
"""A service's keys."""

SERVER_KEYS: dict[str, Key] = {
    "host": Key(f"A host of the group C({REAL_SERVERS}). Its RIP is found from its facts."),
    "group": Key("Every host of a group of the inventory, but those that are named by themselves."),
    "address": Key(
        "Alone, a real server that is not managed. Beside C(host), which of the host's "
        "addresses is the RIP. A list has one address for each family.",
        "raw",
    ),
    "mode": Key(
        "How requests reach it and how replies come back, where that is not the service's mode. "
        "The two have to leave a packet's addresses alone, as V(dr) and V(tun) do. The service has "
        "the keys of both."
    ),
    "port": from_field(
        DESTINATION_KEY_FIELDS["port"],
        "The real server's port. The service's, unless it is given; modes that rewrite addresses "
        "can have another one.",
    ),
    "weight": from_field(
        DESTINATION_FIELDS["weight"], "Its share of new connections; V(0) drains it."
    ),
    "upper_threshold": from_field(
        DESTINATION_FIELDS["upper_threshold"],
        "With so many connections it gets no new ones; V(0) means no limit.",
    ),
    "lower_threshold": from_field(
        DESTINATION_FIELDS["lower_threshold"],
        "It gets new ones again below so many; V(0) means three quarters of C(upper_threshold).",
    ),
}
"""A real server's keys; it has one of the first three, or C(host) and C(address)."""

_DRAIN_OPTIONS = DRAIN_REMOVED_SPEC["options"]
_POLL_INTERVAL = "How long to wait from one look to the next, in seconds."
_TIMEOUT = "How long to wait, in seconds."

_DRAIN: dict[str, Key] = {
    "wait_for": from_spec(
        _DRAIN_OPTIONS["wait_for"],
        "Which connections are waited for. V(active) includes all of UDP.",
    ),
    "timeout": from_spec(_DRAIN_OPTIONS["timeout"], _TIMEOUT, high=MAX_TIMEOUT),
    "poll_interval": from_spec(_DRAIN_OPTIONS["poll_interval"], _POLL_INTERVAL, 1, MAX_INTERVAL),
    "on_timeout": from_spec(
        _DRAIN_OPTIONS["on_timeout"],
        "When the time is over, V(continue) cuts what is left, and V(fail) ends the run.",
    ),
}
_MOVE: dict[str, Key] = {
    "services": Key("Services by their names.", "list", elements="str", required=True),
    **_DRAIN,
    "wait_for": _DRAIN["wait_for"]._replace(choices=("active", "inactive")),
    "on_timeout": _DRAIN["on_timeout"]._replace(
        text="When the time is over, V(fail) ends the run with hosts that are ready for both modes,"
        " and V(continue) cuts what is left.",
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
        Key("The services, by names that are used in messages only.", "dict", required=True),
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
            "What Ansible says of each host that it could not reach, by the host's name.",
            "dict",
            _EMPTY,
        ),
    ),
    "groups": Option(
        Key(
            "The inventory's groups, each a list of hosts, as in Ansible's own variable "
            "C(groups).\n"
            "V(lvs_directors), V(lvs_real_servers) and V(lvs_routers) are those that count, "
            "and any that a service names.",
            "dict",
            required=True,
        ),
    ),
    "rips": Option(
        Key(
            "Its RIP, or a list with one for each family.\n"
            "Of several addresses on a link with a director, one in the VIP's own subnet or on "
            "its link is preferred, and after that one on whose link a director is the host's "
            "next hop to the clients. An address of a network that has neither the VIP nor the "
            "host's way to the clients is not taken unless it is named.",
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
            "Its local addresses (LIPs) in FULLNAT, as an address or as FIRST-LAST with at "
            "most 256 addresses, or a list with one for each family. They are put on the "
            "interface of the DIP.\n"
            "One LIP is good for 64512 connections to each real server and port at a time.",
            "dict",
            _EMPTY,
        ),
        "topology_lips",
        of="director",
        otherwise="the DIP",
    ),
    "networks": Option(
        Key(
            "Networks (ADDRESS/PREFIX) in which DIP and RIP are looked for, when hosts "
            "share more than one subnet. A family without any is not restricted.",
            "list",
            (),
            elements="str",
        ),
        "topology_networks",
        otherwise="every shared network",
    ),
    "clients": Option(
        Key(
            "Networks (ADDRESS/PREFIX) that clients come from. A host's route to one of "
            "them is the longest prefix that covers the whole network, or the routes to parts "
            "of it that leave none of it out; for V(0.0.0.0/0) this is the default route, or "
            "V(0.0.0.0/1) and V(128.0.0.0/1).",
            "list",
            ("0.0.0.0/0", "::/0"),
            elements="str",
        ),
        "topology_clients",
    ),
    "vip_device": Option(
        Key(
            "The device that carries VIPs on real servers, V(lo) or the name of a dummy device.",
            default="lo",
        ),
        "topology_vip_device",
    ),
    "arp_interfaces": Option(
        Key(
            "Where ARP for VIPs is suppressed on real servers. The RIP's interface must be "
            "among them.\n"
            "An empty list leaves ARP alone.",
            "list",
            ("all",),
            elements="str",
        ),
        "topology_arp_interfaces",
    ),
    "manage_vips": Option(
        Key(
            "Put VIPs on the director. V(false) leaves them to another program that you have "
            "configured yourself; without it, there may be more than one director only with "
            "O(high_availability).\n"
            "In mode NAT such directors share one DIP that moves with the VIPs, which "
            "O(dips) of each names.",
            "bool",
            default=True,
        ),
        "topology_manage_vips",
    ),
    "high_availability": Option(
        Key(
            "Two directors of which one has the VIPs. Without C(engine) there is one director. "
            "With it a single one is allowed as well, which gets the second one later.\n"
            "keepalived has to be installed. Version 3 of VRRP is spoken, from DIP to DIP; it has "
            "no authentication (RFC 5798): the link is as trusted as ARP on it.\n"
            "DIPs (O(dips)) that both directors share, and LIPs (O(lips)), move with the VIPs.",
            "dict",
            _EMPTY,
            keys=high_availability.KEYS,
        ),
        "topology_high_availability",
    ),
    "manage_routers": Option(
        Key(
            "Read the hosts of C(lvs_routers), tell them who has a VIP where a service asks "
            "for it (C(arp)), and undo that when none does any more. V(false) never "
            "contacts them.",
            "bool",
            default=True,
        ),
        "topology_manage_routers",
    ),
    "ignore_owners": Option(
        Key(
            "Programs (for example V(keepalived)) that may write a director's IPVS table as well.",
            "list",
            (),
            elements="str",
        ),
        "topology_ignore_owners",
    ),
    "accept": Option(
        Key(
            "A list of ids of checks whose findings on this host stop nothing, because you know "
            "better.\n"
            "For all hosts (in C(group_vars/all)) it holds for the topology. They are shown in "
            "every report.",
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
                "tcp_timeout": Key(
                    "Seconds after which an idle TCP connection is forgotten.", "int"
                ),
                "tcp_fin_timeout": Key(
                    "Seconds after which a closed TCP connection is forgotten.", "int"
                ),
                "udp_timeout": Key("Seconds after which an idle UDP flow is forgotten.", "int"),
                "sysctls": Key("Sysctls by their names below C(net.ipv4.vs).", "dict", _EMPTY),
            },
        ),
        "topology_settings",
    ),
    "health": Option(
        Key(
            "How the real servers of all services are tried: what C(health) of a service does not "
            "say. V(true) takes the defaults, V(false) tries none.\n"
            "Options of a kind of check are for services with this kind.",
            "raw",
        ),
        "topology_health",
        otherwise="nothing, and a service without C(health) gives a warning",
    ),
    "metrics": Option(
        Key(
            "Directors write metrics for node_exporter (C(docs/metrics.md)). V(true) takes the "
            "defaults, V(false) writes none; or a dict with C(directory), C(interval) and "
            "C(real_servers).",
            "raw",
            keys=METRICS_KEYS,
        ),
        "topology_metrics",
        otherwise="nothing is written",
    ),
    "purge": Option(
        Key(
            "Which services that are not declared are deleted, see M(lvs.topology.director).",
            default="owned",
            choices=("owned", "all", "none"),
        ),
        "topology_purge",
    ),
    "persist": Option(
        Key(
            "Whether hosts come back after a reboot as they are now, without Ansible.",
            "bool",
            default=True,
        ),
        "topology_persist",
    ),
    "drain_removed": Option(
        Key(
            "A real server or service that is no longer declared gets weight 0 first, and "
            "is deleted once its connections have ended or the time is over. The same goes "
            "for destinations before they get another forwarding method.\n"
            "Without it, they are deleted at once, which cuts their connections.",
            "dict",
            keys=_DRAIN,
        ),
        "topology_drain_removed",
        role_default=_EMPTY,
    ),
    "teardown": Option(
        Key(
            "What is taken down although it is declared.\n"
            "The facts of hosts that are left out may be missing.",
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
            "Services that go to another mode while they serve. What the old mode needs "
            "stays until the connections have ended that are there.\n"
            "Also taken for O(drain_removed), where that is not given.",
            "dict",
            keys=_MOVE,
        ),
        "topology_migration",
        set_by="the playbook C(migrate.yml)",
        role_default=_EMPTY,
    ),
    "report": Option(
        Key(
            "A file on the controller that gets the outcome of the checks as JSON, in check mode "
            "too. It has C(ok), C(violations) and C(accepted) (each with C(id), C(service), "
            "C(host), C(got), C(expected) and C(message)), and C(warnings).\n"
            "Nothing is written where there is no outcome.",
            "path",
        ),
        "topology_report",
        otherwise="the variable C(validate_report), if there is one",
        role_default="{{ validate_report | default('') }}",
    ),
    "refuse": Option(
        Key(
            "End the run where the declaration cannot work, or a host cannot be reached. "
            "V(false) goes on with what is known, for roles that change nothing.",
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
        "(playbooks that change hosts) Seconds after which the run's lease ends by "
        "itself, beside the time for which the run may wait for connections.",
        "int",
        7200,
    ),
    "topology_lease_force": Key(
        "(the same playbooks) Take the lease over from a run that is dead.",
        "bool",
        default=False,
    ),
}
"""Variables that playbooks read besides."""


def argument_spec() -> dict[str, Any]:
    """Return the options of ``compile_topology``, made anew: validation writes into defaults."""
    return {name: option.key.spec() for name, option in OPTIONS.items()}
