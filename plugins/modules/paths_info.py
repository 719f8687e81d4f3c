#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin paths_info."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: paths_info
short_description: The paths to a real server
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Returns the ways from VIPs to this host that M(lvs.topology.compile_topology) has found earlier
    in the same run.
  - Runs on the controller alone and contacts no host.
options:
  compiled:
    description: RV(lvs.topology.compile_topology#module:compiled).
    type: str
    required: true
extends_documentation_fragment:
  - lvs.topology.attributes.controller
seealso:
  - module: lvs.topology.compile_topology
"""

EXAMPLES = r"""
- name: Find what this host serves
  lvs.topology.paths_info:
    compiled: "{{ topology.compiled }}"
  register: own
"""

RETURN = r"""
paths:
  description:
    - The ways from VIPs to this host, in the order of the declaration. None if it is no real server
      of any service.
  returned: success
  type: list
  elements: dict
  contains:
    service:
      description: The service's name.
      returned: success
      type: str
      sample: web
    mode:
      description: The mode in which it reaches this host.
      returned: success
      type: str
      sample: dr
    on_director:
      description: Whether this host is the director and the real server at once.
      returned: success
      type: bool
      sample: false
    vip:
      description: The virtual address.
      returned: success
      type: str
      sample: 192.0.2.10
    port:
      description: The service's port; 0 stands for several in a row, and for every port.
      returned: success
      type: int
      sample: 80
    ports:
      description: The same as text; several in a row as FIRST-LAST.
      returned: success
      type: str
      sample: "80"
    fwmark:
      description: The mark by which IPVS knows the service, or 0.
      returned: success
      type: int
      sample: 0
    protocol:
      description: Its protocol.
      returned: success
      type: str
      sample: tcp
    scheduler:
      description: Its scheduler.
      returned: success
      type: str
      sample: wlc
    persistent:
      description: Whether a client stays with one real server.
      returned: success
      type: bool
    server:
      description: The real server, its host or (where it is not managed) its address.
      returned: success
      type: str
      sample: web1
    host:
      description: Its host; empty where it is not managed.
      returned: success
      type: str
      sample: web1
    rip:
      description: The RIP.
      returned: success
      type: str
      sample: 192.0.2.11
    rip_port:
      description: The real server's port.
      returned: success
      type: int
      sample: 80
    weight:
      description: Its declared weight.
      returned: success
      type: int
      sample: 1
    static_arp:
      description:
        - Whether routers are told who has the VIP, so that real servers may answer ARP for it.
      returned: success
      type: bool
    real_server_has_vip:
      description:
        - Whether the mode puts the VIP on the real server. Its application may listen there alone.
          V(false) on a director.
      returned: success
      type: bool
      sample: true
    listens_on_rip:
      description: Whether requests reach the application with the RIP as their destination.
      returned: success
      type: bool
      sample: false
    lips:
      description: What the real server sees in place of clients; empty but for FULLNAT.
      returned: success
      type: list
      elements: str
      sample: []
    tunnel:
      description:
        - What requests are wrapped in in mode TUN - V(ipip), V(sit) (IPv6 in IPIP), V(gre), V(gue);
          empty in other modes.
      returned: success
      type: str
      sample: ipip
    tunnel_port:
      description: The UDP port of V(gue), or 0.
      returned: success
      type: int
      sample: 6080
    dips:
      description: Director → its DIP towards this real server.
      returned: success
      type: dict
      sample: {director: 192.0.2.5}
"""
