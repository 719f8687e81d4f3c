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
_MODULE = re.compile(r"/ip_vs\.ko\b")


def ipvs() -> dict[str, Any]:
    """Return whether IPVS is available, its version, and its connection tracking.

    Version and tracking are None while the module is not loaded.
    """
    loaded = _text(ROOT / "proc/net/ip_vs")
    version = _VERSION.search(loaded)
    return {
        "available": bool(loaded) or _is_loadable(),
        "version": version.group(1) if version else None,
        # The sysctl exists if the kernel has CONFIG_IP_VS_NFCT.
        "conntrack": (ROOT / "proc/sys/net/ipv4/vs/conntrack").exists() if loaded else None,
    }


def _is_loadable() -> bool:
    folder = ROOT / "lib/modules" / os.uname().release
    return any(_MODULE.search(_text(folder / name)) for name in ("modules.dep", "modules.builtin"))


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError:
        return ""
