#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin verify_plan."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: verify_plan
short_description: Plan the captures, queries and requests of a verification
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Computes the arguments of the capturing and requesting modules from a topology's paths and its
    hosts' facts. Runs on the controller only, and contacts no host.
  - The role P(lvs.topology.verify#role) uses it.
options:
  compiled:
    description: RV(lvs.topology.compile_topology#module:compiled), whose paths are verified.
    type: str
    required: true
  facts:
    description: The facts of each host by its name, RV(lvs.topology.node_info#module:node).
    type: dict
    required: true
  groups:
    description: The inventory's groups, as in Ansible's own variable C(groups).
    type: dict
    required: true
  requests:
    description: The maximum number of requests to each VIP of a service.
    type: int
    default: 24
  http:
    description: Send HTTP requests to TCP services, and not only connect.
    type: bool
    default: false
  size:
    description: Bytes that a request sends.
    type: int
    default: 0
extends_documentation_fragment:
  - lvs.topology.attributes.controller
seealso:
  - module: lvs.topology.capture
  - module: lvs.topology.neighbours_info
  - module: lvs.topology.probe
"""

EXAMPLES = r"""
- name: Plan
  lvs.topology.verify_plan:
    compiled: "{{ topology.compiled }}"
    facts: "{{ facts }}"
    groups: "{{ groups }}"
  run_once: true
  register: plan
"""

RETURN = r"""
name:
  description: A name for the captures, new each time.
  returned: success
  type: str
client:
  description: The host that sends requests, the first reachable one of C(lvs_clients).
  returned: success
  type: str
  sample: client
captures:
  description: Host → arguments of M(lvs.topology.capture).
  returned: success
  type: dict
queries:
  description: Host → C(queries) of M(lvs.topology.neighbours_info).
  returned: success
  type: dict
targets:
  description: The C(targets) of M(lvs.topology.probe). Services of every port (port 0) have none.
  returned: success
  type: list
  elements: dict
"""
