# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is dropped while VIPs move, word for word."""

from __future__ import annotations

from ansible_collections.lvs.topology.plugins.module_utils.host.nft import switch_table

VIPS = ("192.0.2.10", "2001:db8::10")


def test_the_one_that_gives() -> None:
    assert (
        switch_table.giving(VIPS, 60)
        == """\
table inet lvs_switch {}
delete table inet lvs_switch
table inet lvs_switch {
  set vips_ipv4 { type ipv4_addr; flags timeout; elements = { 192.0.2.10 timeout 60s }; }
  set vips_ipv6 { type ipv6_addr; flags timeout; elements = { 2001:db8::10 timeout 60s }; }
  chain prerouting {
    type filter hook prerouting priority raw; policy accept;
    ip daddr @vips_ipv4 tcp flags & (fin|syn|rst|ack) == syn drop
    ip6 daddr @vips_ipv6 tcp flags & (fin|syn|rst|ack) == syn drop
  }
}
"""
    )


def test_the_one_that_takes() -> None:
    text = switch_table.taking(VIPS[:1], [("10.0.0.11", 80), ("10.0.0.12", 0)], 9)
    assert "set vips_ipv6 { type ipv6_addr; flags timeout;  }" in text
    assert (
        "{ type ipv4_addr . inet_service; flags timeout; elements = { 10.0.0.11 . 80 timeout 9s }"
        in text
    )
    assert "    ip daddr @vips_ipv4 tcp flags & (syn|ack) != syn drop\n" in text
    assert "    ip saddr . tcp sport @real_servers_ipv4 drop\n" in text
