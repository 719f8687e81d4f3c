#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Read the IPVS table."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_info
short_description: Read the IPVS table, its connections and its statistics
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Reads every service and destination of the kernel's IPVS table, in the shape in which
    M(lvs.topology.ipvs_services) takes them, and what they are doing.
options:
  activity:
    description: Whether to read connections and statistics as well.
    type: bool
    default: true
extends_documentation_fragment:
  - lvs.topology.attributes.info
  - lvs.topology.ipvs
seealso:
  - module: lvs.topology.ipvs_services
"""

EXAMPLES = r"""
- name: Read the table of one director
  lvs.topology.ipvs_info:
  register: ipvs

- name: Make it another director's
  lvs.topology.ipvs_services:
    services: "{{ ipvs.services }}"
  delegate_to: director2
"""

RETURN = r"""
services:
  description:
    - The services with their destinations, sorted by service, in the shape of the option
      O(lvs.topology.ipvs_services#module:services).
    - What does not apply (a netmask without persistence, a tunnel type without a tunnel) is left
      out.
  returned: success
  type: list
  elements: dict
  sample:
    - protocol: tcp
      address: 192.0.2.10
      port: 80
      scheduler: wrr
      destinations:
        - {address: 10.0.0.11, port: 80, forwarding: droute, weight: 2}
activity:
  description: What the services are doing, in the order of RV(services), with statistics since each
    was added or zeroed.
  returned: when O(activity=true)
  type: list
  elements: dict
  contains:
    service:
      description: The service's name in messages.
      returned: success
      type: str
      sample: tcp 192.0.2.10:80
    statistics:
      description:
        - Counters (64 bits) of connections, packets and bytes, and their rates per second as the
          kernel estimates them
          every two seconds.
        - Outgoing ones count replies that pass the director, so that they stay 0 in DR and TUN.
      returned: success
      type: dict
      sample: {connections: 12, incoming_packets: 70, outgoing_packets: 0, incoming_bytes: 4900,
        outgoing_bytes: 0}
    destinations:
      description: The same for each destination.
      returned: success
      type: list
      elements: dict
      contains:
        address:
          description: The real server's address.
          returned: success
          type: str
        port:
          description: The real server's port.
          returned: success
          type: int
        active_connections:
          description: Connections at work (TCP - established).
          returned: success
          type: int
        inactive_connections:
          description: Other connections that are still known (TCP - mostly waiting to be forgotten;
            all of UDP).
          returned: success
          type: int
        persistent_connections:
          description: Persistence templates, which bind a client to this destination.
          returned: success
          type: int
        statistics:
          description: As for the service.
          returned: success
          type: dict
timeouts:
  description: Seconds after which an idle connection is forgotten, named as the options of
    M(lvs.topology.ipvs_settings).
  returned: success
  type: dict
  sample: {tcp_timeout: 900, tcp_fin_timeout: 120, udp_timeout: 300}
sync_daemons:
  description: The kernel's daemons that tell another director of connections, or are told.
  returned: success
  type: list
  elements: dict
  contains:
    role:
      description: V(master) tells, V(backup) is told.
      returned: success
      type: str
      sample: master
    interface:
      description: The interface.
      returned: success
      type: str
      sample: eth1
    sync_id:
      description: The number of whoever tells.
      returned: success
      type: int
      sample: 51
    group:
      description: The multicast group.
      returned: success
      type: str
      sample: 224.0.0.81
    port:
      description: The UDP port.
      returned: success
      type: int
      sample: 8848
version:
  description: IPVS's own version.
  returned: success
  type: str
  sample: 1.2.1
connection_table_size:
  description: Hash buckets of the connection table (C(ip_vs.conn_tab_bits), fixed when the module
    is loaded).
  returned: success
  type: int
  sample: 4096
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.ipvs.client import Client, ServiceActivity
from ..module_utils.ipvs.errors import IpvsError
from ..module_utils.ipvs.model import ServiceKey, Timeouts
from ..module_utils.ipvs.schema import render_table


def main() -> None:
    """Run the module."""
    module = AnsibleModule(
        argument_spec={"activity": {"type": "bool", "default": True}},
        supports_check_mode=True,
    )
    try:
        with Client() as client:
            table = client.table()
            timeouts = client.timeouts()
            daemons = client.sync_daemons()
            version, size = client.info()
            activity = client.activity() if module.params["activity"] else None
    except IpvsError as error:
        module.fail_json(msg=str(error))
    result: dict[str, Any] = {
        "services": render_table(table),
        "timeouts": render_timeouts(timeouts),
        "sync_daemons": [one._asdict() for one in daemons],
        "version": version,
        "connection_table_size": size,
    }
    if activity is not None:
        result["activity"] = [render_activity(key, activity[key]) for key in sorted(activity)]
    module.exit_json(changed=False, **result)


def render_timeouts(timeouts: Timeouts) -> dict[str, int]:
    """The timeouts under the names of ipvs_settings' options."""
    return {f"{name}_timeout": seconds for name, seconds in timeouts._asdict().items()}


def render_activity(key: ServiceKey, doing: ServiceActivity) -> dict[str, Any]:
    """One service's activity as data."""
    return {
        "service": str(key),
        "statistics": doing.statistics,
        "destinations": [
            {**each._asdict(), **activity._asdict()}
            for each, activity in doing.destinations.items()
        ],
    }


if __name__ == "__main__":
    main()
