# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the kernel says that may concern us, and all the rest that it says on a busy host."""

from __future__ import annotations

import errno
import socket
import struct
from collections.abc import Iterator

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.netlink.listener import Listener
from ansible_collections.lvs.topology.plugins.module_utils.netlink.losses import (
    GROUPS,
    NETLINK_NETFILTER,
    NETLINK_ROUTE,
    NFT_MSG_DELTABLE,
    RTM_DELADDR,
    RTM_DELLINK,
    RTM_DELROUTE,
    RTM_DELRULE,
    RTM_NEWLINK,
    RTM_NEWNETCONF,
    may_concern_us,
)
from ansible_collections.lvs.topology.plugins.module_utils.netlink.message import attribute, message

RTM_NEWADDR, RTM_NEWROUTE, RTM_NEWRULE = 20, 24, 32
IFF_UP, IFF_RUNNING = 1, 0x40


def link(flags: int, change: int) -> bytes:
    return struct.pack("=BxHiII", 0, 1, 2, flags, change)


def address(scope: int) -> bytes:
    return struct.pack("=BBBBI", 2, 32, 0, scope, 2)


def route(table: int) -> bytes:
    return struct.pack("=BBBBBBBBI", 2, 0, 0, 0, table, 3, 0, 1, 0)


def netconf(**values: int) -> bytes:
    numbers = {"index": 1, "forwarding": 2, "rp_filter": 3}
    return b"\2\0\0\0" + b"".join(
        attribute(numbers[name], struct.pack("=i", value)) for name, value in values.items()
    )


def said(protocol: int, *messages: tuple[int, bytes]) -> bool:
    return may_concern_us(protocol, b"".join(message(kind, 0, 0, one) for kind, one in messages))


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (RTM_DELADDR, address(0)),
        (RTM_DELROUTE, route(100)),
        (RTM_DELROUTE, route(252)),  # RT_TABLE_COMPAT: a number above 255
        (RTM_DELRULE, bytes(12)),
        (RTM_DELLINK, link(0, 0xFFFFFFFF)),
        (RTM_NEWLINK, link(0, IFF_UP)),
        (RTM_NEWLINK, link(IFF_UP, IFF_UP | IFF_RUNNING)),
        (RTM_NEWNETCONF, netconf(index=2, forwarding=0)),
        (RTM_NEWNETCONF, netconf(index=-2, rp_filter=1)),
    ],
)
def test_a_loss_is_heard(kind: int, payload: bytes) -> None:
    assert said(NETLINK_ROUTE, (RTM_NEWADDR, address(0)), (kind, payload))


@pytest.mark.parametrize(
    ("kind", "payload"),
    [
        (RTM_NEWADDR, address(0)),
        (RTM_NEWROUTE, route(100)),
        (RTM_NEWRULE, bytes(12)),
        (RTM_DELADDR, address(253)),  # fe80:: of a container's interface
        (RTM_DELROUTE, route(254)),  # a routing program, in main
        (RTM_DELROUTE, route(255)),
        (RTM_NEWLINK, link(IFF_UP, IFF_RUNNING)),
        (RTM_NEWLINK, link(IFF_UP, 0)),
        (RTM_NEWNETCONF, netconf(index=2, forwarding=1, rp_filter=2)),
        (NFT_MSG_DELTABLE, bytes(4)),  # of another protocol
    ],
)
def test_the_rest_is_not(kind: int, payload: bytes) -> None:
    assert not said(NETLINK_ROUTE, (kind, payload))


def test_a_table_of_nftables_that_goes() -> None:
    assert said(NETLINK_NETFILTER, (NFT_MSG_DELTABLE, bytes(4)))
    assert not said(NETLINK_NETFILTER, (NFT_MSG_DELTABLE + 6, bytes(4)), (RTM_DELRULE, bytes(12)))


@pytest.mark.parametrize("kind", [RTM_DELADDR, RTM_DELROUTE, RTM_NEWLINK, RTM_NEWNETCONF])
def test_a_message_that_was_cut_off_may_be_one(kind: int) -> None:
    whole = message(kind, 0, 0, netconf(forwarding=1))
    assert all(may_concern_us(NETLINK_ROUTE, whole[:size]) for size in range(16, len(whole)))


@pytest.mark.fuzz
@given(st.sampled_from([*GROUPS]), st.integers(0, 100), st.binary(max_size=64))
def test_whatever_is_in_a_message(protocol: int, kind: int, payload: bytes) -> None:
    assert may_concern_us(protocol, message(kind, 0, 0, payload)) in (True, False)


@pytest.fixture
def heard(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Listener, socket.socket]]:
    """A listener, and the kernel's end of its only socket: a kernel without nftables."""
    pairs = {NETLINK_ROUTE: socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)}
    assert pairs.keys() < GROUPS.keys()

    class Bound(socket.socket):
        def __init__(self, _family: int, kind: int, protocol: int) -> None:
            if protocol not in pairs:
                raise OSError(errno.EPROTONOSUPPORT, "Protocol not supported")
            ours = pairs[protocol][1]
            ours.setblocking(not kind & socket.SOCK_NONBLOCK)
            super().__init__(fileno=ours.detach())

        def bind(self, _place: object) -> None:
            """Nothing to do."""

    monkeypatch.setattr(socket, "socket", Bound)
    with Listener() as listener:
        yield listener, pairs[NETLINK_ROUTE][0]
    for pair in pairs.values():
        pair[0].close()


def test_a_listener_waits_for_a_loss(heard: tuple[Listener, socket.socket]) -> None:
    listener, kernel = heard
    assert not listener.wait(0)
    kernel.send(message(RTM_NEWADDR, 0, 0, address(0)))
    assert not listener.wait(0)
    kernel.send(message(RTM_NEWADDR, 0, 0, address(0)))
    kernel.send(message(RTM_DELRULE, 0, 0, bytes(12)))
    assert listener.wait(60)
    assert not listener.wait(0)
    kernel.send(message(RTM_DELRULE, 0, 0, bytes(12)))
    listener.wait_for_quiet(0, 60)
    assert not listener.wait(0)
