#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Take real servers out of service, and back."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_drain
short_description: Take real servers out of service, and back
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Gives real servers weight 0 in every service of a director that M(lvs.topology.director) or
    M(lvs.topology.ipvs_services) has made, and waits until their connections have ended; or brings
    them back with the weights that are declared for them.
  - Connections that are there go on meanwhile. New ones go to the other real servers.
  - Services of others are left alone.
options:
  real_servers:
    description: The real servers, by the names that O(lvs.topology.director#module:hosts) has
      given them, or by their addresses (RIPs).
    type: list
    elements: str
    required: true
  state:
    description:
      - V(drained) gives them weight 0 and waits.
      - V(undrained) brings them back with their declared weights. A weight other than 0 is left.
      - V(removed) deletes them from the table. The next run of C(site.yml) adds
        them again.
    type: str
    default: drained
    choices: [drained, undrained, removed]
  permanent:
    description:
      - Whether the real servers stay drained over the next run of C(site.yml) and
        over a reboot of the director, until O(state=undrained).
      - Otherwise either of the two brings them back.
      - A permanent drain is not ended by a later one with V(false). With O(state=removed) the real
        server comes back without a weight.
    type: bool
    default: false
  end_permanent:
    description:
      - Whether O(state=undrained) ends permanent drains, too. If not, a warning names these real
        servers.
    type: bool
    default: true
  min_active:
    description:
      - How many other real servers with a weight each of their services has to keep. With fewer in
        any service nothing is changed and the task fails.
      - Not looked at with O(state=undrained).
    type: int
    default: 0
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.waiting
seealso:
  - module: lvs.topology.director
  - module: lvs.topology.ipvs_info
"""

EXAMPLES = r"""
- name: Web2 gets no new connections; go on when it has none left
  lvs.topology.ipvs_drain:
    real_servers: [web2]
    timeout: 600

- name: Web2 is back
  lvs.topology.ipvs_drain:
    real_servers: [web2]
    state: undrained
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["change destination 10.0.0.12:80 of service tcp 192.0.2.10:80"]
connections:
  description: The connections of these real servers when last looked at, by destination.
  returned: always, unless the table could not be read
  type: list
  elements: dict
  contains:
    service:
      description: The service.
      type: str
      sample: tcp 192.0.2.10:80
    protocol:
      description: Its protocol; empty for a mark.
      type: str
      sample: tcp
    destination:
      description: The real server's address and port.
      type: str
      sample: 10.0.0.12:80
    active:
      description: Established connections.
      type: int
      sample: 3
    inactive:
      description: Connections that are being closed, and all of UDP.
      type: int
      sample: 12
    persistent:
      description: Templates of a persistent service.
      type: int
      sample: 0
drained:
  description:
    - Those of the real servers, as RIPs, that took new connections before, or that only health
      checks kept from it.
  returned: success, with O(state=drained)
  type: list
  elements: str
  sample: [10.0.0.12]
waited:
  description: For how many seconds connections were waited for.
  returned: when O(state=drained) and O(wait=true), outside of check mode
  type: int
  sample: 42
timed_out:
  description: Whether connections were left when the time was over.
  returned: when O(state=drained) and O(wait=true), outside of check mode
  type: bool
  sample: false
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge import director, table_state
from ..module_utils.converge.drain import STATES, Asked, converge_drain
from ..module_utils.converge.outcome import Outcome
from ..module_utils.errors import UserError
from ..module_utils.ipvs.wait import WAIT_SPEC, problems
from ..module_utils.module.run import read_or_fail, run
from ..module_utils.state.part import Part
from ..module_utils.state.section import TABLE, Section


def main() -> None:
    """Run the module: without any waiting, which is the part of the action plugin."""
    module = AnsibleModule(
        argument_spec={
            "real_servers": {"type": "list", "elements": "str", "required": True},
            "state": {"type": "str", "default": "drained", "choices": [*STATES]},
            "permanent": {"type": "bool", "default": False},
            "end_permanent": {"type": "bool", "default": True},
            "min_active": {"type": "int", "default": 0},
            **WAIT_SPEC,
        },
        supports_check_mode=True,
    )
    given = read_or_fail(module, module.params, problems(module.params))
    asked = Asked(
        given["real_servers"],
        given["state"],
        given["permanent"],
        given["end_permanent"],
        given["min_active"],
    )
    try:
        of_topology = director.is_declared()
    except UserError as error:
        module.fail_json(msg=str(error))

    def converge(part: Part) -> Outcome:
        if not of_topology:
            return converge_drain(part, asked, check_mode=module.check_mode)
        return converge_drain(
            Section(part, TABLE),
            asked,
            check_mode=module.check_mode,
            health=director.health(part),
        )

    run(module, director.PART if of_topology else table_state.PART, converge, told)


def told(outcome: Outcome) -> dict[str, Any]:
    """What is told beside what was done: all that waiting needs to know."""
    return {"connections": outcome.connections, "drained": [*outcome.drained]}


if __name__ == "__main__":
    main()
