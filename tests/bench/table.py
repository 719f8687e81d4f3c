# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a node of the lab: our client beside the field's tools, on one table. Prints JSON.

Every figure is in seconds, and only good for a ratio with another of the same run.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import protocol
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import Table
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.schema import parse_services

SERVICES = 1000
DESTINATIONS = 10
SAMPLE = 40  # operations, for the tools that take one process or one call for each
ROUNDS = 3


def main() -> None:
    """Measure, with the best of a few rounds for each."""
    table: Table = parse_services(make_services())[0]
    with Client() as client:
        operations = plan({}, table, ())
        clear()
        client.apply(operations)
        assert client.table() == table
        saved = run("ipvsadm", "--save", "-n")
        figures = {
            "operations": len(operations),
            "read": best(nothing, client.table),
            "read by ipvsadm -Sn": best(nothing, lambda: run("ipvsadm", "--save", "-n")),
            "plan when converged": best(nothing, lambda: plan(table, table, ())),
            "encode": best(nothing, lambda: [protocol.operation(one) for one in operations]),
            "apply": best(clear, lambda: client.apply(operations)),
            "apply by ipvsadm -R": best(clear, lambda: run("ipvsadm", "--restore", stdin=saved)),
        }
    lines = saved.splitlines()[:SAMPLE]
    each = best(clear, lambda: [run("ipvsadm", *line.split()) for line in lines], rounds=1)
    figures["apply by one ipvsadm each"] = each * len(operations) / SAMPLE
    clear()
    figures["apply by pyroute2"] = pyroute2() * len(operations) / SAMPLE
    clear()
    json.dump(figures, sys.stdout)


def make_services() -> list[dict[str, object]]:
    """The table of all figures in the input's shape."""
    return [
        {
            "address": f"198.18.{number // 250}.{number % 250 + 1}",
            "port": 80,
            "scheduler": "wrr",
            "destinations": [
                {"address": f"10.{number // 250}.{number % 250}.{host + 1}", "forwarding": "masq"}
                for host in range(DESTINATIONS)
            ],
        }
        for number in range(SERVICES)
    ]


def pyroute2() -> float:
    """Seconds for SAMPLE additions by the library, without its import."""
    from pyroute2 import IPVS, IPVSDest, IPVSService  # noqa: PLC0415 - a heavy import, used once

    with IPVS() as ipvs:
        service = IPVSService(addr="198.18.0.1", port=80, protocol=6, sched_name="wrr")
        ipvs.service("add", service=service)
        start = time.perf_counter()
        for number in range(SAMPLE):
            dest = IPVSDest(addr=f"10.0.0.{number + 1}", port=80, fwd_method=0, weight=1)
            ipvs.dest("add", service=service, dest=dest)
        return time.perf_counter() - start


def best(before: Callable[[], object], action: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The shortest of a few rounds: what else runs on the machine only ever adds."""
    seconds = []
    for _round in range(rounds):
        before()
        start = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def nothing() -> None:
    """No preparation."""


def clear() -> None:
    """An empty table."""
    run("ipvsadm", "--clear")


def run(*command: str, stdin: str | None = None) -> str:
    """A program's output; its failure is ours."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=True)
    return done.stdout


if __name__ == "__main__":
    main()
