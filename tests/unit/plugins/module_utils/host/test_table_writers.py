# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Other writers of the table, found from files."""

from __future__ import annotations

import fcntl
import glob
import os
import re
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host import keepalived, table_writers

ROOTS = "0\t0\t0\t0"
SERVICES = "virtual_server 192.0.2.10 80 {\n}\n"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(table_writers, "ROOT", tmp_path)
    namespace(tmp_path, "self", "net:[1]")
    return tmp_path


def namespace(root: Path, process: str, name: str) -> None:
    link = root / "proc" / process / "ns/net"
    link.parent.mkdir(parents=True)
    link.symlink_to(name)


def process(
    root: Path,
    number: int,
    program: str,
    *arguments: str,
    net: str = "net:[1]",
    uids: str = ROOTS,
    files: str = ".",
) -> None:
    namespace(root, str(number), net)
    folder = root / "proc" / str(number)
    (folder / "root").symlink_to(root / files)
    (folder / "exe").symlink_to(program)
    (folder / "status").write_text(f"Name:\tkeepalived\nUid:\t{uids}\nGid:\t0\t0\t0\t0\n")
    (folder / "cmdline").write_text("".join(f"{one}\0" for one in (program, *arguments)))


def config(root: Path, name: str, text: str) -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_nobody(root: Path) -> None:
    process(root, 10, "/usr/sbin/nginx")
    assert table_writers.table_writers() == []


@pytest.mark.parametrize(
    "arguments",
    [
        ("-f", "/etc/lb.conf"),
        ("-f/etc/lb.conf",),
        ("--use-file", "/etc/lb.conf"),
        ("--dont-fork", "--use-file=/etc/lb.conf"),
    ],
)
def test_keepalived_with_a_file_of_its_own(root: Path, arguments: tuple[str, ...]) -> None:
    process(root, 10, "/usr/sbin/keepalived", *arguments)
    assert table_writers.table_writers() == []
    config(root, "etc/lb.conf", "vrrp_instance a {\n}\n" + SERVICES)
    assert table_writers.table_writers() == ["keepalived"]


def test_keepalived_with_includes(root: Path) -> None:
    process(root, 10, "/usr/sbin/keepalived")
    config(root, "etc/keepalived/keepalived.conf", "include conf.d/*.conf\n")
    config(root, "etc/keepalived/conf.d/a.conf", "includer /srv/b.conf\ninclude a.conf\n")
    assert table_writers.table_writers() == []
    config(root, "srv/b.conf", SERVICES)
    assert table_writers.table_writers() == ["keepalived"]


def test_keepalived_that_does_vrrp_alone(root: Path) -> None:
    config(
        root, "etc/keepalived/keepalived.conf", "# virtual_server\nvirtual_server_group a {\n}\n"
    )
    process(root, 10, "/usr/sbin/keepalived")
    assert table_writers.table_writers() == []
    config(root, "etc/keepalived/keepalived.conf", SERVICES)
    assert table_writers.table_writers() == ["keepalived"]
    (root / "proc/10/cmdline").write_text("/usr/sbin/keepalived\0--vrrp\0")
    assert table_writers.table_writers() == []


def test_keepalived_of_a_container(root: Path) -> None:
    config(root, "etc/keepalived/keepalived.conf", SERVICES)
    process(root, 10, "/usr/sbin/keepalived", net="net:[2]")
    assert table_writers.table_writers() == []


def test_keepalived_of_a_container_in_the_hosts_network(root: Path) -> None:
    config(root, "etc/keepalived/keepalived.conf", SERVICES)
    config(root, "container/etc/keepalived/keepalived.conf", "include conf.d/*\n")
    process(root, 10, "/usr/sbin/keepalived", files="container")
    assert table_writers.table_writers() == []
    config(root, "container/etc/keepalived/conf.d/a", SERVICES)
    assert table_writers.table_writers() == ["keepalived"]


def test_keepalived_that_does_not_run(root: Path) -> None:
    config(root, "etc/keepalived/keepalived.conf", SERVICES)
    assert table_writers.table_writers() == []


@pytest.mark.parametrize("perl", ["/usr/bin/perl", "/usr/bin/perl5.36.0 (deleted)"])
def test_ldirectord(root: Path, perl: str) -> None:
    process(root, 10, perl, "-w", "/usr/sbin/ldirectord", "start")
    assert table_writers.table_writers() == ["ldirectord"]


@pytest.mark.parametrize(
    ("program", "uids"),
    [
        ("/usr/sbin/keepalived", "1000\t1000\t1000\t1000"),
        ("/usr/bin/su", "1000\t0\t0\t0"),  # by a link named keepalived
        ("/usr/sbin/keepalived", "1000\t0\t0\t0"),
        ("/usr/bin/sudo", ROOTS),
    ],
)
def test_what_others_start_is_not_believed(
    root: Path, monkeypatch: pytest.MonkeyPatch, program: str, uids: str
) -> None:
    config(root, "srv/a.conf", SERVICES)
    process(root, 10, program, "-f", "/srv/a.conf", uids=uids)

    def fail(*_arguments: object) -> int:
        raise AssertionError("a file that he named is opened")

    monkeypatch.setattr(os, "open", fail)
    assert table_writers.table_writers() == []


def test_only_regular_files_are_opened(root: Path) -> None:
    process(root, 10, "/usr/sbin/keepalived", "-f", "/srv/a.conf")
    (root / "srv").mkdir()
    os.mkfifo(root / "srv/fifo")
    (root / "srv/device").symlink_to("/dev/zero")
    (root / "srv/loop").symlink_to("loop")
    (root / "srv/folder").mkdir()
    for name in ("fifo", "device", "loop", "folder", "nothing"):
        config(root, "srv/a.conf", f"include {name}\n")
        assert table_writers.table_writers() == []


def test_files_that_the_kernel_makes_up_are_not_opened(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process(root, 10, "/usr/sbin/keepalived", "-f", "/srv/a.conf")
    (root / "srv").mkdir()
    (root / "srv/kmsg").symlink_to("/proc/kmsg")
    opened = []
    really = os.open

    def note(path: str | Path, flags: int) -> int:
        descriptor = really(path, flags)
        if not flags & os.O_PATH:
            opened.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        return descriptor

    config(root, "srv/a.conf", "include kmsg\n")
    monkeypatch.setattr(os, "open", note)
    assert table_writers.table_writers() == []
    assert opened == [root / "srv/a.conf"]


def test_a_file_under_a_lease_is_not_waited_for(root: Path) -> None:
    process(root, 10, "/usr/sbin/keepalived", "-f", "/srv/a.conf")
    config(root, "srv/a.conf", "vrrp_instance a {\n}\n")
    with (root / "srv/a.conf").open("r+") as stream:
        fcntl.fcntl(stream, fcntl.F_SETSIG, signal.SIGURG)  # SIGIO would end this process
        fcntl.fcntl(stream, fcntl.F_SETLEASE, fcntl.F_WRLCK)
        assert table_writers.table_writers() == ["keepalived"]
    assert table_writers.table_writers() == []


def test_a_pattern_that_leads_everywhere_is_not_followed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    process(root, 10, "/usr/sbin/keepalived", "-f", "/srv/a.conf")
    for number in range(10):
        (root / f"srv/{number}/folder").mkdir(parents=True)
    monkeypatch.setattr(keepalived, "_MAX_FOLDERS", 20)
    config(root, "srv/a.conf", "include /*/*/nothing\n")
    assert table_writers.table_writers() == []
    config(root, "srv/a.conf", "include /*/*/*/nothing\n")
    assert table_writers.table_writers() == ["keepalived"]


def test_a_pattern_that_is_no_expression(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    process(root, 10, "/usr/sbin/keepalived", "-f", "/srv/a.conf")
    config(root, "srv/a.conf", "include [z-a]x*\n")

    def fail(_pattern: str) -> Iterator[str]:
        raise re.error("bad character range z-a")  # as Python 3.8 does

    monkeypatch.setattr(glob, "iglob", fail)
    assert table_writers.table_writers() == []


@pytest.mark.parametrize("pattern", ["**x", "**/*", "/", "[", "[z-a]x*", "\0", "x" * 5000])
def test_patterns_that_glob_dislikes(root: Path, pattern: str) -> None:
    process(root, 10, "/usr/sbin/keepalived", "-f", "/srv/a.conf")
    config(root, "srv/a.conf", f"include {pattern}\n")
    assert table_writers.table_writers() == []


def test_what_is_too_much_to_tell_counts_as_services(root: Path) -> None:
    process(root, 10, "/usr/sbin/keepalived", "-f", "/srv/0")
    for number in range(99):
        config(root, f"srv/{number}", f"include /srv/{number + 1}\n")
    assert table_writers.table_writers() == []
    config(root, "srv/99", "include /srv/100\n")
    config(root, "srv/100", "")
    assert table_writers.table_writers() == ["keepalived"]
    config(root, "srv/0", "\n" * (2**20 - 1))
    assert table_writers.table_writers() == []
    config(root, "srv/0", "\n" * 2**20)
    assert table_writers.table_writers() == ["keepalived"]


def test_kube_proxy(root: Path) -> None:
    (root / "sys/class/net/kube-ipvs0").mkdir(parents=True)
    assert table_writers.table_writers() == ["kube-proxy"]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('AUTO="true"\n', ["ipvsadm"]),
        ("AUTO=true\n", ["ipvsadm"]),
        ("#AUTO=true\nAUTO=false\n", []),
    ],
)
def test_debian_ipvsadm(root: Path, text: str, found: list[str]) -> None:
    config(root, "etc/default/ipvsadm", text)
    assert table_writers.table_writers() == found


def test_unit_of_ipvsadm_that_is_enabled(root: Path) -> None:
    unit = root / "usr/lib/systemd/system/ipvsadm.service"
    link = root / "etc/systemd/system/multi-user.target.wants/ipvsadm.service"
    link.parent.mkdir(parents=True)
    link.symlink_to(unit)
    assert table_writers.table_writers() == []  # left by a removed package
    config(root, str(unit.relative_to(root)), "")
    assert table_writers.table_writers() == ["ipvsadm"]
