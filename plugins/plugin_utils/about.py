# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""When, where and with which versions something was verified."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from ansible.release import __version__ as core

from ..module_utils.listing import count, few

_ROOT = Path(__file__).resolve().parents[2]


class About(NamedTuple):
    """The circumstances of a verification."""

    date: str
    facts: Sequence[tuple[str, str]]  # name and value


def about(
    sources: Iterable[str],
    client: str,
    kernels: Mapping[str, object],
    verdicts: Sequence[Mapping[str, Any]],
) -> About:
    """Describe a verification that ends now."""
    now = datetime.now(timezone.utc)
    by_kernel: dict[str, list[str]] = {}
    for host, kernel in kernels.items():
        by_kernel.setdefault(str(kernel or "unknown"), []).append(host)
    requests = sum(one["requests"] for one in verdicts)
    listed = "; ".join(f"{kernel} on {few(hosts)}" for kernel, hosts in by_kernel.items())
    return About(
        f"{now:%Y-%m-%d %H:%M} UTC",
        [
            ("date", f"{now:%Y-%m-%d %H:%M:%S} UTC"),
            ("declaration", ", ".join(sources) or "given without an inventory file"),
            ("sent", f"{count(requests, 'request')} by {client}"),
            ("lvs.topology", version()),
            ("ansible-core", core),
            ("Linux", listed or "unknown"),
        ],
    )


def version() -> str:
    """Return this collection's version, of an installed one or of a checkout."""
    manifest = _ROOT / "MANIFEST.json"
    if manifest.exists():
        return str(json.loads(manifest.read_text(encoding="utf-8"))["collection_info"]["version"])
    found = yaml.safe_load((_ROOT / "galaxy.yml").read_text(encoding="utf-8"))
    return f"{found['version']}, from a checkout"
