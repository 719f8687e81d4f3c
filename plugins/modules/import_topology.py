#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation of the action plugin import_topology."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: import_topology
short_description: Turn what another program is told into a declaration
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Reads a director's table, or the configuration of keepalived or ldirectord, or what
    C(ipvsadm --save) writes, and writes a declaration with its inventory.
  - Compiles the declaration, and compares that with the table that was read.
  - What cannot be carried over is listed, with its file and line.
  - Runs on the controller only. Nothing that is read is run, and no file is read that lies in
    another folder than O(source), unless O(folders) has it.
options:
  source:
    description: The file. Without it, O(table) is imported.
    type: path
  format:
    description: Whose file it is. Without it, what it looks like.
    type: str
    choices: [keepalived, ldirectord, ipvsadm]
  folders:
    description: Further folders whose files may be included by O(source).
    type: list
    elements: path
    default: []
  config_id:
    description: Whose lines are meant where keepalived's configuration has lines for one host
      (C(@HOST)), as keepalived's own option C(--config-id). Without it, none of them is read.
    type: str
    default: ""
  table:
    description: What M(lvs.topology.ipvs_info) has returned of O(director). Beside O(source) it is
      compared.
    type: dict
  director:
    description: The name of the host whose O(table) it is, and of the director in the inventory.
    type: str
    default: ""
  address:
    description: Its C(ansible_host), which goes before the address that O(source) has. Without
      either, the name in O(director) is the address.
    type: str
    default: ""
  managed:
    description: Whether real servers become hosts of the inventory. Without that they are
      addresses, and nothing is done on them.
    type: bool
    default: true
  marks:
    description: Mark → what gets it, a dict of C(vips), C(ports) and C(protocol), as in the
      declaration. A service by a mark that is not here is left out, because no file says which
      packets get it.
    type: dict
    default: {}
  target:
    description: The folder that gets C(hosts.yml), C(group_vars/all.yml) and C(remarks.md).
    type: path
    required: true
  force:
    description: Whether files that are there already are overwritten.
    type: bool
    default: false
extends_documentation_fragment:
  - lvs.topology.attributes.controller
seealso:
  - module: lvs.topology.compile_topology
  - module: lvs.topology.ipvs_info
"""

EXAMPLES = r"""
- name: Import a configuration
  lvs.topology.import_topology:
    source: keepalived.conf
    target: imported
  register: imported

- name: Everything was carried over
  ansible.builtin.assert:
    that: imported.remarks == []
"""

RETURN = r"""
files:
  description: The files, whether they were there already or not.
  returned: success
  type: list
  elements: str
services:
  description: The names of the declared services.
  returned: success
  type: list
  elements: str
remarks:
  description: What was not carried over as it was. It is printed too.
  returned: success
  type: list
  elements: dict
  contains:
    file:
      description: The file.
      returned: success
      type: str
    line:
      description: The line, V(0) for none.
      returned: success
      type: int
    text:
      description: What it is, and what can be done.
      returned: success
      type: str
differences:
  description: What is different between the table that was read, and the one that the declaration
    compiles to. It is printed too.
  returned: success
  type: list
  elements: str
differences_from_table:
  description: The same of O(table).
  returned: when O(table) is given
  type: list
  elements: str
"""
