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
      - The services, by names that are used in messages only.
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
    description: What Ansible says of each host that it could not reach, by the host's name.
    type: dict
    default: {}
  groups:
    description:
      - The inventory's groups, each a list of hosts, as in Ansible's own variable C(groups).
      - V(lvs_directors), V(lvs_real_servers) and V(lvs_routers) are those that count, and any that
        a service names.
    type: dict
    required: true
  rips:
    description:
      - Real server → its RIP, or a list with one for each family.
      - Of several addresses on a link with a director, one in the VIP's own subnet or on its link
        is preferred, and after that one on whose link a director is the host's next hop to the
        clients. An address of a network that has neither the VIP nor the host's way to the clients
        is not taken unless it is named.
    type: dict
    default: {}
  dips:
    description: Director → its DIP, or a list with one for each family.
    type: dict
    default: {}
  lips:
    description:
      - Director → its local addresses (LIPs) in FULLNAT, as an address or as FIRST-LAST with at
        most 256 addresses, or a list with one for each family. They are put on the interface of the
        DIP.
      - One LIP is good for 64512 connections to each real server and port at a time.
    type: dict
    default: {}
  networks:
    description: Networks (ADDRESS/PREFIX) in which DIP and RIP are looked for, when hosts share
      more than one subnet. A family without any is not restricted.
    type: list
    elements: str
    default: []
  clients:
    description: Networks (ADDRESS/PREFIX) that clients come from. A host's route to one of them is
      the longest prefix that covers the whole network, or the routes to parts of it that leave none
      of it out; for V(0.0.0.0/0) this is the default route, or V(0.0.0.0/1) and V(128.0.0.0/1).
    type: list
    elements: str
    default: [0.0.0.0/0, "::/0"]
  vip_device:
    description: The device that carries VIPs on real servers, V(lo) or the name of a dummy device.
    type: str
    default: lo
  arp_interfaces:
    description:
      - Where ARP for VIPs is suppressed on real servers. The RIP's interface must be among them.
      - An empty list leaves ARP alone.
    type: list
    elements: str
    default: [all]
  manage_vips:
    description:
      - Put VIPs on the director. V(false) leaves them to another program that you have configured
        yourself; without it, there may be more than one director only with O(high_availability).
      - In mode NAT such directors share one DIP that moves with the VIPs, which O(dips) of each
        names.
    type: bool
    default: true
  high_availability:
    description:
      - Two directors of which one has the VIPs. Without C(engine) there is one director. With it a
        single one is allowed as well, which gets the second one later.
      - "keepalived has to be installed. Version 3 of VRRP is spoken, from DIP to DIP; it has no
        authentication (RFC 5798): the link is as trusted as ARP on it."
      - DIPs (O(dips)) that both directors share, and LIPs (O(lips)), move with the VIPs.
    type: dict
    default: {}
    suboptions:
      engine:
        description: What moves the VIPs. V(vrrp) is keepalived, from the distribution, for VRRP
          alone.
        type: str
        choices: [vrrp]
      virtual_router_id:
        description: The number that nobody else has who speaks VRRP on the directors' link. Made
          from their names, unless it is given, and kept from then on. From 1 to 255.
        type: int
      advertisement_interval:
        description: Seconds from one advertisement to the next. A director that dies is missed
          after three of them and a fraction. From 0.1 to 40.0.
        type: float
        default: 1.0
      interface:
        description: The interface on which the directors talk. That of the DIP, unless it is given.
        type: str
      sync:
        description: Synchronisation of connections.
        type: dict
        default: {}
        suboptions:
          enabled:
            description: Tell the other director of connections, so that they go on there. V(false)
              for services with real servers of both families, which the kernel cannot synchronise.
            type: bool
            default: true
          interface:
            description: The interface that is used. That of VRRP, unless it is given.
            type: str
          group:
            description: The multicast group, IPv4 or IPv6. V(224.0.0.81), unless it is given;
              V(ff02::81) where directors have no IPv4 address on the interface.
            type: str
          port:
            description: The UDP port. From 1 to 65535.
            type: int
            default: 8848
          id:
            description: The number of what the first director sends; that of the second one is the
              next. The virtual router's number, unless it is given. From 0 to 254.
            type: int
  manage_routers:
    description: Read the hosts of C(lvs_routers), tell them who has a VIP where a service asks for
      it (C(arp)), and undo that when none does any more. V(false) never contacts them.
    type: bool
    default: true
  ignore_owners:
    description: Programs (for example V(keepalived)) that may write a director's IPVS table as
      well.
    type: list
    elements: str
    default: []
  accept:
    description:
      - Host → a list of ids of checks whose findings on this host stop nothing, because you know
        better.
      - For all hosts (in C(group_vars/all)) it holds for the topology. They are shown in every
        report.
    type: dict
    default: {}
  settings:
    description: Timeouts and sysctls of the directors, see M(lvs.topology.director).
    type: dict
    default: {}
    suboptions:
      tcp_timeout:
        description: Seconds after which an idle TCP connection is forgotten.
        type: int
      tcp_fin_timeout:
        description: Seconds after which a closed TCP connection is forgotten.
        type: int
      udp_timeout:
        description: Seconds after which an idle UDP flow is forgotten.
        type: int
      sysctls:
        description: Sysctls by their names below C(net.ipv4.vs).
        type: dict
        default: {}
  health:
    description:
      - "How the real servers of all services are tried: what C(health) of a service does not say.
        V(true) takes the defaults, V(false) tries none."
      - Options of a kind of check are for services with this kind.
    type: raw
  metrics:
    description: Directors write metrics for node_exporter (C(docs/metrics.md)). V(true) takes the
      defaults, V(false) writes none; or a dict with C(directory), C(interval) and C(real_servers).
    type: raw
  purge:
    description: Which services that are not declared are deleted, see M(lvs.topology.director).
    type: str
    default: owned
    choices: [owned, all, none]
  persist:
    description: Whether hosts come back after a reboot as they are now, without Ansible.
    type: bool
    default: true
  drain_removed:
    description:
      - A real server or service that is no longer declared gets weight 0 first, and is deleted once
        its connections have ended or the time is over. The same goes for destinations before they
        get another forwarding method.
      - Without it, they are deleted at once, which cuts their connections.
    type: dict
    suboptions:
      wait_for:
        description: Which connections are waited for. V(active) includes all of UDP.
        type: list
        elements: str
        default: [active]
        choices: [active, inactive, persistent]
      timeout:
        description: How long to wait, in seconds. From 0 to 86400.
        type: int
        default: 300
      poll_interval:
        description: How long to wait from one look to the next, in seconds. From 1 to 3600.
        type: int
        default: 2
      on_timeout:
        description: When the time is over, V(continue) cuts what is left, and V(fail) ends the run.
        type: str
        default: continue
        choices: [fail, continue]
  teardown:
    description:
      - What is taken down although it is declared.
      - The facts of hosts that are left out may be missing.
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
            description: Which connections are waited for. V(active) includes all of UDP.
            type: list
            elements: str
            default: [active]
            choices: [active, inactive, persistent]
          timeout:
            description: How long to wait, in seconds. From 0 to 86400.
            type: int
            default: 300
          poll_interval:
            description: How long to wait from one look to the next, in seconds. From 1 to 3600.
            type: int
            default: 2
          on_timeout:
            description: When the time is over, V(continue) cuts what is left, and V(fail) ends the
              run.
            type: str
            default: continue
            choices: [fail, continue]
  migration:
    description:
      - Services that go to another mode while they serve. What the old mode needs stays until the
        connections have ended that are there.
      - Also taken for O(drain_removed), where that is not given.
    type: dict
    suboptions:
      services:
        description: Services by their names.
        type: list
        elements: str
        required: true
      wait_for:
        description: Which connections are waited for. V(active) includes all of UDP.
        type: list
        elements: str
        default: [active]
        choices: [active, inactive]
      timeout:
        description: How long to wait, in seconds. From 0 to 86400.
        type: int
        default: 300
      poll_interval:
        description: How long to wait from one look to the next, in seconds. From 1 to 3600.
        type: int
        default: 2
      on_timeout:
        description: When the time is over, V(fail) ends the run with hosts that are ready for both
          modes, and V(continue) cuts what is left.
        type: str
        default: fail
        choices: [fail, continue]
  report:
    description:
      - A file on the controller that gets the outcome of the checks as JSON, in check mode too. It
        has C(ok), C(violations) and C(accepted) (each with C(id), C(service), C(host), C(got),
        C(expected) and C(message)), and C(warnings).
      - Nothing is written where there is no outcome.
    type: path
  refuse:
    description: End the run where the declaration cannot work, or a host cannot be reached.
      V(false) goes on with what is known, for roles that change nothing.
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
