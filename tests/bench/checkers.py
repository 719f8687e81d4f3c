# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs on a node of the lab: our daemon, our prober alone and keepalived's checkers, in turns.

Each connects to the same real servers, which are addresses of this node with one listener. The
daemon has them in a table, in the kernel and in its state file, as on a director. Prints
what each check has cost, in microseconds of CPU time, and the memory of each in MB.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from ansible_collections.lvs.topology.plugins.module_utils.converge import table_state, watches
from ansible_collections.lvs.topology.plugins.module_utils.converge.director import PART
from ansible_collections.lvs.topology.plugins.module_utils.health.mark_services import (
    assign,
    target,
)
from ansible_collections.lvs.topology.plugins.module_utils.health.model import Check, Watch
from ansible_collections.lvs.topology.plugins.module_utils.health.prober import Probe, Prober
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.client import Client
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.model import (
    Destination,
    DestinationKey,
    Entry,
    Service,
    ServiceKey,
)
from ansible_collections.lvs.topology.plugins.module_utils.ipvs.plan import plan
from ansible_collections.lvs.topology.plugins.module_utils.state.part import open_part
from ansible_collections.lvs.topology.plugins.module_utils.state.section import (
    HEALTH,
    TABLE,
    Section,
)

REAL_SERVERS = 1000
VIP, SOURCE, PORT = "192.0.2.1", "192.0.2.9", 9080
INTERVAL = 2
WARM_UP, SECONDS, ROUNDS = 6, 20, 2
FOLDER = Path("/tmp/bench-health")  # noqa: S108 - on a node of the lab, which is alone
RIPS = [f"127.1.{number // 250}.{number % 250 + 1}" for number in range(REAL_SERVERS)]
SERVICE = ServiceKey("ipv4", 0, "tcp", VIP, PORT)
PROGRAM = "from ansible_collections.lvs.topology.plugins.module_utils.boot.health import main"
DAEMON = "the whole daemon"
TICKS = os.sysconf("SC_CLK_TCK")


class Cost(NamedTuple):
    """What a checker takes."""

    microseconds: float  # of CPU time for each check
    checks: float  # in a second
    megabytes: float


def main() -> None:
    """Measure each in turns; or be one of them."""
    resource.setrlimit(resource.RLIMIT_NOFILE, (65536, 65536))
    if sys.argv[1:]:
        probe(sys.argv[1])
        return
    FOLDER.mkdir(exist_ok=True)
    for address in (VIP, SOURCE):
        subprocess.run(["ip", "address", "add", f"{address}/32", "dev", "lo"], check=True)
    own = [sys.executable, "-m", "bench.checkers"]
    daemon = [sys.executable, "-c", f"{PROGRAM}; main()"]
    commands = {
        "keepalived": keepalived(),
        "our prober": [*own, "rip"],
        "our prober, through the VIP": [*own, "vip"],
        DAEMON: daemon,
        f"{DAEMON}, through the VIP": daemon,
    }
    with listening() as counter:
        turns = [
            {name: measure(name, command, counter) for name, command in commands.items()}
            for _round in range(ROUNDS)
        ]
    json.dump({name: min(turn[name] for turn in turns) for name in commands}, sys.stdout)


def keepalived() -> list[str]:
    """Its checkers alone, with a configuration of the same checks."""
    servers = "".join(
        f"""
  real_server {rip} {PORT} {{
    weight 1
    inhibit_on_failure
    TCP_CHECK {{
      connect_timeout 1
      retry 2
      delay_before_retry {INTERVAL}
    }}
  }}"""
        for rip in RIPS
    )
    configuration = f"""\
virtual_server {VIP} {PORT} {{
  delay_loop {INTERVAL}
  lb_algo rr
  lb_kind DR
  protocol TCP{servers}
}}
"""
    file = FOLDER / "keepalived.conf"
    file.write_text(configuration)
    pids = ["-p", str(FOLDER / "pid"), "-c", str(FOLDER / "checkers.pid")]
    return ["keepalived", "--check", "--dont-fork", "-l", "-f", str(file), *pids]


def probe(through: str) -> None:
    """Check the same with our prober, until somebody ends this."""
    check = Check("tcp", through=through, interval=INTERVAL, timeout=1)
    probes = [Probe(check, rip, PORT) for rip in RIPS]
    if through == "vip":
        targets = [target(SERVICE, Destination(DestinationKey(rip, PORT))) for rip in RIPS]
        with Client() as client:
            services = assign(targets, client.probe_services())
            client.apply(services.operations)
        probes = [
            Probe(check, VIP, PORT, services.marks[one], SOURCE, rip)
            for rip, one in zip(RIPS, targets, strict=True)
        ]
    prober = Prober()
    prober.watch(probes)
    while True:
        for one, result in prober.run(time.monotonic() + INTERVAL):
            if result:
                sys.exit(f"{one}: {result}")
        if prober.untried:
            sys.exit(f"{prober.untried}")


def declare(through: str) -> None:
    """Have the kernel's table, and the state file that the daemon reads."""
    keys = [DestinationKey(rip, PORT) for rip in RIPS]
    table = {SERVICE: Entry(Service(SERVICE), {key: Destination(key) for key in keys})}
    check = Check("tcp", through=through, interval=INTERVAL, timeout=1)
    watch = Watch(SERVICE, "web", VIP, PORT, check, source=SOURCE if through == "vip" else "")
    with Client() as client:
        client.apply(plan({}, table, ()))
    with open_part(PART, persist=False, check_mode=False) as part:
        state = table_state.TableState(table, frozenset(table), {}, {})
        table_state.save(Section(part, TABLE), state)
        watches.save(Section(part, HEALTH), (watch,))


def measure(name: str, command: list[str], counter: Path) -> Cost:
    """Run one of them; look at it once it has begun with all real servers."""
    subprocess.run(["ipvsadm", "--clear"], check=True)
    if name.startswith(DAEMON):
        declare("vip" if "VIP" in name else "rip")
    with (FOLDER / "log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
        time.sleep(WARM_UP)
        begun = [cpu_seconds(one) for one in family(process.pid)], int(counter.read_text())
        time.sleep(SECONDS)
        members = family(process.pid)
        ended = [cpu_seconds(one) for one in members], int(counter.read_text())
        megabytes = sum(map(memory, members))
        is_running = process.poll() is None
        process.send_signal(signal.SIGTERM)
        process.wait()
    checks = ended[1] - begun[1]
    if not is_running or checks < SECONDS / INTERVAL * REAL_SERVERS / 2:
        sys.exit(f"{name}: {checks} checks\n{(FOLDER / 'log').read_text()[-2000:]}")
    return Cost((sum(ended[0]) - sum(begun[0])) / checks * 1e6, checks / SECONDS, megabytes)


def family(process: int) -> list[int]:
    """A process and its children."""
    children = Path(f"/proc/{process}/task/{process}/children").read_text()
    return [process, *map(int, children.split())]


def cpu_seconds(process: int) -> float:
    """What a process has taken so far."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def memory(process: int) -> float:
    """What a process has for itself, and its share of the rest, in MB."""
    lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("Pss:"))


@contextmanager
def listening() -> Iterator[Path]:
    """Accept all connections in a process of its own, which counts them in a file."""
    counter = FOLDER / "accepted"
    counter.write_text("0")
    child = os.fork()
    if not child:
        accept(counter)
    try:
        yield counter
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def accept(counter: Path) -> None:
    """Accept, and count each hundred; never ends."""
    with socket.create_server(("", PORT), backlog=4096) as listener:
        number = 0
        while True:
            listener.accept()[0].close()
            number += 1
            if number % 100 == 0:
                counter.write_text(str(number))


if __name__ == "__main__":
    main()
