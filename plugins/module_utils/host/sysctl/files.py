# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Reads and writes sysctls as files below /proc/sys, because interface names contain dots."""

from __future__ import annotations

from pathlib import Path
from typing import Iterable

from ..errors import HostError

ROOT = Path("/proc/sys")


def read(keys: Iterable[str]) -> dict[str, str]:
    """Return the values of the sysctls that exist."""
    values = ((key, _value(key)) for key in keys)
    return {key: value for key, value in values if value is not None}


def write(key: str, value: str) -> None:
    """Set a sysctl."""
    try:
        (ROOT / key).write_text(value + "\n", encoding="ascii")
    except OSError as error:
        raise HostError(f"cannot set sysctl {_dotted(key)} to {value}: {error.strerror}") from error


def _value(key: str) -> str | None:
    try:
        # The kernel prints tabs between several numbers.
        return " ".join((ROOT / key).read_text(encoding="utf-8", errors="replace").split())
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise HostError(f"cannot read sysctl {_dotted(key)}: {error.strerror}") from error


def _dotted(key: str) -> str:
    return key.replace("/", ".")
