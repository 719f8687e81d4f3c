# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loads the report's page in headless Chromium: it makes no request, and shows all hosts.

With an argument it loads that page, otherwise it makes one.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache/collections"))

from ansible_collections.lvs.topology.plugins.module_utils.verify.endpoints import read_endpoints
from ansible_collections.lvs.topology.plugins.module_utils.verify.hosts import read_hosts
from ansible_collections.lvs.topology.plugins.module_utils.verify.page import page
from ansible_collections.lvs.topology.tests.unit.plugins.module_utils.verify.scenes import (
    GROUPS,
    Scene,
)

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
LIMIT_SECONDS = 120
_SECTION = re.compile(r'<section id="topology">.*?</section>', re.DOTALL)
_HOST = re.compile(r'data-host="([^"]*)"')


def made() -> str:
    """Make a page with a red and a green service."""
    green, red = Scene("dr").requests(), Scene("nat")
    red.answered_by = []
    paths = [*green.paths, *({**one, "service": "web-nat"} for one in red.requests().paths)]
    verdicts = [green.verdict(), {**red.verdict(), "service": "web-nat"}]
    return page(read_endpoints(paths), read_hosts(green.facts), GROUPS, verdicts)


def load(browser: str, source: Path, work: Path) -> tuple[str, list[str]]:
    """Load a page; return its document in the browser, and all problems."""
    log = work / "network.json"
    arguments = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--no-first-run", f"--user-data-dir={work / 'profile'}",
        "--enable-logging=stderr", f"--log-net-log={log}", "--dump-dom", source.as_uri(),
    ]  # fmt: skip
    done = subprocess.run(
        [browser, *arguments], capture_output=True, text=True, check=False,
        timeout=LIMIT_SECONDS, env={**os.environ, "HOME": str(work)},
    )  # fmt: skip
    wrong = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    if done.returncode:
        wrong.append(f"{browser} ended with status {done.returncode}: {done.stderr[-500:]}")
    events = json.loads(log.read_text())["events"] if log.exists() else None
    if events is None:
        wrong.append("the browser wrote no log of its requests")
    asked = {str(one.get("params", {}).get("url", "")) for one in events or ()}
    wrong += [f"it requested {url}" for url in sorted(asked) if url.startswith("http")]
    return done.stdout, wrong


def main() -> int:
    """Load the page, check it, and report."""
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if browser is None:
        print(f"no browser: one of {', '.join(BROWSERS)} is needed (make setup installs one)")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        source = Path(sys.argv[1]).resolve() if sys.argv[1:] else work / "report.html"
        if not sys.argv[1:]:
            source.write_text(made(), encoding="utf-8")
        document, wrong = load(browser, source, work)
        expected = set(_HOST.findall(source.read_text(encoding="utf-8")))
    section = _SECTION.search(document)
    shown = _HOST.findall(section[0]) if section else []
    if sorted(shown) != sorted(expected) or not shown:
        wrong.append(f"the picture shows {sorted(shown)}, and not each of {sorted(expected)} once")
    for line in wrong:
        print(line)
    print(f"page: {len(shown)} hosts, {document.count('</tr>')} rows")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
