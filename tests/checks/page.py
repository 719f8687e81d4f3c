# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looks at the report's pages in headless Chromium, by page.js beside this file.

Each is loaded at the widths of a telephone, a tablet and a desk, in light and in dark colours, and
as it is printed. Nothing may be requested, scroll sideways, be cut or covered, or lack contrast; a
picture alone may be wider than a telephone, in a frame that scrolls. With arguments it looks at
those pages, otherwise at samples.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache/collections"))

from ansible_collections.lvs.topology.tests.unit.plugins.plugin_utils.pages import pages

BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
LIMIT_SECONDS = 120
WIDTHS = (390, 820, 1280)
PAPER = 720
DARK = "--blink-settings=preferredColorScheme=0"
_SCREEN = "@media screen and (prefers-color-scheme: dark)"
# What is spoilt on a page, how, and what has to be said of it: else nobody looks.
SPOILT = {
    "text that does not wrap": ("overflow-wrap: anywhere", "white-space: nowrap", "sideways"),
    "pale text": (r"--dim: #\w+", "--dim: #838a98", "contrast"),
    "names in one place": (r'(class="name" x="\S+") y="\S+"', r'\1 y="99"', "overlap"),
    "a narrow column": ("white-space: nowrap }", "max-width: 3em }", "broken word"),
    "one picture for all": (
        r"\.wide \{ display: none \} \.narrow, \.hint \{[^}]*\}",
        "",
        "too small",
    ),
    "a long name": (">web1</", f">{'web1' * 9}</", "leaves its box"),
}
_TOLD = re.compile(r'<pre id="told">(.*?)</pre>', re.DOTALL)
SCRIPT = Path(__file__).with_suffix(".js")


def printed(html: str) -> str:
    """A page with the rules that it has on paper."""
    return html.replace("@media print", "@media all").replace(_SCREEN, "@media not all")


def views(html: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """Yield every page at each width, and on paper."""
    for name, text in html.items():
        for width in WIDTHS:
            yield {"name": f"{name} at {width}", "width": width, "html": text}
        yield {"name": f"{name} on paper", "width": PAPER, "html": printed(text)}


def spoilt(html: str) -> Iterator[dict[str, Any]]:
    """Yield a page with each fault."""
    for name, (old, new, _said) in SPOILT.items():
        yield {"name": name, "width": WIDTHS[0], "html": re.sub(old, new, html)}


def harness(shown: list[dict[str, Any]]) -> str:
    """The document that loads all of them into frames."""
    data = json.dumps(shown).replace("<", "\\u003c")
    return (
        '<!DOCTYPE html><html><head><meta charset="utf-8"><link rel="icon" href="data:,"></head>'
        f'<body><pre id="told"></pre><script type="application/json" id="pages">{data}</script>'
        f"<script>{SCRIPT.read_text(encoding='utf-8')}</script></body></html>"
    )


def look(browser: str, source: Path, work: Path, *options: str) -> tuple[dict[str, Any], list[str]]:
    """Load the document; return what it tells of each page, and the browser's own problems."""
    log = work / "network.json"
    arguments = [
        "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking",
        "--disable-component-update", "--no-first-run", f"--user-data-dir={work / 'profile'}",
        "--enable-logging=stderr", f"--log-net-log={log}", *options, "--dump-dom", source.as_uri(),
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
    found = _TOLD.search(done.stdout)
    told: dict[str, Any] = json.loads(unescape(found[1]) or "{}") if found else {}
    return told, wrong


def main() -> int:
    """Look at the pages, and report."""
    browser = next((found for found in map(shutil.which, BROWSERS) if found), None)
    if browser is None:
        print(f"no browser: one of {', '.join(BROWSERS)} is needed (make setup installs one)")
        return 1
    given = {name: Path(name).read_text(encoding="utf-8") for name in sys.argv[1:]}
    html = given or pages()
    shown = [*views(html), *(() if given else spoilt(next(iter(html.values()))))]
    looked, wrong = 0, []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        source = work / "harness.html"
        source.write_text(harness(shown), encoding="utf-8")
        for colours, options in (("light", ()), ("dark", (DARK,))):
            told, problems = look(browser, source, work, *options)
            wrong += problems
            for name in (view["name"] for view in shown):
                found = told.get(name, {"texts": 0, "wrong": []})
                if not found["texts"]:
                    wrong.append(f"{name}, {colours}: was not looked at")
                elif name not in SPOILT:
                    looked += 1
                    wrong += [f"{name}, {colours}: {one}" for one in found["wrong"]]
                elif not any(SPOILT[name][2] in one for one in found["wrong"]):
                    wrong.append(f"{name}, {colours}: nobody has seen it")
    for line in wrong:
        print(line)
    print(f"page: {looked} views of {len(html)} pages")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
