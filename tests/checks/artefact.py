# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Builds the collection's artefact as for publication, checks its content and installs it.

The artefact may hold only what users need. ``ansible-galaxy collection install .`` in the checkout
must install it where a user's Ansible finds it: ``ansible-doc`` must find every module. Galaxy's
importer must take it without a word of warning.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
COLLECTIONS_PATH = "ANSIBLE_COLLECTIONS_PATH"

ALLOWED_FOLDERS = {
    "LICENSES",
    "changelogs",
    "docs",
    "examples",
    "meta",
    "playbooks",
    "plugins",
    "roles",
}
ALLOWED_FILES = {
    "CHANGELOG.md",
    "CODE_OF_CONDUCT.md",
    "COPYING",
    "FILES.json",
    "MANIFEST.json",
    "README.md",
    "SECURITY.md",
}
IMPORTED = "Importer processing completed successfully"
AGAINST = ("WARNING", "ERROR", "CRITICAL")
REQUIRED = {"COPYING", "MANIFEST.json", "README.md", "meta/runtime.yml"}


def run(*arguments: str | Path, home: Path) -> str:
    """Run one of Ansible's commands in the checkout, as a user with this home would."""
    environment = {key: value for key, value in os.environ.items() if key != COLLECTIONS_PATH}
    command = [str(BIN / arguments[0]), *map(str, arguments[1:])]
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**environment, "HOME": str(home)},
        check=False,
        stdout=subprocess.PIPE,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\n{arguments[0]} failed with status {done.returncode}")
    return done.stdout


def is_allowed(name: str) -> bool:
    """Tell whether a file belongs in the artefact."""
    parts = Path(name).parts
    if any(part == "__pycache__" or part.startswith(".") for part in parts):
        return False
    return parts[0] in (ALLOWED_FOLDERS if len(parts) > 1 else ALLOWED_FILES)


def importer(artefact: Path, home: Path) -> list[str]:
    """Give the artefact to Galaxy's importer, and return what it says against it."""
    settings = {
        "GALAXY_IMPORTER_CHECK_REQUIRED_TAGS": "1",
        "GALAXY_IMPORTER_RUN_ANSIBLE_LINT": "0",  # the step ansible-lint does, of all files
        "HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
    }
    done = subprocess.run(
        [sys.executable, "-m", "galaxy_importer.main", artefact],
        cwd=home,
        env={**os.environ, **settings},
        check=False,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    lines = done.stdout.splitlines()
    if done.returncode or IMPORTED not in lines:
        return lines
    return [line for line in lines if line.startswith(AGAINST)]


def main() -> int:
    """Build, check, install, and ask ansible-doc."""
    with tempfile.TemporaryDirectory(prefix="lvs-topology-") as folder:
        work = Path(folder)
        galaxy = ("ansible-galaxy", "collection")
        run(*galaxy, "build", ROOT, "--output-path", work, home=work)
        (artefact,) = work.glob("*.tar.gz")
        with tarfile.open(artefact) as tar:
            names = {member.name for member in tar if not member.isdir()}
        for name in sorted(REQUIRED - names):
            print(f"missing from {artefact.name}: {name}")
        for name in sorted(name for name in names if not is_allowed(name)):
            print(f"does not belong in {artefact.name} (see build_ignore in galaxy.yml): {name}")
        if REQUIRED - names or not all(map(is_allowed, names)):
            return 1

        if said := importer(artefact, work):
            print("Galaxy's importer:", *said, sep="\n  ")
            return 1

        run(*galaxy, "install", "--offline", ".", home=work)
        if not (work / ".ansible/collections/ansible_collections/lvs/topology").is_dir():
            print("`ansible-galaxy collection install .` leaves nothing in a user's own folder")
            return 1
        listed = run("ansible-doc", "--list", "--json", "lvs.topology", home=work)
        documented = {name.rpartition(".")[2] for name in json.loads(listed)}
        modules = {Path(name).stem for name in names if name.startswith("plugins/modules/")}
        if undocumented := sorted(modules - {"__init__"} - documented):
            print("not found by ansible-doc after the installation:", *undocumented)
            return 1
        print(f"artefact: {len(names)} files, {len(documented)} modules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
