# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of the modules that capture packets and send requests."""

from __future__ import annotations

import os
import socket
from typing import Any, Self

import pytest
import yaml

from ansible_collections.lvs.topology.plugins.module_utils.packets import (
    background,
    frames,
    options,
)
from ansible_collections.lvs.topology.plugins.module_utils.packets.capture import Stop
from ansible_collections.lvs.topology.plugins.module_utils.packets.frames import Packet, Seen
from ansible_collections.lvs.topology.plugins.modules import capture, neighbours_info, probe
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

SEEN = Packet(
    Seen(1.0, "eth0", "in", "a", "b"), "tcp", "10.0.0.1", 1, "10.0.0.2", 80, "S", 7, 64, 60, "",
    "", "",
)  # fmt: skip
FOUND: dict[str, Any] = {**frames.dump([SEEN]), "seconds": 1.0, "complete": True, "dropped": 0}


class FakeCapture:
    """A capture of one packet, without a packet socket."""

    def __init__(self, spec: object) -> None:
        self.spec = spec

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self.close()

    def close(self) -> None:
        pass

    def watch(self, stop: Stop | None = None) -> dict[str, Any]:
        while stop and not stop.is_called():
            pass
        return FOUND


@pytest.fixture(autouse=True)
def _no_packet_socket(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(capture, "Capture", FakeCapture)
    monkeypatch.setattr(background, "Capture", FakeCapture)


@pytest.mark.parametrize("check", [False, True])
def test_capture(*, check: bool) -> None:
    result = run_module(capture.main, check=check, hosts=["10.0.0.1"])
    assert {name: result[name] for name in FOUND} == FOUND
    assert result["changed"] is False


def test_what_a_packet_has_is_documented() -> None:
    documented = yaml.safe_load(capture.RETURN)["packets"]["contains"]
    assert [*documented] == [*FOUND["packets"][0]]


def test_capture_in_the_background() -> None:
    name = f"unit-test-{os.getpid()}"
    assert "packets" not in run_module(capture.main, state="started", name=name)
    assert "already running" in run_module(capture.main, state="started", name=name)["msg"]
    result = run_module(capture.main, state="collected", name=name)
    assert {key: result[key] for key in FOUND} == FOUND
    assert "no capture named" in run_module(capture.main, state="collected", name=name)["msg"]


def test_everything_that_is_wrong_with_a_capture() -> None:
    result = run_module(
        capture.main, hosts=["web1"], neighbours=["10.0.0.1"] * 101, ports=[0], seconds=301,
        max_packets=0,
    )  # fmt: skip
    assert result["problems"] == [
        "seconds: got 301, expected a number from 1 to 300",
        "max_packets: got 0, expected a number from 1 to 20000",
        "hosts[0]: got 'web1', expected an IPv4 or IPv6 address",
        "neighbours: got 101 of them, expected 100 at most",
        "ports[0]: got 0, expected a number from 1 to 65535",
    ]


def test_a_name_that_no_socket_can_have() -> None:
    for name in ("", "x" * 65, "a\0b", "caf\xe9"):
        result = run_module(capture.main, state="collected", name=name)
        assert "printable ASCII" in result["problems"][0]


def test_addresses_are_compared_in_one_spelling() -> None:
    defaults = {name: spec["default"] for name, spec in options.CAPTURE.items()}
    given = {**defaults, "hosts": ["2001:DB8:10:0::100"]}
    spec, problems = options.parse_capture(given)
    assert (spec.hosts, problems) == (("2001:db8:10::100",), [])


def test_everything_that_is_wrong_with_questions() -> None:
    queries = [
        {"address": "vip", "interface": "eth0", "source": "me"},
        {"address": "10.0.0.1", "interface": "a\0b", "source": "::1"},
    ]
    result = run_module(neighbours_info.main, queries=queries, seconds=11)
    assert [one.partition(":")[0] for one in result["problems"]] == [
        "seconds", "queries[0].address", "queries[0].source", "queries[1].source",
        "queries[1].interface",
    ]  # fmt: skip


def test_a_question_without_a_place(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(neighbours_info, "ask", lambda *_what: [])
    queries = [{"address": "10.0.0.1", "interface": "eth0"}]
    assert run_module(neighbours_info.main, queries=queries)["replies"] == []


def test_probe() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        result = run_module(probe.main, targets=[{"address": "127.0.0.1", "port": port}])
    assert [one["result"] for one in result["results"]] == ["answered"]
    documented = yaml.safe_load(probe.RETURN)["results"]["contains"]
    assert [*documented] == [*result["results"][0]]


def test_everything_that_is_wrong_with_a_probe() -> None:
    target = {"address": "vip", "port": 0, "requests": 101, "size": -1}
    result = run_module(probe.main, targets=[target], rate=0, timeout=11)
    assert [one.partition(":")[0] for one in result["problems"]] == [
        "rate", "timeout", "targets[0].address", "targets[0].port", "targets[0].requests",
        "targets[0].size",
    ]  # fmt: skip
