# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
from dataclasses import replace

import pytest
from observe.judge import judge
from observe.paths import Observation
from observe.traffic import Request

from .scenes import CLIENT, DIRECTOR, GIVEN, each_path, failed, good

WEB1 = frozenset({"web1"})
NOBODY: frozenset[str] = frozenset()
NO_REPLY = {"replied_by": NOBODY, "replied_as": NOBODY, "reply_passed": NOBODY}


def unreachable(seen: Observation) -> Observation:
    for server in seen.endpoint.weights:
        seen = failed(seen, server, "No route to host", sent_to=NOBODY, **NO_REPLY)
    return seen


BAD = {
    "VIP missing on the director": (
        unreachable(replace(good("dr"), owners=NOBODY)),
        {("owner", "director", "nobody answers ARP"), ("answer", "director", "could not deliver")},
    ),
    "ARP answered by a real server too": (
        replace(good("dr"), owners=DIRECTOR | WEB1),
        {("owner", "web1", "answered by web1 too: it does not suppress ARP")},
    ),
    "ARP answered by a real server alone": (
        replace(good("dr"), owners=WEB1),
        {("owner", "web1", "answered by web1 and not by the director")},
    ),
    "a router that has to ask": (
        replace(good("dr", is_static=True), owners=DIRECTOR | WEB1),
        {("owner", "router", "asked who has 10.0.0.100, and director, web1 answered")},
    ),
    "neighbour discovery answered by a real server": (
        replace(good("dr", vip="2001:db8:10::100"), owners=DIRECTOR | WEB1),
        {("owner", "web1", "faces the router")},
    ),
    "requests past the director": (
        each_path(good("dr"), "web1", sent_to=WEB1),
        {("destination", "web1", "4 of 6 requests for 10.0.0.100:80 went to web1, past")},
    ),
    "NAT reply past the director, seen with its own address": (
        failed(good("nat"), "web1", "timed out",
               replied_by=WEB1, replied_as=frozenset({"10.0.0.11:80"}), reply_passed=NOBODY),
        {("answer", "web1", "web1 replied as 10.0.0.11:80, past the director"),
         ("share", "web1", "none")},
    ),
    "NAT reply past the director, rewritten by the real server": (
        each_path(good("nat"), "web1", replied_by=WEB1, reply_passed=NOBODY),
        {("reply", "web1", "did not pass the director, they came from web1")},
    ),
    "DR reply through the director": (
        each_path(good("dr"), "web1", replied_by=DIRECTOR, reply_passed=DIRECTOR),
        {("reply", "web1", "passed the director, they came from director")},
    ),
    "no reply at all": (
        failed(good("dr"), "web2", "timed out", **NO_REPLY),
        {("answer", "director", "no reply was seen"), ("share", "web2", "none of 6")},
    ),
    "the director keeps a reply to itself": (
        failed(good("nat"), "web2", "timed out", **{**NO_REPLY, "reply_passed": DIRECTOR}),
        {("answer", "director", "did not pass it on"), ("share", "web2", "none of 6")},
    ),
    "connection refused": (
        failed(good("dr"), "web2", "Connection refused"),
        {("answer", "web2", "web2 refused it"), ("share", "web2", "none of 6")},
    ),
    "no route from the client": (
        unreachable(good("dr")),
        {("answer", "", "the router never saw it")},
    ),
    "a stranger answers": (
        each_path(good("dr"), "web1", request=Request(40000, "web9", f"{CLIENT}:40000")),
        {("server", "web9", "none of its real servers"), ("share", "web1", "none"),
         ("reply", "web9", "passed")},
    ),
    "a drained server answers": (
        good("dr", weights={"web1": 1, "web2": 0}),
        {("server", "web2", "whose weight is 0")},
    ),
    "every weight is 0": (
        replace(good("dr", weights={"web1": 0}), paths=()),
        {("share", "", "every real server has weight 0")},
    ),
    "the client's address is translated": (
        each_path(good("nat"), "web2", request=Request(40001, "web2", "10.0.0.5:40001")),
        {("client", "web2", "web2 saw 10.0.0.5:40001")},
    ),
}  # fmt: skip


@pytest.mark.parametrize("mode", ["dr", "nat"])
def test_green(mode: str) -> None:
    assert judge(good(mode), GIVEN) == []


@pytest.mark.parametrize(("seen", "expected"), BAD.values(), ids=BAD)
def test_red(seen: Observation, expected: set[tuple[str, str, str]]) -> None:
    findings = judge(seen, GIVEN)
    assert {(each.check, each.host) for each in findings} == {each[:2] for each in expected}
    for check, host, part in expected:
        assert any(
            (each.check, each.host) == (check, host) and part in str(each) for each in findings
        )


def test_one_client_need_not_reach_all_servers_of_a_hashing_scheduler() -> None:
    seen = good("dr", spreads=False)
    assert judge(replace(seen, paths=seen.paths[:1]), GIVEN) == []


def test_unmanaged_servers_answer_under_names_of_their_own() -> None:
    assert judge(good("nat", weights={"10.0.0.11": 1, "10.0.0.12": 1}), GIVEN) == []
