#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Ask a network who has an address."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: neighbours_info
short_description: Query a network for the hosts that have an address
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Queries an address by ARP or neighbour discovery, and returns every reply. The kernel's own
    neighbour table keeps only one.
  - A host does not hear its own reply, so run this on a host that does not have the address.
  - Changes nothing on this host. Other hosts may learn this host's address, as after any query.
options:
  queries:
    description: The queries.
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description: The address, IPv4 or IPv6.
        type: str
        required: true
      interface:
        description: The interface of the network to query.
        type: str
        required: true
      source:
        description:
          - This host's own IPv4 address there, for ARP. Without it the module sends an ARP probe.
        type: str
        default: ""
  seconds:
    description: Seconds to wait for replies after the last query.
    type: float
    default: 0.5
extends_documentation_fragment:
  - lvs.topology.attributes.info
notes:
  - Needs C(CAP_NET_RAW), so use C(become).
  - The module sends every query twice.
seealso:
  - module: lvs.topology.capture
"""

EXAMPLES = r"""
- name: Query the router's network for the virtual address
  lvs.topology.neighbours_info:
    queries:
      - address: 192.0.2.10
        interface: eth1
        source: 192.0.2.1
  register: answers

- name: Only the director answers
  ansible.builtin.assert:
    that: answers.replies | map(attribute='mac') | list == [director_mac]
"""

RETURN = r"""
replies:
  description: Every distinct reply.
  returned: success
  type: list
  elements: dict
  contains:
    address:
      description: The address.
      returned: success
      type: str
      sample: 192.0.2.10
    interface:
      description: The interface of the query.
      returned: success
      type: str
      sample: eth1
    mac:
      description: The MAC address in the reply.
      returned: success
      type: str
      sample: "52:54:00:00:00:01"
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.packets.arp_nd import ask
from ..module_utils.packets.errors import PacketError
from ..module_utils.packets.options import NEIGHBOURS, parse_queries


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=NEIGHBOURS, supports_check_mode=True)
    queries, problems = parse_queries(module.params)
    if problems:
        module.fail_json(msg="\n".join(problems), problems=problems)
    try:
        replies = ask(queries, module.params["seconds"])
    except PacketError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, replies=[reply._asdict() for reply in replies])


if __name__ == "__main__":
    main()
