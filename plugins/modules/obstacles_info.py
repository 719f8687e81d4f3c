#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read what can keep a host from answering or forwarding."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: obstacles_info
short_description: Read what can keep a host from answering or forwarding
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Reads listening sockets, the packet filter's tables that drop, and how full the table of tracked
    connections is. The role P(lvs.topology.verify#role) does so where a request had no answer.
  - Changes nothing, and loads no kernel module.
options: {}
extends_documentation_fragment:
  - lvs.topology.attributes.info
notes:
  - Needs root (C(become)), and C(nft) of nftables to see packet filters.
seealso:
  - module: lvs.topology.verify_report
"""

EXAMPLES = r"""
- name: Read what may drop packets
  lvs.topology.obstacles_info:
  register: found

- name: Show tables of the packet filter that drop
  ansible.builtin.debug:
    var: found.obstacles.filters
"""

RETURN = r"""
obstacles:
  description: What was found.
  returned: success
  type: dict
  contains:
    listening:
      description: TCP and UDP sockets that take requests.
      returned: success
      type: list
      elements: dict
      sample: [{protocol: tcp, address: 0.0.0.0, port: 80}]
    filters:
      description:
        - The tables of nftables with a rule or policy that drops or rejects, without our own - the
          C(table), the C(hooks) of its chains, and whether it looks at the state of connections
          (C(by_state)). Rules are not followed.
        - Tables of the old iptables are among them, whatever is in them.
        - Null where they cannot be read.
      returned: success
      type: list
      elements: dict
      sample: [{table: inet filter, hooks: [forward, input], by_state: true}]
    redirects:
      description:
        - The tables with a rule that leads packets to another address, port or socket (C(dnat),
          C(redirect), C(tproxy)), and those of the old iptables that can. With one of them, a port
          needs no socket.
        - Null where they cannot be read.
      returned: success
      type: list
      elements: str
      sample: [ip nat]
    connections:
      description:
        - How many connections are tracked (C(tracked)), and how many can be (C(most)); empty where
          none are.
      returned: success
      type: dict
      sample: {tracked: 312, most: 65536}
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.host.errors import HostError
from ..module_utils.host.obstacles import gather


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec={}, supports_check_mode=True)
    try:
        obstacles = gather()
    except HostError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, obstacles=obstacles)


if __name__ == "__main__":
    main()
