#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Wait for the end of the connections that are there now."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_wait
short_description: Wait for the end of the connections that are there now
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Looks which connections a director has to some virtual addresses and ports, and waits until
    these have ended, whatever others have begun meanwhile.
  - A connection keeps the forwarding method that its destination had when it began. So what
    the old method needs on other hosts can go after this, and not before.
  - Changes nothing. Weights stay as they are; see M(lvs.topology.ipvs_drain) for real servers that
    leave.
options:
  endpoints:
    description: The virtual addresses and ports.
    type: list
    elements: dict
    required: true
    suboptions:
      protocol:
        description: The protocol.
        type: str
        default: tcp
        choices: [tcp, udp, sctp]
      address:
        description: The virtual address, IPv4 or IPv6.
        type: str
        required: true
      port:
        description: The virtual port, 0 to 65535. V(0) stands for every port.
        type: int
        required: true
  wait_for:
    description:
      - Which connections are waited for. V(active) are those that are established, V(inactive) are
        those that are being closed.
      - The kernel counts every connection of UDP as inactive. With V(active) these are waited for
        as well.
    type: list
    elements: str
    default: [active]
    choices: [active, inactive]
  timeout:
    description: How long to wait, in seconds (0 to 86400).
    type: int
    default: 300
  poll_interval:
    description: How long to wait from one look to the next, in seconds (1 to 3600).
    type: int
    default: 2
  on_timeout:
    description:
      - What to do when the time is over and connections are left.
      - V(fail) ends with a failure.
      - V(continue) warns, and succeeds.
    type: str
    default: fail
    choices: [fail, continue]
  phase:
    description:
      - For the action plugin alone. V(begin) remembers which connections there are, in a file in
        C(/run); V(look) counts those of them that are left; V(end) removes the file.
    type: str
    default: begin
    choices: [begin, look, end]
  name:
    description: For the action plugin alone. What V(begin) has returned.
    type: str
    default: ""
extends_documentation_fragment:
  - lvs.topology.attributes.info
notes:
  - Waiting is done on the controller, which asks the director every O(poll_interval) seconds and
    shows how many connections are left. In check mode nothing is waited for.
  - Reads C(/proc/net/ip_vs_conn), which the kernel fills by a walk through all its connections. A
    connection that ends, and another one from the same port of the client to the same real server,
    count as the same.
  - Meant are the connections in the director's table. In DR and TUN it sees half of each.
attributes:
  async:
    support: none
    description: Supports being run with the C(async) keyword.
seealso:
  - module: lvs.topology.ipvs_drain
  - module: lvs.topology.ipvs_services
"""

EXAMPLES = r"""
- name: Those who came before the last change have gone
  lvs.topology.ipvs_wait:
    endpoints:
      - {protocol: tcp, address: 192.0.2.10, port: 80}
    timeout: 600
"""

RETURN = r"""
connections:
  description: Those that are left when last looked at, by service and destination.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The virtual address and port.
      type: str
      sample: tcp 192.0.2.10:80
    protocol:
      description: Its protocol.
      type: str
      sample: tcp
    destination:
      description: The real server's address and port.
      type: str
      sample: 10.0.0.12:80
    active:
      description: Established connections.
      type: int
      sample: 3
    inactive:
      description: Connections that are being closed, and all of UDP.
      type: int
      sample: 12
    persistent:
      description: Always 0. Templates of persistent services are no connections.
      type: int
      sample: 0
name:
  description: For the action plugin alone.
  returned: with O(phase=begin)
  type: str
  sample: x1y2z3
waited:
  description: For how many seconds connections were waited for.
  returned: success, outside of check mode
  type: int
  sample: 42
timed_out:
  description: Whether connections were left when the time was over.
  returned: success, outside of check mode
  type: bool
  sample: false
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.errors import UserError
from ..module_utils.ipvs.connections import (
    SNAPSHOT_SPEC,
    ConnectionSnapshot,
    Endpoint,
    counted,
    look,
    wrong_endpoints,
)
from ..module_utils.ipvs.model import PROTOCOLS
from ..module_utils.ipvs.wait import problems
from ..module_utils.module.run import read_or_fail


def main() -> None:
    """Run the module: without any waiting, which is the part of the action plugin."""
    module = AnsibleModule(
        argument_spec={
            "endpoints": {
                "type": "list",
                "elements": "dict",
                "required": True,
                "options": {
                    "protocol": {"type": "str", "default": "tcp", "choices": [*PROTOCOLS]},
                    "address": {"type": "str", "required": True},
                    "port": {"type": "int", "required": True},
                },
            },
            **SNAPSHOT_SPEC,
            "phase": {"type": "str", "default": "begin", "choices": ["begin", "look", "end"]},
            "name": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    given = module.params
    read_or_fail(module, given, [*wrong_endpoints(given["endpoints"]), *problems(given)])
    endpoints = [Endpoint(**one) for one in given["endpoints"]]
    try:
        if module.check_mode:
            module.exit_json(connections=counted(look(endpoints)))
        if given["phase"] == "begin":
            name, connections = ConnectionSnapshot.begin(endpoints)
            module.exit_json(connections=connections, name=name)
        snapshot = ConnectionSnapshot(given["name"])
        if given["phase"] == "look":
            module.exit_json(connections=snapshot.left(endpoints))
        snapshot.forget()
    except UserError as error:
        module.fail_json(msg=str(error))
    module.exit_json(connections=[])


if __name__ == "__main__":
    main()
