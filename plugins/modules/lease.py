#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keep other runs out while this one changes a topology."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: lease
short_description: Keep other runs out while this one changes a topology
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - If two runs change the same topology, from one controller or two, the first one continues, and
    the second one fails with a message. Every module locks its own host; the lease keeps whole runs
    apart.
  - The lease is on one host, a director. All runs must choose the same one.
  - It ends with O(state=released), after O(seconds), or with a reboot. If a run died without
    releasing it, the next run on the same controller notices, and takes it over.
options:
  state:
    description: V(acquired) takes the lease, or prolongs this run's own. V(released) releases it.
    type: str
    default: acquired
    choices: [acquired, released]
  seconds:
    description: The longest life of the lease, from now on (1 to 604800).
    type: int
    default: 900
  generation:
    description:
      - RV(lvs.topology.node_info#module:node.lease_generation) of this host, from when this
        run read all hosts. If another run has had the lease since, the facts may be outdated, and
        the task fails.
    type: int
  force:
    description: Take the lease over from another run.
    type: bool
    default: false
  run:
    description: For the action plugin only. An identity of this run.
    type: str
    default: ""
  holder:
    description: For the action plugin only. The name of this run in messages.
    type: str
    default: ""
  dead:
    description: For the action plugin only. A run that has ended without releasing the lease.
    type: str
    default: ""
attributes:
  check_mode:
    support: full
    description: In check mode the task takes no lease. A warning names the run that has it, or says
      that it cannot be read.
  diff_mode:
    support: N/A
    description: A lease is not part of a host's configuration.
  idempotent:
    support: full
    description: Never reports a change.
  platform:
    support: full
    platforms: linux
    description: The operating systems of the hosts that it runs on.
notes:
  - Kept in C(/run/lvs-topology.lease).
seealso:
  - module: lvs.topology.node_info
"""

EXAMPLES = r"""
- name: One run at a time
  lvs.topology.lease:
    seconds: 1800
  run_once: true

- name: Let others in again
  lvs.topology.lease:
    state: released
  run_once: true
"""

RETURN = r"""
held_by:
  description: The run that has the lease, for the action plugin.
  returned: when another run has it
  type: str
  sample: ctl 4711 81234
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.errors import UserError
from ..module_utils.state import lease
from ..module_utils.state.errors import PersistenceError

_MAX_SECONDS = 604800


def _warn(module: AnsibleModule) -> None:
    """Warn about the run that has the lease; one that cannot be read is no failure."""
    try:
        holder = lease.holder()
    except PersistenceError as error:
        module.warn(str(error))
        return
    if holder:
        module.warn(f"{holder} is changing this topology")


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            "state": {"type": "str", "default": "acquired", "choices": ["acquired", "released"]},
            "seconds": {"type": "int", "default": 900},
            "generation": {"type": "int"},
            "force": {"type": "bool", "default": False},
            "run": {"type": "str", "default": ""},
            "holder": {"type": "str", "default": ""},
            "dead": {"type": "str", "default": ""},
        },
        supports_check_mode=True,
    )
    given = module.params
    if not 1 <= given["seconds"] <= _MAX_SECONDS:
        module.fail_json(msg=f"seconds: got {given['seconds']}, expected 1 to {_MAX_SECONDS}")
    try:
        if module.check_mode:
            if given["state"] == "acquired":
                _warn(module)
        elif given["state"] == "released":
            lease.give_back(given["run"])
        else:
            dead = lease.ANYBODY if given["force"] else given["dead"]
            lease.take(
                given["run"],
                given["holder"],
                given["seconds"],
                generation=given["generation"],
                dead=dead,
            )
    except lease.HeldError as error:
        module.fail_json(msg=str(error), held_by=error.run)
    except UserError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False)


if __name__ == "__main__":
    main()
