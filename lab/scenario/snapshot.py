# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""All of a node that the collection could change, and what is different afterwards."""

from __future__ import annotations

import re
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor

from .node import Node

# The folders of systemd, its journal and udev are theirs, and change by themselves; what the
# collection can have to do with them is among the units.
_SCRIPT = r"""
section() { echo "# $1"; }
section sysctls; sysctl -a 2>/dev/null | grep '^net[.]'
section addresses; ip -details -oneline address show
section routes; ip route show table all; ip -6 route show table all
section rules; ip rule show; ip -6 rule show
section neighbours; ip neighbour show nud permanent
section ports; ip fou show
section nftables; nft list ruleset
section ipvs; ipvsadm -Sn; ipvsadm -l --timeout
section units
systemctl list-units --all --plain --no-legend
systemctl list-unit-files --no-legend
set -- /etc /usr/local /root /var/lib
section files
find "$@" /run -xdev \( -path /run/systemd -o -path /run/log -o -path /run/udev \) -prune \
  -o -printf '%m %u:%g %y %p %l\n'
section contents; find "$@" -xdev -type f -print0 | sort -z | xargs -0 md5sum
"""

# Different without any of the collection's doing, or on purpose.
JUSTIFIED = {
    "net.netfilter.nf_conntrack_count": "counts connections, of SSH too",
    " /run/lvs-topology.lease ": "how many runs there have been, until the next boot",
    " /run/lvs-topology.lock ": "empty, until the next boot: all runs have to find the same one",
}

Snapshot = Mapping[str, frozenset[str]]
"""Lines by section."""


def take(nodes: Mapping[str, Node]) -> dict[str, Snapshot]:
    """Look at all of these nodes at once."""
    with ThreadPoolExecutor() as pool:
        shown = pool.map(lambda node: node.run("sh", "-s", stdin=_SCRIPT), nodes.values())
        return {name: parse(one) for name, one in zip(nodes, shown, strict=True)}


def parse(shown: str) -> Snapshot:
    """Part what a node said into sections."""
    _nothing, *parts = re.split(r"^# ([a-z]+)\n", shown, flags=re.MULTILINE)
    return {
        name: frozenset(lines.splitlines())
        for name, lines in zip(parts[::2], parts[1::2], strict=True)
    }


def differences(before: Snapshot, after: Snapshot) -> dict[str, list[str]]:
    """What is missing (-) and what is new (+), by section, short of what is justified."""
    found = {
        name: [
            *(f"- {line}" for line in sorted(before[name] - after[name])),
            *(f"+ {line}" for line in sorted(after[name] - before[name])),
        ]
        for name in before
    }
    left = {
        name: [line for line in lines if not any(one in line for one in JUSTIFIED)]
        for name, lines in found.items()
    }
    return {name: lines for name, lines in left.items() if lines}
