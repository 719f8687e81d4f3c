# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What the demo says of an application and a director that fail."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import pytest
from lvsdemo import failures
from lvsdemo.failures import Failures, Unseen
from scenario.node import Node
from scenario.steady import Endpoint, Seen

VIPS = ["10.0.0.100", "2001:db8:10::100"]


class Lab:
    """What its nodes say: lb1 has the VIPs, and web2 is in, until something fails."""

    def __init__(self) -> None:
        self.master = "lb1"
        self.weight = 1

    def run(self, node: Node, *argv: str, stdin: str = "") -> str:
        if argv[0] == "systemctl":
            self.weight = int(argv[1] == "start")
        elif argv[0] == "nft":
            self.master = "lb2" if "policy drop" in stdin else ""
        elif argv[0] == "hostname":
            return "10.0.0.12 2001:db8:10::12 \n"
        elif argv[0] == "journalctl":
            return "web2 (10.0.0.12) is down for service web: connection refused\nweb1 answers\n"
        elif argv[0] == "ip":
            has = VIPS if node.name == self.master else []
            return "".join(f"3: inside    inet {vip}/32 scope global inside\n" for vip in has)
        elif argv[0] == "ipvsadm":
            return (
                "-A -t 10.0.0.100:80 -s wrr\n"
                f"-a -t 10.0.0.100:80 -r 10.0.0.12:80 -g -w {self.weight}\n"
                "-a -t 10.0.0.100:80 -r 10.0.0.11:80 -g -w 2\n"
                f"-a -t [2001:db8:10::100]:80 -r [2001:db8:10::12]:80 -g -w {self.weight}\n"
                "-a -f 1280704721 -r 10.0.0.12:0 -g -w 1\n"
            )
        return ""


@contextmanager
def requests(
    _client: Node, _new: Sequence[Endpoint], lasting: Sequence[Endpoint], *, timeout: float
) -> Iterator[Seen]:
    seen = Seen()
    yield seen
    seen.answered, seen.failures = {"10.0.0.100 port 80": {"web1": 7, "web2": 3}}, ["refused"]
    seen.slowest = {"new": 0.2, "long_lived": timeout if lasting else 0}


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> Failures:
    lab = Lab()
    monkeypatch.setattr(
        Node, "run", lambda node, *argv, stdin="": lab.run(node, *argv, stdin=stdin)
    )
    monkeypatch.setattr(failures, "requests", requests)
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    nodes = {name: Node(name, "") for name in ("client", "lb1", "lb2", "web2")}
    return Failures(nodes, ["lb1", "lb2"], {"web": [(vip, 80) for vip in VIPS]})


def test_an_application_that_stops(shown: Failures, capsys: pytest.CaptureFixture[str]) -> None:
    shown.application("web2")
    lines = [line.strip() for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == "web2 is out of all pools after 0.0 s. lb1 says why:"
    assert lines[1] == "web2 (10.0.0.12) is down for service web: connection refused"
    assert lines[3] == "web  10 answered, 1 lost; slowest 0.2 s on a new connection"


def test_a_director_that_dies(shown: Failures, capsys: pytest.CaptureFixture[str]) -> None:
    restarted: list[str] = []
    shown.director(restarted.append)
    said = capsys.readouterr().out
    assert restarted == ["lb1"]
    assert "lb1 is dead; lb2 has all VIPs" in said
    assert "lb1 is there again, as the standby of lb2" in said
    assert "slowest 0.2 s on a new connection, 15.0 s on a lasting one" in said


def test_nobody_who_has_the_vips(shown: Failures) -> None:
    with pytest.raises(Unseen, match="0 directors have all VIPs"):
        Failures(shown.nodes, [], shown.endpoints).master()
