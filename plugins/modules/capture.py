#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Watch packets of a host for a bounded time."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: capture
short_description: Capture packets of a host for a limited time
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Returns packets from and to given hosts as they pass this one, with MAC addresses and tunnels,
    and ARP and neighbour discovery messages about given addresses.
  - Listens on all devices with a filter in the kernel, never in promiscuous mode, and keeps only
    headers. Changes nothing on the host.
options:
  state:
    description:
      - V(finished) captures for O(seconds) and returns the packets.
      - V(started) captures in the background, and returns once it listens. V(collected) stops the
        capture with this O(name), and returns its packets.
      - A capture in the background stops by itself after O(seconds), and discards its packets two
        minutes later. It leaves no file.
    type: str
    choices: [finished, started, collected]
    default: finished
  name:
    description: The name of a capture in the background, 1 to 64 printable ASCII characters.
    type: str
    default: default
  hosts:
    description:
      - Capture IP packets from or to one of these addresses. In a tunnel (IPIP, GRE, SIT, GUE) the
        inner addresses count.
      - This includes ICMP errors about such packets.
    type: list
    elements: str
    default: []
  ports:
    description: Capture only packets from or to one of these ports. An empty list means all.
    type: list
    elements: int
    default: []
  neighbours:
    description: Capture ARP and neighbour discovery messages about these addresses.
    type: list
    elements: str
    default: []
  tunnel_ports:
    description: UDP ports of GUE.
    type: list
    elements: int
    default: []
  seconds:
    description: The limit of the capture in seconds, from 1 to 300.
    type: int
    default: 10
  max_packets:
    description: The limit of the capture in packets, from 1 to 20000. The next packet ends it.
    type: int
    default: 5000
extends_documentation_fragment:
  - lvs.topology.attributes.info
notes:
  - Needs C(CAP_NET_RAW), so use C(become).
seealso:
  - module: lvs.topology.probe
  - module: lvs.topology.neighbours_info
"""

EXAMPLES = r"""
- name: Capture a client's requests for ten seconds
  lvs.topology.capture:
    hosts: [198.51.100.10]
    ports: [80]
  register: seen
"""

RETURN = r"""
packets:
  description: TCP, UDP and SCTP packets in the order of their arrival.
  returned: success, but not for O(state=started)
  type: list
  elements: dict
  contains:
    time:
      description: Seconds since 1970, by the host's clock.
      returned: success
      type: float
    interface:
      description: The device.
      returned: success
      type: str
      sample: eth0
    direction:
      description: V(in), V(out), or V(other) for a frame to another host.
      returned: success
      type: str
      sample: in
    source_mac:
      description: The sender on this link; empty if the device has no such addresses.
      returned: success
      type: str
      sample: "52:54:00:00:00:01"
    target_mac:
      description: The receiver on this link.
      returned: success
      type: str
      sample: "52:54:00:00:00:02"
    protocol:
      description: V(tcp), V(udp) or V(sctp).
      returned: success
      type: str
      sample: tcp
    source:
      description: The source address; in a tunnel, that of the inner packet.
      returned: success
      type: str
      sample: 198.51.100.10
    source_port:
      description: The source port.
      returned: success
      type: int
      sample: 41234
    target:
      description: The target address.
      returned: success
      type: str
      sample: 192.0.2.10
    target_port:
      description: The target port.
      returned: success
      type: int
      sample: 80
    flags:
      description: The TCP flags of S (SYN), A (ACK), F (FIN), R (RST) and P (PSH).
      returned: success
      type: str
      sample: SA
    sequence:
      description: The sequence number of TCP; else 0.
      returned: success
      type: int
    hops:
      description: TTL or hop limit.
      returned: success
      type: int
      sample: 63
    length:
      description: Bytes of the (outermost) IP packet.
      returned: success
      type: int
      sample: 60
    encapsulation:
      description: The tunnel, V(ipip), V(sit), V(gre), V(gue), or empty.
      returned: success
      type: str
    outer_source:
      description: The source address of the tunnel's packet, or empty.
      returned: success
      type: str
    outer_target:
      description: The target address of the tunnel's packet, or empty.
      returned: success
      type: str
neighbours:
  description:
    - ARP and neighbour discovery messages, with C(time), C(interface), C(direction),
      C(source_mac), C(target_mac), C(is_answer), C(address), and the C(mac) of its sender.
  returned: success, but not for O(state=started)
  type: list
  elements: dict
errors:
  description:
    - ICMP errors, with C(time), C(interface), C(direction), C(source_mac), C(target_mac), its
      C(sender), the C(reason), the C(mtu) if a packet was too big, and C(source), C(target),
      C(source_port) and C(target_port) of the quoted packet.
  returned: success, but not for O(state=started)
  type: list
  elements: dict
advertisements:
  description:
    - Advertisements of VRRP, all that pass, with C(time), C(interface), C(direction),
      C(source_mac), C(target_mac), C(source), C(target), and the sender's C(router_id) and
      C(priority).
  returned: success, but not for O(state=started)
  type: list
  elements: dict
seconds:
  description: The duration of the capture.
  returned: success, but not for O(state=started)
  type: float
complete:
  description:
    - Whether the capture is complete. It is not after O(max_packets), if the kernel dropped
      packets, or if a capture in the background ended before it was collected.
  returned: success, but not for O(state=started)
  type: bool
dropped:
  description: Packets that the kernel dropped, because they arrived faster than they were read.
  returned: success, but not for O(state=started)
  type: int
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.packets import background
from ..module_utils.packets.capture import Capture
from ..module_utils.packets.errors import PacketError
from ..module_utils.packets.options import CAPTURE, parse_capture


def main() -> None:
    """Run the module."""
    module = AnsibleModule(argument_spec=CAPTURE, supports_check_mode=True)
    spec, problems = parse_capture(module.params)
    if problems:
        module.fail_json(msg="\n".join(problems), problems=problems)
    name = module.params["name"]
    result: dict[str, Any] = {}
    try:
        if module.params["state"] == "started":
            background.start(name, spec)
        elif module.params["state"] == "collected":
            result = background.collect(name)
        else:
            with Capture(spec) as capture:
                result = capture.watch()
    except PacketError as error:
        module.fail_json(msg=str(error))
    module.exit_json(changed=False, **result)


if __name__ == "__main__":
    main()
