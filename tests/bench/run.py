# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench``: speed on the lab's kernel, each figure but memory a ratio within this one run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from ansible.module_utils import basic

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / ".cache/collections"), str(ROOT / "tests")]

from bench.services import SIZES, SMALL, make_services  # noqa: E402 - found by the line above
from checks import kernel_tests  # noqa: E402

LAB = kernel_tests.LAB
PLAYBOOK = str(ROOT / ".venv/bin/ansible-playbook")
INVENTORY = ("-i", "playbooks/inventory", "-i", ".lab/inventory.yml")
LIBRARY = ROOT / ".cache/bench"
COLLECTIONS = {"ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections")}
ROUNDS = 3

Row = tuple[str, float, str]  # what, the figure, and what it is to reach


def main() -> int:
    """Measure everything and print one table, row by row."""
    print(f"\n{'':58} {'ratio':>7}  to reach", flush=True)
    try:
        for measure in (tables, module_beside_ping, site_beside_ping):
            for what, ratio, target in measure():
                print(f"{what:58} {ratio:7.3f}  {target}", flush=True)
    finally:
        subprocess.run([*LAB, "down"], cwd=ROOT, check=False)
    return 0


def tables() -> Iterator[Row]:
    """Our client beside ipvsadm and pyroute2, on one node; and the module on its own table."""
    subprocess.run([*LAB, "up", "lab/topologies/single.yml"], cwd=ROOT, check=True)
    push()
    script = ["env", "-C", kernel_tests.TARGET, "PYTHONPATH=.:library", "python3", "-m"]
    done = subprocess.run(
        [*LAB, "exec", kernel_tests.NODE, "--", *script, "bench.node"],
        stdout=subprocess.PIPE,
        check=True,
    )
    figures = json.loads(done.stdout)
    for size in SIZES:
        took = figures[str(size)]
        apply, listed = took["apply"], took["read by ipvsadm -Sn"]
        yield f"{size}: apply / ipvsadm -R", apply / took["apply by ipvsadm -R"], "0.15"
        yield "  encoding alone / apply", took["encode"] / apply, ""
        yield f"{size}: read / ipvsadm -Sn", took["read"] / listed, "1.2"
        converged = took["converged"] / listed
        yield f"{size}: read and plan when converged / ipvsadm -Sn", converged, "1.2"
        if size == SMALL:
            each = apply / took["apply by one ipvsadm each"]
            yield "  apply / one ipvsadm for each line", each, ""
            yield "  apply / pyroute2", apply / took["apply by pyroute2"], ""
        else:
            change = took["one change"] / took["no-op"]
            yield f"{size}: module, one change / no-op", change, "1.15"
            yield f"{size}: module, peak memory in MB", took["MB"], "150"


def module_beside_ping() -> Iterator[Row]:
    """A converged run of a module beside a ping of the same node."""
    ping = play("ping.yml", "-i", ".lab/inventory.yml", "-e", "ping_hosts=node")
    (LIBRARY / "table.json").write_text(json.dumps(make_services(SMALL)))
    converge = ("table.yml", "-i", ".lab/inventory.yml")
    play(*converge)()
    bare, module = side_by_side(ping, play(*converge))
    yield f"ipvs_services, {SMALL} converged / ping", module / bare, ""


def push() -> None:
    """Put on the node what is measured there, and what that imports: it has no Ansible."""
    kernel_tests.push()
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--upgrade", "--target", str(LIBRARY)]
    subprocess.run([*pip, "pyroute2==0.9.7"], check=True)
    package = LIBRARY / "ansible"  # which module_utils look for, without what a node has no use for
    package.mkdir(exist_ok=True)
    (package / "__init__.py").touch()
    for source, target in (
        (LIBRARY, "library"),
        (package, "ansible"),
        (ROOT / "tests/bench", "bench"),
        (ROOT / "plugins/modules", "ansible_collections/lvs/topology/plugins/modules"),
        (Path(basic.__file__).parent, "ansible/module_utils"),
    ):
        command = [*LAB, "push", kernel_tests.NODE, str(source), f"{kernel_tests.TARGET}/{target}"]
        subprocess.run(command, check=True)


def site_beside_ping() -> Iterator[Row]:
    """A converged site.yml beside a play that only pings the same hosts."""
    subprocess.run([*LAB, "up", "lab/topologies/demo.yml"], cwd=ROOT, check=True)
    site = play("../../playbooks/site.yml", *INVENTORY)
    site()
    bare, whole = side_by_side(play("ping.yml", *INVENTORY), site)
    yield "site.yml converged / ping play on the same hosts", whole / bare, "4"


def play(name: str, *arguments: str) -> Callable[[], None]:
    """A playbook to run."""
    command = [PLAYBOOK, *arguments, str(Path("tests/bench") / name)]

    def run() -> None:
        subprocess.run(
            command, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, env=os.environ | COLLECTIONS
        )

    return run


def side_by_side(*actions: Callable[[], None]) -> list[float]:
    """The best of a few rounds for each, in turns, so that all meet the same machine."""
    best = [float("inf")] * len(actions)
    for _round in range(ROUNDS):
        for index, action in enumerate(actions):
            start = time.perf_counter()
            action()
            best[index] = min(best[index], time.perf_counter() - start)
    return best


if __name__ == "__main__":
    sys.exit(main())
