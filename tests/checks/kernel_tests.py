# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs tests/kernel on a node of the lab: with its kernel, its Python and its ipvsadm.

Arguments go to pytest, for example ``-k scheduler``; ``--record`` alone prints the recording that
tests/kernel/record.py makes.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LAB = (sys.executable, str(ROOT / "lab/lab"))
NODE = "node"
TARGET = "/opt/lvs-topology-tests"
TESTS = "ansible_collections/lvs/topology/tests/kernel"
# Only the imports of the tests: nodes have no Ansible.
PARTS = (
    "plugins/module_utils",
    "tests/kernel",
    "tests/unit/plugins/module_utils/ipvs/strategies.py",
)


def main() -> int:
    """Copy the files, run pytest there, and return its status."""
    push()
    if sys.argv[1:] == ["--record"]:
        arguments = [f"{TESTS}/record.py"]
    else:
        arguments = [
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            "--import-mode=importlib",
            TESTS,
        ]
        arguments += sys.argv[1:]
    command = ["env", "-C", TARGET, "PYTHONPATH=.", "python3", *arguments]
    return subprocess.run([*LAB, "exec", NODE, "--", *command], check=False).returncode


def push() -> None:
    """Put the parts on the node, below the collection's package name."""
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder, "ansible_collections/lvs/topology")
        for part in PARTS:
            source, target = ROOT / part, package / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        subprocess.run([*LAB, "exec", NODE, "--", "rm", "-rf", TARGET], check=True)
        subprocess.run([*LAB, "push", NODE, folder, TARGET], check=True)


if __name__ == "__main__":
    sys.exit(main())
