#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what health checks say of a director's real servers."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: health_info
short_description: Read what health checks say of a director's real servers
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Reads for each service that is watched its real servers - which of them are up, since when and
    why not, what weight they have of the declared one, and their connections.
  - On a host where nothing is watched there are no services.
options: {}
extends_documentation_fragment:
  - lvs.topology.attributes.info
notes:
  - Needs C(CAP_NET_ADMIN), so use C(become).
seealso:
  - module: lvs.topology.director
  - module: lvs.topology.ipvs_info
"""

EXAMPLES = r"""
- name: Read pools
  lvs.topology.health_info:
  register: health

- name: Fail while a real server is down
  ansible.builtin.assert:
    that: health.services | map(attribute='real_servers') | flatten
      | selectattr('state', 'eq', 'down') | list == []
"""

RETURN = r"""
running:
  description: Whether C(lvs-topology-health.service) is at work. Without it weights stay as they
    are, whatever becomes of real servers.
  returned: success
  type: bool
  sample: true
problems:
  description: What cannot be read of what the daemon has left, a sentence each. States and reasons
    are not known then.
  returned: success
  type: list
  elements: str
  sample: []
services:
  description: The services that are watched, sorted.
  returned: success
  type: list
  elements: dict
  contains:
    name:
      description: The service's name in the declaration; may be empty.
      returned: success
      type: str
      sample: web
    service:
      description: The service in the table.
      returned: success
      type: str
      sample: tcp 192.0.2.10:80
    check:
      description: How real servers are tried.
      returned: success
      type: str
      sample: tcp
    interval:
      description: Seconds from one probe to the next.
      returned: success
      type: float
      sample: 2.0
    floor:
      description: The share of the declared weight, in percent, that checks never take out.
      returned: success
      type: int
      sample: 50
    on_floor:
      description: What happens where more is down, V(keep) or V(withdraw).
      returned: success
      type: str
      sample: keep
    real_servers:
      description: Its destinations, in the order of the declaration.
      returned: success
      type: list
      elements: dict
      contains:
        name:
          description: The host's name; empty where none is known.
          returned: success
          type: str
          sample: web2
        address:
          description: The real server's address (RIP).
          returned: success
          type: str
          sample: 10.0.0.12
        port:
          description: The real server's port.
          returned: success
          type: int
          sample: 80
        state:
          description: V(up) until shown otherwise, V(down), or V(untried) for a fallback and for a
            declared weight of 0.
          returned: success
          type: str
          sample: down
        since:
          description: Since when that, or a weight that is not the usual one, is so, in UTC; empty
            where nothing has changed since the daemon was first started.
          returned: success
          type: str
          sample: 2026-11-26 12:03:05 UTC
        reason:
          description: Why it is down, or why its weight is not the usual one; else empty.
          returned: success
          type: str
          sample: connection refused
        declared_weight:
          description: The weight that is declared.
          returned: success
          type: int
          sample: 10
        weight:
          description: The weight in the kernel; null where the kernel has no such destination.
          returned: success
          type: int
          sample: 0
        drained:
          description: Whether an operator has drained it, which its weight 0 comes from then.
          returned: success
          type: bool
          sample: false
        fallback:
          description: Whether it serves only while no other real server has a weight.
          returned: success
          type: bool
          sample: false
        active_connections:
          description: Connections at work (TCP - established).
          returned: success
          type: int
          sample: 3
        inactive_connections:
          description: Other connections that are still known (all of UDP).
          returned: success
          type: int
          sample: 12
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge import director, pools, table_state
from ..module_utils.errors import UserError
from ..module_utils.health import runtime
from ..module_utils.ipvs.client import Client
from ..module_utils.state.part import Part
from ..module_utils.state.section import TABLE, Section


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        part = Part(director.PART)
        kept = table_state.load(Section(part, TABLE))
        health = director.health(part)
        said = runtime.verdicts()
        services = []
        if health.watches:  # else IPVS need not be there
            with Client() as client:
                current = client.table()
                keys = [watch.service for watch in health.watches if watch.service in current]
                connections = {key: client.connections(key) for key in keys}
            services = pools.report(kept, health, said or {}, current, connections)
    except UserError as error:
        module.fail_json(msg=str(error))
    files = {"decided": health.decisions, "seen": said}
    module.exit_json(
        changed=False,
        running=runtime.is_running(),
        problems=[
            f"what the health daemon has {what} cannot be read"
            for what, content in files.items()
            if content is None
        ],
        services=services,
    )


if __name__ == "__main__":
    main()
