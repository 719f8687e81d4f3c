#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Send a few requests to services."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: probe
short_description: Send a few requests to services
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Sends a few requests from this host at a low rate. Returns the source port of each one, by
    which its packets are found in the result of M(lvs.topology.capture).
  - Applications need not cooperate. A TCP or SCTP connection shows that packets pass both ways. The
    module closes it at once.
  - Stops after three failures in a row for one target.
options:
  targets:
    description: The targets. Targets run in parallel, the requests of one target in sequence.
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description: The address.
        type: str
        required: true
      port:
        description: The port, from 1 to 65535.
        type: int
        required: true
      protocol:
        description: The protocol. With V(udp) a request is a datagram with one byte.
        type: str
        choices: [tcp, udp, sctp]
        default: tcp
      requests:
        description: The number of requests, from 1 to 100.
        type: int
        default: 1
      http:
        description: Send an HTTP request over the connection (TCP) and wait for an answer.
        type: bool
        default: false
      size:
        description:
          - Bytes to send over the connection (TCP) or in the datagram, up to 65000. More than fits
            into one packet tests large packets.
          - With O(targets[].http) a header field of that length; else line feeds.
        type: int
        default: 0
  rate:
    description: Requests per second over all targets, from 1 to 100.
    type: int
    default: 20
  timeout:
    description: Seconds to wait for an answer, from 1 to 10.
    type: int
    default: 2
extends_documentation_fragment:
  - lvs.topology.attributes.info
notes:
  - Changes nothing on this host. Services get connections as from any client.
seealso:
  - module: lvs.topology.capture
"""

EXAMPLES = r"""
- name: Send four requests to a service
  lvs.topology.probe:
    targets:
      - address: 192.0.2.10
        port: 80
        requests: 4
  register: asked
"""

RETURN = r"""
results:
  description: All requests.
  returned: success
  type: list
  elements: dict
  contains:
    target:
      description: The number of its target, from 0.
      returned: success
      type: int
    source:
      description: The source address; empty if the request failed before it had one.
      returned: success
      type: str
      sample: 198.51.100.10
    port:
      description: The source port.
      returned: success
      type: int
      sample: 41234
    result:
      description:
        - V(answered), V(refused), V(timed out), V(unreachable), V(no answer) (UDP, whose
          application need not answer), or V(stalled) (connected, but O(targets[].size) bytes did
          not get through).
      returned: success
      type: str
      sample: answered
    seconds:
      description: Its duration.
      returned: success
      type: float
      sample: 0.003
    status:
      description: The first line of an HTTP answer, or the error's message.
      returned: success
      type: str
      sample: HTTP/1.1 200 OK
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.packets.options import PROBE, parse_targets
from ..module_utils.packets.probe import send


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=PROBE, supports_check_mode=True)
    targets, problems = parse_targets(module.params)
    if problems:
        module.fail_json(msg="\n".join(problems), problems=problems)
    results = send(targets, module.params["rate"], module.params["timeout"])
    module.exit_json(changed=False, results=[result._asdict() for result in results])


if __name__ == "__main__":
    main()
