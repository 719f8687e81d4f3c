# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Destinations that are recognized by their bytes are those that decoding gives."""

from __future__ import annotations

import json
import struct
from collections.abc import Collection
from pathlib import Path
from socket import AF_INET, AF_INET6, htons, inet_pton
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import protocol
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    FAMILIES,
    Destination,
    DestinationKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services
from ansible_collections.lvs.topology.plugins.module_utils.netlink.message import attribute, nested

from .strategies import tables

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("recorded.json").read_text())
FORWARDING = {"masq": 0, "tunnel": 2, "droute": 3}
TUNNEL_TYPE = {"ipip": 0, "gue": 1, "gre": 2}
CHECKSUM = {"none": 0, "csum": 1, "remcsum": 2}

numbers = st.integers(0, 2**32 - 1)


def fill(one: Destination, counters: tuple[int, int, int], statistics: bytes) -> protocol.Reply:
    """What the kernel sends about a destination: ip_vs_genl_fill_dest of Linux 6.1."""
    family = AF_INET6 if ":" in one.key.address else AF_INET
    tunnel = (one.tunnel_type, one.tunnel_port, one.tunnel_checksum)
    values = [
        (protocol.IPVS_DEST_ATTR_ADDR, inet_pton(family, one.key.address).ljust(16, b"\0")),
        (protocol.IPVS_DEST_ATTR_PORT, struct.pack("=H", htons(one.key.port))),
        (protocol.IPVS_DEST_ATTR_FWD_METHOD, struct.pack("=I", FORWARDING[one.forwarding])),
        (protocol.IPVS_DEST_ATTR_WEIGHT, struct.pack("=I", one.weight)),
        (protocol.IPVS_DEST_ATTR_TUN_TYPE, bytes([TUNNEL_TYPE[tunnel[0]]])),
        (protocol.IPVS_DEST_ATTR_TUN_PORT, struct.pack("=H", htons(tunnel[1]))),
        (protocol.IPVS_DEST_ATTR_TUN_FLAGS, struct.pack("=H", CHECKSUM[tunnel[2]])),
        (protocol.IPVS_DEST_ATTR_U_THRESH, struct.pack("=I", one.upper_threshold)),
        (protocol.IPVS_DEST_ATTR_L_THRESH, struct.pack("=I", one.lower_threshold)),
        (protocol.IPVS_DEST_ATTR_ACTIVE_CONNS, struct.pack("=I", counters[0])),
        (protocol.IPVS_DEST_ATTR_INACT_CONNS, struct.pack("=I", counters[1])),
        (protocol.IPVS_DEST_ATTR_PERSIST_CONNS, struct.pack("=I", counters[2])),
        (protocol.IPVS_DEST_ATTR_ADDR_FAMILY, struct.pack("=H", family)),
        (protocol.IPVS_DEST_ATTR_STATS64, statistics),
    ]
    body = b"".join(attribute(*each) for each in values)
    data = bytes(4) + nested(protocol.IPVS_CMD_ATTR_DEST, body)
    return data, 0, len(data)


def decode(replies: Collection[protocol.Reply], family: str) -> set[Destination]:
    return {protocol.destination(*reply, family) for reply in replies}


def pools() -> st.SearchStrategy[list[Destination]]:
    """Destinations of one service, of either family and every way of forwarding."""
    return tables().map(
        lambda table: [one for entry in table.values() for one in entry.destinations.values()]
    )


@given(pools(), st.sampled_from(FAMILIES), st.tuples(numbers, numbers, numbers), st.binary())
def test_the_same_destinations_are_recognized(
    pool: list[Destination], family: str, counters: tuple[int, int, int], statistics: bytes
) -> None:
    # Whatever passes the destinations meanwhile, and in whichever order the kernel has them.
    replies = [fill(one, counters, statistics) for one in reversed(pool)]
    assert decode(replies, family) == {*pool}
    assert protocol.are(replies, pool)


@given(pools(), pools(), st.sampled_from(FAMILIES))
def test_they_are_recognized_only_if_they_decode_to_the_same(
    pool: list[Destination], likely: list[Destination], family: str
) -> None:
    replies = [fill(one, (0, 0, 0), b"") for one in pool]
    same = len(pool) == len(likely) and decode(replies, family) == {*likely}
    assert protocol.are(replies, likely) == same


@pytest.mark.parametrize(
    "other",
    [
        {"key": DestinationKey("192.0.2.2", 80)},
        {"key": DestinationKey("192.0.2.1", 81)},
        {"key": DestinationKey("c000:201::", 80)},  # the same bytes, of the other family
        {"forwarding": "droute"},
        {"weight": 2},
        {"upper_threshold": 10},
        {"lower_threshold": 7},
        {"tunnel_type": "gre"},
        {"tunnel_port": 6081},
        {"tunnel_checksum": "remcsum"},
    ],
    ids=str,
)
def test_each_field_counts(other: dict[str, Any]) -> None:
    one = Destination(DestinationKey("192.0.2.1", 80), "tunnel", 1, 9, 8, "gue", 6080, "csum")
    assert not protocol.are([fill(one, (0, 0, 0), b"")], [one._replace(**other)])


def test_what_a_kernel_sent_is_recognized() -> None:
    table = parse_services(RECORDED["services"])[0]
    for entry, reply in zip(table.values(), RECORDED["replies"], strict=True):
        sent = [bytes.fromhex(text) for text in reply["destinations"]]
        replies = [(data, 0, len(data)) for data in sent]
        assert protocol.are(replies, entry.destinations.values())


def test_an_older_kernels_reply_is_left_to_decoding() -> None:
    # Before Linux 5.3 there were no tunnel types; such a reply may also end its datagram early.
    one = Destination(DestinationKey("192.0.2.1", 80))
    data = fill(one, (0, 0, 0), b"")[0]
    without_tunnel = data[:52] + data[76:]
    assert not protocol.are([(without_tunnel, 0, len(without_tunnel))], [one])
