# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Connections that were there before, by the kernel's list of connections."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.ipvs.connections import (
    ConnectionSnapshot,
    counted,
    look,
    parse,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Endpoint
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import EVERY, PortRange
from ansible_collections.lvs.topology.plugins.module_utils.state import paths

# As Linux 6.1 shows them.
HEADING = "Pro FromIP   FPrt ToIP     TPrt DestIP   DPrt State       Expires PEName PEData\n"
V4 = "TCP C633640A 9C40 0A000064 0050 0A00000B 1F90 ESTABLISHED     899\n"
CLOSING = "TCP C633640A 9C41 0A000064 0050 0A00000B 1F90 FIN_WAIT        119\n"
OTHER_PORT = "TCP C633640A 9C42 0A000064 0051 0A00000B 1F90 ESTABLISHED     899\n"
TEMPLATE = "TCP C633640A 0000 0A000064 0050 0A00000B 1F90 NONE            299\n"
UDP = "UDP C633640A 9C40 0A000064 0050 0A00000B 1F90 UDP             299\n"
V6 = (
    "TCP 2001:0db8:0051:0000:0000:0000:0000:0010 9C40 "
    "2001:0db8:0010:0000:0000:0000:0000:0100 0050 "
    "2001:0db8:0010:0000:0000:0000:0000:0011 0050 SYN_RECV         59\n"
)
WEB = Endpoint("tcp", "10.0.0.100", PortRange.single(80))
WEB6 = Endpoint("tcp", "2001:db8:10::100", PortRange.single(80))
ALL = [HEADING, V4, CLOSING, OTHER_PORT, TEMPLATE, UDP, V6]


@pytest.fixture(autouse=True)
def table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(paths, "ROOT", tmp_path)
    for folder in ("run", "proc/net"):
        (tmp_path / folder).mkdir(parents=True)
    path = tmp_path / "proc/net/ip_vs_conn"
    path.write_text("".join(ALL))
    return path


@pytest.mark.parametrize(
    ("endpoint", "expected"),
    [
        (WEB, [("10.0.0.11:8080", 1, 1)]),
        (WEB6, [("[2001:db8:10::11]:80", 1, 0)]),
        (WEB._replace(protocol="udp"), [("10.0.0.11:8080", 0, 1)]),
        (WEB._replace(ports=EVERY), [("10.0.0.11:8080", 2, 1)]),
        (WEB._replace(ports=PortRange(81, 90)), [("10.0.0.11:8080", 1, 0)]),
        (WEB._replace(ports=PortRange(79, 81)), [("10.0.0.11:8080", 2, 1)]),
        (WEB._replace(address="10.0.0.101"), []),
    ],
    ids=str,
)
def test_they_are_counted(endpoint: Endpoint, expected: list[tuple[str, int, int]]) -> None:
    found = counted(parse(ALL, [endpoint]))
    assert [(one["destination"], one["active"], one["inactive"]) for one in found] == expected
    assert {one["service"] for one in found} <= {str(endpoint)}


def left(*endpoints: Endpoint) -> list[tuple[str, int, int]]:
    found = ConnectionSnapshot("", endpoints).left()
    return [(one["service"], one["active"], one["inactive"]) for one in found]


def test_those_that_came_later_do_not_count(table: Path) -> None:
    assert left(WEB) == [(str(WEB), 1, 1)]
    table.write_text(HEADING + CLOSING + V4.replace("9C40", "9C50"))
    # A later run asks anew, and waits on for the same ones.
    for _run in range(2):
        assert left(WEB) == [(str(WEB), 0, 1)]
    table.write_text(HEADING + V4.replace("9C40", "9C50"))
    assert left(WEB) == []


def test_one_that_is_being_closed_is_still_the_same(table: Path) -> None:
    left(WEB)
    table.write_text(V4.replace("ESTABLISHED     899", "FIN_WAIT        119"))
    assert left(WEB) == [(str(WEB), 0, 1)]


def test_a_snapshot_belongs_to_its_endpoints_in_any_order(table: Path) -> None:
    left(WEB, WEB6)
    table.write_text("".join([*ALL, V4.replace("9C40", "9C50")]))
    assert left(WEB6, WEB) == [(str(WEB), 1, 1), (str(WEB6), 1, 0)]
    # Another wait begins anew.
    assert left(WEB) == [(str(WEB), 2, 1)]
    table.write_text("".join([*ALL, V4.replace("9C40", "9C60")]))
    assert left(WEB) == [(str(WEB), 1, 1)]


def test_what_is_kept_tells_nothing_of_clients(table: Path) -> None:
    left(WEB)
    path = paths.connections_file()
    assert path.stat().st_mode & 0o777 == 0o600
    content = path.read_bytes()
    assert not any(word.encode() in content for word in table.read_text().split())
    # The wait's name, and a hash of each connection.
    assert len(content) == 8 * 3


def test_no_connections_at_all_are_a_snapshot_as_well(table: Path) -> None:
    table.write_text(HEADING)
    assert left(WEB) == []
    table.write_text(HEADING + V4)
    assert left(WEB) == []


def test_nothing_stays_behind(table: Path) -> None:
    left(WEB)
    for _time in range(2):
        ConnectionSnapshot.forget()
        assert [*(paths.ROOT / "run").iterdir()] == []
    table.write_text(HEADING + V4.replace("9C40", "9C50"))
    # It begins anew.
    assert left(WEB) == [(str(WEB), 1, 0)]


def test_a_kernel_without_ipvs_has_no_connections(table: Path) -> None:
    table.unlink()
    assert [*look([WEB])] == []
    assert left(WEB) == []


# As Linux 6.1 shows the addresses of a host that has 198.51.100.10 and 2001:db8:51::10.
FIB_TRIE = """Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     |-- 198.51.100.0
        /24 link UNICAST
Local:
  +-- 0.0.0.0/0 3 0 5
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
        |-- 198.51.100.10
           /32 link UNICAST
           /32 host LOCAL
        |-- 198.51.100.255
           /32 link BROADCAST
"""
IF_INET6 = "20010db8005100000000000000000010 0a 40 00 80     inside\n"


def test_probes_do_not_count(table: Path) -> None:
    table.write_text("".join(ALL).replace("9C40", "EE49"))
    assert len(counted(look([WEB, WEB6]))) == 2
    (table.parent / "fib_trie").write_text(FIB_TRIE)
    assert [(one["active"], one["inactive"]) for one in counted(look([WEB]))] == [(0, 1)]
    assert len(counted(look([WEB6]))) == 1
    (table.parent / "if_inet6").write_text(IF_INET6)
    assert counted(look([WEB6])) == []


@pytest.mark.parametrize("address", ["198.51.100.0", "198.51.100.255", "198.51.100.1"])
def test_who_is_not_this_host_counts(table: Path, address: str) -> None:
    client = "".join(f"{int(part):02X}" for part in address.split("."))
    table.write_text(V4.replace("9C40", "EE49").replace("C633640A", client))
    (table.parent / "fib_trie").write_text(FIB_TRIE)
    assert len(counted(look([WEB]))) == 1


def test_probes_of_another_director_do_not_count(table: Path) -> None:
    probe = V4.replace("9C40", "EE49").replace("ESTABLISHED", "CLOSE")
    table.write_text(HEADING + probe)
    assert counted(look([WEB])) == []
    table.write_text(HEADING + probe.replace("EE49", "9C40"))
    assert len(counted(look([WEB]))) == 1
