#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin compile_topology."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: compile_topology
short_description: Compile a declared topology into the arguments of each host's modules
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Joins the declaration of a Linux Virtual Server topology with the facts of its hosts, and checks
    what each mode demands of addresses, routes and ports.
  - Either everything is right, and the result is what each host's modules have to be called with.
    Or the task fails, and everything that is wrong is printed, by service and host; of many
    violations of one kind the first few. O(report) has all of them.
  - With O(refuse=false) it does not fail, and RV(violations) has everything that is wrong.
  - Runs on the controller alone and contacts no host. Once for all hosts is enough (C(run_once)).
# Made by `make reference` from plugins/module_utils/topology/declaration/schema.py.
options:
  services:
    description:
      - The services by name. Names only appear in messages.
      - For their keys see the role P(lvs.topology.topology#role).
    type: dict
    required: true
  facts:
    description:
      - The facts of each host by its name, as M(lvs.topology.node_info) returns them in
        RV(lvs.topology.node_info#module:node).
      - A host whose facts are empty counts as one that was not read.
    type: dict
    required: true
  unreachable:
    description: Ansible's message for each host that it could not reach, by the host's name.
    type: dict
    default: {}
  groups:
    description:
      - The inventory's groups, each a list of hosts, as in Ansible's own variable C(groups).
      - Only V(lvs_directors), V(lvs_real_servers), V(lvs_routers) and the groups that services name
        are used.
    type: dict
    required: true
  rips:
    description:
      - Real server → its RIP, or a list with one for each family.
      - If a host has several addresses on links with a director, an address in the VIP's subnet or
        on its link comes first, then one on whose link a director is the host's next hop to the
        clients. An address in a network with neither the VIP nor the host's route to the clients is
        used only if it is named.
    type: dict
    default: {}
  dips:
    description: Director → its DIP, or a list with one for each family.
    type: dict
    default: {}
  lips:
    description:
      - "Director → its local addresses (LIPs) in FULLNAT: an address, a range FIRST-LAST of at most
        256 addresses, or a list with one of these for each family. They are added to the DIP's
        interface."
      - One LIP can have 64512 connections to each real server and port at a time.
    type: dict
    default: {}
  networks:
    description: Networks (ADDRESS/PREFIX) in which DIP and RIP must be, if hosts share more than
      one subnet. A family without a network here is not restricted.
    type: list
    elements: str
    default: []
  clients:
    description: The clients' networks (ADDRESS/PREFIX). A host's route to one of them is the
      longest prefix that covers the whole network, or several routes that cover it together. For
      V(0.0.0.0/0) this is the default route, or V(0.0.0.0/1) with V(128.0.0.0/1).
    type: list
    elements: str
    default: [0.0.0.0/0, "::/0"]
  vip_device:
    description: "The device that has the VIPs on real servers: V(lo), or the name of a dummy
      device."
    type: str
    default: lo
  arp_interfaces:
    description:
      - The interfaces of real servers on which ARP for VIPs is suppressed. The RIP's interface must
        be among them.
      - An empty list leaves ARP alone.
    type: list
    elements: str
    default: [all]
  manage_vips:
    description:
      - Add the VIPs to the director. V(false) leaves them to another program that you configure.
        More than one director requires V(false) or O(high_availability).
      - In mode NAT such directors share one DIP that moves with the VIPs; O(dips) must name it for
        each of them.
    type: bool
    default: true
  high_availability:
    description:
      - A pair of directors, one of which holds the VIPs. Without C(engine) there is one director.
        With it, you can start with one and add the second one later.
      - "keepalived must be installed. It speaks VRRP version 3 on the DIP's link, which has no
        authentication (RFC 5798): trust the link as you trust ARP on it."
      - A DIP (O(dips)) that both directors share, and LIPs (O(lips)), move with the VIPs.
    type: dict
    default: {}
    suboptions:
      engine:
        description: What moves the VIPs. V(vrrp) is the distribution's keepalived, used for VRRP
          only.
        type: str
        choices: [vrrp]
      virtual_router_id:
        description: The virtual router ID, which must be unique on the directors' link. The default
          is derived from their names, and kept from then on. From 1 to 255.
        type: int
      advertisement_interval:
        description: Seconds from one advertisement to the next. A director counts as dead after
          three of them and a fraction. From 0.1 to 40.0.
        type: float
        default: 1.0
      interface:
        description: The interface on which the directors talk. The default is that of the DIP.
        type: str
      sync:
        description: Synchronisation of connections.
        type: dict
        default: {}
        suboptions:
          enabled:
            description: Synchronise connections, so that they continue on the other director. Use
              V(false) if a service has real servers of both families, which the kernel cannot
              synchronise.
            type: bool
            default: true
          interface:
            description: The interface for it. The default is that of VRRP.
            type: str
          group:
            description: The multicast group, IPv4 or IPv6. The default is V(224.0.0.81), or
              V(ff02::81) if the directors have no IPv4 address on the interface.
            type: str
          port:
            description: The UDP port. From 1 to 65535.
            type: int
            default: 8848
          id:
            description: The syncid of what the first director sends; the second one uses the next
              number. The default is the virtual router ID. From 0 to 254.
            type: int
  manage_routers:
    description: Contact the hosts of C(lvs_routers), install static neighbour entries for the VIPs
      of services that want it (C(arp)), and remove them when no service does. V(false) never
      contacts them.
    type: bool
    default: true
  ignore_owners:
    description: Programs (for example V(keepalived)) that may also write a director's IPVS table.
    type: list
    elements: str
    default: []
  accept:
    description:
      - "Host → ids of checks whose findings on this host you accept: they do not stop a run."
      - Set for all hosts (in C(group_vars/all)), it also covers findings without a host. Every
        report shows them.
    type: dict
    default: {}
  settings:
    description: Timeouts and sysctls of the directors, see M(lvs.topology.director).
    type: dict
    default: {}
    suboptions:
      tcp_timeout:
        description: Seconds until IPVS forgets an idle TCP connection.
        type: int
      tcp_fin_timeout:
        description: Seconds until IPVS forgets a closed TCP connection.
        type: int
      udp_timeout:
        description: Seconds until IPVS forgets an idle UDP flow.
        type: int
      sysctls:
        description: Sysctls by their names below C(net.ipv4.vs).
        type: dict
        default: {}
  health:
    description:
      - Health checks of all services. C(health) of a service overrides single keys. V(true) uses
        the defaults, V(false) checks nothing.
      - Keys of one kind of check apply to services with that kind.
    type: raw
  metrics:
    description: Write metrics for node_exporter on the directors (C(docs/metrics.md)). V(true) uses
      the defaults, V(false) writes none; or a dict with C(directory), C(interval) and
      C(real_servers).
    type: raw
  purge:
    description: Which undeclared services are deleted, see M(lvs.topology.director).
    type: str
    default: owned
    choices: [owned, all, none]
  persist:
    description: Whether hosts restore their state after a reboot, without Ansible.
    type: bool
    default: true
  drain_removed:
    description:
      - "Drain real servers and services that are no longer declared: they get weight 0, and are
        deleted when their connections have ended, or at the timeout. A destination also drains
        before its forwarding method changes."
      - Without it, they are deleted at once, which cuts their connections.
    type: dict
    suboptions:
      wait_for:
        description: The connections to wait for. V(active) includes all of UDP.
        type: list
        elements: str
        default: [active]
        choices: [active, inactive, persistent]
      timeout:
        description: The longest wait, in seconds. From 0 to 86400.
        type: int
        default: 300
      poll_interval:
        description: Seconds from one look at the connections to the next. From 1 to 3600.
        type: int
        default: 2
      on_timeout:
        description: At the timeout, V(continue) cuts the remaining connections, and V(fail) ends
          the run.
        type: str
        default: continue
        choices: [fail, continue]
  teardown:
    description:
      - What to take down although it is declared.
      - The facts of excluded hosts may be missing.
    type: dict
    default: {}
    suboptions:
      everything:
        description: Every service and every host, whatever is wrong with the declaration.
        type: bool
        default: false
      services:
        description: Services by their names.
        type: list
        elements: str
        default: []
      hosts:
        description: Directors, real servers and routers.
        type: list
        elements: str
        default: []
      drain:
        description: O(drain_removed) for this time.
        type: dict
        suboptions:
          wait_for:
            description: The connections to wait for. V(active) includes all of UDP.
            type: list
            elements: str
            default: [active]
            choices: [active, inactive, persistent]
          timeout:
            description: The longest wait, in seconds. From 0 to 86400.
            type: int
            default: 300
          poll_interval:
            description: Seconds from one look at the connections to the next. From 1 to 3600.
            type: int
            default: 2
          on_timeout:
            description: At the timeout, V(continue) cuts the remaining connections, and V(fail)
              ends the run.
            type: str
            default: continue
            choices: [fail, continue]
  migration:
    description:
      - Services that change their mode while they serve. What the old mode needs stays until its
        connections have ended.
      - It also applies to removed destinations, unless O(drain_removed) is set.
    type: dict
    suboptions:
      services:
        description: Services by their names.
        type: list
        elements: str
        required: true
      wait_for:
        description: The connections to wait for. V(active) includes all of UDP.
        type: list
        elements: str
        default: [active]
        choices: [active, inactive]
      timeout:
        description: The longest wait, in seconds. From 0 to 86400.
        type: int
        default: 300
      poll_interval:
        description: Seconds from one look at the connections to the next. From 1 to 3600.
        type: int
        default: 2
      on_timeout:
        description: At the timeout, V(fail) ends the run and leaves the hosts prepared for both
          modes, and V(continue) cuts the remaining connections.
        type: str
        default: fail
        choices: [fail, continue]
  report:
    description:
      - A file on the controller for the result of the checks as JSON, in check mode too. It has
        C(ok), C(violations) and C(accepted) (each with C(id), C(service), C(host), C(got),
        C(expected) and C(message)), and C(warnings).
      - Without a result, nothing is written.
    type: path
  refuse:
    description: End the run if the declaration cannot work, or if a host is unreachable. V(false)
      continues with what is known, for roles that change nothing.
    type: bool
    default: true
extends_documentation_fragment:
  - lvs.topology.attributes.controller
seealso:
  - module: lvs.topology.node_info
  - module: lvs.topology.real_server
  - module: lvs.topology.director
"""

EXAMPLES = r"""
- name: Read this host
  lvs.topology.node_info:
  register: found

- name: Compile the topology
  lvs.topology.compile_topology:
    services:
      web:
        mode: dr
        vips: [192.0.2.10]
        port: 80
        real_servers:
          - group: lvs_real_servers
    facts: "{{ dict(ansible_play_hosts | zip(nodes)) }}"
    groups: "{{ groups }}"
  vars:
    nodes: "{{ ansible_play_hosts | map('extract', hostvars, ['found', 'node']) }}"
  run_once: true
  register: topology

- name: Converge this real server
  lvs.topology.apply_compiled:
    compiled: "{{ topology.compiled }}"
    call: real_server
"""

RETURN = r"""
compiled:
  description:
    - A directory on the controller, private and removed when the run ends. It has the arguments of
      each host's modules for M(lvs.topology.apply_compiled), and the paths from VIPs to real
      servers for M(lvs.topology.paths_info), M(lvs.topology.verify_plan) and
      M(lvs.topology.verify_report).
    - A host from which the declaration needs nothing gets C(state=absent), so that what earlier
      runs did there is undone.
    - With violations, it only has the paths whose addresses are known all the same.
  returned: success
  type: str
  sample: /home/ops/.ansible/tmp/ansible-local-4711rq0x2b1c/lvs-topology-k2x8w0pd
longest_wait:
  description: For how many seconds at most a director may wait for connections to end.
  returned: when there are no violations
  type: int
  sample: 300
accepted:
  description:
    - What checks have found of which the operator knows better (O(accept), or C(accept) of a
      service). It stops nothing.
    - Each has C(id), C(service), C(host), C(got), C(expected) and C(message).
  returned: success
  type: list
  elements: dict
  sample: []
calls:
  description:
    - The hosts that have a call of M(lvs.topology.apply_compiled) which not all of their kind have.
    - Routers with something to do before real servers change (C(router)), or after that
      (C(router_finish)); the director of a pair that changes first (C(standby)).
  returned: when there are no violations
  type: dict
  sample: {router: [gw1], router_finish: [], standby: [lb2]}
notices:
  description:
    - What O(teardown) and O(migration) mean for who is served, a sentence each. They are printed,
      too.
  returned: when there are no violations
  type: list
  elements: str
  sample: ["service web goes on without web2: web1 stay"]
real_servers:
  description: The hosts that some service has as a real server.
  returned: when there are no violations
  type: list
  elements: str
  sample: [web1, web2]
msg:
  description: The outcome as a sentence, for the end of the run.
  returned: always
  type: str
violations:
  description: Everything that is wrong; empty for a topology that works.
  returned: success
  type: list
  elements: dict
  contains:
    id:
      description: The check.
      returned: always
      type: str
      sample: dr.port
    service:
      description: The service's name, or empty.
      returned: always
      type: str
      sample: web
    host:
      description: The host, or empty. For a real server that is not managed, its address.
      returned: always
      type: str
      sample: web1
    got:
      description: What is declared, or is so on the host.
      returned: always
      type: str
      sample: port 8080
    expected:
      description: What would be right.
      returned: always
      type: str
      sample: "80, the service's own: DR changes the MAC address alone (NAT maps ports)"
    message:
      description: All of this as a sentence.
      returned: always
      type: str
"""
