# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Runs nftables' ``nft``: our own table alone is read and written."""

from __future__ import annotations

import json
import os
import subprocess
from typing import Iterable, Sequence

from ansible_collections.lvs.topology.plugins.module_utils.node import ruleset
from ansible_collections.lvs.topology.plugins.module_utils.node.errors import HostError
from ansible_collections.lvs.topology.plugins.module_utils.node.iproute import SYSTEM_PATHS
from ansible_collections.lvs.topology.plugins.module_utils.node.state import Thing


def show() -> list[Thing]:
    """What our table holds; nothing when it is not there."""
    listed = _run(("--json", "list", "table", "inet", ruleset.TABLE))
    if listed.returncode == 0:
        return [*ruleset.parse(json.loads(listed.stdout))]
    if "No such file or directory" in listed.stderr:
        return []
    raise HostError(f"cannot read nft table inet {ruleset.TABLE}: {_reason(listed.stderr)}")


def change(things: Iterable[Thing]) -> None:
    """Make our table hold these and nothing else, in one transaction; nothing: remove it."""
    things = [*things]
    text = ruleset.replace(things) if things else ruleset.delete()
    done = _run(("-f", "-"), text)
    if done.returncode != 0:
        raise HostError(f"cannot write nft table inet {ruleset.TABLE}: {_reason(done.stderr)}")


def _reason(errors: str) -> str:
    """The first line of what nft says; the others show where in its input that is."""
    lines = [line.strip() for line in errors.splitlines() if line.strip()]
    return lines[0] if lines else "nft gave no reason"


def _run(arguments: Sequence[str], text: str = "") -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((os.environ.get("PATH", os.defpath), *SYSTEM_PATHS))
    try:
        return subprocess.run(
            ["nft", *arguments],
            input=text,
            capture_output=True,
            encoding="utf-8",
            check=False,
            env={"PATH": path, "LC_ALL": "C"},
        )
    except FileNotFoundError as error:
        raise HostError("this host has no program nft: install nftables") from error
