# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Sysctl values that count, and those that are accepted."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.model import SysctlRequirement
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl.rules import (
    arp_suppression,
    device_of,
    exactly,
    is_met,
    loose_rp_filter,
    sysctls_to_read,
)


@pytest.mark.parametrize(
    ("everywhere", "own", "met"),
    [
        ("0", "0", False),
        ("1", "0", True),
        ("0", "1", True),
        ("2", "1", True),
        ("1", "8", True),
        ("1", "3", False),  # 3 counts, and answers for addresses of global scope
        ("4", "1", False),
        ("9", "0", False),
    ],
)
def test_arp_ignore_of_a_device(everywhere: str, own: str, *, met: bool) -> None:
    sysctls = {"net/ipv4/conf/all/arp_ignore": everywhere, "net/ipv4/conf/eth0/arp_ignore": own}
    assert is_met(arp_suppression("eth0")[0], sysctls) is met


@pytest.mark.parametrize(
    ("everywhere", "own", "met"),
    [("0", "0", True), ("0", "1", False), ("1", "0", False), ("1", "2", True), ("2", "1", True)],
)
def test_rp_filter_of_a_device(everywhere: str, own: str, *, met: bool) -> None:
    sysctls = {"net/ipv4/conf/all/rp_filter": everywhere, "net/ipv4/conf/eth0/rp_filter": own}
    assert is_met(loose_rp_filter("eth0"), sysctls) is met


def test_reads_what_may_overrule() -> None:
    assert sysctls_to_read([loose_rp_filter("eth0.100")], [], ["lo", "eth0.100"]) == {
        "net/ipv4/conf/all/rp_filter",
        "net/ipv4/conf/default/rp_filter",
        "net/ipv4/conf/eth0.100/rp_filter",
    }
    assert sysctls_to_read(arp_suppression("all")[:1], [], ["lo", "eth0", "eth1"]) == {
        "net/ipv4/conf/all/arp_ignore",
        "net/ipv4/conf/eth0/arp_ignore",
        "net/ipv4/conf/eth1/arp_ignore",
    }
    assert sysctls_to_read([], ["net/ipv4/vs/conntrack"], ["eth0"]) == {"net/ipv4/vs/conntrack"}


FORWARD = "net/ipv4/ip_forward"


@pytest.mark.parametrize(("wanted", "written"), [([exactly(FORWARD, "1")], []), ([], [FORWARD])])
def test_reads_side_effects(wanted: list[SysctlRequirement], written: list[str]) -> None:
    assert sysctls_to_read(wanted, written, ["eth0"]) == {
        FORWARD,
        "net/ipv4/conf/all/accept_redirects",
        "net/ipv4/conf/default/forwarding",
        "net/ipv4/conf/eth0/forwarding",
    }


@pytest.mark.parametrize(
    ("key", "device"),
    [
        ("net/ipv4/conf/eth0.100/rp_filter", "eth0.100"),
        ("net/ipv6/conf/all/forwarding", "all"),
        ("net/ipv4/ip_forward", ""),
    ],
)
def test_device_of_a_key(key: str, device: str) -> None:
    assert device_of(key) == device
