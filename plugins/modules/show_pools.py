#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin show_pools."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: show_pools
short_description: Show what health checks say of real servers
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Prints a table for each director - its services with their real servers, which of them are up,
    since when and why not, what weight they have of the declared one, and their connections.
  - Runs on the controller only. The playbook C(status.yml) reads the directors, and shows them.
options:
  directors:
    description:
      - Director → what M(lvs.topology.health_info) has returned.
      - Without C(services) it counts as a director that could not be read, and its C(msg) is shown.
    type: dict
    required: true
extends_documentation_fragment:
  - lvs.topology.attributes.controller
seealso:
  - module: lvs.topology.health_info
"""

EXAMPLES = r"""
- name: Read pools
  lvs.topology.health_info:
  register: health

- name: Show pools
  lvs.topology.show_pools:
    directors: "{{ {inventory_hostname: health} }}"
"""

RETURN = r"""
table:
  description: What was printed.
  returned: success
  type: str
down:
  description: The real servers that some director has found down.
  returned: success
  type: list
  elements: str
  sample: [web2]
ok:
  description: Whether every director was read, its health daemon runs, and no real server is down.
  returned: success
  type: bool
msg:
  description: The outcome as a sentence.
  returned: success
  type: str
  sample: "down: web2"
"""
