#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a host a real server."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: real_server
short_description: Make a host a real server
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Everything that a real server of a Linux Virtual Server needs besides its service, in one call -
    the virtual addresses (VIPs) of services in direct routing, silence about them in ARP, a reverse
    path filter that lets their packets in, the devices that unwrap what comes through a tunnel, and
    routes that lead a NAT service's replies to the director.
  - Records what it owns and original values. O(state=absent), and a run in which something is no
    longer listed, remove the one and restore the others.
  - ARP is silenced before an address comes, and answered again after it is gone.
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
      - The virtual addresses, IPv4 and IPv6, of the services that reach this host by direct routing
        or through a tunnel. Each is added with a prefix of its whole length.
      - IPv6 addresses are added without duplicate address detection, and deprecated, so that the
        host receives on them and does not choose them as a source of its own connections.
    type: list
    elements: str
    default: []
  vip_device:
    description:
      - The device that carries the virtual addresses. V(lo), or the name of a dummy device, which
        is created where there is none.
    type: str
    default: lo
  arp_interfaces:
    description:
      - Where ARP is silent about addresses of other devices. V(all), or the names of the interfaces
        on which requests for the virtual addresses arrive. Empty leaves ARP alone.
      - Sets C(arp_ignore) to 1 and C(arp_announce) to 2 where the value that counts (the larger of
        C(conf/all) and the interface) does not do that already - C(arp_ignore) 2 and 8 stay.
      - C(conf/lo) stays as it is, since ARP never arrives there.
      - IPv6 needs nothing of the kind. Neighbours are answered for the receiving device's own
        addresses only.
    type: list
    elements: str
    default: [all]
  loose_rp_filter:
    description:
      - Interfaces that have to take packets from sources whose route leads elsewhere.
      - Sets C(rp_filter) to 2 (loose) where it is strict; the larger of C(conf/all) and the
        interface counts.
    type: list
    elements: str
    default: []
  return_routes:
    description:
      - Services in NAT whose replies must go back through a director that is not on the host's own
        way to the clients.
      - Each becomes a policy rule (priority 20020) for what the service alone sends, and a default
        route through the gateway in a table of its own. Other traffic of the host is not affected.
      - A UDP service must send from O(return_routes[].source) explicitly (bound to it, or with
        C(IP_PKTINFO)). The kernel chooses the route of other packets before they have a source.
    type: list
    elements: dict
    default: []
    suboptions:
      source:
        description: The address from which the service replies (RIP).
        type: str
        required: true
      protocol:
        description: The service's transport protocol.
        type: str
        default: tcp
        choices: [tcp, udp, sctp]
      ports:
        description:
          - The port from which the service replies, 0 to 65534, or several in a row as FIRST-LAST;
            V(0) is every port. The kernel has no rules for port 65535.
        type: str
        required: true
      gateway:
        description: The director's address in the network of O(return_routes[].source) (DIP).
        type: str
        required: true
  return_table:
    description:
      - The first routing table for O(return_routes), 256 to 4294967295.
      - Each further gateway of the same family has the next one, in the order of their addresses. A
        gateway that had one of the 256 tables from here on keeps it.
    type: int
    default: 20020
  tunnels:
    description:
      - What arrives in a tunnel (mode TUN) and is unwrapped here.
      - Each becomes a device that takes packets to O(tunnels[].local) from any sender, named after
        its kind and that address (C(ipip-0a00010b)), with a loose C(rp_filter). The kernel's own
        devices (C(tunl0), C(gre0)) are not touched.
      - A device for IPv4 has the first IPv4 address of O(vips) too, because the kernel drops what
        comes by a device without any where C(rp_filter) is on, loose or not.
    type: list
    elements: dict
    default: []
    suboptions:
      type:
        description:
          - How packets are wrapped. What comes as V(gue) is unwrapped by a port of the kernel's
            C(fou), and then as V(ipip).
        type: str
        default: ipip
        choices: [ipip, gre, gue]
      local:
        description: This host's address to which they are sent (RIP).
        type: str
        required: true
      family:
        description: What is inside; the family of O(tunnels[].local) if it is not given.
        type: str
        choices: [ipv4, ipv6]
      port:
        description: The UDP port of V(gue), 1 to 65535; no other type has one.
        type: int
      checksum:
        description:
          - Whether packets of V(gre) come with checksums. The kernel takes only the one or only the
            other to the same O(tunnels[].local). With V(gue) it takes both.
        type: bool
        default: false
  mss_limits:
    description:
      - The largest TCP segments that clients of a virtual address are told of when they connect,
        so that what they send still fits after it has been wrapped.
      - Written to the nftables table C(inet lvs_real_server), which is this module's alone. A
        smaller size that the kernel has chosen stays.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The virtual address.
        type: str
        required: true
      size:
        description: The segment's largest size in bytes, without headers, 28 to 65495.
        type: int
        required: true
  phase:
    description:
      - A director goes on sending a host what it has sent it so far until it is told otherwise.
      - V(prepare) adds what is new, before directors change, and leaves what is no longer listed;
        RV(pending) tells whether there is any. V(finish) removes that, after they have changed.
      - In check mode V(finish) predicts what it would do after V(prepare).
      - V(all) does both at once.
    type: str
    default: all
    choices: [all, prepare, finish]
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.persist
notes:
  - Needs C(ip) of iproute2 on the host, and C(CAP_NET_ADMIN), so use C(become). O(mss_limits)
    needs C(nft) as well, and O(tunnels) the kernel's modules for the tunnel (C(ipip), C(sit),
    C(ip_gre), C(ip6_tunnel), C(ip6_gre), C(fou)).
  - A sysctl that somebody changed after this module wrote it is left as it is by O(state=absent),
    and so is everything that was there before this module came.
  - A virtual address that is already elsewhere on the host is an error, because others can see it
    there.
  - A dummy device that was there before is put up where it is down, and stays up.
seealso:
  - module: lvs.topology.director
  - name: ip-sysctl
    description: What the kernel makes of C(arp_ignore), C(arp_announce) and C(rp_filter).
    link: https://docs.kernel.org/networking/ip-sysctl.html
"""

EXAMPLES = r"""
- name: Real server of a service in direct routing
  lvs.topology.real_server:
    vips: [192.0.2.10, "2001:db8::10"]

- name: The same, silent on one interface alone, with the addresses on a dummy device
  lvs.topology.real_server:
    vips: [192.0.2.10]
    vip_device: vip0
    arp_interfaces: [eth1]
    loose_rp_filter: [eth1]

- name: Replies of a NAT service go back through the director 10.0.0.5
  lvs.topology.real_server:
    return_routes:
      - source: 10.0.0.11
        ports: 8080
        gateway: 10.0.0.5

- name: Real server behind tunnels, by IPIP and by GUE
  lvs.topology.real_server:
    vips: [192.0.2.10]
    tunnels:
      - local: 10.1.0.11
      - type: gue
        local: 10.1.0.11
        port: 6080
    mss_limits:
      - address: 192.0.2.10
        size: 1428

- name: As it was before
  lvs.topology.real_server:
    state: absent
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample:
    - set net.ipv4.conf.all.arp_ignore to 1
    - set net.ipv4.conf.all.arp_announce to 2
    - add address 192.0.2.10/32 on lo
    - write /var/lib/lvs-topology/real_server.json
pending:
  description: Whether O(phase=finish) has something to do.
  returned: success
  type: bool
  sample: false
arp_changed:
  description: Whether ARP settings were changed, so that the host may have answered for a virtual
    address before.
  returned: success
  type: bool
  sample: true
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
  sample: ["vip_device: got 'a b', expected the name of an interface"]
"""

from typing import Any

from ..module_utils.converge.outcome import Outcome
from ..module_utils.host.plan import Write
from ..module_utils.host.roles.real_server import OPTIONS, parse
from ..module_utils.host.roles.return_tables import as_before
from ..module_utils.host.sysctl.rules import is_arp_suppression
from ..module_utils.module.host_module import PHASE_SPEC, run


def told(outcome: Outcome) -> dict[str, Any]:
    """What directors have to know beside what was done."""
    written = (operation.key for operation in outcome.operations if isinstance(operation, Write))
    return {
        "pending": bool(outcome.pending),
        "arp_changed": any(is_arp_suppression(key) for key in written),
    }


def main() -> None:
    """Run the module."""
    run("real_server", {**OPTIONS, **PHASE_SPEC}, parse, as_before, told)


if __name__ == "__main__":
    main()
