# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Links between pages lead to files and headings that exist, and recipes name files that do.

Links of pages that are in the collection's artefact have to lead somewhere from there too: to a
file of the artefact, or to the repository.
"""

from __future__ import annotations

import fnmatch
import re
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GALAXY = yaml.safe_load((ROOT / "galaxy.yml").read_text())
IN_REPOSITORY = f"{GALAXY['repository']}/blob/main/"
PAGES = [
    path
    for pattern in ("*.md", "[a-z]*/*.md", "roles/*/*.md")
    for path in sorted(ROOT.glob(pattern))
]


def is_shipped(path: Path) -> bool:
    """Tell whether the artefact has it."""
    parts = path.relative_to(ROOT).parts
    paths = ["/".join(parts[: end + 1]) for end in range(len(parts))]
    return not any(fnmatch.fnmatch(one, left) for one in paths for left in GALAXY["build_ignore"])


def anchors(page: Path) -> set[str]:
    text = page.read_text()
    headings = re.findall(r"^#+ (.*)$", text, re.MULTILINE)
    made = {re.sub(r"[^\w -]", "", heading).lower().replace(" ", "-") for heading in headings}
    return made | set(re.findall(r'<a id="([^"]+)"></a>', text))


def broken(page: Path, *, is_shipped_page: bool = False) -> list[str]:
    missing = []
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        name, _hash, anchor = link.partition("#")
        target = page.parent / name if name else page
        if name.startswith(IN_REPOSITORY):
            target = ROOT / name.removeprefix(IN_REPOSITORY)
        elif name.startswith(("http:", "https:")):
            continue
        elif is_shipped_page and not is_shipped(target.resolve()):
            missing.append(link)
        if not target.exists() or (anchor and anchor not in anchors(target)):
            missing.append(link)
    return missing


@pytest.mark.parametrize("page", PAGES, ids=[str(page.relative_to(ROOT)) for page in PAGES])
def test_links_lead_somewhere(page: Path) -> None:
    assert broken(page, is_shipped_page=is_shipped(page)) == []


def test_a_broken_link_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        '# A heading\n<a id="a.b"></a>\n[1](page.md#a-heading) [2](#no) [3](none.md) '
        f"[4](https://a.b/) [5](#a.b) [6]({IN_REPOSITORY}none.md) [7]({IN_REPOSITORY}README.md)\n"
    )
    assert broken(page) == ["#no", "none.md", f"{IN_REPOSITORY}none.md"]


def test_what_is_not_shipped_is_known() -> None:
    assert is_shipped(ROOT / "docs/README.md")
    assert not is_shipped(ROOT / "molecule/README.md")
    assert not is_shipped(ROOT / "CONTRIBUTING.md")


def test_recipes_name_files_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text()
    names = re.findall(r"`((?:…|\w[\w./…-]*)/[\w./-]*)`", text)
    paths = {name.replace("…", "plugins/module_utils") for name in names if "NAME" not in name}
    assert len(paths) > 20
    assert [name for name in sorted(paths) if not (ROOT / name).exists()] == []
