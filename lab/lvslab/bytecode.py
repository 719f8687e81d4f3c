# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Byte code of the collection's modules, and of what Ansible sends with them.

The image keeps what was compiled once (lab_bytecode.py there). With this in the snapshot that all
others stand on, no topology's first tasks compile it: under emulation that is half of each. Code
that has changed since is compiled when it comes.
"""

from __future__ import annotations

import importlib.util
import io
import tarfile
from collections.abc import Iterator
from pathlib import Path

from .settings import LAB_ROOT
from .ssh import Remote

_PLUGINS = LAB_ROOT.parent / "plugins"
_OF_ANSIBLE = ("_internal", "common", "compat", "distro", "parsing", "six")  # that modules import

_COMPILE = """\
import sys, tarfile
import lab_bytecode
with tarfile.open(fileobj=sys.stdin.buffer, mode="r|") as archive:
    for entry in archive:
        lab_bytecode.compile_once(entry.name, archive.extractfile(entry).read())
"""


def keep(machine: Remote) -> None:
    """Have the machine compile all of it, and keep it."""
    machine.run("python3", "-c", _COMPILE, stdin=_packed())


def sources() -> Iterator[Path]:
    """Return every file that a module may be sent with."""
    for folder in ("modules", "module_utils"):
        yield from sorted((_PLUGINS / folder).rglob("*.py"))
    ansible = importlib.util.find_spec("ansible.module_utils")
    for place in (ansible and ansible.submodule_search_locations) or ():
        yield from sorted(Path(place).glob("*.py"))
        for name in _OF_ANSIBLE:
            yield from sorted(Path(place, name).rglob("*.py"))


def _packed() -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for source in sources():
            archive.add(source)
    return packed.getvalue()
