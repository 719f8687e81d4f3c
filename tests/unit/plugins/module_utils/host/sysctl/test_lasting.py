# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What of a host's sysctls is ours for good, and the files that undo it all the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.host.model import (
    Desired,
    Link,
    OriginalValue,
    Owned,
    SysctlRequirement,
    Tunnel,
)
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl import folders, lasting
from ansible_collections.lvs.topology.plugins.module_utils.host.sysctl.rules import (
    arp_suppression,
    exactly,
    loose_rp_filter,
)

FORWARD = exactly("net/ipv4/ip_forward", "1")
ARP = arp_suppression("all")
OURS = "zz-lvs-topology.conf"
WRITTEN = OriginalValue("0", "1")


def test_ours_is_what_was_written_and_is_still_desired() -> None:
    tunnel = loose_rp_filter("ipip-1")
    desired = Desired(
        frozenset({Tunnel("ipip-1", "ipip", "10.0.0.12")}),
        (FORWARD, ARP[0], tunnel, exactly("tcp_timeout", "9"), exactly("net/ipv4/vs/x", "a b")),
    )
    owned = dict.fromkeys((FORWARD.key, "tcp_timeout", "net/ipv4/conf/eth0/forwarding"), WRITTEN)
    owned["net/ipv4/vs/x"] = OriginalValue("", "a b")
    found = [*lasting.lasting(desired, Owned(settings=owned))]
    assert [one.key for one in found] == [FORWARD.key, tunnel.key, "net/ipv4/vs/x"]
    assert lasting.render(found).splitlines()[2:] == [
        "-net/ipv4/ip_forward = 1",
        "-net/ipv4/conf/ipip-1/rp_filter = 2",
        "-net/ipv4/vs/x = a b",
    ]


def test_another_accepted_value_that_was_written_once_is_kept() -> None:
    owned = Owned(settings={ARP[0].key: OriginalValue("0", "2")})
    assert [one.value for one in lasting.lasting(Desired(settings=(ARP[0],)), owned)] == ["2"]


@pytest.mark.parametrize("device", ["a=b", "a*", "a?", "[a]", "a#b", "é"])
def test_a_device_whose_name_means_something_else_in_a_file_is_left_out(device: str) -> None:
    setting = loose_rp_filter(device)
    owned = Owned(settings={setting.key: WRITTEN})
    desired = Desired(frozenset({Link(device, "dummy")}), (setting,))
    assert [*lasting.lasting(desired, owned)] == []


def test_nothing_of_ours_is_no_file() -> None:
    assert lasting.render([]) == ""


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("net.ipv4.ip_forward=0", "net/ipv4/ip_forward", "0"),
        ("  - net/ipv4/ip_forward = 0 ", "net/ipv4/ip_forward", "0"),
        ("net.ipv4.conf.eth0/100.rp_filter = 1", "net/ipv4/conf/eth0.100/rp_filter", "1"),
        ("net/ipv4/conf/eth0.100/rp_filter = 1", "net/ipv4/conf/eth0.100/rp_filter", "1"),
        ("net.ipv4.conf.*.rp_filter = 1", "net/ipv4/conf/*/rp_filter", "1"),
    ],
)
def test_a_line_of_a_file(line: str, key: str, value: str) -> None:
    text = f"# a=1\n; b=2\n\nno assignment\n{line}\n"
    assert [*lasting.lines("/x", text)] == [lasting.Line("/x:5", key, value)]


def undone(settings: list[SysctlRequirement], **files: str) -> list[str]:
    return [*lasting.overruling(settings, files, OURS)]


def test_a_line_that_undoes_a_setting_is_named() -> None:
    text = "net.ipv4.ip_forward = 0\nnet.ipv4.conf.all.arp_ignore = 8\n"
    (sentence,) = undone([FORWARD, *ARP], a="", b=text)
    assert sentence == (
        "b:1 sets net.ipv4.ip_forward to 0, and is applied after zz-lvs-topology.conf: `sysctl "
        "--system` will undo what this host needs. Remove that line, or set 1"
    )


def test_the_last_line_counts() -> None:
    undo, keep, wild = "net.ipv4.ip_forward=0", "net/ipv4/ip_forward=1", "net.ipv4.*=0"
    assert undone([FORWARD], a=undo, b=keep, c=wild) == []
    assert len(undone([FORWARD], a=keep, b=undo)) == 1


@pytest.mark.parametrize(
    "key", ["net.ipv4.conf.all.forwarding", "net/ipv4/conf/all/forwarding", "net.ipv4.ip_forward"]
)
def test_a_setting_has_another_name(key: str) -> None:
    (sentence,) = undone([FORWARD], a=f"{key} = 0")
    assert sentence.startswith(f"a:1 sets {key.replace('/', '.')} to 0")
    assert undone([FORWARD], a=f"{key} = 0", b="net.ipv4.conf.all.forwarding = 1") == []


def test_files_behind_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "ROOT", tmp_path)
    assert folders.later(OURS) == {}
    for name in (
        "etc/sysctl.conf",
        "etc/sysctl.d/99-hardening.conf",
        f"etc/sysctl.d/{OURS}",
        "etc/sysctl.d/zzz.conf",
        "run/sysctl.d/zzy.conf",
        "usr/lib/sysctl.d/zzz.conf",  # hidden by the one in /etc
        "etc/sysctl.d/zzz.txt",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    (tmp_path / "etc/sysctl.d/zzzz.conf").symlink_to("nowhere")
    (tmp_path / "etc/sysctl.d/zzzzz.conf").mkdir()
    assert [*folders.later(OURS).items()] == [
        (f"/{name}", name)
        for name in ("run/sysctl.d/zzy.conf", "etc/sysctl.d/zzz.conf", "etc/sysctl.conf")
    ]
