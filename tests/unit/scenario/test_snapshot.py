# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Differences between two snapshots of a node that count, and those that do not."""

from __future__ import annotations

import pytest
from scenario.snapshot import differences, parse

BEFORE = """\
# sysctls
net.ipv4.ip_forward = 0
net.netfilter.nf_conntrack_count = 3
# nftables
# files
644 root:root f /etc/motd
"""


def test_nothing_is_different() -> None:
    assert differences(parse(BEFORE), parse(BEFORE)) == {}
    assert set(parse(BEFORE)) == {"sysctls", "nftables", "files"}


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        (
            "forward = 0",
            "forward = 1",
            {"sysctls": ["- net.ipv4.ip_forward = 0", "+ net.ipv4.ip_forward = 1"]},
        ),
        ("tables\n", "tables\ntable inet ours\n", {"nftables": ["+ table inet ours"]}),
        ("644 root:root f /etc/motd\n", "", {"files": ["- 644 root:root f /etc/motd"]}),
        ("count = 3", "count = 4", {}),
        ("# files\n", "# files\n600 root:root f /run/lvs-topology.lock \n", {}),
    ],
)
def test_what_is_different(old: str, new: str, told: dict[str, list[str]]) -> None:
    assert differences(parse(BEFORE), parse(BEFORE.replace(old, new))) == told
