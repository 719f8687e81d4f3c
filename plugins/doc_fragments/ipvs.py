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
