# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Real servers leave and return under constant requests, none of which is lost."""

import json
from collections.abc import Iterable
from pathlib import Path

import pytest
from scenario.node import Node
from scenario.steady import requests
from scenario.topology import Run, Topology

HERE = Path(__file__).parent
V4, V6 = ("10.0.0.100", 80), ("2001:db8:10::100", 80)
RIP = "10.0.0.12:80"
PORTS = range(20000, 20008)  # below the kernel's ephemeral ports
REUSE = "/proc/sys/net/ipv4/vs/conn_reuse_mode"
DRAIN_BOTH = ("-e", "real_server=web1,web2", "-e", "drain_timeout=1")
RESTART = "systemctl stop lab-web && sleep 1 && systemctl start lab-web"


def rolling(topology: Topology, tasks: str, *arguments: str) -> Run:
    given = ("-e", f"rolling_tasks={HERE / tasks}", "-e", "rolling_answer_timeout=5")
    return topology.run("lvs.topology.rolling", *given, *arguments)


def weights(director: Node) -> set[str]:
    """Destination and weight of the service over IPv4."""
    lines = [line.split() for line in director.run("ipvsadm", "-Sn").splitlines()]
    return {
        f"{words[4]} {words[-1]}"
        for words in lines
        if words[:3] == ["-a", "-t", "{}:{}".format(*V4)]
    }


def asked_from(client: Node, vip: str, ports: Iterable[int]) -> dict[int, str]:
    """Port of the client → the real server that answers, which closes the connection first."""
    script = (HERE / "ask_from.py").read_text()
    answers = client.run("python3", "-c", script, vip, *map(str, ports))
    return {int(port): server for port, server in json.loads(answers).items()}


def test_a_drained_real_server_gets_nothing(
    topology: Topology, client: Node, director: Node
) -> None:
    predicted = topology.run("lvs.topology.drain", "-e", "real_server=web2", "--check")
    with requests(client, [V4, V6]) as seen:
        drained = topology.run("lvs.topology.drain", "-e", "real_server=web2")
    assert (drained.status, seen.failures) == (0, [])
    assert predicted.outcomes.statements() == drained.outcomes.statements() != set()
    assert drained.changed == {"director", "standby"}
    with requests(client, [V4, V6]) as seen:
        pass
    assert [set(each) for each in seen.answered.values()] == [{"web1"}, {"web1"}]

    refused = topology.run(
        "lvs.topology.drain", "-e", "real_server=web1", "-e", "drain_min_active=1"
    )
    assert refused.status != 0
    assert "got 0 other real servers with a weight; expected at least 1" in refused.output
    assert weights(director) == {"10.0.0.11:80 2", f"{RIP} 0"}

    predicted = topology.run("lvs.topology.undrain", "-e", "real_server=web2", "--check")
    back = topology.run("lvs.topology.undrain", "-e", "real_server=web2")
    assert predicted.outcomes.statements() == back.outcomes.statements() != set()
    assert (back.status, weights(director)) == (0, {"10.0.0.11:80 2", f"{RIP} 1"})


@pytest.mark.parametrize("vip", [V4[0], V6[0]])
def test_a_client_that_uses_its_port_again(
    topology: Topology, client: Node, director: Node, vip: str
) -> None:
    before = asked_from(client, vip, PORTS)
    again, once_more, *_rest = [port for port, server in before.items() if server == "web2"]
    drained = topology.run("lvs.topology.drain", "-e", "real_server=web2")
    assert drained.status == 0
    assert asked_from(client, vip, [again]) == {again: "web1"}
    ours = director.run("cat", REUSE).strip()
    director.run("sh", "-c", f"echo 1 > {REUSE}")
    assert asked_from(client, vip, [once_more]) == {once_more: "web2"}
    director.run("sh", "-c", f"echo {ours} > {REUSE}")
    assert topology.run("lvs.topology.undrain", "-e", "real_server=web2").status == 0


def test_one_director_that_cannot_brings_all_back(
    topology: Topology, client: Node, director: Node
) -> None:
    """Connections that do not end are on one of the directors alone."""
    both = [director, topology.inventory.nodes["standby"]]
    before = weights(director)
    with requests(client, [], [V4, V6]) as seen:
        drained = topology.run("lvs.topology.drain", *DRAIN_BOTH)
        given = ("-e", "rolling_serial=2", "-e", "rolling_min_active=0", "-e", "rolling_timeout=1")
        rolled = rolling(topology, "restart.yml", *given)
        left = [weights(each) for each in both]
        kept = topology.run("lvs.topology.drain", *DRAIN_BOTH, "-e", "drain_on_timeout=keep")
        assert [weights(each) for each in both] == [{"10.0.0.11:80 0", f"{RIP} 0"}] * 2
    assert seen.failures == []
    assert [run.status != 0 for run in (drained, rolled, kept)] == [True] * 3
    assert left == [before, before]
    assert "web1,web2 is not drained on director, for the reason above" in drained.output
    assert "web1, web2 could not be drained: after 1 s there still are" in rolled.output
    assert "On the other directors the weight stays 0" in kept.output
    assert topology.run("lvs.topology.undrain", "-e", "real_server=web1,web2").status == 0
    assert [weights(each) for each in both] == [before, before]


def test_who_is_to_stay_drained_is_worked_on_and_stays_drained(
    topology: Topology, director: Node
) -> None:
    given = ("-e", "real_server=web2", "-e", "drain_permanent=true")
    assert topology.run("lvs.topology.drain", *given).status == 0
    run = rolling(topology, "restart.yml", "-e", "rolling_hosts=web2")
    assert (run.status, "web2" in run.changed) == (0, True)
    assert "stays drained, which is permanent" in run.output
    assert weights(director) == {"10.0.0.11:80 2", f"{RIP} 0"}
    assert topology.run("lvs.topology.undrain", "-e", "real_server=web2").status == 0


def test_all_applications_restart_and_no_request_is_lost(
    topology: Topology, client: Node, director: Node
) -> None:
    with requests(client, [V4, V6]) as seen:
        run = rolling(topology, "restart.yml")
    assert (run.status, seen.failures) == (0, [])
    assert run.changed == {"web1", "web2"}
    assert weights(director) == {"10.0.0.11:80 2", f"{RIP} 1"}


def test_a_failure_ends_it_and_says_who_stays_drained(
    topology: Topology, client: Node, director: Node
) -> None:
    with requests(client, [V4, V6]) as seen:
        run = rolling(topology, "broken.yml")
    assert run.status != 0
    assert seen.failures == []
    assert 'web1 failed at "Check that the application answers at its VIP"' in run.output
    assert "lvs.topology.undrain -e real_server=web1" in run.output
    assert weights(director) == {"10.0.0.11:80 0", f"{RIP} 1"}

    # web2 is the only one left.
    again = rolling(topology, "restart.yml", "-e", "rolling_hosts=web2")
    assert again.status != 0
    assert "expected at least 1" in again.output
    assert weights(director) == {"10.0.0.11:80 0", f"{RIP} 1"}

    topology.inventory.nodes["web1"].run("systemctl", "start", "lab-web")
    assert topology.run("lvs.topology.undrain", "-e", "real_server=web1").status == 0


def test_requests_are_lost_without_draining(topology: Topology, client: Node) -> None:
    """The requests detect a restart without a drain."""
    with requests(client, [V4, V6]) as seen:
        topology.inventory.nodes["web1"].run("sh", "-c", RESTART)
    assert seen.failures != []
