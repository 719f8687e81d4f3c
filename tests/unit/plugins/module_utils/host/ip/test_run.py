# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running ``ip``: its input, and its errors."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils import execute
from ansible_collections.lvs.topology.plugins.module_utils.host.errors import HostError
from ansible_collections.lvs.topology.plugins.module_utils.host.ip import run as iproute
from ansible_collections.lvs.topology.plugins.module_utils.host.model import Address, Rule
from ansible_collections.lvs.topology.plugins.module_utils.host.plan import Add
from ansible_collections.lvs.topology.plugins.module_utils.net.ports import PortRange


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A stand-in for ip, found before any other."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path / "ip"


def script(program: Path, text: str) -> None:
    program.write_text(f"#!/bin/sh\n{text}\n")
    program.chmod(0o755)


def test_show(program: Path, tmp_path: Path) -> None:
    script(program, f'echo "$*" > {tmp_path}/log; cat >> {tmp_path}/log; echo "[] [{{}}, {{}}]"')
    assert iproute.show(["address show", "rule show"], "-6") == [[], []]
    assert (tmp_path / "log").read_text().splitlines() == [
        "-6 -N -json -details -batch -",
        "address show",
        "rule show",
    ]


def test_answers_that_are_missing_are_no_empty_answers(program: Path) -> None:
    script(program, "cat >/dev/null; echo '[]'")
    with pytest.raises(HostError, match="ip answered 1 of 2 requests"):
        iproute.show(["address show", "rule show"])


@pytest.mark.parametrize(
    ("printed", "name"), [(r"\377\376", "\ufffd\ufffd"), (r"\033[2J", "\x1b[2J"), (r"\177", "\x7f")]
)
def test_names_that_are_no_text(program: Path, printed: str, name: str) -> None:
    script(program, f"""cat >/dev/null; printf '[{{"ifname":"{printed}"}}]'""")
    assert iproute.show(["address show"]) == [[{"ifname": name}]]


def test_an_answer_that_is_no_json(program: Path) -> None:
    script(program, "cat >/dev/null; echo '[{\"ifname\":'")
    with pytest.raises(HostError, match="ip address show answers no JSON"):
        iproute.show(["address show"])


def test_refused_question(program: Path) -> None:
    script(program, "cat >/dev/null; echo 'Command failed -:2' >&2; exit 1")
    with pytest.raises(HostError, match="cannot read this host: ip rule show: ip gave no reason"):
        iproute.show(["address show", "rule show"])


def test_one_process_for_each_run_of_one_family(program: Path, tmp_path: Path) -> None:
    script(program, f'echo "$*" >> {tmp_path}/log; cat >> {tmp_path}/log')
    operations = [
        Add(Address("lo", "10.0.0.100", 32)),
        Add(Rule("10.0.0.11", "tcp", PortRange.single(80), 20020)),
        Add(Rule("2001:db8::11", "tcp", PortRange.single(80), 20020)),
    ]
    iproute.change(operations, arp_suppressed=True)
    assert (tmp_path / "log").read_text().splitlines() == [
        "-batch -",
        "address add 10.0.0.100/32 dev lo",
        "rule add priority 20020 from 10.0.0.11 ipproto tcp sport 80 table 20020",
        "-6 -batch -",
        "rule add priority 20020 from 2001:db8::11 ipproto tcp sport 80 table 20020",
    ]


def test_refused_change_names_its_object(program: Path) -> None:
    script(program, "cat >/dev/null; printf 'No way.\\nCommand failed -:2\\n' >&2; exit 1")
    operations = [Add(Address("lo", f"10.0.0.{number}", 32)) for number in (1, 2, 3)]
    with pytest.raises(HostError, match=r"^cannot add address 10\.0\.0\.2/32 on lo: No way$"):
        iproute.change(operations, arp_suppressed=True)


def test_all_that_is_refused_where_it_goes_on(program: Path, tmp_path: Path) -> None:
    fail = "printf 'No way.\nCommand failed -:1\nNot now.\nCommand failed -:3\n' >&2; exit 1"
    script(program, f'echo "$*" >> {tmp_path}/log; cat >/dev/null; {fail}')
    operations = [Add(Address("lo", f"10.0.0.{number}", 32)) for number in (1, 2, 3)]
    with pytest.raises(HostError) as told:
        iproute.change(operations, arp_suppressed=True, goes_on=True)
    assert str(told.value).splitlines() == [
        "cannot add address 10.0.0.1/32 on lo: No way",
        "cannot add address 10.0.0.3/32 on lo: Not now",
    ]
    assert (tmp_path / "log").read_text() == "-force -batch -\n"


def test_host_without_ip(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nonexistent")
    monkeypatch.setattr(execute, "SYSTEM_PATHS", ())
    with pytest.raises(HostError, match="no program ip: install iproute2"):
        iproute.show(["address show"])
