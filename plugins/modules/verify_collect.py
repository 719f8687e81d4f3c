#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin verify_collect."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: verify_collect
short_description: Collect what a host has captured for a verification
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Calls M(lvs.topology.capture) with O(lvs.topology.capture#module:state=collected), and where
    requests had no answer M(lvs.topology.obstacles_info) as well.
  - The role P(lvs.topology.verify#role) uses it.
options:
  name:
    description: The capture's name.
    type: str
    required: true
  obstacles:
    description: Whether to read what may have kept requests from an answer.
    type: bool
    default: false
extends_documentation_fragment:
  - lvs.topology.attributes.info
seealso:
  - module: lvs.topology.capture
  - module: lvs.topology.obstacles_info
  - module: lvs.topology.verify_report
"""

EXAMPLES = r"""
- name: Collect
  lvs.topology.verify_collect:
    name: "{{ plan.name }}"
    obstacles: true
  register: seen
"""

RETURN = r"""
packets:
  description: RV(lvs.topology.capture#module:packets), and all else that this module returns.
  returned: success
  type: list
  elements: dict
obstacles:
  description:
    - RV(lvs.topology.obstacles_info#module:obstacles). Empty where the host does not tell, which is
      no failure.
  returned: with O(obstacles)
  type: dict
"""
