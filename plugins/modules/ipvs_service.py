#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage one IPVS service."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_service
short_description: Manage one IPVS service
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Adds, changes or deletes one service of the kernel's IPVS table. Its destinations stay as they
    are.
  - For ad-hoc work; a director's whole table is the work of M(lvs.topology.ipvs_services).
options:
  state:
    description: Whether the service is there. With V(absent), its destinations go with it.
    type: str
    default: present
    choices: [present, absent]
  scheduler:
    description: How connections are spread over the destinations, see ipvsadm(8).
    type: str
    default: wlc
    choices: [rr, wrr, lc, wlc, fo, ovf, lblc, lblcr, dh, sh, mh, sed, nq, twos]
  scheduler_flags:
    description:
      - Flags of the schedulers V(sh) and V(mh).
      - V(fallback) tries another destination where the chosen one is not available; V(port) adds
        the source port to the
        hash.
    type: list
    elements: str
    default: []
    choices: [fallback, port]
  persistence_timeout:
    description:
      - Seconds (up to 2678400) for which a client is sent to the same destination again.
      - V(0) makes the service not persistent.
    type: int
    default: 0
  persistence_prefix:
    description:
      - How many bits of the client's address decide whether it is the same client.
      - 1 to 32 for IPv4, 1 to 128 for IPv6; the whole address where it is left out.
    type: int
  persistence_engine:
    description: What else makes a client the same one. V(sip) looks at the SIP Call-ID.
    type: str
    choices: [sip]
  one_packet:
    description: Schedule each packet by itself (UDP or a fwmark only), as C(ipvsadm --ops) does.
    type: bool
    default: false
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.ipvs
  - lvs.topology.ipvs.override
  - lvs.topology.ipvs.service
  - lvs.topology.persist
seealso:
  - module: lvs.topology.ipvs_services
  - module: lvs.topology.ipvs_destination
"""

EXAMPLES = r"""
- name: A DNS service, each query scheduled by itself
  lvs.topology.ipvs_service:
    address: 192.0.2.10
    protocol: udp
    port: 53
    scheduler: rr
    one_packet: true

- name: The service by mark is gone
  lvs.topology.ipvs_service:
    fwmark: 7
    state: absent
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["change service udp 192.0.2.10:53"]
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge.table import ServiceChange, converge_service
from ..module_utils.converge.table_state import PART
from ..module_utils.fields import argument_spec
from ..module_utils.ipvs import edit
from ..module_utils.ipvs.model import ServiceKey
from ..module_utils.ipvs.schema import (
    SERVICE_FIELDS,
    SERVICE_KEY_FIELDS,
    parse_service,
    parse_service_key,
)
from ..module_utils.module.ad_hoc import OVERRIDE_SPEC, health, run
from ..module_utils.module.run import PERSIST_SPEC, STATE_SPEC, read_or_fail


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={
            **argument_spec(SERVICE_KEY_FIELDS, SERVICE_FIELDS),
            **STATE_SPEC,
            **OVERRIDE_SPEC,
            **PERSIST_SPEC,
        },
        supports_check_mode=True,
    )
    change = ServiceChange(*read_change(module), adopts=True)
    run(
        module,
        PART,
        lambda part: converge_service(part, change, check_mode=module.check_mode, health=health()),
    )


def read_change(module: AnsibleModule) -> tuple[ServiceKey, edit.Edit]:
    """Which service, and what shall become of it."""
    if module.params["state"] == "absent":
        key = read_or_fail(module, *parse_service_key(module.params, "service"))
        return key, lambda table: edit.without_service(table, key)
    service = read_or_fail(module, *parse_service(module.params, "service")).service
    return service.key, lambda table: edit.with_service(table, service)


if __name__ == "__main__":
    main()
