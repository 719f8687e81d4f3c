# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Our client beside the field's tools, on one table of an empty network namespace. Prints JSON.

Every figure is in seconds, and only good for a ratio with another of the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.services import Size, make_services

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import protocol
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Table
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services

Figures = dict[str, float]

SAVED = Path("/tmp/bench-table")  # noqa: S108 - on a node of the lab, which is alone
ROUNDS = 3  # of reading
SAMPLE = 40  # operations, for the tools that take one process or one call for each


def ours(size: Size) -> Figures:
    """Apply a table and read it back, and leave it for ipvsadm's own turn."""
    table: Table = parse_services(make_services(size))[0]
    operations = plan({}, table, ())
    with Client() as client:
        applied = seconds(lambda: client.apply(operations))
        readers: dict[str, Callable[[], object]] = {
            "read": client.table,
            "read by ipvsadm -Sn": lambda: SAVED.write_text(ipvsadm("--save", "-n")),
            "converged": lambda: plan(client.table(table), table, ()),
        }
        turns = [
            {name: seconds(read) for name, read in readers.items()} for _round in range(ROUNDS)
        ]
        assert client.table(table) == client.table() == table
    return {
        "apply": applied,
        "encode": seconds(lambda: [protocol.operation(one) for one in operations]),
        **{name: min(one[name] for one in turns) for name in readers},
    }


def restore(_size: Size) -> Figures:
    """The same table by ipvsadm."""
    text = SAVED.read_text()
    return {"apply by ipvsadm -R": seconds(lambda: ipvsadm("--restore", stdin=text))}


def one_by_one(size: Size) -> Figures:
    """A part of the same table by one process of ipvsadm for each line, as if it were all."""
    lines = SAVED.read_text().splitlines()[:SAMPLE]
    took = seconds(lambda: [ipvsadm(*line.split()) for line in lines])
    return {"apply by one ipvsadm each": took * size.lines / SAMPLE}


def pyroute2(size: Size) -> Figures:
    """A part of the same table by the library, without its import, as if it were all."""
    from pyroute2 import IPVS, IPVSDest, IPVSService  # noqa: PLC0415 - a heavy import, used once

    with IPVS() as ipvs:
        service = IPVSService(addr="198.18.0.1", port=80, protocol=6, sched_name="wrr")
        ipvs.service("add", service=service)

        def add() -> None:
            for number in range(SAMPLE):
                dest = IPVSDest(addr=f"10.0.0.{number + 1}", port=80, fwd_method=0, weight=1)
                ipvs.dest("add", service=service, dest=dest)

        return {"apply by pyroute2": seconds(add) * size.lines / SAMPLE}


def seconds(action: Callable[[], object]) -> float:
    """How long something takes."""
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def ipvsadm(*arguments: str, stdin: str | None = None) -> str:
    """The program's output; its failure is ours."""
    command = ["ipvsadm", *arguments]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    turn = {one.__name__: one for one in (ours, restore, one_by_one, pyroute2)}[sys.argv[1]]
    json.dump(turn(Size.parse(sys.argv[2])), sys.stdout)
