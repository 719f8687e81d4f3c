# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Who says by VRRP that it is master."""

from __future__ import annotations

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.packets.frames import (
    Advertisement,
    Frame,
    Seen,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import (
    Endpoint,
    read_endpoints,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.evidence import Evidence
from ansible_collections.lvs.topology.plugins.module_utils.verify.flows import (
    Scene as EvidenceScene,
)
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.masters import several_have
from ansible_collections.lvs.topology.plugins.module_utils.verify.verdict import numbers

from .scenes import STRANGER, VIP, Scene, facts

# web2's facts stand for those of the second director, which has the higher address.
FIRST, SECOND = "10.0.0.5", "10.0.0.12"
NAMES = ("director", "standby")


def said(
    source: str, direction: str = "out", *, router_id: int = 51, priority: int = 254, mac: str = ""
) -> Frame:
    seen = Seen(1.0, "eth0", direction, mac, "")
    return Advertisement(seen, source, "224.0.0.18", router_id, priority)


def evidence(
    first: list[Frame], second: list[Frame], *, has: tuple[str, ...] = NAMES
) -> tuple[Endpoint, Evidence]:
    scene = Scene("dr")
    scene.facts["standby"] = facts("web2")
    for name in has[1:]:
        scene.add_address(name, VIP)
    frames = {"director": first, "standby": second}
    seen = EvidenceScene(read_hosts(scene.facts), "client", NAMES, frames)
    return read_endpoints(scene.paths)[0], Evidence(seen, {})


OUT1, OUT2, AT1, AT2 = said(FIRST), said(SECOND), said(SECOND, "in"), said(FIRST, "in")


@pytest.mark.parametrize(
    ("first", "second", "host", "cause"),
    [
        ([OUT1, AT1], [OUT2, AT2], "director", "arrives at director, which does not give way"),
        ([OUT1], [OUT2, AT2], "director", "what standby says of it (VRRP (protocol 112)) does not"),
        (
            [OUT1, said(SECOND, "in", priority=154)],
            [said(SECOND, priority=154), AT2],
            "standby",
            "what director says of it (VRRP (protocol 112)) arrives at standby",
        ),
        ([OUT1], [AT2], "standby", "does not say that it is master: not shown"),
        ([AT1, said(FIRST, priority=0)], [OUT2], "director", "does not say that it is master"),
        ([], [], "standby", "none hears that another one is master (split brain)"),
    ],
)
def test_why_two_answer(first: list[Frame], second: list[Frame], host: str, cause: str) -> None:
    endpoint, known = evidence(first, second)
    found, why = several_have(endpoint, NAMES, known)
    assert (found, cause in why) == (host, True), why


def test_one_that_answers_for_others() -> None:
    endpoint, known = evidence([OUT1], [], has=NAMES[:1])
    found, why = several_have(endpoint, NAMES, known)
    assert (found, "it answers for others (proxy ARP or ND)" in why) == ("standby", True)


@pytest.mark.parametrize(
    ("frame", "source"),
    [
        (said("10.0.0.77", "in", mac=STRANGER), "10.0.0.77"),
        (said("10.0.0.77", "other", mac=STRANGER), "10.0.0.77"),
        (said("10.0.0.77", "in", router_id=52), ""),
        (said("2001:db8:10::77", "in"), ""),
        (AT1, ""),
    ],
)
def test_somebody_else_with_the_same_number(frame: Frame, source: str) -> None:
    found = [*numbers(evidence([OUT1, frame, frame], [])[1])]
    assert [one.got.split()[0] for one in found] == ([source] if source else [])
    assert all(STRANGER in one.cause for one in found)
