#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a host ready to be a director."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: director
short_description: Make a host ready to be a director
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Everything that a director of a Linux Virtual Server needs besides its IPVS table, in one call -
    the virtual addresses (VIPs) on its interfaces, forwarding, and no ICMP redirects that would
    lead packets past it; for FULLNAT the translation of source addresses; and the marks of services
    that are known by one.
  - Announces an address that it adds (gratuitous ARP, unsolicited neighbour advertisement), at boot
    too, so that neighbours do not go on sending to its last owner.
  - Remembers what was there before. O(state=absent), and a run in which something is no longer
    listed, put back what was found.
options:
  state:
    description:
      - V(present) makes the host what the other options say.
      - V(absent) undoes everything that earlier runs of this module did; the other options but
        O(persist) are ignored then.
    type: str
    default: present
    choices: [present, absent]
  vips:
    description:
      - The virtual addresses. Each is added with a prefix of its whole length, unless the interface
        has it already with any prefix.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The virtual address, IPv4 or IPv6.
        type: str
        required: true
      interface:
        description: The interface on which requests for it arrive.
        type: str
        required: true
  forward:
    description:
      - The families whose packets are forwarded (C(net.ipv4.ip_forward),
        C(net.ipv6.conf.all.forwarding)), as NAT needs it.
      - Switching V(ipv4) on or off also sets C(net.ipv4.conf.all.accept_redirects) and every
        interface's C(forwarding).
      - With V(ipv6) on, the kernel ignores router advertisements on interfaces whose C(accept_ra)
        is 1, so that a default route learnt from them expires; set C(accept_ra) to 2 there to
        keep it.
    type: list
    elements: str
    default: []
    choices: [ipv4, ipv6]
  no_redirects:
    description:
      - Interfaces on which no ICMP redirects are sent, as NAT on one interface needs it.
      - Sets C(net.ipv4.conf.*.send_redirects) to 0 on C(all) too, because either of the two is
        enough for the kernel to send them.
    type: list
    elements: str
    default: []
  lips:
    description:
      - Addresses of this host that real servers see as the source of requests (LIPs). Each is added
        as those of O(vips) are.
      - An address that the host has anyway (the DIP) need not be here.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The local address, IPv4 or IPv6.
        type: str
        required: true
      interface:
        description: The interface that has it.
        type: str
        required: true
  snat:
    description:
      - The virtual services whose requests go on with an address of this host as their source, as
        FULLNAT needs it. Which one, is said by O(local_addresses).
      - Written by C(nft) into the table C(inet lvs_director), which is ours alone - it is replaced
        in one transaction whenever it differs in anything, and no other table is touched. A table
        of that name that is there before is an error.
      - Needs C(net.ipv4.vs.conntrack=1), see M(lvs.topology.ipvs_settings).
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The virtual address.
        type: str
        required: true
      protocol:
        description: The protocol.
        type: str
        default: tcp
        choices: [tcp, udp]
      port:
        description: The virtual port, 1 to 65535.
        type: int
        required: true
  local_addresses:
    description: The sources that real servers see in services of O(snat), for each real server.
    type: list
    elements: dict
    default: []
    suboptions:
      real_server:
        description: The real server's address (RIP).
        type: str
        required: true
      first:
        description: The address, or the first of several in a row.
        type: str
        required: true
      last:
        description: The last of several; O(local_addresses[].first) where there is only one.
        type: str
  marks:
    description:
      - The virtual addresses and ports whose packets get a firewall mark, by which a service of
        M(lvs.topology.ipvs_services) with a C(fwmark) takes them.
      - Written into the same table as O(snat). Marks are set in the hooks C(input) and C(output),
        so that they decide about no route; packets to other addresses and ports keep theirs.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The virtual address.
        type: str
        required: true
      protocol:
        description: The protocol.
        type: str
        default: tcp
        choices: [tcp, udp, sctp]
      port:
        description: The virtual port, 1 to 65535.
        type: int
        required: true
      mark:
        description: The mark, 1 to 4294967295.
        type: int
        required: true
  announce_again:
    description:
      - Announces the addresses of O(vips) and O(lips) that were there before, too. For a neighbour
        that may have learnt of another owner meanwhile, such as a real server that answered ARP for
        a VIP until its settings were mended; without it the neighbour goes on sending there until
        its entry has aged (about a minute with the kernel's defaults).
      - Counts as no change, and does nothing in check mode.
    type: bool
    default: false
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.persist
  - lvs.topology.phase
notes:
  - Needs C(nft) of nftables on the host for O(snat) and O(marks); tried with nftables 1.0.6 and
    Linux 6.1.
  - Needs C(ip) of iproute2 on the host, and C(CAP_NET_ADMIN), so use C(become).
  - A sysctl that somebody changed after this module wrote it is left as it is by O(state=absent),
    and so is everything that was there before this module came.
seealso:
  - module: lvs.topology.ipvs_services
  - module: lvs.topology.real_server
"""

EXAMPLES = r"""
- name: Director of a service in NAT
  lvs.topology.director:
    vips:
      - address: 192.0.2.10
        interface: eth0
      - address: "2001:db8::10"
        interface: eth0
    forward: [ipv4, ipv6]
    no_redirects: [eth1]

- name: As it was before
  lvs.topology.director:
    state: absent
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample:
    - set net.ipv4.ip_forward to 1
    - add address 192.0.2.10/32 on eth0
    - write /var/lib/lvs-topology/director.json
later:
  description: What O(phase=finish) has yet to do, in order, a sentence each.
  returned: with O(phase=prepare), O(phase=serve), and O(phase=switch)
  type: list
  elements: str
  sample: [remove address 192.0.2.10/32 on eth0]
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
  sample: ["vips[0].interface: found 'a b', wanted the name of an interface"]
"""

from ..module_utils.host.roles.director import OPTIONS, early, parse
from ..module_utils.module.host_module import run


def main() -> None:
    """Run the module."""
    run("director", OPTIONS, parse, early)


if __name__ == "__main__":
    main()
