#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin verify_report."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: verify_report
short_description: Compare captured packets of a topology with the demands of its modes
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Follows every request and its reply through the captures, compares their path with the mode's
    demands, and names the cause of each deviation, or what can be the cause.
  - Runs on the controller only.
  - Prints a table. Findings do not make the task fail.
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
  client:
    description: RV(lvs.topology.verify_plan#module:client).
    type: str
    required: true
  captures:
    description: Host → result of M(lvs.topology.capture).
    type: dict
    required: true
  queries:
    description: RV(lvs.topology.verify_plan#module:queries).
    type: dict
    required: true
  neighbour_replies:
    description: Host → RV(lvs.topology.neighbours_info#module:replies).
    type: dict
    required: true
  targets:
    description: RV(lvs.topology.verify_plan#module:targets).
    type: list
    elements: dict
    required: true
  results:
    description: RV(lvs.topology.probe#module:results).
    type: list
    elements: dict
    required: true
  tables:
    description: Director → RV(lvs.topology.ipvs_info#module:services).
    type: dict
    required: true
  sync_daemons:
    description: Director → RV(lvs.topology.ipvs_info#module:sync_daemons), as far as it was read.
    type: dict
    default: {}
  obstacles:
    description:
      - Host → RV(lvs.topology.obstacles_info#module:obstacles). Without it, causes are less exact.
    type: dict
    default: {}
  violations:
    description: Violations of the checks, to be shown as well.
    type: list
    elements: str
    default: []
  accepted:
    description:
      - RV(lvs.topology.compile_topology#module:accepted), to be shown as well, each cause once.
    type: list
    elements: dict
    default: []
  path:
    description:
      - A path on the controller. RV(report) is written there with C(.json) appended, and RV(page)
        with C(.html), in check mode, too. Empty for neither.
    type: path
    default: ""
extends_documentation_fragment:
  - lvs.topology.attributes.controller
seealso:
  - module: lvs.topology.capture
  - module: lvs.topology.neighbours_info
  - module: lvs.topology.probe
"""

EXAMPLES = r"""
- name: Compare
  lvs.topology.verify_report:
    compiled: "{{ topology.compiled }}"
    facts: "{{ facts }}"
    groups: "{{ groups }}"
    client: "{{ plan.client }}"
    captures: "{{ captures }}"
    queries: "{{ plan.queries }}"
    neighbour_replies: "{{ replies }}"
    targets: "{{ plan.targets }}"
    results: "{{ probe.results }}"
    tables: "{{ tables }}"
  run_once: true
  register: evaluated
"""

RETURN = r"""
report:
  description:
    - The report as data. C(verdicts), one for each service and VIP, with C(verdict) (V(green) or
      V(red)), C(findings) (each with C(id), C(host), C(got), C(expected), C(cause), C(requests) and
      C(message)), C(notes), the C(servers) with modes, weights, requests and C(health) (why a
      weight is not the declared one), C(seen_by_servers), C(answered_by), C(passed_back) and the
      C(ways) of requests and replies; C(violations), C(accepted); and C(table).
  returned: success
  type: dict
page:
  description: The report as an HTML page that needs no other file.
  returned: success
  type: str
msg:
  description: The outcome as a sentence, with the first few services that have findings.
  returned: success
  type: str
red:
  description: VIP and port of each service with findings.
  returned: success
  type: list
  elements: str
"""
