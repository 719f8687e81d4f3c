# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Prints requests and replies of a few entries as JSON, for the unit tests.

``tests/checks/kernel_tests.py --record`` runs it: its output is recorded.json of the unit tests.
"""

from __future__ import annotations

import json
import sys

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import protocol
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Table
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Operation, Verb, plan
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import (
    parse_services,
    render_table,
)
from ansible_collections.lvs.topology.plugins.module_utils.netlink.connection import (
    Connection,
    Request,
)
from ansible_collections.lvs.topology.plugins.module_utils.netlink.generic import (
    NETLINK_GENERIC,
    family_number,
)

SERVICES: list[dict[str, object]] = [
    {
        "address": "192.0.2.1",
        "port": 80,
        "scheduler": "sh",
        "scheduler_flags": ["port"],
        "persistence_timeout": 360,
        "persistence_prefix": 24,
        "destinations": [
            {"address": "10.0.0.1", "weight": 7, "upper_threshold": 9, "lower_threshold": 8},
            {
                "address": "2001:db8::5",
                "forwarding": "tunnel",
                "tunnel_type": "gue",
                "tunnel_port": 6080,
                "tunnel_checksum": "csum",
            },
        ],
    },
    {
        "address": "2001:db8::1",
        "protocol": "udp",
        "port": 5060,
        "persistence_timeout": 60,
        "persistence_prefix": 64,
        "persistence_engine": "sip",
        "destinations": [
            {"address": "2001:db8::6", "port": 5061, "forwarding": "masq", "weight": 0}
        ],
    },
    {"fwmark": 7, "family": "ipv6", "one_packet": True, "scheduler": "rr", "destinations": []},
]


def main() -> None:
    """Add the services, read them back, and delete them."""
    table, problems = parse_services(SERVICES)
    if problems:
        sys.exit("\n".join(map(str, problems)))
    with Connection(NETLINK_GENERIC) as connection:
        number = family_number(connection, protocol.NAME)
        json.dump(record(connection, number, table), sys.stdout, indent=1)
        print()


def record(connection: Connection, number: int, table: Table) -> dict[str, object]:
    """Return every accepted request with its replies, as hexadecimal text."""
    made = plan({}, table, ())
    requests = {str(one): protocol.operation(one) for one in made}
    gone = [Operation(Verb.DEL_SERVICE, entry.service) for entry in table.values()]
    requests |= {str(one): protocol.operation(one) for one in gone}
    replies = []
    answers = connection.submit([Request(number, protocol.operation(one)) for one in made])
    for key in table:
        [(data, start, end)] = connection.ask(Request(number, protocol.get_service(key)))
        destinations = connection.dump(Request(number, protocol.get_destinations(key)))
        replies.append(
            {
                "service": data[start:end].hex(),
                "destinations": [data[start:end].hex() for data, start, end in destinations],
            }
        )
    answers += connection.submit([Request(number, protocol.operation(one)) for one in gone])
    if any(answers):
        sys.exit(f"the kernel refused: {answers}")
    return {
        "services": render_table(table),
        "requests": {name: payload.hex() for name, payload in requests.items()},
        "replies": replies,
    }


if __name__ == "__main__":
    main()
