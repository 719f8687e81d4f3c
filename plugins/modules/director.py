#!/usr/bin/python
# SPDX-FileCopyrightText: the lvs.topology authors
# GNU General Public License v3.0+ (see COPYING or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Make a host a director."""

from __future__ import annotations

DOCUMENTATION = r"""
---
module: director
short_description: Make a host a director
version_added: 0.1.0
author: the lvs.topology authors (@lvs-topology)
description:
  - Everything that a director of a Linux Virtual Server needs, in one call - settings of IPVS and
    its table; the virtual addresses (VIPs) on its interfaces, forwarding, and no ICMP redirects
    that would lead packets past it; for FULLNAT the translation of source addresses; and the marks
    of services that are known by one.
  - Changes come in an order in which clients are served at each step. What the table needs comes
    before it, VIPs and marks come after it, and what leaves goes last, with draining in between
    where O(drain_removed) or O(wait) asks for it.
  - All is read, and everything that stands in the way is reported, before anything is changed.
  - A run that ends half way, or that no longer waits, leaves a director that serves. The next run
    goes on from there.
  - Announces an address that it adds (gratuitous ARP, unsolicited neighbour advertisement), at boot
    too, so that neighbours do not go on sending to its last owner.
  - Records what it owns and original values. O(state=absent), and a run in which something is no
    longer listed, remove the one and restore the others. An option that is left out is the same as
    an empty one.
options:
  state:
    description:
      - V(present) makes the host what the other options say.
      - V(absent) undoes everything that earlier runs of this module did; of the other options only
        O(drain_removed) and O(persist) count then.
    type: str
    default: present
    choices: [present, absent]
  vips:
    description:
      - The virtual addresses. Each is added with a prefix of its whole length, unless the interface
        has it already with any prefix.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The virtual address, IPv4 or IPv6.
        type: str
        required: true
      interface:
        description: The interface on which requests for it arrive.
        type: str
        required: true
  forward:
    description:
      - The families whose packets are forwarded (C(net.ipv4.ip_forward),
        C(net.ipv6.conf.all.forwarding)), as NAT needs it.
      - Switching V(ipv4) on or off also sets C(net.ipv4.conf.all.accept_redirects) and every
        interface's C(forwarding).
      - With V(ipv6) on, the kernel ignores router advertisements on interfaces whose C(accept_ra)
        is 1, so that a default route learnt from them expires; set C(accept_ra) to 2 there to
        keep it.
    type: list
    elements: str
    default: []
    choices: [ipv4, ipv6]
  no_redirects:
    description:
      - Interfaces on which no ICMP redirects are sent, as NAT on one interface needs it.
      - Sets C(net.ipv4.conf.*.send_redirects) to 0 on C(all) too, because either of the two is
        enough for the kernel to send them.
    type: list
    elements: str
    default: []
  probe_interfaces:
    description:
      - Interfaces on which replies to health checks through the VIP arrive (IPv4). Their source is
        an address of this host, so that it drops them unless C(net.ipv4.conf.*.accept_local) of the
        interface or of C(all) is 1; a strict C(rp_filter) (1) drops them, too, and becomes 2.
    type: list
    elements: str
    default: []
  liberal_conntrack:
    description:
      - Sets C(net.netfilter.nf_conntrack_tcp_be_liberal) to 1. Connection tracking, which IPVS uses
        in FULLNAT, knows nothing of what of a connection went through another director. Without it,
        packets of NAT that come back to this one look invalid, and the connection is reset.
    type: bool
    default: false
  lips:
    description:
      - Addresses of this host that real servers see as the source of requests (LIPs). Each is added
        as those of O(vips) are.
      - An address that the host has anyway (the DIP) need not be here.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The local address, IPv4 or IPv6.
        type: str
        required: true
      interface:
        description: The interface that has it.
        type: str
        required: true
  snat:
    description:
      - The virtual services whose requests go on with an address of this host as their source, as
        FULLNAT needs it. Which one, is said by O(local_addresses).
      - Written by C(nft) into the table C(inet lvs_director), which is ours alone - it is replaced
        in one transaction whenever it differs in anything, and no other table is touched. A table
        of that name that is there before is an error.
      - Needs C(net.ipv4.vs.conntrack=1), see O(settings).
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The virtual address.
        type: str
        required: true
      protocol:
        description: The protocol.
        type: str
        default: tcp
        choices: [tcp, udp]
      ports:
        description: The virtual port, 1 to 65535, or several in a row as FIRST-LAST.
        type: str
        required: true
  local_addresses:
    description: The sources that real servers see in services of O(snat), for each real server.
    type: list
    elements: dict
    default: []
    suboptions:
      real_server:
        description: The real server's address (RIP).
        type: str
        required: true
      first:
        description: The address, or the first of several in a row.
        type: str
        required: true
      last:
        description: The last of several; O(local_addresses[].first) where there is only one.
        type: str
  marks:
    description:
      - The virtual addresses and ports whose packets get a firewall mark, by which a service of
        O(services) with O(services[].fwmark) takes them.
      - Written into the same table as O(snat). Marks are set in the hooks C(input) and C(output),
        so that they decide about no route; packets to other addresses and ports keep theirs.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The virtual address.
        type: str
        required: true
      protocol:
        description: The protocol.
        type: str
        default: tcp
        choices: [tcp, udp, sctp]
      ports:
        description: The virtual port, 1 to 65535, or several in a row as FIRST-LAST.
        type: str
        required: true
      mark:
        description: The mark, 1 to 4294967295.
        type: int
        required: true
  helpers:
    description:
      - Helpers of IPVS that the kernel loads. V(ftp) is C(ip_vs_ftp), for data connections of
        services with port 21.
      - A helper stays loaded, as kernel modules do, whatever is declared later.
    type: list
    elements: str
    default: []
    choices: [ftp]
  settings:
    description:
      - Timeouts of IPVS and sysctls below C(net.ipv4.vs), as M(lvs.topology.ipvs_settings) takes
        them. What is not named stays as it is.
    type: dict
    default: {}
    suboptions:
      tcp_timeout:
        description: Seconds (1 to 2678400) for established TCP connections without packets.
        type: int
      tcp_fin_timeout:
        description: Seconds (1 to 2678400) for TCP connections that were closed.
        type: int
      udp_timeout:
        description: Seconds (1 to 2678400) for UDP flows without packets.
        type: int
      sysctls:
        description: Sysctls by their names below C(net.ipv4.vs).
        type: dict
        default: {}
  health:
    description:
      - The services of O(services) whose real servers are tried, each once.
        C(lvs-topology-health.service), which runs while there is one, gives a real server that
        does not answer weight 0, and its declared weight once it answers again.
      - A real server counts as up until it has been shown otherwise. One that is drained stays so.
    type: list
    elements: dict
    default: []
    suboptions:
      address:
        description: The service's address. Either this or O(health[].fwmark).
        type: str
      fwmark:
        description: The service's mark.
        type: int
      family:
        description: The family of a service by mark; V(ipv4) where it is left out.
        type: str
        choices: [ipv4, ipv6]
      protocol:
        description: The service's protocol; V(tcp) where it is left out.
        type: str
        choices: [tcp, udp, sctp]
      port:
        description: The service's port.
        type: int
      name:
        description: The service's name for people.
        type: str
        default: ""
      ask_address:
        description: The VIP that is asked with O(health[].through=vip); O(health[].address) where
          it is left out.
        type: str
      ask_port:
        description: The port that is asked there, and on a real server whose destination has port
          0; O(health[].port) where it is left out.
        type: int
      source:
        description: The address that probes come from. Empty is the one that the kernel chooses.
        type: str
        default: ""
      check:
        description:
          - How a real server is tried.
          - V(tcp) - a connection is accepted. V(tls) - a handshake succeeds. V(http), V(https) - a
            request is answered with a good status, and if declared with a text. V(dns) - a query
            over UDP is answered without an error. V(udp) - a datagram is answered, or at least not
            refused. V(script) - a program of the director ends with status 0.
        type: str
        default: tcp
        choices: [tcp, http, https, tls, dns, udp, script]
      check_port:
        description: The port that is tried; V(0) is the one that requests of the service reach.
        type: int
        default: 0
      through:
        description: V(vip) asks the VIP, led to one real server by a mark, as a client's request
          goes; V(rip) asks the real server's own address.
        type: str
        default: rip
        choices: [vip, rip]
      interval:
        description: Seconds (0.1 to 3600) from one probe to the next.
        type: float
        default: 2.0
      timeout:
        description: Seconds for a whole probe, at most O(health[].interval).
        type: float
        default: 1.0
      rise:
        description: As many good results in a row (1 to 100) bring a real server back.
        type: int
        default: 2
      fall:
        description: As many bad results in a row (1 to 100) take it out.
        type: int
        default: 3
      floor:
        description: The share of the declared weight, in percent, that checks never take out.
          Drained real servers do not count.
        type: int
        default: 0
      on_floor:
        description: What happens where more than that is down. With V(keep) those stay in that
          failed last; with V(withdraw) all go out.
        type: str
        default: keep
        choices: [keep, withdraw]
      slow_start:
        description: Seconds (0 to 3600) in which the weight of a real server that is back grows to
          the declared one.
        type: float
        default: 0.0
      url:
        description: The path that V(http) and V(https) ask for, with its query; V(/) where it is
          left out.
        type: str
      host:
        description: The header C(Host) of V(http) and V(https); where it is left out the address
          that is asked, with its port.
        type: str
      statuses:
        description: The statuses of V(http) and V(https) that are good, each a number or a range;
          V(200-299) where it is left out. Redirects are not followed.
        type: list
        elements: str
      pattern:
        description: A regular expression of Python that V(http) and V(https) find in the body, of
          which only the first 64 KiB are read.
        type: str
      server_name:
        description: The name that V(tls) and V(https) ask for (SNI), and that a certificate is
          compared with; where it is left out that of O(health[].host), or the address that is
          asked.
        type: str
      verify_certificate:
        description: Whether V(tls) and V(https) want a certificate that is valid, by the
          authorities that the director's system trusts, and for the name.
        type: bool
      query_name:
        description: The name that V(dns) asks for; V(.) is the root.
        type: str
      query_type:
        description: The type of the records that V(dns) asks for; V(A) where it is left out.
        type: str
        choices: [A, NS, CNAME, SOA, PTR, MX, TXT, AAAA]
      answers:
        description: What must be among the answers of V(dns) - addresses, names, or texts. Where it
          is left out, every answer without an error is good.
        type: list
        elements: str
      send:
        description: The datagram of V(udp) - text in UTF-8, in which C(\xHH) is the byte HH.
        type: str
      expect:
        description: What the answer to V(udp) has in it, written the same way; an empty one takes
          every answer. Where it is left out no answer is as good as one, and only ICMP says that
          nobody listens.
        type: str
      script:
        description: The path of a program on the director, without arguments and shell. The
          variables C(LVS_SERVICE), C(LVS_VIP), C(LVS_RIP) and C(LVS_PORT) say what to try. What has
          not ended at the timeout is killed.
        type: str
      fallback:
        description: Destinations of the service that have a weight only while none of the others
          has one. They are not tried.
        type: list
        elements: dict
        default: []
        suboptions:
          address:
            description: The destination's address.
            type: str
            required: true
          port:
            description: The destination's port; the service's where it is left out.
            type: int
  drain_removed:
    description:
      - What is to go gets weight 0 first, and is deleted once its connections have ended or the
        time is over. Without this option it is deleted at once, which cuts them.
      - A destination that gets another forwarding method gets weight 0 before that as well. Where
        nothing else serves meanwhile, one half of a service's destinations goes first. Without this
        option it is changed at once - connections go on by the old method, and the kernel's one
        route for the destination may then be of no use for new ones.
      - Waiting is done on the controller. All that can be done before is done before.
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
  wait:
    description:
      - Services whose connections have to end before anything leaves the host that they need, such
        as the source NAT of a service that has left FULLNAT. New connections are as declared
        meanwhile.
      - Only those services are waited for whose destinations stay and keep their forwarding method,
        and only if this host, or another one (O(pending_elsewhere)), is to lose something.
      - A run that is repeated after one that gave up half way of a change of forwarding method may
        wait for connections that have changed already.
      - Connections that began later are not waited for. Which ones began before is kept in
        C(/run/lvs-topology.connections), so that another run can wait on for the same ones.
    type: dict
    suboptions:
      services:
        description: The services, such as V(tcp 192.0.2.10:80) or V(fwmark 7 (ipv4\)).
        type: list
        elements: str
        required: true
      wait_for:
        description:
          - Which connections are waited for. V(active) are those that are established, V(inactive)
            are those that are being closed.
          - The kernel counts every connection of UDP as inactive. With V(active) these are waited
            for as well.
        type: list
        elements: str
        default: [active]
        choices: [active, inactive]
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
          - V(fail) leaves what they need in its place, and fails.
          - V(continue) goes on, which cuts them, and warns.
        type: str
        default: fail
        choices: [fail, continue]
  vrrp:
    description:
      - The pair that this director is one of. keepalived, which has to be installed, moves the
        addresses; it does nothing else. An address that is here is not in O(vips) or O(lips).
      - Writes C(/etc/keepalived/keepalived.conf), once keepalived has found nothing wrong with it,
        and reloads keepalived. A file of that name that the collection has not written is an error.
      - This director is master only once its table is filled, at boot too. Which one is master does
        not change between equals.
      - Starts the kernel's two daemons that synchronise connections, where O(vrrp.sync) is given.
    type: dict
    suboptions:
      router_id:
        description: The virtual router ID (VRID), 1 to 255, unique on the link.
        type: int
        required: true
      interval:
        description: Seconds from one advertisement to the next, 0.1 to 40.
        type: float
        default: 1.0
      interface:
        description: The interface on whose link the other director is.
        type: str
        required: true
      source:
        description: This director's own address.
        type: str
        required: true
      peer:
        description: The other director's. Nothing while there is no other one.
        type: str
        default: ''
      addresses:
        description: What the master has, of any family; at least one is of that of the source.
        type: list
        elements: dict
        required: true
        suboptions:
          address:
            description: The address, IPv4 or IPv6.
            type: str
            required: true
          interface:
            description: The interface that has it.
            type: str
            required: true
      track:
        description: Further interfaces; while one is down this director is not master.
        type: list
        elements: str
        default: []
      health:
        description:
          - A director whose health daemon does not run gives way to one whose daemon does. With
            both dead, the current master stays master.
        type: bool
        default: false
      sync:
        description: How connections are synchronised with the other director.
        type: dict
        suboptions:
          interface:
            description: The interface on whose link the other director is.
            type: str
            required: true
          send_id:
            description: The number of what this director sends, 0 to 255.
            type: int
            required: true
          receive_id:
            description: The number of what the other one sends, 0 to 255.
            type: int
            required: true
          group:
            description: The multicast group, IPv4 or IPv6.
            type: str
            default: 224.0.0.81
          port:
            description: The port, 1 to 65535.
            type: int
            default: 8848
  metrics:
    description:
      - Has C(lvs-topology-metrics.timer) write the metrics of this director into a file that
        node_exporter reads (C(docs/metrics.md)). Without this option nothing is written, and the
        file of an earlier run goes.
      - Nothing is written while the folder is not there; a warning says so.
    type: dict
    suboptions:
      directory:
        description: The folder that node_exporter reads (C(--collector.textfile.directory)).
        type: str
        default: /var/lib/prometheus/node-exporter
      interval:
        description: Seconds from the end of a run to the next, 5 to 3600.
        type: int
        default: 15
      real_servers:
        description: Whether each real server of each service has series of its own.
        type: bool
        default: true
      services:
        description:
          - The names that services of O(services) have in the label C(service), each with a list
            of services such as V(tcp 192.0.2.10:80) or V(fwmark 7 (ipv4\)). One without a name is
            called so there, too.
        type: dict
        default: {}
  pending_elsewhere:
    description: Whether other hosts are to lose something after this one, see O(wait).
    type: bool
    default: false
  reannounce:
    description:
      - Announces the addresses of O(vips) and O(lips) that were there before, too. For a neighbour
        that may have learnt of another owner meanwhile, such as a real server that answered ARP for
        a VIP until its settings were repaired; without it the neighbour goes on sending there until
        its entry has aged (about a minute with the kernel's defaults).
      - Counts as no change, and does nothing in check mode.
    type: bool
    default: false
  resume:
    description:
      - For the action plugin alone, which sets it when it looks at connections again. Real servers
        that were drained since the run began stay drained.
    type: bool
    default: false
extends_documentation_fragment:
  - lvs.topology.attributes
  - lvs.topology.ipvs
  - lvs.topology.ipvs.table
  - lvs.topology.persist
attributes:
  async:
    support: none
    description: Supports being run with the C(async) keyword.
notes:
  - Needs C(nft) of nftables on the host for O(snat) and O(marks); tried with nftables 1.0.6 and
    Linux 6.1.
  - Needs C(ip) of iproute2 on the host, and C(CAP_NET_ADMIN), so use C(become).
  - A sysctl that somebody changed after this module wrote it is left as it is by O(state=absent),
    and so is everything that was there before this module came.
seealso:
  - module: lvs.topology.ipvs_drain
  - module: lvs.topology.real_server
"""

EXAMPLES = r"""
- name: Director of a service in NAT
  lvs.topology.director:
    vips:
      - address: 192.0.2.10
        interface: eth0
    forward: [ipv4]
    no_redirects: [eth1]
    services:
      - address: 192.0.2.10
        port: 80
        destinations:
          - {address: 10.0.0.11, port: 8080, forwarding: masq}
          - {address: 10.0.0.12, port: 8080, forwarding: masq}

- name: The same, but 10.0.0.12 goes once its connections have ended
  lvs.topology.director:
    vips:
      - address: 192.0.2.10
        interface: eth0
    forward: [ipv4]
    no_redirects: [eth1]
    services:
      - address: 192.0.2.10
        port: 80
        destinations:
          - {address: 10.0.0.11, port: 8080, forwarding: masq}
    drain_removed:
      timeout: 600

- name: As it was before
  lvs.topology.director:
    state: absent
"""

RETURN = r"""
operations:
  description: What was done (in check mode - would be done), in order, a sentence each.
  returned: success
  type: list
  elements: str
  sample:
    - set net.ipv4.ip_forward to 1
    - add address 192.0.2.10/32 on eth0
    - write /var/lib/lvs-topology/director.json
pending:
  description: What has to wait for the end of connections, in order, a sentence each.
  returned: success, and when the time was over
  type: list
  elements: str
  sample: ["delete destination 10.0.0.12:8080 of service tcp 192.0.2.10:80"]
waiting:
  description: The option that asks to wait, V(drain_removed) or V(wait); empty when nothing waits.
  returned: success
  type: str
  sample: drain_removed
connections:
  description:
    - Connections that are, or in check mode would be, waited for, when last looked at, each as
      M(lvs.topology.ipvs_drain) tells them.
    - C(reusable) says that inactive ones are waited for as well. In DR and TUN the director takes a
      client that uses its port again for the connection that it has closed, by the old method.
  returned: success
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
lowered:
  description:
    - Destinations with less weight than is declared, because they are drained or by their health.
    - Each has C(service) and C(destination) as in RV(lvs.topology.node_info#module:node.health),
      its C(weight), and C(reason).
  returned: success
  type: list
  elements: dict
waited:
  description: For how many seconds connections were waited for.
  returned: where there were any to wait for, outside of check mode
  type: int
  sample: 42
timed_out:
  description: Whether connections were left when the time was over.
  returned: where there were any to wait for, outside of check mode
  type: bool
  sample: false
problems:
  description: What is wrong with the input, all of it.
  returned: on bad input
  type: list
  elements: str
  sample: ["vips[0].interface: got 'a b', expected the name of an interface"]
"""

from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ..module_utils.converge.director import PART, Request, converge_director
from ..module_utils.converge.outcome import Outcome
from ..module_utils.converge.settings import desired_settings
from ..module_utils.fields import Problem
from ..module_utils.health.schema import parse_watches, problems_with, watches_spec
from ..module_utils.host.model import Desired
from ..module_utils.host.roles.director import OPTIONS, early, parse
from ..module_utils.ipvs.schema import parse_hosts, parse_services, table_spec
from ..module_utils.ipvs.settings import SETTINGS_SPEC, parse_settings
from ..module_utils.ipvs.wait import DRAIN_REMOVED_SPEC, ENDING_SPEC, problems
from ..module_utils.metrics.settings import (
    metrics_spec,
    parse_metrics,
    problems_with as unknown_names,
)
from ..module_utils.module import firewall
from ..module_utils.module.run import PERSIST_SPEC, STATE_SPEC, read_or_fail, run
from ..module_utils.state.part import Part
from ..module_utils.vrrp.schema import parse_vrrp, vrrp_spec


def main() -> None:
    """Run the module: without any waiting, which is the part of the action plugin."""
    module = AnsibleModule(
        argument_spec={
            **OPTIONS,
            "settings": {"type": "dict", "default": {}, "options": SETTINGS_SPEC},
            **table_spec(),
            "health": watches_spec(),
            "drain_removed": DRAIN_REMOVED_SPEC,
            "wait": ENDING_SPEC,
            "vrrp": vrrp_spec(),
            "metrics": metrics_spec(),
            "pending_elsewhere": {"type": "bool", "default": False},
            "reannounce": {"type": "bool", "default": False},
            "resume": {"type": "bool", "default": False},
            **STATE_SPEC,
            **PERSIST_SPEC,
        },
        supports_check_mode=True,
    )
    request = read_or_fail(module, *read(module.params))
    if module.params["state"] == "absent":
        # What goes is drained as at other times.
        request = request._replace(
            host=Desired(),
            early=Desired(),
            services={},
            health=(),
            purge="owned",
            ending=(),
            pair=None,
            metrics=None,
        )

    def converge(part: Part) -> Outcome:
        outcome = converge_director(part, request, check_mode=module.check_mode)
        return outcome._replace(warnings=[*outcome.warnings, *firewall.warnings(request)])

    run(module, PART, converge, told)


def read(given: dict[str, Any]) -> tuple[Request, list[object]]:
    """What is asked for, and everything that is wrong with it."""
    host, wrong = parse(given)
    settings, wrong_settings = parse_settings(given["settings"], "settings.")
    services, wrong_services = parse_services(given["services"] or [])
    hosts, wrong_hosts = parse_hosts(given["hosts"])
    health, wrong_health = parse_watches(given["health"])
    if not (wrong_services or wrong_health):
        wrong_health = problems_with(health, services)
    pair, wrong_pair = parse_vrrp(given["vrrp"])
    metrics, wrong_metrics = parse_metrics(given["metrics"])
    if not wrong_services:
        wrong_metrics += unknown_names(metrics, services)
    drain, wait = given["drain_removed"], given["wait"]
    known = {str(key): key for key in services}
    waits = {"drain_removed": drain, "wait": wait}
    wrong_waits = [
        *(
            f"{name}.{one}"
            for name, options in waits.items()
            if options
            for one in problems(options)
        ),
        *(
            f"wait.services: got {name!r}, expected one of {', '.join(known) or 'no service'}"
            for name in (wait["services"] if wait else ())
            if name not in known
        ),
    ]
    both = (*host.settings, *desired_settings(settings))
    request = Request(
        host._replace(settings=both),
        parse(early(given))[0]._replace(settings=both),
        services,
        hosts,
        health,
        given["purge"],
        drain["wait_for"] if drain else (),
        [known[name] for name in wait["services"] if name in known] if wait else (),
        wait["wait_for"] if wait else (),
        given["pending_elsewhere"],
        given["reannounce"],
        given["resume"],
        pair,
        metrics,
        given["persist"],
    )
    started = {"the health daemon": health, "the collector of metrics": metrics}
    for who in (who for who, one in started.items() if one and not given["persist"]):
        expected = f"persist: true, because {who} is started by systemd"
        wrong_health = [*wrong_health, Problem("persist", given["persist"], expected)]
    wrong_table = [*wrong_services, *wrong_hosts, *wrong_health, *wrong_metrics]
    return request, [*wrong, *wrong_settings, *wrong_table, *wrong_pair, *wrong_waits]


def told(outcome: Outcome) -> dict[str, Any]:
    """What is told beside what was done: all that waiting needs to know."""
    return {
        "pending": [str(one) for one in outcome.pending],
        "waiting": outcome.waiting,
        "connections": outcome.connections,
        "staying": outcome.staying,
        "lowered": [*outcome.lowered],
    }


if __name__ == "__main__":
    main()
