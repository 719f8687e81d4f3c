# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A neighbour that is there answers, whatever its packet filter drops, and no other one does.

The neighbour is a network namespace at the other end of a pair of virtual links.
"""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.net.ask import is_silent

NAME, HERE, THERE = "lvs-neighbour", "lvsn0", "lvsn1"
ADDRESSES = [
    ("192.0.2.1", "192.0.2.2", "192.0.2.3"),
    ("2001:db8:7::1", "2001:db8:7::2", "2001:db8:7::3"),
]
DROPS = """
table inet lvs-neighbour {
    chain in {
        type filter hook input priority 0; policy drop;
        icmpv6 type nd-neighbor-solicit accept;
    }
    chain out {
        type filter hook output priority 0; policy drop;
        icmpv6 type nd-neighbor-advert accept;
    }
}
"""


def run(*command: str, stdin: str = "") -> None:
    subprocess.run(command, check=True, capture_output=True, input=stdin, text=True)


def there(*command: str, stdin: str = "") -> None:
    run("ip", "netns", "exec", NAME, *command, stdin=stdin)


@pytest.fixture(autouse=True)
def neighbour() -> Iterator[None]:
    run("ip", "netns", "add", NAME)
    try:
        run(*f"ip link add {HERE} type veth peer name {THERE} netns {NAME}".split())
        for address, other, _nobody in ADDRESSES:
            duplicates = ["nodad"] if ":" in address else []  # else it is not in use at once
            prefix = "64" if ":" in address else "24"
            run("ip", "address", "add", f"{address}/{prefix}", "dev", HERE, *duplicates)
            there("ip", "address", "add", f"{other}/{prefix}", "dev", THERE, *duplicates)
        run("ip", "link", "set", HERE, "up")
        there("ip", "link", "set", THERE, "up")
        yield
    finally:
        # The kernel takes its time with a namespace, and with the links in it.
        subprocess.run(["ip", "link", "delete", HERE], check=False, capture_output=True)
        run("ip", "netns", "delete", NAME)


@pytest.mark.parametrize(("own", "other", "nobody"), ADDRESSES)
def test_who_is_there_answers(own: str, other: str, nobody: str) -> None:
    assert not is_silent(HERE, own, other)
    assert is_silent(HERE, own, nobody)
    there("nft", "-f", "-", stdin=DROPS)
    assert not is_silent(HERE, own, other)
    there("ip", "link", "set", THERE, "down")
    assert is_silent(HERE, own, other)


def test_nobody_is_silent_where_nobody_can_ask() -> None:
    assert not is_silent("lo", "127.0.0.1", "127.0.0.2")
    assert not is_silent("lvsn9", "192.0.2.1", "192.0.2.2")
