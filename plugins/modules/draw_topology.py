#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin draw_topology."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: draw_topology
short_description: Draw a declared topology
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Draws the hosts, and the paths of requests and replies that each service's mode demands.
  - Where the declaration is invalid, everything that is wrong is printed, and the task fails.
  - Runs on the controller only, with nothing but declaration and inventory. The role
    P(lvs.topology.verify#role) shows the real paths of packets.
options:
  services:
    description: The declaration, as O(lvs.topology.compile_topology#module:services).
    type: dict
    required: true
  groups:
    description: The inventory's groups, as in Ansible's own variable C(groups).
    type: dict
    required: true
  health:
    description: What all services have, as O(lvs.topology.compile_topology#module:health).
    type: raw
  format:
    description: The format of RV(picture).
    type: str
    default: mermaid
    choices: [svg, mermaid]
extends_documentation_fragment:
  - lvs.topology.attributes.controller
seealso:
  - module: lvs.topology.compile_topology
"""

EXAMPLES = r"""
- name: Draw
  lvs.topology.draw_topology:
    services: "{{ topology_services }}"
    groups: "{{ groups }}"
    format: svg
  run_once: true
  register: drawn
"""

RETURN = r"""
picture:
  description: The picture.
  returned: success
  type: str
"""
