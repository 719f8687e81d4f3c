# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Finds programs that write the IPVS table of this network namespace, from files alone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Iterator, NamedTuple

ROOT = Path("/")

_KEEPALIVED_CONFIG = "/etc/keepalived/keepalived.conf"
_KEEPALIVED_WITHOUT_IPVS = ("-P", "--vrrp")  # keepalived(8): run only with the VRRP subsystem
_VIRTUAL_SERVER = re.compile(r"^\s*virtual_server\s", re.MULTILINE)
_INCLUDE = re.compile(r"^\s*include[rmwba]*\s+\"?([^\s\"]+)", re.MULTILINE)
_DEBIAN_AUTO = re.compile(r"^\s*AUTO=[\"']?true\b", re.MULTILINE)


class _Process(NamedTuple):
    name: str
    arguments: tuple[str, ...]


def table_writers() -> list[str]:
    """Return the names of the active programs, sorted."""
    found = set()
    for process in _processes():
        if process.name == "keepalived" and _keepalived_has_services(process.arguments):
            found.add("keepalived")
        # A Perl script: the process may have its interpreter's name.
        if any(Path(word).name == "ldirectord" for word in (process.name, *process.arguments[:3])):
            found.add("ldirectord")
    # Only kube-proxy's IPVS mode makes this device.
    if (ROOT / "sys/class/net/kube-ipvs0").exists():
        found.add("kube-proxy")
    if _distribution_restores_table():
        found.add("ipvsadm")
    return sorted(found)


def _processes() -> Iterator[_Process]:
    """Yield the processes of this network namespace; containers have their own tables."""
    namespace = _read_link(ROOT / "proc/self/ns/net")
    for folder in (ROOT / "proc").glob("[0-9]*"):
        name = _text(folder / "comm").strip()
        # Read more only of the few candidates.
        if name in ("keepalived", "ldirectord", "perl") and (
            _read_link(folder / "ns/net") == namespace
        ):
            yield _Process(name, tuple(_text(folder / "cmdline").split("\0")))


def _keepalived_has_services(arguments: tuple[str, ...]) -> bool:
    if any(option in arguments for option in _KEEPALIVED_WITHOUT_IPVS):
        return False
    return _configures_services(_keepalived_config(arguments), set())


def _keepalived_config(arguments: tuple[str, ...]) -> str:
    """Return the file of -f FILE, -fFILE, --use-file FILE or --use-file=FILE."""
    for option, following in zip(arguments, (*arguments[1:], "")):
        if option in ("-f", "--use-file"):
            return following
        if option.startswith("--use-file="):
            return option.partition("=")[2]
        if option.startswith("-f"):
            return option[2:]
    return _KEEPALIVED_CONFIG


def _configures_services(name: str, seen: set[str]) -> bool:
    """Tell whether a configuration file, or one that it includes, has a virtual server."""
    if name in seen:
        return False
    seen.add(name)
    text = _text(_inside(name))
    if _VIRTUAL_SERVER.search(text):
        return True
    return any(
        _configures_services("/" + str(path.relative_to(ROOT)), seen)
        for pattern in _INCLUDE.findall(text)
        # Relative to the including file; an absolute pattern replaces the folder.
        for path in sorted(ROOT.glob(str(Path(name).parent / pattern).lstrip("/")))
    )


def _distribution_restores_table() -> bool:
    """Tell whether Debian's init script or RHEL's unit is enabled."""
    units = ROOT / "etc/systemd/system"
    return bool(
        _DEBIAN_AUTO.search(_text(ROOT / "etc/default/ipvsadm"))
        # Up to Python 3.11, glob() leaves out what links to nothing.
        or any(one.exists() for one in units.glob("*.target.wants/ipvsadm.service"))
    )


def _inside(name: str) -> Path:
    return ROOT / name.lstrip("/")


def _text(path: Path) -> str:
    """Return a file's text; "" if it is missing, or the process has ended."""
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _read_link(path: Path) -> str:
    try:
        return os.readlink(path)
    except OSError:
        return ""
