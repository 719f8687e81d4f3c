# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Finds programs that write the IPVS table of this network namespace, from files alone."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Iterator, NamedTuple

from . import keepalived

ROOT = Path("/")

_DEBIAN_AUTO = re.compile(r"^\s*AUTO=[\"']?true\b", re.MULTILINE)
_USERS = re.compile(r"^Uid:\s+(.*)$", re.MULTILINE)  # real, effective, saved, of file systems


class _Process(NamedTuple):
    program: str  # the name of its file, which only root chooses for a process of root
    arguments: tuple[str, ...]
    root: Path  # that of a container, if it is in one with the host's network


def table_writers() -> list[str]:
    """Return the names of the active programs, sorted."""
    found = set()
    for program, arguments, root in _processes():
        if program == "keepalived" and keepalived.has_services(root, arguments):
            found.add("keepalived")
        # A Perl script, so that the program is perl.
        if any(Path(word).name == "ldirectord" for word in arguments[:3]):
            found.add("ldirectord")
    # Only kube-proxy's IPVS mode makes this device.
    if (ROOT / "sys/class/net/kube-ipvs0").exists():
        found.add("kube-proxy")
    if _distribution_restores_table():
        found.add("ipvsadm")
    return sorted(found)


def _processes() -> Iterator[_Process]:
    """Yield root's processes of this network namespace; containers have their own tables.

    Nobody else writes the table. Everybody may give a process any name and command line.
    """
    namespace = _read_link(ROOT / "proc/self/ns/net")
    for folder in (ROOT / "proc").glob("[0-9]*"):
        program = Path(_read_link(folder / "exe").partition(" (deleted)")[0]).name
        # Read more only of the few candidates.
        if (program == "keepalived" or program.startswith("perl")) and (
            _read_link(folder / "ns/net") == namespace and _is_of_root(folder)
        ):
            arguments = tuple(_text(folder / "cmdline").split("\0"))
            yield _Process(program, arguments, folder / "root")


def _is_of_root(process: Path) -> bool:
    """Tell whether root started a process.

    The owner of its folder is no evidence: everybody can make that root (the dumpable flag in
    proc_pid(5)), and a program with the setuid bit has the command line that its user wants.
    """
    users = _USERS.search(_text(process / "status"))
    return users is not None and {*users.group(1).split()} == {"0"}


def _distribution_restores_table() -> bool:
    """Tell whether Debian's init script or RHEL's unit is enabled."""
    units = ROOT / "etc/systemd/system"
    return bool(
        _DEBIAN_AUTO.search(_text(ROOT / "etc/default/ipvsadm"))
        # Up to Python 3.11, glob() leaves out what links to nothing.
        or any(one.exists() for one in units.glob("*.target.wants/ipvsadm.service"))
    )


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
