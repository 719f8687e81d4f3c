#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage IPVS timeouts and sysctls."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_settings
short_description: Manage IPVS timeouts and sysctls
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Sets the timeouts of IPVS connections and the sysctls below C(net.ipv4.vs) of a director.
  - A run describes all settings that shall differ from the host's original values. A setting that
    an earlier run made and that is no longer listed gets the value back that it had before, unless
    somebody changed it since.
options:
  state:
    description: With V(absent), every setting that was made gets its original value back.
    type: str
    default: present
    choices: [present, absent]
  tcp_timeout:
    description:
      - Seconds (1 to 2678400) after which an established TCP connection without packets is
        forgotten.
      - The kernel's own default is 900.
    type: int
  tcp_fin_timeout:
    description:
      - Seconds (1 to 2678400) after which a TCP connection that was closed is forgotten.
      - The kernel's own default is 120.
    type: int
  udp_timeout:
    description:
      - Seconds (1 to 2678400) after which a UDP flow without packets is forgotten.
      - The kernel's own default is 300.
    type: int
  sysctls:
    description:
      - Sysctls by their names below C(net.ipv4.vs), for example V(conntrack) or
        V(expire_nodest_conn).
      - Values are numbers, or as with C(sync_threshold) two numbers in a text. V(true) and V(false)
        stand for 1 and 0.
      - The kernel documents them in C(Documentation/networking/ipvs-sysctl.rst).
    type: dict
    default: {}
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.ipvs
  - lvs.topology.ipvs.override
  - lvs.topology.persist
seealso:
  - module: lvs.topology.ipvs_services
"""

EXAMPLES = r"""
- name: End connections to deleted destinations at their next packet
  lvs.topology.ipvs_settings:
    tcp_timeout: 1800
    sysctls:
      expire_nodest_conn: 1
      sync_threshold: "3 50"

- name: Back to the original values
  lvs.topology.ipvs_settings:
    state: absent
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["set net.ipv4.vs.expire_nodest_conn to 1", "set tcp_timeout to 1800"]
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge.settings import PART, converge_settings
from ..module_utils.ipvs.settings import SETTINGS_SPEC, Settings, parse_settings
from ..module_utils.module.ad_hoc import OVERRIDE_SPEC, run
from ..module_utils.module.run import PERSIST_SPEC, STATE_SPEC, read_or_fail


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **SETTINGS_SPEC,
            **STATE_SPEC,
            **OVERRIDE_SPEC,
            **PERSIST_SPEC,
        },
        supports_check_mode=True,
    )
    settings = read_or_fail(module, *parse_settings(module.params))
    if module.params["state"] == "absent":
        settings = Settings()
    run(
        module,
        PART,
        lambda part: converge_settings(part, settings, check_mode=module.check_mode),
    )


if __name__ == "__main__":
    main()
