# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Imports what runs on managed hosts with each Python that they may have and this machine has.

A warning of Python's is an error. What cannot be imported without Ansible is compiled alone.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache/collections"))

from ansible_collections.lvs.topology.tests.checks.cores import COLLECTIONS, find

ROOT = Path(__file__).resolve().parents[2]
PYTHONS = tuple(f"3.{minor}" for minor in range(8, 15))
PROGRAM = """
import importlib, pathlib, sys

folder = pathlib.Path("ansible_collections/lvs/topology/plugins")
kinds = ("modules", "module_utils")
files = sorted(path for kind in kinds for path in (folder / kind).rglob("*.py"))
for path in files:
    text = path.read_text(encoding="utf-8")
    compile(text, str(path), "exec", dont_inherit=True)
    if "module_utils" in path.parts and "from ansible." not in text:
        importlib.import_module(".".join(path.with_suffix("").parts))
print(len(files))
"""


def main() -> int:
    """Try them all."""
    is_good = True
    for version in PYTHONS:
        python = find(f"python{version}")
        if not python:
            print(f"pythons: {version} is not tried: it is not here")
            continue
        done = subprocess.run(
            [python, "-B", "-W", "error", "-c", PROGRAM],
            cwd=COLLECTIONS,
            env={"PYTHONPATH": str(COLLECTIONS)},
            check=False,
            capture_output=True,
            text=True,
        )
        is_good &= not done.returncode
        said = (
            done.stderr if done.returncode else f"pythons: {done.stdout.strip()} files in {version}"
        )
        print(said)
    return int(not is_good)


if __name__ == "__main__":
    sys.exit(main())
