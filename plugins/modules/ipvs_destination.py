#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage one destination of an IPVS service."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_destination
short_description: Manage one destination of an IPVS service
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Adds, changes or deletes one destination (a real server's address and port) below one service of
    the kernel's IPVS table.
  - For ad-hoc work; a director's whole table is the work of M(lvs.topology.ipvs_services).
options:
  state:
    description:
      - Whether the destination is there.
      - Packets of connections to a deleted destination are dropped (or the connections end, with
        C(net.ipv4.vs.expire_nodest_conn=1)). M(lvs.topology.ipvs_drain) spares them.
    type: str
    default: present
    choices: [present, absent]
  destination:
    description:
      - The destination. All of its fields are set, those that are left out to their defaults.
      - With O(state=absent) only its address and port matter.
    type: dict
    required: true
    suboptions:
      address:
        description: The real server's address (RIP), of the service's family unless
          O(destination.forwarding=tunnel).
        type: str
        required: true
      port:
        description:
          - The real server's port, 0 to 65535; the service's where it is left out.
          - Only O(destination.forwarding=masq) can have another port than the service.
        type: int
      forwarding:
        description:
          - How packets reach the real server.
          - V(masq) rewrites addresses (NAT and FULLNAT), V(droute) only the MAC address (DR),
            V(tunnel) wraps the packet
            (TUN).
        type: str
        default: droute
        choices: [masq, droute, tunnel]
      weight:
        description: The share of connections, 0 to 65535. V(0) takes no new connections.
        type: int
        default: 1
      upper_threshold:
        description: No new connections from this many on; V(0) is no limit.
        type: int
        default: 0
      lower_threshold:
        description:
          - New connections again below this many, where the upper threshold was reached. At most
            O(destination.upper_threshold).
          - V(0) leaves it to the kernel, which takes three quarters of the upper threshold.
        type: int
        default: 0
      tunnel_type:
        description: The outer packet's kind, for O(destination.forwarding=tunnel).
        type: str
        default: ipip
        choices: [ipip, gue, gre]
      tunnel_port:
        description: The UDP port of V(gue), 1 to 65535; needed there and nowhere else.
        type: int
        default: 0
      tunnel_checksum:
        description: Checksums of the outer packet. V(gre) has V(csum), V(gue) has V(csum) and
          V(remcsum).
        type: str
        default: none
        choices: [none, csum, remcsum]
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.ipvs
  - lvs.topology.ipvs.override
  - lvs.topology.ipvs.service
  - lvs.topology.persist
seealso:
  - module: lvs.topology.ipvs_drain
  - module: lvs.topology.ipvs_services
  - module: lvs.topology.ipvs_service
"""

EXAMPLES = r"""
- name: The second real server takes no new connections
  lvs.topology.ipvs_destination:
    address: 192.0.2.10
    port: 80
    destination:
      address: 10.0.0.12
      weight: 0

- name: The second real server is gone
  lvs.topology.ipvs_destination:
    address: 192.0.2.10
    port: 80
    destination:
      address: 10.0.0.12
    state: absent
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["change destination 10.0.0.12:80 of service tcp 192.0.2.10:80"]
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge.table import ServiceChange, converge_service
from ..module_utils.converge.table_state import PART
from ..module_utils.fields import argument_spec
from ..module_utils.ipvs import edit
from ..module_utils.ipvs.model import Destination, DestinationKey, ServiceKey, Table
from ..module_utils.ipvs.schema import (
    SERVICE_KEY_FIELDS,
    destination_spec,
    parse_destination,
    parse_destination_key,
    parse_service_key,
)
from ..module_utils.module.ad_hoc import OVERRIDE_SPEC, health, run
from ..module_utils.module.run import PERSIST_SPEC, STATE_SPEC, read_or_fail


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **argument_spec(SERVICE_KEY_FIELDS),
            "destination": {"type": "dict", "required": True, "options": destination_spec()},
            **STATE_SPEC,
            **OVERRIDE_SPEC,
            **PERSIST_SPEC,
        },
        supports_check_mode=True,
    )
    key, named, whole = read(module)

    def edited(table: Table) -> Table:
        if whole:
            return edit.with_destination(table, key, whole)
        return edit.without_destination(table, key, named)

    change = ServiceChange(key, edited)
    run(
        module,
        PART,
        lambda part: converge_service(part, change, check_mode=module.check_mode, health=health()),
    )


def read(module: AnsibleModule) -> tuple[ServiceKey, DestinationKey, Destination | None]:
    """Which service, which destination, and all of it where it is to be there."""
    service, found = parse_service_key(module.params, "service")
    item = module.params["destination"]
    if module.params["state"] != "present":
        named, more = parse_destination_key(item, "destination", service)
        named = read_or_fail(module, named, [*found, *more])
        return read_or_fail(module, service, ()), named, None
    whole, more = parse_destination(item, "destination", service)
    whole = read_or_fail(module, whole, [*found, *more])
    return read_or_fail(module, service, ()), whole.key, whole


if __name__ == "__main__":
    main()
