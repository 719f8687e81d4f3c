#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tell a router which host has a virtual address."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: router
short_description: Tell a router which host has a virtual address
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Permanent neighbour entries on a router for virtual addresses (VIPs), so that it sends requests
    to the director without asking by ARP who has the address, and accepts no other answer.
  - This is the second way to keep real servers in direct routing from taking a VIP's traffic, for
    those whose ARP must stay as it is. The first one is
    O(lvs.topology.real_server#module:arp_interfaces).
  - Records what it owns. O(state=absent), and a run in which something is no longer listed, remove
    it.
options:
  state:
    description:
      - V(present) makes the host what the other options say.
      - V(absent) undoes everything that earlier runs of this module did; the other options but
        O(persist) are ignored then.
    type: str
    default: present
    choices: [present, absent]
  neighbours:
    description:
      - The entries. Each takes the place of what the kernel has learnt about the address.
      - An entry that is permanent already and names another host is an error, unless it is one of
        an earlier run.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description:
          - The virtual address, IPv4. IPv6 needs no such entry, because a host does not advertise
            addresses of other devices than the receiving one.
        type: str
        required: true
      interface:
        description: The interface that leads to the director.
        type: str
        required: true
      mac:
        description: The MAC address of the director's interface.
        type: str
        required: true
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.persist
notes:
  - Needs C(ip) of iproute2 on the host, and C(CAP_NET_ADMIN), so use C(become).
  - The kernel forgets the entries of an interface that is switched off (C(ip link set down)). The
    next run, or C(systemctl restart lvs-topology), brings them back.
seealso:
  - module: lvs.topology.real_server
  - module: lvs.topology.director
"""

EXAMPLES = r"""
- name: Requests for the VIP go to the director
  lvs.topology.router:
    neighbours:
      - address: 192.0.2.10
        interface: eth1
        mac: "52:54:00:00:00:05"

- name: As it was before
  lvs.topology.router:
    state: absent
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample:
    - add neighbour 192.0.2.10 at 52:54:00:00:00:05 on eth1
    - write /var/lib/lvs-topology/router.json
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
  sample: ["neighbours[0].interface: got 'a b', expected the name of an interface"]
"""

from ..module_utils.host.roles.router import OPTIONS, parse
from ..module_utils.module.host_module import run


def main() -> None:
    """Run the module."""
    run("router", OPTIONS, parse)


if __name__ == "__main__":
    main()
