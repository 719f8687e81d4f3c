# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the documentation site in .cache/docsite/html; a warning is an error.

Its pages are those of the collection's artefact, at the same places, so that links between them
hold there too. antsibull-docs adds the modules and roles. docs/README.md has the order. Flowcharts
that GitHub draws from Mermaid are drawn here.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache/collections"))

from ansible_collections.lvs.topology.tests.docsite.flowchart import draw

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
SITE = ROOT / ".cache/docsite"
SOURCE, HTML = SITE / "source", SITE / "html"
PAGES = ("README.md", "SECURITY.md", "CODE_OF_CONDUCT.md", "COPYING", "docs", "examples")
# Labels of Ansible's own documentation, that modules' pages refer to. Named here, so that a build
# needs no network.
ANSIBLE = "https://docs.ansible.com/projects/ansible/devel/"
LABELS = {
    "ansible_configuration_settings": "reference_appendices/config.html",
    "common_return_values": "reference_appendices/common_return_values.html",
    "action_plugins": "plugins/action.html",
    "check_mode_dry": "playbook_guide/playbooks_checkmode.html",
}
FLOWCHART = re.compile(r"^```mermaid\n(.*?)^```\n", re.MULTILINE | re.DOTALL)
TOC = "\n.. toctree::\n   :caption: {caption}\n   :maxdepth: 1\n\n{pages}\n"


def copy_pages() -> None:
    """Copy the pages, at the places that they have in the repository."""
    shutil.rmtree(SITE, ignore_errors=True)
    SOURCE.mkdir(parents=True)
    for name in PAGES:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("docsite")
            shutil.copytree(ROOT / name, SOURCE / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, SOURCE / name)
    shutil.copy(ROOT / "tests/docsite/conf.py", SOURCE)
    for page in SOURCE.rglob("*.md"):
        page.write_text(with_drawings(page))


def with_drawings(page: Path) -> str:
    """Return a page's text with an image in place of each flowchart, and draw these."""
    text = page.read_text()
    for number, block in enumerate(FLOWCHART.finditer(text), 1):
        *_before, heading = re.findall(r"^#+ (.*)$", text[: block.start()], re.MULTILINE)
        drawing = page.with_name(f"{page.stem}-{number}.svg")
        drawing.write_text(draw(block[1], heading))
        text = text.replace(block[0], f"![{heading}]({drawing.name})\n")
    return text


def write_index() -> None:
    """Write the first page: what docs/README.md lists, in its order."""
    text = (ROOT / "docs/README.md").read_text()
    parts = [*re.split(r"^\*\*(.*)\*\*$", text, flags=re.MULTILINE)][1:]
    tocs = ["lvs.topology", "============", ""]
    tocs.append("Linux Virtual Server topologies from one declaration.\n")
    tocs.append(
        TOC.format(caption="Overview", pages="   What it is <README>\n   All pages <docs/README>")
    )
    for caption, listed in zip(parts[::2], parts[1::2], strict=True):
        links = re.findall(r"\]\(([^)\s#]+)\.md\)", listed)
        pages = [os.path.normpath(f"docs/{link}") for link in links if "://" not in link]
        tocs.append(TOC.format(caption=caption, pages="\n".join(f"   {one}" for one in pages)))
    reference = "   Modules and roles <reference/index>\n   SECURITY\n   CODE_OF_CONDUCT"
    tocs.append(TOC.format(caption="Reference", pages=reference))
    (SOURCE / "index.rst").write_text("\n".join(tocs))
    labels = [":orphan:\n", "Ansible's own documentation", "===========================", ""]
    for label, page in LABELS.items():
        heading = label.replace("_", " ").capitalize()
        labels += [f".. _{label}:\n", heading, "-" * len(heading), f"\n{ANSIBLE}{page}\n"]
    (SOURCE / "ansible.rst").write_text("\n".join(labels))


def run(*command: str | Path) -> int:
    """Run a program of the virtual environment."""
    environment = {**os.environ, "ANSIBLE_COLLECTIONS_PATH": str(ROOT / ".cache/collections")}
    return subprocess.run(
        [BIN / command[0], *map(str, command[1:])],
        check=False,
        cwd=SITE,
        env={**environment, "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}"},
    ).returncode


def main() -> int:
    """Build it."""
    copy_pages()
    write_index()
    reference = SOURCE / "reference"
    reference.mkdir(mode=0o755)
    options = ("--use-current", "--squash-hierarchy", "--fail-on-error")
    if run("antsibull-docs", "collection", *options, "--dest-dir", reference, "lvs.topology"):
        return 1
    if run("sphinx-build", "-q", "-W", "--keep-going", "-b", "html", "-j", "auto", SOURCE, HTML):
        return 1
    pages = [*HTML.rglob("*.html")]
    print(f"docsite: {len(pages)} pages in {(HTML / 'index.html').relative_to(ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
