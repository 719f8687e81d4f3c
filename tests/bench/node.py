# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a node of the lab: every measurement of a table, each in a namespace of its own.

Destinations that were deleted stay in a namespace's trash for two minutes, and each addition walks
through them: a table that was cleared is no empty table.
"""

from __future__ import annotations

import json
import subprocess
import sys

from bench.services import DEEP, SIZES, SMALL, WIDE, Size

Figures = dict[str, float]


def main() -> None:
    """Print the figures of each size."""
    figures = {str(size): clients(size, rounds=3 if size == SMALL else 1) for size in SIZES}
    for part in ("one_by_one", "pyroute2"):
        figures[str(SMALL)] |= in_fresh_namespace("table", part, SMALL)
    for size in (DEEP, WIDE):
        figures[str(size)] |= in_fresh_namespace("module", size)
    json.dump(figures, sys.stdout)


def clients(size: Size, rounds: int) -> Figures:
    """Our client beside ipvsadm, in turns: a large table takes ipvsadm minutes."""
    turns = [
        in_fresh_namespace("table", "ours", size) | in_fresh_namespace("table", "restore", size)
        for _round in range(rounds)
    ]
    return {name: min(one[name] for one in turns) for name in turns[0]}


def in_fresh_namespace(script: str, *arguments: object) -> Figures:
    """Run a script of this folder in a new namespace with ``lo`` up; return what it prints."""
    enter = ["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh"]
    command = [*enter, sys.executable, "-m", f"bench.{script}", *map(str, arguments)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    figures: Figures = json.loads(done.stdout)
    return figures


if __name__ == "__main__":
    main()
