# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""``make bench-modes``: the four modes beside a direct connection to the same real server."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[2]
LAB = (sys.executable, str(ROOT / "lab/lab"))
PLAYBOOK = str(ROOT / ".venv/bin/ansible-playbook")
DECLARED = ("-i", ".lab/inventory.yml", "-e", "@tests/bench/modes.yml")
TARGETS = {
    "direct": "10.0.0.11",
    "nat": "10.0.0.101",
    "dr": "10.0.0.102",
    "tun": "10.0.0.103",
    "fullnat": "10.0.0.104",
}
ROUNDS = 3
SECONDS = 4
LARGE = 1_000_000  # bytes of a reply


class Load(NamedTuple):
    """What wrk says, and what passed the director meanwhile."""

    requests: int
    rate: float  # requests a second
    through_director: int  # bytes that its interface sent


def main() -> int:
    """Measure, and print a table."""
    try:
        subprocess.run([*LAB, "up", "lab/topologies/modes.yml"], cwd=ROOT, check=True)
        for playbook in ("site", "verify"):
            play = [PLAYBOOK, *DECLARED, f"playbooks/{playbook}.yml"]
            subprocess.run(play, cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        small = in_turns("", "Connection: close")
        large = in_turns(str(LARGE), "Connection: keep-alive")
    finally:
        subprocess.run([*LAB, "down"], cwd=ROOT, check=False)
    print(f"\n{'':8} {'requests/s':>10} {'throughput':>10} {'director sends, bytes a':>32}")
    print(f"{'':8} {'/ direct':>10} {'/ direct':>10} {'small request':>16} {'reply of 1 MB':>15}")
    for name in TARGETS:
        ratios = [load[name].rate / load["direct"].rate for load in (small, large)]
        sent = [load[name].through_director / load[name].requests for load in (small, large)]
        print(f"{name:8} {ratios[0]:10.2f} {ratios[1]:10.2f} {sent[0]:16.0f} {sent[1]:15.0f}")
    return 0


def in_turns(path: str, header: str) -> dict[str, Load]:
    """The best of a few rounds for each, in turns, so that all meet the same machine."""
    best: dict[str, Load] = {}
    for _round in range(ROUNDS):
        for name, address in TARGETS.items():
            load = measure(f"http://{address}/{path}", header)
            print(f"{name:8} {load.rate:8.1f} requests/s  {header}", flush=True)
            best[name] = max(best.get(name, load), load, key=lambda one: one.rate)
    return best


def measure(url: str, header: str) -> Load:
    """Load one address for a few seconds; any failed request ends the benchmark."""
    before = sent_by_director()
    said = on("client", "wrk", "-t1", "-c4", f"-d{SECONDS}s", "--timeout=20s", "-H", header, url)
    counted = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec: +([\d.]+)", said)
    if not counted or not rate or "errors" in said or "Non-2xx" in said:
        raise SystemExit(f"wrk on {url}: {said}")
    return Load(int(counted[1]), float(rate[1]), sent_by_director() - before)


def sent_by_director() -> int:
    """Bytes that left the director's interface so far."""
    shown = json.loads(on("director", "ip", "-json", "-stats", "link", "show", "dev", "inside"))
    return int(shown[0]["stats64"]["tx"]["bytes"])


def on(node: str, *argv: str) -> str:
    """Run a command on a node."""
    command = [*LAB, "exec", node, "--", *argv]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    sys.exit(main())
