#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Have one of two directors give its VIPs to the other one."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: vrrp
short_description: Have one of two directors give its VIPs to the other one
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - For the directors of a pair, which M(lvs.topology.director) has made (its option
    O(lvs.topology.director#module:vrrp)).
  - Which one is master is decided by keepalived. This module says which one may be, in the file
    that keepalived watches, and waits until VIPs are where they have to be.
  - The next run of M(lvs.topology.director), and a reboot, end the state V(standby).
options:
  state:
    description:
      - V(standby) - the other director has the VIPs. Refuses new connections for half a second,
        so that those that are being opened get to their end, and waits until the VIPs are gone.
      - V(ready) - this director may be master, and takes its turn. It does not take VIPs away.
      - V(next) - an error where this director may not be master; for a minute, it does not reset
        connections of which the other one has not told it yet.
      - V(master) - waits until this director has all VIPs, and ends what V(next) began once it has
        been told of all connections.
      - An error where the table was not filled since the host booted.
    type: str
    required: true
    choices: [standby, ready, next, master]
  timeout:
    description: How long to wait, in seconds.
    type: float
    default: 30.0
extends_documentation_fragment:
  - lvs.topology.attributes
attributes:
  async:
    support: full
    description: Supports being run with the C(async) keyword.
seealso:
  - module: lvs.topology.director
"""

EXAMPLES = r"""
- name: The other director has the VIPs
  lvs.topology.vrrp:
    state: standby

- name: This director may have them again
  lvs.topology.vrrp:
    state: ready
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), a sentence each.
  returned: success
  type: list
  elements: str
  sample: [have the other director be master]
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge.director import PART
from ..module_utils.converge.role import converge_role
from ..module_utils.module.run import run
from ..module_utils.vrrp.role import STATES


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "required": True, "choices": [*STATES]},
            "timeout": {"type": "float", "default": 30.0},
        },
        supports_check_mode=True,
    )
    state, timeout = module.params["state"], module.params["timeout"]
    run(
        module,
        PART,
        lambda part: converge_role(part, state, timeout, check_mode=module.check_mode),
    )


if __name__ == "__main__":
    main()
