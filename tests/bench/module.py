# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""The module ipvs_services on a table of an empty network namespace. Prints JSON.

The module runs as Ansible would start it on this host, but for the way there. Every figure but the
memory is in seconds, and only good for a ratio with another of the same run.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench.services import Size, make_services

MODULE = "ansible_collections.lvs.topology.plugins.modules.ipvs_services"
# Two tables that differ in the weight of one destination; on a node of the lab, which is alone.
TABLES = Path("/tmp/bench-one.json"), Path("/tmp/bench-other.json")  # noqa: S108
ROUNDS = 3


def main(size: Size) -> dict[str, float]:
    """The best of a few rounds for each, in turns: what else runs on the machine only ever adds."""
    for weight, path in enumerate(TABLES, 1):
        services: list[Any] = make_services(size)
        services[-1]["destinations"][-1]["weight"] = weight
        path.write_text(json.dumps({"ANSIBLE_MODULE_ARGS": {"services": services}}))
    memory = [run(TABLES[0], changes=True)[1]]
    no_op, one_change = [], []
    for number in range(1, ROUNDS + 1):
        took = [run(TABLES[number % 2], changes=change) for change in (True, False)]
        one_change.append(took[0][0])
        no_op.append(took[1][0])
        memory += [used for _seconds, used in took]
    return {"no-op": min(no_op), "one change": min(one_change), "MB": max(memory)}


def run(arguments: Path, *, changes: bool) -> tuple[float, float]:
    """Run the module; return its seconds, and the most memory that it used, in MB."""
    start = time.perf_counter()
    with subprocess.Popen(
        [sys.executable, "-m", MODULE, arguments], stdout=subprocess.PIPE, text=True
    ) as module:
        answer = json.load(module.stdout or sys.stdin)
        _pid, status, usage = os.wait4(module.pid, 0)
        module.returncode = os.waitstatus_to_exitcode(status)
    took = time.perf_counter() - start
    assert answer["changed"] == changes, answer.get("msg")
    return took, usage.ru_maxrss / 1000


if __name__ == "__main__":
    json.dump(main(Size.parse(sys.argv[1])), sys.stdout)
