#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a director's whole IPVS table."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_services
short_description: Manage a director's whole IPVS table
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Makes the listed services, with exactly the listed destinations, what the kernel's IPVS table
    holds.
  - Reads the table once and writes only the changes, in an order in which no running service loses
    its last destination
    on the way - destinations come before others go.
  - What else is in the table stays unless O(purge) covers it.
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.ipvs
  - lvs.topology.ipvs.override
  - lvs.topology.ipvs.table
  - lvs.topology.persist
seealso:
  - module: lvs.topology.ipvs_info
  - module: lvs.topology.ipvs_destination
"""

EXAMPLES = r"""
- name: One web service in direct routing, and one in NAT
  lvs.topology.ipvs_services:
    services:
      - address: 192.0.2.10
        port: 80
        scheduler: wrr
        destinations:
          - address: 10.0.0.11
            weight: 2
          - address: 10.0.0.12
      - address: 192.0.2.11
        port: 8080
        destinations:
          - address: 10.0.0.11
            port: 80
            forwarding: masq

- name: Nothing of ours is left
  lvs.topology.ipvs_services:
    services: []
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["add service tcp 192.0.2.10:80", "add destination 10.0.0.11:80 of service tcp
    192.0.2.10:80"]
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge.table import Request, converge_table
from ..module_utils.converge.table_state import PART
from ..module_utils.ipvs.schema import parse_hosts, parse_services, table_spec
from ..module_utils.module.ad_hoc import OVERRIDE_SPEC, health, run
from ..module_utils.module.run import PERSIST_SPEC, read_or_fail


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={**table_spec(), **OVERRIDE_SPEC, **PERSIST_SPEC},
        supports_check_mode=True,
    )
    if module.params["services"] is None:
        # The option is required here, and not where its documentation is shared.
        missing = "services: got nothing, expected a list ([] deletes what is ours)"
        read_or_fail(module, None, [missing])
    services, wrong_services = parse_services(module.params["services"])
    hosts, wrong_hosts = parse_hosts(module.params["hosts"])
    read_or_fail(module, services, [*wrong_services, *wrong_hosts])
    request = Request(services, module.params["purge"], hosts)
    run(
        module,
        PART,
        lambda part: converge_table(part, request, check_mode=module.check_mode, health=health()),
    )


if __name__ == "__main__":
    main()
