# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Has Prometheus's own promtool look at metrics, at the rules for alerts, and at a dashboard.

``tests/setup.sh system`` unpacks promtool below ``.cache`` where the system has none.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache/collections"))

from ansible_collections.lvs.topology.plugins.module_utils.metrics.families import FAMILIES
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.metrics.scenes import whole

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = os.pathsep.join((os.environ.get("PATH", os.defpath), str(ROOT / ".cache/promtool")))
RULES = ROOT / "docs/metrics/alerts.yml"
DASHBOARD = ROOT / "docs/metrics/dashboard.json"
_RATE = "$__rate_interval"  # Grafana's own


def queries(dashboard: dict[str, Any]) -> Iterator[str]:
    """Every query of a dashboard's panels."""
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            yield target["expr"]


def run(promtool: str, *arguments: str | Path, text: str = "") -> None:
    """Run it; end where it finds something, if only a hint."""
    done = subprocess.run(
        [promtool, *arguments],
        cwd=ROOT, input=text, capture_output=True, text=True, check=False,
    )  # fmt: skip
    said = f"{done.stdout}{done.stderr}".strip()
    if done.returncode or (text and said):
        sys.exit(f"promtool {' '.join(map(str, arguments[:2]))}: status {done.returncode}\n{said}")


def main() -> int:
    """Check all of it."""
    promtool = shutil.which("promtool", path=FOLDERS)
    if promtool is None:
        sys.exit("promtool is missing: run `make setup`")
    metrics = whole()
    shown = {name for name in FAMILIES if f"# TYPE {name} " in metrics}
    if shown != {*FAMILIES}:
        sys.exit(f"not in the text that is checked: {', '.join({*FAMILIES} - shown)}")
    run(promtool, "check", "metrics", text=metrics)
    run(promtool, "check", "rules", RULES)
    run(promtool, "test", "rules", ROOT / "tests/checks/alerts.yml")
    expressions = [*queries(json.loads(DASHBOARD.read_text()))]
    rules = [
        {"record": f"query:{number}", "expr": re.sub(re.escape(_RATE), "1m", one)}
        for number, one in enumerate(expressions)
    ]
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "queries.json"  # which is YAML, too
        file.write_text(json.dumps({"groups": [{"name": "dashboard", "rules": rules}]}))
        run(promtool, "check", "rules", file)
    print(f"promtool: {len(shown)} metrics, {len(expressions)} queries, and all rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
