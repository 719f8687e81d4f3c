# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A thousand real servers: the work grows with their number, not with its square."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

import pytest

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology.sample import (
    Sample,
    both_ways,
    node,
    on,
    route,
)


def _many(count: int) -> Sample:
    sample = both_ways()
    hosts = {f"web{number}": number for number in range(count)}
    for host, number in hosts.items():
        high, low = divmod(number, 250)
        sample.facts[host] = node(
            {"inside": [f"10.0.{high + 10}.{low + 1}/16", f"2001:db8:10::{number + 1000:x}/64"]},
            [route("0.0.0.0/0", "10.0.0.1"), route("::/0", "2001:db8:10::1")],
        )
    sample.facts["director"] = node(
        {"inside": ["10.0.0.5/16", "2001:db8:10::5/64"]},
        [route("0.0.0.0/0", "10.0.0.1"), route("::/0", "2001:db8:10::1")],
    )
    sample.groups["all"] = sample.groups["lvs_real_servers"] = [*hosts]
    for service in sample.services.values():
        service["real_servers"] = [{"group": "lvs_real_servers"}]
    return sample


KINDS: dict[str, dict[str, Any]] = {
    "nat": {"mode": "nat", "return_route": "policy"},
    "dr": {"mode": "dr"},
    "tun, ipip": {"mode": "tun"},
    "tun, gre": {"mode": "tun", "tunnel": "gre"},
    "tun, gue": {"mode": "tun", "tunnel": "gue", "tunnel_port": 6080},
    "fullnat": {"mode": "fullnat"},
}


def _square(kind: str, count: int) -> Sample:
    """As many services as real servers, each service on all of them; VIPs are there already."""
    sample = _many(count)
    vips = [f"10.0.{number // 250 + 100}.{number % 250 + 1}" for number in range(count)]
    server = {"group": "lvs_real_servers"}
    sample.services = {
        vip: {**KINDS[kind], "vips": [vip], "port": 80, "real_servers": [server]} for vip in vips
    }
    for modules, facts in (
        (sample.compile().nodes[host], sample.facts[host]) for host in sample.facts
    ):
        options = {**modules.get("real_server", {}), **modules.get("director", {})}
        facts["vip_owned"] = vips if options["vips"] else []
        facts["addresses"] = [
            *facts["addresses"],
            *(on("lo", f"{vip}/32") for vip in facts["vip_owned"]),
        ]
    return sample


def _calls(sample: Sample) -> int:
    """The number of function calls that compiling takes: unlike time, the same on each run."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    sys.setprofile(count)
    try:
        compiled = sample.compile()
    finally:
        sys.setprofile(None)
    assert compiled.violations == []
    return calls


def test_a_thousand_real_servers() -> None:
    compiled = _many(1000).compile()
    assert compiled.violations == []
    services = compiled.nodes["director"]["director"]["services"]
    assert [len(one["destinations"]) for one in services] == [1000] * 4


def test_work_grows_with_the_number_of_hosts() -> None:
    assert _calls(_many(400)) < 5 * _calls(_many(100))


@pytest.mark.parametrize("kind", KINDS)
def test_work_grows_with_the_number_of_paths(kind: str) -> None:
    small, large = _square(kind, 15), _square(kind, 45)
    assert _calls(large) < 9 * _calls(small)
