# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""This kernel's IPVS, without loading a module."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

ROOT = Path("/")

_VERSION = re.compile(r"version (\S+)")
_MODULE = re.compile(r"/ip_vs(?:_(\w+))?\.ko\b")
_SYSCTLS = "proc/sys/net/ipv4/vs"
_LISTS = ("modules.dep", "modules.builtin")


def ipvs() -> dict[str, Any]:
    """Return whether IPVS is available, its modules, its version, and the names of its sysctls.

    Version and sysctls are None while the module is not loaded. The modules are None where nothing
    lists them, as in a container.
    """
    loaded = _text(ROOT / "proc/net/ip_vs")
    version = _VERSION.search(loaded)
    folder = ROOT / "lib/modules" / os.uname().release
    listed = "".join(_text(folder / name) for name in _LISTS)
    found = {*_MODULE.findall(listed)}
    return {
        "available": bool(loaded) or "" in found,
        "modules": sorted(found - {""}) if found else None,
        "version": version.group(1) if version else None,
        "sysctls": sorted(path.name for path in (ROOT / _SYSCTLS).glob("*")) if loaded else None,
    }


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
