# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads the files of sysctl.d that are applied after ours."""

from __future__ import annotations

from pathlib import Path

from .lasting import CLASSIC

ROOT = Path("/")

# A file hides those of its name in later folders, sysctl.d(5).
_FOLDERS = (
    "etc/sysctl.d",
    "run/sysctl.d",
    "usr/local/lib/sysctl.d",
    "usr/lib/sysctl.d",
    "lib/sysctl.d",
)


def later(ours: str) -> dict[str, str]:
    """Return the text of each file that is applied after one of this name, in their order."""
    found: dict[str, Path] = {}
    for folder in _FOLDERS:
        for path in (ROOT / folder).glob("*.conf"):
            if path.name > ours:
                found.setdefault(path.name, path)
    paths = [*(path for _name, path in sorted(found.items())), ROOT / CLASSIC]
    return {f"/{path.relative_to(ROOT)}": text for path in paths if (text := _text(path))}


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace") if path.is_file() else ""
    except OSError:  # a link may lead nowhere
        return ""
