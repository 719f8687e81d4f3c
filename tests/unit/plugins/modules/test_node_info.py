# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The real main() of node_info, on a host in memory."""

from __future__ import annotations

import os
from typing import Any

import pytest
import yaml

from ansible_collections.lvs.topology.plugins.module_utils import execute
from ansible_collections.lvs.topology.plugins.module_utils.health import runtime
from ansible_collections.lvs.topology.plugins.module_utils.health.decisions import Decision
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    DestinationKey,
    ServiceKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.state import files, paths
from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.facts import (
    read_routing,
)
from ansible_collections.lvs.topology.plugins.module_utils.topology.routing.routes import LOCAL
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.render import HEADER
from ansible_collections.lvs.topology.plugins.module_utils.vrrp.schema import render_vrrp
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
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.vrrp.pairs import PAIR

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


def test_changes_nothing_and_starts_three_processes(host: FakeHost) -> None:
    before = host.snapshot()
    node()
    assert host.snapshot() == before
    assert host.processes == 3


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
        "vrf": "",
        "vrf_table": 0,
        "link_local": [],
    }
    assert found["addresses"][0] == {
        "device": "eth0",
        "address": "10.0.0.11",
        "prefix": 24,
        "family": "ipv4",
    }
    assert found["sysctls"]["net.ipv4.conf.eth1.100.send_redirects"] == "1"
    assert found["sysctls"]["net.ipv6.conf.all.forwarding"] == "0"


def test_a_vrfs_own_address_is_in_its_table(host: FakeHost) -> None:
    host.kinds["blue"] = "vrf"
    host.tunnels["blue"] = {"table": 9}
    host.addresses.append(("blue", "10.0.9.1", 24))
    found = node()
    assert [one["vrf"] for one in found["links"]] == ["", "", "", "blue"]
    own = [one for one in read_routing(found)[4].routes if one.kind == LOCAL]
    assert {one.device: one.table for one in own} == {"eth0": 255, "blue": 9}


@pytest.mark.usefixtures("host")
def test_a_return_route_of_ours_is_not_there() -> None:
    """It goes with the service that it was made for."""
    before = node()
    route = {"source": "10.0.0.11", "protocol": "tcp", "ports": 80, "gateway": "10.0.0.5"}
    run_module(real_server.main, return_routes=[route])
    after = node()
    assert [after[name] for name in ("rules", "routes")] == [
        before[name] for name in ("rules", "routes")
    ]


def test_ipvs_that_is_loaded(host: FakeHost) -> None:
    host.write("proc/net/ip_vs", IP_VS)
    loaded: dict[str, Any] = {"available": True, "modules": None, "version": "1.2.1"}
    loaded["sysctls"] = []
    assert node()["ipvs"] == loaded
    host.set("net/ipv4/vs/conntrack", "0")
    assert node()["ipvs"]["sysctls"] == ["conntrack"]


@pytest.mark.parametrize("name", ["modules.dep", "modules.builtin"])
def test_ipvs_that_can_be_loaded(host: FakeHost, name: str) -> None:
    folder = f"lib/modules/{os.uname().release}"
    host.write(f"{folder}/{name}", "kernel/net/netfilter/ipvs/ip_vs_rr.ko: ...\n")
    nothing = {"available": False, "version": None, "sysctls": None}
    assert node()["ipvs"] == {**nothing, "modules": ["rr"]}
    lines = ("ip_vs.ko.xz: ...", "ip_vs_ftp.ko.xz: kernel/net/netfilter/ipvs/ip_vs.ko.xz")
    host.write(f"{folder}/{name}", "".join(f"kernel/net/netfilter/ipvs/{one}\n" for one in lines))
    assert node()["ipvs"] == {**nothing, "available": True, "modules": ["ftp"]}


def test_owners(host: FakeHost) -> None:
    host.write("etc/default/ipvsadm", "AUTO=true\n")
    assert node()["owners"] == ["ipvsadm"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("", ("nobody", [])),
        ("vrrp_instance a {\n  virtual_router_id 51\n}\nvirtual_router_id 300\n", ("others", [51])),
        (f"{HEADER}virtual_router_id 51\n", ("us", [])),
    ],
)
def test_keepalived(
    host: FakeHost, monkeypatch: pytest.MonkeyPatch, text: str, found: tuple[str, list[int]]
) -> None:
    host.write("etc/keepalived/keepalived.conf", text)
    monkeypatch.setattr(execute, "find", lambda _program: "/usr/sbin/keepalived")
    whose, others = found
    assert node()["vrrp"] == {
        "keepalived": whose,
        "others": others,
        "router_id": 0,
        "silent_peer": "",
    }
    monkeypatch.setattr(execute, "find", lambda _program: None)
    assert node()["vrrp"]["keepalived"] == ""


@pytest.mark.usefixtures("ipvs")
def test_a_pair_of_ours() -> None:
    run_module(director.main, vrrp=render_vrrp(PAIR))
    found = node()
    assert found["vrrp"]["router_id"] == PAIR.router_id
    assert found["vip_owned"] == ["192.0.2.10", "192.0.2.11", "2001:db8::10"]


@pytest.mark.usefixtures("ipvs")
def test_vips_of_ours() -> None:
    run_module(real_server.main, vips=["10.0.0.101"])
    vip = {"address": "10.0.0.100", "interface": "eth0"}
    run_module(director.main, vips=[vip], persist=False)
    assert node()["vip_owned"] == ["10.0.0.100", "10.0.0.101"]


@pytest.mark.usefixtures("host")
def test_what_health_checks_have_decided() -> None:
    assert node()["health"] == {"running": False, "weights": []}
    target = ServiceKey("ipv4", 7, "", "", 0), DestinationKey("10.0.0.2", 0)
    runtime.save_decisions({target: Decision(0, "no answer within 1 s", 1.5e9)})
    with runtime.alone():
        found = node()
    documented(yaml.safe_load(node_info.RETURN)["node"]["contains"], found, "node")
    assert found["health"] == {
        "running": True,
        "weights": [
            {
                "service": {"fwmark": 7, "family": "ipv4"},
                "destination": {"address": "10.0.0.2", "port": 0},
                "weight": 0,
                "reason": "no answer within 1 s",
                "since": 1.5e9,
            }
        ],
    }
    files.write(paths.decisions_file(), b"{")
    assert node()["health"] == {"running": False, "weights": None}


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
    assert host.processes == 2


def test_host_without_ip(host: FakeHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    monkeypatch.setenv("PATH", str(host.root))
    monkeypatch.setattr(execute, "SYSTEM_PATHS", ())
    assert "no program ip" in run_module(node_info.main)["msg"]
