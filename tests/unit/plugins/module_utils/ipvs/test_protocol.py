# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Encoding and decoding against bytes recorded from a real kernel (tests/kernel/record.py)."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, strategies as st

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import protocol
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.errors import IpvsError
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Entry
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import Operation, Verb, plan
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services
from ansible_collections.lvs.topology.plugins.module_utils.netlink.message import attributes

RECORDED: dict[str, Any] = json.loads(Path(__file__).with_name("recorded.json").read_text())
TABLE = parse_services(RECORDED["services"])[0]
OPERATIONS = [
    *plan({}, TABLE, ()),
    *(Operation(Verb.DEL_SERVICE, entry.service) for entry in TABLE.values()),
]


@pytest.mark.parametrize("operation", OPERATIONS, ids=str)
def test_requests_are_those_that_the_kernel_took(operation: Operation) -> None:
    assert protocol.operation(operation).hex() == RECORDED["requests"][str(operation)]


@pytest.mark.parametrize(
    ("entry", "reply"),
    list(zip(TABLE.values(), RECORDED["replies"], strict=True)),
    ids=[str(key) for key in TABLE],
)
def test_replies_are_read_back(entry: Entry, reply: dict[str, Any]) -> None:
    data = bytes.fromhex(reply["service"])
    assert protocol.service(data, 0, len(data)) == entry.service
    assert set(protocol.service_statistics(data, 0, len(data)).values()) == {0}
    destinations = {}
    for text in reply["destinations"]:
        data = bytes.fromhex(text)
        destination = protocol.destination(data, 0, len(data), entry.service.key.family)
        destinations[destination.key] = destination
        assert protocol.activity(data, 0, len(data))[:3] == (0, 0, 0)
    assert destinations == entry.destinations


@pytest.mark.fuzz
@given(
    st.sampled_from(RECORDED["replies"]), st.lists(st.integers(0, 2**63), min_size=7, max_size=7)
)
def test_traffic_is_read_alike_from_every_layout(
    of_service: dict[str, Any], numbers: list[int]
) -> None:
    for text in of_service["destinations"]:
        data = bytearray.fromhex(text)
        end = len(data)
        at = attributes(bytes(data), 8, end)
        for kind, number in zip((7, 8), numbers, strict=False):
            data[at[kind][0] : at[kind][1]] = (number % 2**32).to_bytes(4, "little")
        counted = attributes(bytes(data), *at[12])
        for kind, number in zip(range(1, 6), numbers[2:], strict=True):
            data[counted[kind][0] : counted[kind][1]] = number.to_bytes(8, "little")
        expected = protocol.Traffic(*(one % 2**32 for one in numbers[:2]), *numbers[2:])
        assert protocol.traffic(bytes(data), 0, end) == expected
        turned = turn(bytes(data))
        assert protocol.traffic(turned, 0, len(turned)) == expected


def test_a_service_that_is_deleted_is_only_named() -> None:
    [named] = [one for one in OPERATIONS if str(one) == "delete service fwmark 7 (ipv6)"]
    whole = protocol.operation(named._replace(verb=Verb.SET_SERVICE))
    assert len(protocol.operation(named)) < len(whole)


def test_a_truncated_reply_is_no_service() -> None:
    data = bytes.fromhex(RECORDED["replies"][0]["service"])
    with pytest.raises(IpvsError, match="service: truncated netlink attribute"):
        protocol.service(data, 0, len(data) - 8)


@st.composite
def odd_replies(draw: st.DrawFn) -> tuple[str, bytes]:
    """A reply with some bytes changed, and cut at some place."""
    of_service = draw(st.sampled_from(RECORDED["replies"]))
    kind = draw(st.sampled_from(["service", "destination"]))
    texts = [of_service["service"]] if kind == "service" else of_service["destinations"]
    data = bytearray.fromhex(draw(st.sampled_from(texts or [of_service["service"]])))
    places = st.integers(0, len(data) - 1)
    for place, number in draw(st.lists(st.tuples(places, st.integers(0, 255)), max_size=4)):
        data[place] = number
    return kind, bytes(data[: draw(st.just(len(data)) | places)])


@pytest.mark.fuzz
@given(odd_replies())
def test_any_reply_is_read_or_refused(odd: tuple[str, bytes]) -> None:
    kind, data = odd
    end = len(data)
    with suppress(IpvsError):
        if kind == "service":
            protocol.service(data, 0, end)
            protocol.service_statistics(data, 0, end)
        else:
            protocol.destination(data, 0, end, "ipv4")
            protocol.activity(data, 0, end)
            protocol.traffic(data, 0, end)
    for decode in (protocol.timeouts, protocol.info):
        with suppress(IpvsError):
            decode(data, 0, end)


def turn(data: bytes) -> bytes:
    """A destination with its attributes in another order, as another kernel may send them."""
    header, outer = data[:4], data[4:8]
    start = 8
    parts = []
    while start < len(data):
        length = int.from_bytes(data[start : start + 2], "little")
        parts.append(data[start : start + (length + 3 & ~3)])
        start += len(parts[-1])
    return header + outer + b"".join(reversed(parts))


def test_another_order_of_attributes_is_read_as_well() -> None:
    # The quick way is only for the layout it knows.
    data = bytes.fromhex(RECORDED["replies"][0]["destinations"][0])
    turned = turn(data)
    assert protocol.destination(turned, 0, len(turned), "ipv4") == protocol.destination(
        data, 0, len(data), "ipv4"
    )
