# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Kernel modules. The machine loads all of them, because containers may not."""

# ip_vs_twos is missing in Debian's 6.1 kernel.
MODULES = (
    *("ip_vs", "ip_vs_rr", "ip_vs_wrr", "ip_vs_lc", "ip_vs_wlc", "ip_vs_fo", "ip_vs_ovf"),
    *("ip_vs_lblc", "ip_vs_lblcr", "ip_vs_dh", "ip_vs_sh", "ip_vs_mh", "ip_vs_sed", "ip_vs_nq"),
    *("ip_vs_pe_sip", "ipip", "ip_gre", "ip6_gre", "ip6_tunnel", "sit", "fou", "fou6", "sctp"),
    *("nf_conntrack", "nf_nat", "nf_tables", "nft_chain_nat"),
    *("bridge", "dummy", "overlay", "veth"),
)
