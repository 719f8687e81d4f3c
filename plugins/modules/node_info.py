#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what decides about a host's place in a topology."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: node_info
short_description: Read the facts of a host that a topology depends on
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Reads links, addresses, policy rules, routes of every table, sysctls of a Linux Virtual Server,
    the kernel's abilities, and the programs that write its IPVS table.
  - Changes nothing, and loads no kernel module. On a director of a pair it asks the network for the
    other one, for a second at most (RV(node.vrrp.silent_peer)).
options: {}
extends_documentation_fragment:
  - lvs.topology.attributes.info
notes:
  - Needs C(ip) of iproute2 on the host, and root (C(become)) to see other users' programs.
seealso:
  - module: lvs.topology.ipvs_info
"""

EXAMPLES = r"""
- name: Read this host
  lvs.topology.node_info:
  register: found

- name: No other program may write the IPVS table
  ansible.builtin.assert:
    that: found.node.owners == []
"""

RETURN = r"""
node:
  description: The host.
  returned: success
  type: dict
  contains:
    hostname:
      description: The host's own name.
      returned: success
      type: str
      sample: web1
    kernel:
      description: The running kernel's release.
      returned: success
      type: str
      sample: 6.1.0-28-cloud-amd64
    links:
      description: The devices of this network namespace.
      returned: success
      type: list
      elements: dict
      contains:
        name:
          description: The device's name.
          returned: success
          type: str
          sample: eth0
        kind:
          description: The kind of a virtual device; empty for hardware and V(lo).
          returned: success
          type: str
          sample: dummy
        mac:
          description: The hardware address; empty if it has none.
          returned: success
          type: str
          sample: "52:54:00:00:00:01"
        mtu:
          description: The largest packet, in bytes.
          returned: success
          type: int
          sample: 1500
        up:
          description: Whether the device is up; it may lack a carrier.
          returned: success
          type: bool
        vrf:
          description: The VRF that it belongs to, or that it is; empty if it belongs to none.
          returned: success
          type: str
          sample: blue
        vrf_table:
          description: The routing table of a VRF; V(0) for any other device.
          returned: success
          type: int
          sample: 0
        link_local:
          description: Its link-local IPv6 addresses.
          returned: success
          type: list
          elements: str
          sample: ["fe80::5054:ff:fe00:1"]
    addresses:
      description: The addresses without link-local ones.
      returned: success
      type: list
      elements: dict
      contains:
        device:
          description: The device that has it.
          returned: success
          type: str
          sample: eth0
        address:
          description: The address.
          returned: success
          type: str
          sample: 10.0.0.11
        prefix:
          description: The length of its network's prefix, in bits.
          returned: success
          type: int
          sample: 24
        family:
          description: V(ipv4) or V(ipv6).
          returned: success
          type: str
          sample: ipv4
    routes:
      description:
        - The routes of every table. A route with several next hops is listed once for each.
        - Without those to the host's own and to link-local addresses, and without those that
          M(lvs.topology.real_server) owns.
      returned: success
      type: list
      elements: dict
      contains:
        family:
          description: V(ipv4) or V(ipv6).
          returned: success
          type: str
          sample: ipv4
        table:
          description: The number of its table; V(254) is C(main).
          returned: success
          type: int
          sample: 254
        type:
          description:
            - V(unicast), V(local), V(blackhole), V(unreachable), V(prohibit) or V(throw).
          returned: success
          type: str
          sample: unicast
        destination:
          description: The network; V(0.0.0.0/0) or V(::/0) for a default route.
          returned: success
          type: str
          sample: 0.0.0.0/0
        source:
          description: The network that packets come from; empty for a route for all packets.
          returned: success
          type: str
          sample: ""
        gateway:
          description: The next hop; empty for a network on the link.
          returned: success
          type: str
          sample: 10.0.0.1
        device:
          description: The route's device.
          returned: success
          type: str
          sample: eth0
        metric:
          description: The route's metric; the smallest takes precedence.
          returned: success
          type: int
          sample: 0
        tos:
          description: The type of service that it is for; V(0) for any.
          returned: success
          type: int
          sample: 0
        preferred_source:
          description: The address that the host sends from by this route; empty if it names none.
          returned: success
          type: str
          sample: 10.0.0.11
    routes_omitted:
      description:
        - Tables with more than 1000 routes of a family. Of these, RV(node.routes) has those that
          lead to a link or have a short prefix.
      returned: success
      type: list
      elements: dict
      contains:
        family:
          description: V(ipv4) or V(ipv6).
          returned: success
          type: str
          sample: ipv4
        table:
          description: The number of the table.
          returned: success
          type: int
          sample: 254
        networks:
          description: Networks in which the table has more routes.
          returned: success
          type: list
          elements: str
          sample: [1.0.0.0/8, 2.0.0.0/8]
    rules:
      description:
        - The policy rules in their order, without those that M(lvs.topology.real_server) owns.
        - What a rule does not ask for is empty, V(0), or null.
      returned: success
      type: list
      elements: dict
      contains:
        family:
          description: V(ipv4) or V(ipv6).
          returned: success
          type: str
          sample: ipv4
        priority:
          description: Its place among the others.
          returned: success
          type: int
          sample: 32766
        action:
          description:
            - V(table), V(goto), V(nop), V(blackhole), V(unreachable) or V(prohibit).
          returned: success
          type: str
          sample: table
        table:
          description: The number of the table that it asks; V(0) for that of the packet's VRF.
          returned: success
          type: int
          sample: 254
        target:
          description: The priority of the rule at which to go on (V(goto)).
          returned: success
          type: int
          sample: 0
        source:
          description: The network that packets come from.
          returned: success
          type: str
          sample: 10.0.0.11/32
        destination:
          description: The network that they go to.
          returned: success
          type: str
          sample: ""
        device:
          description: The device by which they come; V(lo) for packets of the host's own.
          returned: success
          type: str
          sample: ""
        out:
          description: The device that the socket is bound to.
          returned: success
          type: str
          sample: ""
        mark:
          description: The firewall mark.
          returned: success
          type: int
          sample: 0
        mask:
          description: The bits of the mark that count.
          returned: success
          type: int
          sample: 0
        protocol:
          description: The number of the transport protocol.
          returned: success
          type: int
          sample: 6
        source_ports:
          description: The first and last source port.
          returned: success
          type: list
          elements: int
          sample: [80, 80]
        destination_ports:
          description: The first and last destination port.
          returned: success
          type: list
          elements: int
          sample: [80, 80]
        vrf:
          description: Whether it is for packets of a VRF (C(l3mdev)).
          returned: success
          type: bool
        inverted:
          description: Whether it is for all packets but those (C(not)).
          returned: success
          type: bool
        suppressed:
          description: Routes with a prefix up to this length are passed over; V(-1) means none.
          returned: success
          type: int
          sample: -1
        other:
          description: What else it asks for, which is not evaluated.
          returned: success
          type: list
          elements: str
          sample: [tos]
    sysctls:
      description:
        - C(net.ipv4.ip_forward), C(net.ipv6.conf.all.forwarding), C(net.ipv4.vs.conntrack), and
          C(arp_ignore), C(arp_announce), C(rp_filter) and C(send_redirects) of C(net.ipv4.conf) for
          C(all) and each device.
        - Without those that the kernel does not have. Keys contain names of devices unchanged, with
          their dots.
      returned: success
      type: dict
      sample: {"net.ipv4.ip_forward": "0", "net.ipv4.conf.all.arp_ignore": "1"}
    ipvs:
      description: The kernel's IPVS.
      returned: success
      type: dict
      contains:
        available:
          description: Whether it is loaded, or the running kernel has a module to load.
          returned: success
          type: bool
        modules:
          description:
            - Its further modules (schedulers, helpers, persistence engines) without C(ip_vs_),
              loaded or not; null where nothing lists the kernel's modules, as in a container.
          returned: success
          type: list
          elements: str
          sample: [ftp, pe_sip, rr, wlc]
        version:
          description: Its version; null while it is not loaded.
          returned: success
          type: str
          sample: 1.2.1
        sysctls:
          description:
            - The names of its sysctls, below C(net.ipv4.vs); null while it is not loaded. Without
              C(conntrack) it does not support connection tracking (C(CONFIG_IP_VS_NFCT)).
          returned: success
          type: list
          elements: str
          sample: [am_droprate, conntrack, sync_threshold]
    owners:
      description:
        - Active programs that write the IPVS table of this network namespace.
        - V(keepalived) runs with a C(virtual_server) in its configuration; V(ldirectord) runs;
          V(kube-proxy) has its device C(kube-ipvs0); V(ipvsadm) is the distribution's service, if
          it is enabled and restores a table at boot.
      returned: success
      type: list
      elements: str
      sample: [keepalived]
    lease_generation:
      description: A number that grows with each run that has M(lvs.topology.lease), and restarts at
        boot.
      returned: success
      type: int
      sample: 3
    health:
      description: What health checks have decided here; nothing on a host that is no director.
      returned: success
      type: dict
      contains:
        running:
          description: Whether C(lvs-topology-health.service) is at work.
          returned: success
          type: bool
        weights:
          description: Weights that are not the usual ones; null where what was kept is damaged.
          returned: success
          type: list
          elements: dict
          contains:
            service:
              description: Address, protocol and port of the service, or its mark and family.
              returned: success
              type: dict
              sample: {address: 192.0.2.10, protocol: tcp, port: 80}
            destination:
              description: Address and port of the real server.
              returned: success
              type: dict
              sample: {address: 10.0.0.12, port: 80}
            weight:
              description: Its weight.
              returned: success
              type: int
              sample: 0
            reason:
              description: Why.
              returned: success
              type: str
              sample: connection refused
            since:
              description: Since when, in seconds since the epoch.
              returned: success
              type: float
              sample: 1700000000.5
    vip_owned:
      description:
        - The virtual addresses that M(lvs.topology.real_server) and M(lvs.topology.director) own
          here.
      returned: success
      type: list
      elements: str
      sample: [192.0.2.10]
    vrrp:
      description: What there is of VRRP on the host.
      returned: success
      type: dict
      contains:
        keepalived:
          description:
            - Who has written C(/etc/keepalived/keepalived.conf), V(nobody), V(us) or V(others).
              Empty where there is no program C(keepalived).
          returned: success
          type: str
          sample: us
        others:
          description: The numbers of virtual routers in a file that others have written.
          returned: success
          type: list
          elements: int
          sample: [51]
        router_id:
          description: The number of the virtual router of M(lvs.topology.director); 0 without one.
          returned: success
          type: int
          sample: 51
        silent_peer:
          description:
            - The address of the other director, as the last run of M(lvs.topology.director) was
              told of it, if it answers no ARP or neighbour discovery within a second; else empty.
          returned: success
          type: str
          sample: 10.0.0.6
    neighbours_owned:
      description: The static neighbour entries that M(lvs.topology.router) owns here.
      returned: success
      type: list
      elements: dict
      contains:
        address:
          description: The virtual address.
          returned: success
          type: str
          sample: 192.0.2.10
        interface:
          description: The interface that leads to the director.
          returned: success
          type: str
          sample: eth1
        mac:
          description: The MAC address of the director.
          returned: success
          type: str
          sample: "52:54:00:00:00:05"
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.host.errors import HostError
from ..module_utils.host.facts import gather
from ..module_utils.state.errors import PersistenceError


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        node = gather()
    except (HostError, PersistenceError) as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, node=node)


if __name__ == "__main__":
    main()
