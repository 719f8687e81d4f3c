# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of node_info, on a host in memory."""

from __future__ import annotations

import os
from subprocess import CompletedProcess
from typing import Any

import pytest
import yaml

from ansible_collections.lvs.topology.plugins.module_utils import execute
from ansible_collections.lvs.topology.plugins.module_utils.host.ip import run as iproute
from ansible_collections.lvs.topology.plugins.modules import (
    director,
    node_info,
    real_server,
    router,
)
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.fake_host import FakeHost
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.host.run_module import (
    run_module,
)

IP_VS = "IP Virtual Server version 1.2.1 (size=4096)\nProt LocalAddress:Port Scheduler Flags\n"


def node() -> dict[str, Any]:
    found: dict[str, Any] = run_module(node_info.main)["node"]
    return found


def documented(contains: dict[str, Any], value: dict[str, Any], where: str) -> None:
    assert set(contains) == set(value), where
    for name, field in contains.items():
        inner = value[name] if isinstance(value[name], list) else [value[name]]
        for one in inner if "contains" in field else ():
            documented(field["contains"], one, f"{where}.{name}")


@pytest.mark.usefixtures("host")
def test_returns_what_is_documented() -> None:
    documented(yaml.safe_load(node_info.RETURN)["node"]["contains"], node(), "node")


def test_changes_nothing_and_starts_two_processes(host: FakeHost) -> None:
    before = host.snapshot()
    node()
    assert host.snapshot() == before
    assert host.processes == 2


@pytest.mark.usefixtures("host")
def test_host() -> None:
    found = node()
    assert found["hostname"] == os.uname().nodename
    assert found["links"][2] == {
        "name": "eth1.100",
        "kind": "vlan",
        "mac": "52:54:00:00:00:01",
        "mtu": 1500,
        "up": False,
    }
    assert found["addresses"][0] == {
        "device": "eth0",
        "address": "10.0.0.11",
        "prefix": 24,
        "family": "ipv4",
    }
    assert found["sysctls"]["net.ipv4.conf.eth1.100.send_redirects"] == "1"
    assert found["sysctls"]["net.ipv6.conf.all.forwarding"] == "0"


def test_routes(monkeypatch: pytest.MonkeyPatch, host: FakeHost) -> None:
    """Recorded with iproute2 6.1."""
    answers = [
        """[]
        [{"type":"1","dst":"default","gateway":"10.0.0.1","dev":"v0","metric":5,"flags":[]},
         {"type":"1","dst":"10.0.0.0/24","dev":"v0","prefsrc":"10.0.0.11","flags":[]},
         {"type":"1","dst":"10.6.0.1","gateway":"10.0.0.7","dev":"v0","flags":[]},
         {"type":"1","dst":"10.7.0.0/16","flags":[],"nexthops":[
           {"gateway":"10.0.0.8","dev":"v0","weight":1,"flags":[]},
           {"gateway":"10.0.0.9","dev":"v0","weight":1,"flags":[]}]},
         {"type":"7","dst":"10.8.0.0/16","metric":7,"flags":[]}]""",
        """[{"type":"1","dst":"fe80::/64","dev":"v0","metric":256},
            {"type":"1","dst":"default","gateway":"fe80::1","dev":"v0","metric":1024}]""",
    ]
    monkeypatch.setattr(
        iproute, "_run", lambda *_arguments: CompletedProcess([], 0, answers.pop(0), "")
    )
    assert [tuple(one.values()) for one in node()["routes"]] == [
        ("ipv4", "0.0.0.0/0", "10.0.0.1", "v0", 5),
        ("ipv4", "10.0.0.0/24", "", "v0", 0),
        ("ipv4", "10.6.0.1/32", "10.0.0.7", "v0", 0),
        ("ipv4", "10.7.0.0/16", "10.0.0.8", "v0", 0),
        ("ipv4", "10.7.0.0/16", "10.0.0.9", "v0", 0),
        ("ipv6", "::/0", "fe80::1", "v0", 1024),
    ]
    assert host.processes == 0


def test_ipvs_that_is_loaded(host: FakeHost) -> None:
    host.write("proc/net/ip_vs", IP_VS)
    assert node()["ipvs"] == {"available": True, "version": "1.2.1", "conntrack": False}
    host.set("net/ipv4/vs/conntrack", "0")
    assert node()["ipvs"]["conntrack"] is True


@pytest.mark.parametrize("name", ["modules.dep", "modules.builtin"])
def test_ipvs_that_can_be_loaded(host: FakeHost, name: str) -> None:
    folder = f"lib/modules/{os.uname().release}"
    host.write(f"{folder}/{name}", "kernel/net/netfilter/ipvs/ip_vs_rr.ko: ...\n")
    nothing = {"available": False, "version": None, "conntrack": None}
    assert node()["ipvs"] == nothing
    host.write(f"{folder}/{name}", "kernel/net/netfilter/ipvs/ip_vs.ko.xz: ...\n")
    assert node()["ipvs"] == {**nothing, "available": True}


def test_owners(host: FakeHost) -> None:
    host.write("etc/default/ipvsadm", "AUTO=true\n")
    assert node()["owners"] == ["ipvsadm"]


@pytest.mark.usefixtures("ipvs")
def test_vips_of_ours() -> None:
    run_module(real_server.main, vips=["10.0.0.101"])
    vip = {"address": "10.0.0.100", "interface": "eth0"}
    run_module(director.main, vips=[vip], persist=False)
    assert node()["vip_owned"] == ["10.0.0.100", "10.0.0.101"]


@pytest.mark.usefixtures("host")
def test_neighbours_of_ours() -> None:
    entry = {"address": "10.0.0.100", "interface": "eth0", "mac": "52:54:00:00:00:05"}
    run_module(router.main, neighbours=[entry])
    assert node()["neighbours_owned"] == [entry]
    run_module(router.main, state="absent")
    assert node()["neighbours_owned"] == []


def test_host_without_ipv6(host: FakeHost) -> None:
    for path in sorted((host.root / "proc/sys/net/ipv6").rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    (host.root / "proc/sys/net/ipv6").rmdir()
    assert "net.ipv6.conf.all.forwarding" not in node()["sysctls"]
    assert host.processes == 1


def test_host_without_ip(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(host.root))
    monkeypatch.setattr(execute, "SYSTEM_PATHS", ())
    assert "no program ip" in run_module(node_info.main)["msg"]
