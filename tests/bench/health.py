# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench-health``: our health daemon beside keepalived's checkers, on the lab's kernel.

1,000 real servers have a TCP check each every 2 seconds. keepalived's checkers end without IPVS, so
that both run on a node of the lab, which has keepalived from its distribution.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests"))

from checks import kernel_tests  # noqa: E402 - found by the line above

LAB = kernel_tests.LAB
NODE = kernel_tests.NODE
MOST = 1.5  # times the CPU time of keepalived
MOST_MEGABYTES = 60


def main() -> int:
    """Measure, and print a table."""
    try:
        subprocess.run([*LAB, "up", "lab/topologies/single.yml"], cwd=ROOT, check=True)
        kernel_tests.push()
        target = f"{kernel_tests.TARGET}/bench"
        subprocess.run([*LAB, "push", NODE, str(ROOT / "tests/bench"), target], check=True)
        script = ["env", "-C", kernel_tests.TARGET, "PYTHONPATH=.", "python3", "-m"]
        done = subprocess.run(
            [*LAB, "exec", NODE, "--", *script, "bench.checkers"],
            stdout=subprocess.PIPE,
            check=True,
        )
    finally:
        subprocess.run([*LAB, "down"], cwd=ROOT, check=False)
    figures = json.loads(done.stdout)
    keepalived = figures["keepalived"][0]
    print(f"\n{'':32} {'CPU / keepalived':>16} {'checks/s':>9} {'MB':>6}")
    for name, (microseconds, checks, megabytes) in figures.items():
        print(f"{name:32} {microseconds / keepalived:16.2f} {checks:9.0f} {megabytes:6.1f}")
    print(f"{'to reach':32} {MOST:16.2f} {'':9} {MOST_MEGABYTES:6.1f}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
