# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Documentation that the modules of single IPVS entries share."""

from __future__ import annotations


class ModuleDocFragment:
    # What every module that writes the table has in common.
    DOCUMENTATION = r"""
options: {}
notes:
  - The table is that of the network namespace in which the module runs.
  - All requests, reads too, need C(CAP_NET_ADMIN), so use C(become).
  - Needs nothing on the managed node but Python and a kernel with the module C(ip_vs); the kernel
    loads C(ip_vs) and the
    scheduler by itself where module loading is allowed.
seealso:
  - name: ipvsadm(8)
    description: The command line tool for the same table.
    link: https://manpages.debian.org/ipvsadm.8
  - name: IPVS in the kernel's sources
    description: The authority for what is accepted and refused (net/netfilter/ipvs/ip_vs_ctl.c).
    link: https://git.kernel.org/pub/scm/linux/kernel/git/torvalds/linux.git/tree/net/netfilter/ipvs
"""

    # The options that name a service.
    SERVICE = r"""
options:
  address:
    description:
      - The virtual IP address (VIP), IPv4 or IPv6.
      - Either this or O(fwmark).
    type: str
  fwmark:
    description:
      - The firewall mark (1 to 4294967295) of the packets that the service takes, instead of an
        address.
      - Either this or O(address).
    type: int
  family:
    description:
      - The address family of a service by O(fwmark), V(ipv4) where it is left out.
      - Beside O(address) it may be left out.
    type: str
    choices: [ipv4, ipv6]
  protocol:
    description:
      - The transport protocol of a service by O(address), V(tcp) where it is left out.
    type: str
    choices: [tcp, udp, sctp]
  port:
    description:
      - The port of a service by O(address), 0 to 65535.
      - V(0) stands for every port and needs persistence.
    type: int
"""
