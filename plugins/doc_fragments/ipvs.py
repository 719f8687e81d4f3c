# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that the modules of single IPVS entries share."""

from __future__ import annotations


class ModuleDocFragment:
    # For every module that writes the table.
    DOCUMENTATION = r"""
options: {}
notes:
  - The table is that of the network namespace in which the module runs.
  - All requests need C(CAP_NET_ADMIN), reads too, so use C(become).
  - The managed node needs only Python and a kernel with the module C(ip_vs). The kernel loads
    C(ip_vs) and the scheduler by itself, if it may load modules.
seealso:
  - name: ipvsadm(8)
    description: The command line tool for the same table.
    link: https://manpages.debian.org/ipvsadm.8
  - name: IPVS in the kernel's sources
    description: The kernel's rules for requests (net/netfilter/ipvs/ip_vs_ctl.c).
    link: https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/net/netfilter/ipvs
"""

    # The options that identify a service.
    SERVICE = r"""
options:
  address:
    description:
      - The virtual IP address (VIP), IPv4 or IPv6.
      - Set either this or O(fwmark).
    type: str
  fwmark:
    description:
      - The firewall mark (1 to 4294967295) of the service's packets, in place of an address.
      - Set either this or O(address).
    type: int
  family:
    description:
      - The address family of a service by O(fwmark), by default V(ipv4).
      - With O(address) it is optional.
    type: str
    choices: [ipv4, ipv6]
  protocol:
    description:
      - The transport protocol of a service by O(address), by default V(tcp).
    type: str
    choices: [tcp, udp, sctp]
  port:
    description:
      - The port of a service by O(address), 0 to 65535.
      - V(0) stands for every port and needs persistence.
    type: int
"""

    # A director's whole table.
    TABLE = r"""
options:
  services:
    description: The services. Each is listed whole - a destination that is not listed goes.
    type: list
    elements: dict
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
      - V(owned) deletes those that this module added before (its state file names them), V(all)
        every one, V(none)
        nothing.
    type: str
    default: owned
    choices: [owned, all, none]
"""

    # What may change a table that a topology declares.
    OVERRIDE = r"""
options:
  ignore_topology:
    description:
      - Whether this may change a host whose table M(lvs.topology.director) has made. The next run
        of C(site.yml) knows nothing of it, and puts its own services back.
      - Without it the task fails there.
      - Weights that health checks of the topology have decided stay, and a warning says which.
    type: bool
    default: false
"""
