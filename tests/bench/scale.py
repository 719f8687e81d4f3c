# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench-scale``: what a converged ``site.yml`` costs the controller.

The hosts are simulated: no module runs, and every one answers that nothing has changed. So all that
is measured is the controller's. CPU time is that of all its processes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / ".cache/collections"))

from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.topology import (  # noqa: E402 - found by the line above
    sample,
)

PLAYBOOK = str(ROOT / ".venv/bin/ansible-playbook")
SITE, NOOP = "playbooks/site.yml", "tests/bench/noop.yml"
DIRECTOR = "director"
PER_SUBNET = 250
HOSTS = 1000

# What any module of ours tells where there is nothing to do, in one: a host has one answer.
CONVERGED = {
    "changed": False,
    "operations": [],
    "pending": False,
    "arp_changed": False,
    "waiting": "",
    "connections": [],
    "staying": [],
}


@dataclass(frozen=True)
class Size:
    """A topology in direct routing: every service has every real server."""

    hosts: int
    services: int

    @property
    def destinations(self) -> int:
        """How many the table has."""
        return self.hosts * self.services


@dataclass(frozen=True)
class Cost:
    """What a playbook took."""

    seconds: float  # of CPU time
    megabytes: float  # of the largest process


def address(third: int, number: int) -> str:
    """An address of the one network of all hosts."""
    high, low = divmod(number, PER_SUBNET)
    return f"10.0.{third + high}.{low + 1}"


def simulate(size: Size, folder: Path) -> None:
    """Write the inventory, the declaration and each host's answer."""
    hosts = {f"web{number}": address(10, number) for number in range(size.hosts)}
    vips = [address(100, number) for number in range(size.services)]
    services = {
        f"service{number}": {
            "mode": "dr",
            "vips": [vip],
            "port": 80,
            "real_servers": [{"host": host, "weight": 1} for host in hosts],
        }
        for number, vip in enumerate(vips)
    }
    connection = {"ansible_connection": "simulated", "ansible_python_interpreter": "python3"}
    groups = {"lvs_directors": [DIRECTOR], "lvs_real_servers": [*hosts]}
    children = {name: {"hosts": dict.fromkeys(each)} for name, each in groups.items()}
    (folder / "group_vars").mkdir()
    _write(folder / "hosts.json", {"all": {"children": children}})
    _write(folder / "group_vars/all.json", {**connection, "topology_services": services})
    (folder / "answers").mkdir()
    gateway = sample.route("0.0.0.0/0", "10.0.0.1", "eth0")
    for host, own in ((DIRECTOR, "10.0.0.5"), *hosts.items()):
        facts = sample.node({"eth0": [f"{own}/16"]}, [gateway])
        device = "eth0" if host == DIRECTOR else "lo"
        facts["addresses"] += [sample.on(device, f"{vip}/32") for vip in vips]
        facts["vip_owned"] = vips
        _write(folder / f"answers/{host}.json", {**CONVERGED, "node": facts})


def _write(file: Path, data: object) -> None:
    file.write_text(json.dumps(data), encoding="utf-8")


def play(playbook: str, folder: Path, *arguments: str) -> Cost:
    """Run a playbook on the simulated hosts."""
    command = [PLAYBOOK, "-i", str(folder / "hosts.json"), playbook, *arguments]
    environment = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections"),
        "ANSIBLE_CONNECTION_PLUGINS": str(ROOT / "tests/bench/connection"),
        "ANSIBLE_LOCAL_TEMP": str(folder / "controller"),
        "SIMULATED_ANSWERS": str(folder / "answers"),
    }
    with (folder / "output").open("w+") as output:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        _process, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        text = output.read()
    if process.returncode or "changed=0" not in text:
        raise SystemExit(f"{text[-4000:]}\n{playbook} has failed")
    return Cost(usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def measure(sizes: Iterable[Size]) -> Iterator[dict[str, Any]]:
    """A row for each size: site.yml beside a play of as many tasks that do nothing."""
    for size in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            simulate(size, folder)
            noop, site = play(NOOP, folder), play(SITE, folder)
        yield {
            "hosts": size.hosts,
            "destinations": size.destinations,
            "CPU s per host": site.seconds / size.hosts,
            "no-op s per host": noop.seconds / size.hosts,
            "ratio": site.seconds / noop.seconds,
            "MB": site.megabytes,
            "no-op MB": noop.megabytes,
        }


def show(rows: Iterable[dict[str, Any]]) -> None:
    """Print each row when it is there."""
    for number, row in enumerate(rows):
        if not number:
            print("  ".join(f"{name:>16}" for name in row))
        print("  ".join(_cell(value) for value in row.values()), flush=True)


def _cell(value: int | float) -> str:  # noqa: PYI041 - a number of hosts is shown without a point
    return f"{value:16.3f}" if isinstance(value, float) else f"{value:16,}"


def main() -> int:
    """Measure the two curves: destinations at one number of hosts, and hosts."""
    show(measure(Size(HOSTS, services) for services in (1, 10, 100)))
    print()
    show(measure(Size(HOSTS // part, 10) for part in (8, 4, 2, 1)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
