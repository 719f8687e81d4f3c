# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Paths, and the environment of the demo."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAB = ROOT / "lab/lab"
TOPOLOGY = ROOT / "lab/topologies/demo.yml"
SITE = ROOT / "playbooks/site.yml"
VERIFY = ROOT / "playbooks/verify.yml"
DECLARATION = ROOT / "playbooks/inventory/group_vars/all.yml"


def inventories(environment: Mapping[str, str]) -> list[Path]:
    """List the declaration's inventory, then the lab's, which has the connections."""
    return [ROOT / "playbooks/inventory", _run_directory(environment) / "inventory.yml"]


def report(environment: Mapping[str, str]) -> Path:
    """Return the path of the report, without a suffix."""
    return _run_directory(environment) / "report"


def _run_directory(environment: Mapping[str, str]) -> Path:
    return Path(environment.get("LAB_DIR") or ROOT / ".lab").resolve()


def make(environment: Mapping[str, str]) -> dict[str, str]:
    """Make an environment with this checkout as the collection, and the demo's inventories."""
    path = [str(ROOT / ".venv/bin"), str(LAB.parent), environment.get("PATH", os.defpath)]
    return {
        **environment,
        "PATH": os.pathsep.join(path),
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections"),
        "ANSIBLE_INVENTORY": ",".join(map(str, inventories(environment))),
    }
