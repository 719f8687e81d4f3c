#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manage a director's whole IPVS table."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: ipvs_services
short_description: Manage a director's whole IPVS table
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Makes the listed services, with exactly the listed destinations, what the kernel's IPVS table
    holds.
  - Reads the table once and writes only the changes, in an order in which no running service loses
    its last destination
    on the way - destinations come before others go.
  - What else is in the table stays unless O(purge) covers it.
options:
  services:
    description: The services. Each is listed whole - a destination that is not listed goes.
    type: list
    elements: dict
    required: true
    suboptions:
      address:
        description:
          - The virtual IP address (VIP), IPv4 or IPv6.
          - Either this or O(services[].fwmark).
        type: str
      fwmark:
        description:
          - The firewall mark (1 to 4294967295) of the packets that the service takes, instead of an
            address.
        type: int
      family:
        description: The address family of a service by O(services[].fwmark), V(ipv4) where it is
          left out.
        type: str
        choices: [ipv4, ipv6]
      protocol:
        description: The transport protocol of a service by O(services[].address), V(tcp) where it
          is left out.
        type: str
        choices: [tcp, udp, sctp]
      port:
        description:
          - The port of a service by O(services[].address), 0 to 65535.
          - V(0) stands for every port and needs O(services[].persistence_timeout).
        type: int
      scheduler:
        description: How connections are spread over the destinations, see ipvsadm(8).
        type: str
        default: wlc
        choices: [rr, wrr, lc, wlc, fo, ovf, lblc, lblcr, dh, sh, mh, sed, nq, twos]
      scheduler_flags:
        description:
          - Flags of the schedulers V(sh) and V(mh).
          - V(fallback) tries another destination where the chosen one is not available; V(port)
            adds the source port to
            the hash.
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
        description: Schedule each packet by itself (UDP or a fwmark only), as C(ipvsadm --ops)
          does.
        type: bool
        default: false
      destinations:
        description: The real servers, in the order in which they are added (which matters to the
          scheduler V(mh)).
        type: list
        elements: dict
        default: []
        suboptions:
          address:
            description:
              - The real server's address (RIP).
              - Of the service's family, unless O(services[].destinations[].forwarding=tunnel).
            type: str
            required: true
          port:
            description:
              - The real server's port, 0 to 65535; the service's where it is left out.
              - Only O(services[].destinations[].forwarding=masq) can have another port than the
                service.
            type: int
          forwarding:
            description:
              - How packets reach the real server.
              - V(masq) rewrites addresses (NAT and FULLNAT), V(droute) only the MAC address (DR),
                V(tunnel) wraps the
                packet (TUN).
            type: str
            default: droute
            choices: [masq, droute, tunnel]
          weight:
            description: The share of connections, 0 to 65535. V(0) takes no new connections.
            type: int
            default: 1
          upper_threshold:
            description: No new connections from this many on; V(0) is no limit.
            type: int
            default: 0
          lower_threshold:
            description:
              - New connections again below this many, where the upper threshold was reached. At
                most
                O(services[].destinations[].upper_threshold).
              - V(0) leaves it to the kernel, which takes three quarters of the upper threshold.
            type: int
            default: 0
          tunnel_type:
            description: The outer packet's kind, for
              O(services[].destinations[].forwarding=tunnel).
            type: str
            default: ipip
            choices: [ipip, gue, gre]
          tunnel_port:
            description: The UDP port of V(gue), 1 to 65535; needed there and nowhere else.
            type: int
            default: 0
          tunnel_checksum:
            description: Checksums of the outer packet. V(gre) has V(csum), V(gue) has V(csum) and
              V(remcsum).
            type: str
            default: none
            choices: [none, csum, remcsum]
  hosts:
    description:
      - The names of real servers, each with its addresses (RIPs).
      - They are kept with the table, so that M(lvs.topology.ipvs_drain) can be given names.
    type: dict
    default: {}
  purge:
    description:
      - Which services that are not listed are deleted.
      - V(owned) deletes those that this collection added before (its state file names them), V(all)
        every one, V(none)
        nothing.
    type: str
    default: owned
    choices: [owned, all, none]
  drain_removed:
    description:
      - What is to go gets weight 0 first, and is deleted once its connections have ended or the
        time is over. Without this option it is deleted at once, which cuts them.
      - A destination that gets another forwarding method gets weight 0 before that as well. Where
        nothing else serves meanwhile, one half of a service's destinations goes first. Without this
        option it is changed at once - connections go on by the old method, and the kernel's one
        route for the destination may then be of no use for new ones.
      - Waiting is done on the controller. Everything else is done before.
      - A service that is to go refuses new connections meanwhile.
    type: dict
    suboptions:
      wait_for:
        description:
          - Which connections are waited for. V(active) are those that are established, V(inactive)
            are those that are being closed, V(persistent) are the templates of persistent services.
          - The kernel counts every connection of UDP as inactive. With V(active) these are waited
            for as well.
        type: list
        elements: str
        default: [active]
        choices: [active, inactive, persistent]
      timeout:
        description: How long to wait, in seconds (0 to 86400).
        type: int
        default: 300
      poll_interval:
        description: How long to wait from one look to the next, in seconds (1 to 3600).
        type: int
        default: 2
      on_timeout:
        description:
          - What to do when the time is over and connections are left.
          - V(continue) goes on, which cuts them, and warns.
          - V(fail) leaves their destinations as they were, but for weight 0, and fails.
        type: str
        default: continue
        choices: [fail, continue]
  phase:
    description:
      - V(prepare) adds and changes what leads to nothing being taken away; what is to go, or to get
        another forwarding method, is left as it is. RV(later) tells whether there is any.
      - V(finish) does the rest, and waits as O(drain_removed) says. In between clients can be led
        from what goes to what has come.
      - V(all) does both at once.
    type: str
    default: all
    choices: [all, prepare, finish]
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.ipvs
  - lvs.topology.persist
seealso:
  - module: lvs.topology.ipvs_info
  - module: lvs.topology.ipvs_destination
"""

EXAMPLES = r"""
- name: One web service in direct routing, and one in NAT
  lvs.topology.ipvs_services:
    services:
      - address: 192.0.2.10
        port: 80
        scheduler: wrr
        destinations:
          - address: 10.0.0.11
            weight: 2
          - address: 10.0.0.12
      - address: 192.0.2.11
        port: 8080
        destinations:
          - address: 10.0.0.11
            port: 80
            forwarding: masq

- name: The same, but 10.0.0.12 goes once its connections have ended
  lvs.topology.ipvs_services:
    services:
      - address: 192.0.2.10
        port: 80
        scheduler: wrr
        destinations:
          - address: 10.0.0.11
            weight: 2
    drain_removed:
      timeout: 600

- name: Nothing of ours is left
  lvs.topology.ipvs_services:
    services: []
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample: ["add service tcp 192.0.2.10:80", "add destination 10.0.0.11:80 of service tcp
    192.0.2.10:80"]
connections:
  description:
    - Connections of destinations that are to go or to switch, when last looked at, each as
      M(lvs.topology.ipvs_drain) tells them.
    - C(reusable) says that inactive ones are waited for as well. In DR and TUN the director takes a
      client that uses its port again for the connection that it has closed, by the old method.
  returned: with O(drain_removed)
  type: list
  elements: dict
staying:
  description:
    - Services with destinations that were there before and keep their forwarding method. Their
      connections go on as they began, whatever else changes.
  returned: success
  type: list
  elements: str
  sample: ["tcp 192.0.2.10:80"]
later:
  description: What O(phase=finish) has yet to do, in order, a sentence each.
  returned: with O(phase=prepare)
  type: list
  elements: str
  sample: ["delete destination 10.0.0.11:80 of service tcp 192.0.2.10:80"]
waited:
  description: For how many seconds connections were waited for.
  returned: with O(drain_removed), where there were connections to wait for, outside of check mode
  type: int
  sample: 42
timed_out:
  description: Whether connections were left when the time was over, and were cut.
  returned: with O(drain_removed), where there were connections to wait for, outside of check mode
  type: bool
  sample: false
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
"""

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge.phases import ALL, FINISH, PREPARE, still_to_do
from ..module_utils.converge.table import Request, converge_table
from ..module_utils.converge.table_state import PART
from ..module_utils.ipvs.schema import parse_services, services_spec
from ..module_utils.ipvs.wait import DRAIN_REMOVED_SPEC, problems
from ..module_utils.module.run import PERSIST_SPEC, read_or_fail, run


def main() -> None:
    """Run the module: without any waiting, which is the part of the action plugin."""
    module = AnsibleModule(
        argument_spec={
            "services": services_spec(),
            "hosts": {"type": "dict", "default": {}},
            "purge": {"type": "str", "default": "owned", "choices": ["owned", "all", "none"]},
            "drain_removed": DRAIN_REMOVED_SPEC,
            "phase": {"type": "str", "default": ALL, "choices": [ALL, PREPARE, FINISH]},
            **PERSIST_SPEC,
        },
        supports_check_mode=True,
    )
    drain = module.params["drain_removed"]
    services, wrong = parse_services(module.params["services"])
    wrong_times = [f"drain_removed.{one}" for one in problems(drain)] if drain else []
    request = Request(
        read_or_fail(module, services, [*wrong, *wrong_times]),
        module.params["purge"],
        module.params["hosts"],
        drain["wait_for"] if drain else (),
        module.params["phase"],
    )
    run(
        module,
        PART,
        lambda part: converge_table(part, request, check_mode=module.check_mode),
        lambda outcome: {
            **still_to_do(module.params["phase"])(outcome),
            "staying": outcome.staying,
            **({"connections": outcome.connections} if drain else {}),
        },
    )


if __name__ == "__main__":
    main()
