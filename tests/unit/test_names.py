# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""A mode and a kind of tunnel are named in one file each: all others ask the object."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from ansible_collections.lvs.topology.plugins.module_utils.topology.modes.table import MODES
from ansible_collections.lvs.topology.plugins.module_utils.tunnels.table import KINDS

ROOT = Path(__file__).resolve().parents[2]
MODULE_UTILS = "plugins/module_utils"

HOMES = {name: f"{MODULE_UTILS}/topology/modes/{name}.py" for name in MODES} | {
    name: f"{MODULE_UTILS}/tunnels/{name}.py" for name in KINDS
}
# The same word with another meaning.
OTHERS = {
    (f"{MODULE_UTILS}/host/nft/director_table.py", "nat"),  # nftables: a type of chain
    (f"{MODULE_UTILS}/importing/ldirectord.py", "ipip"),  # ldirectord: forwarding by a tunnel
}


def named(text: str) -> set[str]:
    """The modes and tunnels that a file has in quotes."""
    return {found for _quote, found in re.findall(r"""(["'])(\w+)\1""", text)} & {*HOMES}


def test_each_is_named_in_its_own_file_alone() -> None:
    files = [
        path
        for folder in ("plugins", "roles", "playbooks")
        for path in sorted((ROOT / folder).rglob("*"))
        if path.suffix in (".py", ".yml", ".yaml", ".j2")
    ]
    places = {
        (str(path.relative_to(ROOT)), name) for path in files for name in named(path.read_text())
    }
    assert places - OTHERS == {(home, name) for name, home in HOMES.items()}
    assert places >= OTHERS


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("mode == 'dr'", {"dr"}),
        ('when: mode in ["tun", "nat"]', {"tun", "nat"}),
        ("from .dr import DR", set()),
        ('"dr.port"', set()),
    ],
)
def test_what_counts_as_named(text: str, names: set[str]) -> None:
    assert named(text) == names
