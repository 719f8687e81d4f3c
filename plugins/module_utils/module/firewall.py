# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""A firewall on a director to which replies of NAT belong to no connection."""

from __future__ import annotations

from ..converge.director import Request
from ..host.obstacles import forwarding_by_state
from ..host.sysctl import files as sysctl
from ..ipvs.model import MASQ
from ..ipvs.settings import sysctl_key
from ..listing import few

_KEY = sysctl_key("conntrack")


def warnings(request: Request) -> list[str]:
    """A sentence where it may drop them.

    ip_vs_out() in net/netfilter/ipvs/ip_vs_core.c gives a reply the address of the VIP; without
    vs.conntrack, connection tracking has not seen the request go to the real server.
    """
    declared = [one.value for one in request.host.settings if one.key == _KEY]
    value = (*declared, sysctl.read([_KEY]).get(_KEY, "0"))[0]
    destinations = (
        each for entry in request.services.values() for each in entry.destinations.values()
    )
    if value != "0" or not any(one.forwarding == MASQ for one in destinations):
        return []
    tables = forwarding_by_state()
    sentence = (
        f"a firewall of this director forwards by state (table {few(tables)}), and "
        "net.ipv4.vs.conntrack is 0: to it, replies of NAT belong to no connection. Declare "
        "topology_settings.sysctls.conntrack: 1"
    )
    return [sentence] if tables else []
