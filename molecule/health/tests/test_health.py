# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers that fail leave their pools, and come back, under requests that are counted."""

import time
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager

import pytest
from scenario.node import Node
from scenario.steady import requests
from scenario.topology import Topology

DR, DR6 = ("10.0.0.100", 80), ("2001:db8:10::100", 80)
NAT, TUN, FULLNAT = ("10.0.0.101", 8080), ("10.0.0.102", 80), ("10.0.0.103", 8080)
KEPT, SORRY, TOLD = ("10.0.0.104", 80), ("10.0.0.105", 8081), ("10.0.0.106", 8082)
ALL = [DR, DR6, NAT, TUN, FULLNAT]
NOT_ASKED = {KEPT, TOLD}  # but tried
UNIT = "lvs-topology-health.service"
DECISIONS = "/run/lvs-topology-health/decisions.json"
PATIENCE = 60  # seconds; the lab is emulated

# It does not wait for connections of which nobody will see the end.
DRAIN = ("-e", "real_server=web2", "-e", "drain_timeout=1", "-e", "drain_on_timeout=keep")

# What breaks web2, what mends it, and the endpoints that notice.
DEAF = (
    "nft add table inet deaf; nft add chain inet deaf in '{ type filter hook input priority 0; }'"
)
FROZEN = """table netdev frozen {
  chain in { type filter hook ingress device inside priority 0; policy drop; }
  chain out { type filter hook egress device inside priority 0; policy drop; }
}"""
FAULTS = {
    "the application is stopped": (
        "systemctl stop lab-web",
        "systemctl start lab-web",
        ALL,
    ),
    "its packets are dropped one way": (
        f"{DEAF}; nft add rule inet deaf in tcp dport 80 drop",
        "nft delete table inet deaf",
        ALL,
    ),
    "the host is frozen": (
        f"nft '{FROZEN}'",
        "nft delete table netdev frozen",
        ALL,
    ),
    # Only a check through the VIP sees these: the application answers at the RIP.
    "the VIP is missing": (
        "ip address delete 2001:db8:10::100/128 dev lo",
        "ip address add 2001:db8:10::100/128 dev lo nodad preferred_lft 0",
        [DR6],
    ),
    "nothing unwraps what comes through the tunnel": (
        f"{DEAF}; nft add rule inet deaf in ip protocol 4 drop",
        "nft delete table inet deaf",
        [TUN],
    ),
}

SERVERS = {
    "10.0.0.11": "web1",
    "10.0.0.12": "web2",
    "[2001:db8:10::11]": "web1",
    "[2001:db8:10::12]": "web2",
}

# What the check of web-told says of web2 is what it is told, one answer after the other, and else
# whether its port is open. It notes the weight that web2 has at each of these.
SCRIPT = r"""#!/bin/bash
if [ "$LVS_RIP" = 10.0.0.12 ] && [ -s /run/told/answers ]; then
  read -r answer </run/told/answers
  awk '/^TCP/ { on = $2 == "0A00006A:1F92" } on && $2 == "0A00000C:0050" { print $4 }' \
    /proc/net/ip_vs >>/run/told/weights
  sed -i 1d /run/told/answers
  exit "$answer"
fi
exec 3<>"/dev/tcp/$LVS_RIP/$LVS_PORT"
"""
GOOD, BAD = "0", "1"

Out = set[tuple[str, int]]


@pytest.fixture
def web1(topology: Topology) -> Node:
    return topology.inventory.nodes["web1"]


@pytest.fixture
def web2(topology: Topology) -> Node:
    return topology.inventory.nodes["web2"]


@pytest.fixture(scope="module", autouse=True)
def _script(topology: Topology) -> None:
    install = "mkdir -p /run/told; cat >/usr/local/bin/told; chmod 755 /usr/local/bin/told"
    topology.inventory.nodes["director"].run("sh", "-c", install, stdin=SCRIPT)


def weights(director: Node) -> dict[tuple[str, str, int], dict[str, int]]:
    """Protocol, address and port → real server → weight; without the services of the probes."""
    found: dict[tuple[str, str, int], dict[str, int]] = {}
    for line in director.run("ipvsadm", "-Sn").splitlines():
        words = line.split()
        if words[0] == "-a" and words[1] in ("-t", "-u"):
            address, _colon, port = words[2].rpartition(":")
            server = SERVERS[words[words.index("-r") + 1].rpartition(":")[0]]
            weight = int(words[words.index("-w") + 1])
            found.setdefault((words[1], address.strip("[]"), int(port)), {})[server] = weight
    return found


def out(director: Node, server: str) -> Out:
    """The endpoints over TCP that send a real server nothing."""
    return {
        (address, port)
        for (protocol, address, port), servers in weights(director).items()
        if protocol == "-t" and servers.get(server) == 0
    }


def until(what: Callable[[], bool]) -> None:
    """Wait for something that health checks do."""
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end
        time.sleep(0.3)


@contextmanager
def broken(node: Node, breaks: str, mends: str) -> Iterator[None]:
    """Something on a node that is broken for a while."""
    node.run("sh", "-c", breaks)
    try:
        yield
    finally:
        node.run("sh", "-c", mends)


@contextmanager
def stopped(*nodes: Node) -> Iterator[None]:
    """Applications that are stopped for a while."""
    with ExitStack() as stack:
        for node in nodes:
            stack.enter_context(broken(node, "systemctl stop lab-web", "systemctl start lab-web"))
        yield


def everywhere(noticed: Collection[tuple[str, int]]) -> Out:
    """Where who is not there at all is out, if it is out of these."""
    return {*noticed} | (NOT_ASKED if noticed == ALL else set())


def back(director: Node) -> bool:
    """Whether every real server takes requests, and the fallback takes none."""
    return out(director, "web1") == set() and out(director, "web2") == {SORRY}


@pytest.mark.parametrize("fault", FAULTS)
def test_who_fails_leaves_and_comes_back(
    client: Node, director: Node, web2: Node, fault: str
) -> None:
    breaks, mends, noticed = FAULTS[fault]
    until(lambda: back(director))
    with ExitStack() as stack:
        with requests(client, ALL) as during:
            stack.enter_context(broken(web2, breaks, mends))
            until(lambda: out(director, "web2") >= everywhere(noticed))
        with requests(client, ALL) as after:
            pass
        left = out(director, "web2")
    assert left == {*everywhere(noticed), SORRY}
    assert after.failures == []
    servers = {name: set(each) for name, each in after.answered.items()}
    for endpoint in ALL:
        expected = {"web1"} if endpoint in noticed else {"web1", "web2"}
        assert servers["{} port {}".format(*endpoint)] == expected
    # What was lost went to web2 before it was out, which had its turns and no more.
    lost = Counter(failure.split(", ")[1] for failure in during.failures)
    assert {*lost} <= {"{} port {}".format(*endpoint) for endpoint in noticed}
    for name, each in during.answered.items():
        assert lost[name] + each.get("web2", 0) <= each["web1"] + 2
    until(lambda: back(director))
    with requests(client, ALL) as again:
        pass
    assert again.failures == []
    assert all(len(each) == 2 for each in again.answered.values())


def test_an_application_that_hangs(client: Node, director: Node, web2: Node) -> None:
    """It accepts connections, and so a check by TCP finds it up; one by HTTP does not."""
    signal = "systemctl kill --signal={} lab-web"
    with broken(web2, signal.format("STOP"), signal.format("CONT")):
        until(lambda: out(director, "web2") >= {DR, DR6})
        with requests(client, [DR, DR6]) as after:
            pass
        assert out(director, "web2") == {DR, DR6, SORRY}
    assert after.failures == []
    assert {server for each in after.answered.values() for server in each} == {"web1"}
    until(lambda: back(director))


def test_one_that_comes_and_goes(director: Node) -> None:
    """It takes as many results in a row as are declared, and then no further one."""
    stays, goes = [BAD, GOOD, BAD, GOOD], [BAD, BAD, BAD]
    stays_out, comes = [GOOD, BAD], [GOOD, GOOD, GOOD]
    answers = [*stays, *goes, *stays_out, *comes]
    told = "rm -f /run/told/weights; cat >/run/told/new; mv /run/told/new /run/told/answers"
    director.run("sh", "-c", told, stdin="".join(f"{answer}\n" for answer in answers))
    until(lambda: director.run("cat", "/run/told/answers") == "")
    seen = director.run("cat", "/run/told/weights").split()
    assert seen == [*["1"] * 4, "1", "1", "0", *["0"] * 2, "0", "0", "1"]


def test_a_persistent_client_leaves_with_its_real_server(
    topology: Topology, client: Node, director: Node
) -> None:
    def answering() -> str:
        with requests(client, [KEPT]) as seen:
            pass
        assert seen.failures == []
        (server,) = seen.answered["{} port {}".format(*KEPT)]
        return server

    first = answering()
    with stopped(topology.inventory.nodes[first]):
        until(lambda: KEPT in out(director, first))
        assert answering() != first
    until(lambda: back(director))


def test_connections_to_others_go_on(client: Node, director: Node, web2: Node) -> None:
    with requests(client, [], ALL) as seen:
        kept = weights(director)
        with stopped(web2):
            until(lambda: out(director, "web2") >= {*ALL})
        until(lambda: back(director))
    assert kept == weights(director)
    assert all("web1" in each or seen.failures for each in seen.answered.values())


def test_udp_that_nobody_answers(director: Node, web2: Node) -> None:
    udp = ("-u", "10.0.0.100", 80)
    with stopped(web2):
        until(lambda: weights(director)[udp]["web2"] == 0)
    until(lambda: weights(director)[udp]["web2"] == 1)


def test_all_of_them_down(client: Node, director: Node, web1: Node, web2: Node) -> None:
    """The floor keeps one in; without a floor all go; a fallback takes over."""
    with stopped(web1):
        until(lambda: out(director, "web2") == set())
        with requests(client, [SORRY, DR]) as sorry:
            pass
        assert sorry.failures == []
        assert {*sorry.answered["10.0.0.105 port 8081"]} == {"web2"}
        with stopped(web2):
            until(lambda: out(director, "web2") >= {*ALL})
            table = weights(director)
            assert sorted(table[("-t", *KEPT)].values()) == [0, 1]
            assert set(table[("-t", *DR)].values()) == {0}
            # web1 failed first.
            assert table[("-t", *KEPT)]["web2"] == 1
    until(lambda: back(director))


def test_a_run_leaves_it_out_and_says_why(topology: Topology, director: Node, web2: Node) -> None:
    with stopped(web2):
        until(lambda: out(director, "web2") >= everywhere(ALL))
        before = weights(director)
        run = topology.converge()
        assert (run.status, run.changed) == (0, set())
        assert weights(director) == before
        assert "web2 (10.0.0.12) is out of" in run.output
        # An operator's drain goes before what health checks say.
        assert topology.run("lvs.topology.drain", *DRAIN).status != 0
    time.sleep(5)
    assert out(director, "web2") == {*everywhere(ALL), SORRY}
    assert topology.run("lvs.topology.undrain", "-e", "real_server=web2").status == 0
    until(lambda: back(director))


def test_a_daemon_that_dies_changes_nothing(director: Node, web2: Node) -> None:
    with stopped(web2):
        until(lambda: out(director, "web2") >= everywhere(ALL))
        before = weights(director)
        director.run("systemctl", "kill", "--signal=KILL", UNIT)
        assert weights(director) == before
        until(lambda: director.run("systemctl", "show", "-P", "ActiveState", UNIT) == "active\n")
        assert weights(director) == before
        director.run("systemctl", "stop", UNIT)
        assert weights(director) == before
        director.run("sh", "-c", f"echo damaged > {DECISIONS}")
        director.run("systemctl", "start", UNIT)
        assert weights(director) == before
        time.sleep(5)
        assert weights(director) == before
    until(lambda: back(director))


def test_proof_and_status_know(topology: Topology, director: Node, web2: Node) -> None:
    assert [str(finding) for finding in topology.verify()] == []
    with stopped(web2):
        until(lambda: out(director, "web2") >= everywhere(ALL))
        assert [str(finding) for finding in topology.verify()] == []
        status = topology.run("lvs.topology.status")
        assert (status.status, status.changed) == (0, set())
        assert "connection refused" in status.output
        director.run("systemctl", "stop", UNIT)
        found = {str(finding) for finding in topology.verify()}
        assert any(UNIT in one for one in found)
        director.run("systemctl", "start", UNIT)
    until(lambda: back(director))
