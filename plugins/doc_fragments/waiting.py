# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What modules that drain have in common."""

from __future__ import annotations


class ModuleDocFragment:
    DOCUMENTATION = r"""
notes:
  - Waiting is done on the controller, which asks the director every O(poll_interval) seconds and
    shows how many connections are left.
  - Meant are the connections in the director's table. In DR and TUN it sees half of each, and keeps
    one that has ended for C(tcp_fin_timeout) seconds as inactive.
  - A client of a persistent service is sent to a drained real server again until its template has
    expired, unless C(net.ipv4.vs.expire_quiescent_template) is 1. A warning says so.
  - A client that opens a new connection from the port of one that has just ended may be sent to
    the drained real server again, depending on C(net.ipv4.vs.conn_reuse_mode) and
    C(net.ipv4.vs.expire_nodest_conn).
options:
  wait:
    description: Whether to wait for the end of connections, with O(state=drained).
    type: bool
    default: true
  wait_for:
    description:
      - Which connections are waited for. V(active) are those that are established, V(inactive) are
        those that are being closed, V(persistent) are the templates of persistent services.
      - The kernel counts every connection of UDP as inactive. With V(active) these are waited for
        as well, and so are the inactive ones of a service with a mark, which may be UDP.
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
      - V(restore) gives back the weights and fails.
      - V(keep) leaves weight 0 and fails.
      - V(remove) takes out of the table what was drained, which cuts the connections that are left,
        and succeeds.
    type: str
    default: restore
    choices: [restore, keep, remove]
attributes:
  async:
    support: none
    description: Supports being run with the C(async) keyword.
"""
