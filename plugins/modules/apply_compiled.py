#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin apply_compiled."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: apply_compiled
short_description: Make a host what was compiled for it
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Calls a module on the host with the arguments that M(lvs.topology.compile_topology) has computed
    for it earlier in the same run.
  - The one task of the roles P(lvs.topology.router#role), P(lvs.topology.real_server#role) and
    P(lvs.topology.director#role).
  - Passes on what real servers tell directors. RV(lvs.topology.real_server#module:pending) becomes
    O(lvs.topology.director#module:pending_elsewhere), and
    RV(lvs.topology.real_server#module:arp_changed) becomes
    O(lvs.topology.director#module:reannounce).
options:
  compiled:
    description:
      - RV(lvs.topology.compile_topology#module:compiled).
      - Where it is empty, or nothing was compiled for the host, the task fails and says what to run
        first.
    type: str
    required: true
  call:
    description:
      - The module to call - M(lvs.topology.router), M(lvs.topology.real_server) or
        M(lvs.topology.director).
      - V(router) keeps entries of a router that are no longer desired; V(router_finish) removes
        them.
      - V(standby) is the director of a pair that is without traffic, before the other one. It waits
        for no connections; V(director) comes later for both.
      - A host that needs no such call is skipped.
    type: str
    required: true
    choices: [router, real_server, director, standby, router_finish]
  phase:
    description: O(lvs.topology.real_server#module:phase), for O(call=real_server) only.
    type: str
    choices: [all, prepare, finish]
extends_documentation_fragment:
  - lvs.topology.attributes
attributes:
  action:
    support: full
    description: Runs on the controller, and calls a module on the host.
  async:
    support: none
    description: Supports being run with the C(async) keyword.
notes:
  - C(module_defaults) do not reach the called module, neither its own nor those of the group
    C(lvs.topology.topology). It gets what was compiled, so that the declaration alone decides.
    Those of the group reach this action, which refuses what is no option of it.
seealso:
  - module: lvs.topology.compile_topology
"""

EXAMPLES = r"""
- name: Compile
  lvs.topology.compile_topology:
    services: "{{ topology_services }}"
    facts: "{{ facts }}"
    groups: "{{ groups }}"
  register: topology
  run_once: true

- name: Make this host a real server
  lvs.topology.apply_compiled:
    compiled: "{{ topology.compiled }}"
    call: real_server
"""

RETURN = r"""
operations:
  description:
    - What was done (in check mode - would be done), in order, a sentence each.
    - Beside it everything else that the called module returns.
  returned: success
  type: list
  elements: str
  sample: [add address 192.0.2.10/32 on lo]
"""
