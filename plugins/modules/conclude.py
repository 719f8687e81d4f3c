#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin conclude."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: conclude
short_description: Say at the end of a run what became of it, and what to type next
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Prints for people, in lines of their own. The last task of the playbooks.
options:
  compiled:
    description:
      - RV(lvs.topology.compile_topology#module:compiled). Prints a table of its services - mode,
        VIPs, which real servers are in, which are out and why - and which hosts have changed.
      - Real servers and hosts are those of which M(lvs.topology.apply_compiled) was told.
    type: str
  result:
    description: A sentence.
    type: str
  next:
    description:
      - The playbook to run next, without C(lvs.topology.), and its options. It is printed as a
        command, with O(inventory).
    type: str
  inventory:
    description: The inventory for O(next). That of this run, unless it is given.
    type: path
  why:
    description: What O(next) is good for.
    type: str
  unlock:
    description:
      - Give the lease of this host back first, as M(lvs.topology.lease) does with
        O(lvs.topology.lease#module:state=released).
      - Without it, no host is contacted. In check mode no lease was taken.
    type: bool
    default: false
extends_documentation_fragment:
  - lvs.topology.attributes.controller
seealso:
  - module: lvs.topology.compile_topology
  - module: lvs.topology.apply_compiled
"""

EXAMPLES = r"""
- name: Sum up
  lvs.topology.conclude:
    compiled: "{{ topology.compiled }}"
    next: verify
    why: proves with packets that every service works
  run_once: true
"""

RETURN = r"""
text:
  description: What was printed.
  returned: success
  type: str
  sample: |-
    service  mode  VIP            real servers (weight)  out, and why
    -------  ----  -------------  ---------------------  -------------
    web      dr    192.0.2.10:80  web1, web2             web3: drained
    Changed 1 of 4 hosts: web1.
"""
