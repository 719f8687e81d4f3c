# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries the oldest and the newest supported ansible-core.

Each gets a virtual environment below .cache/cores, with the newest Python here that it runs on.
With that: the tests of the action plugins, the syntax of every playbook, and ``validate`` on this
machine with a bad declaration, whose violations have to be lines of their own in the default
output. The newest core is left out, and that is said, where no Python is new enough for it.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / ".cache/cores"
COLLECTIONS = ROOT / ".cache/collections"
TESTS = (
    "tests/unit/plugins/action",
    "tests/unit/plugins/module_utils/host/test_table_writers.py",  # a matter of Python's version
)
DECLARATION = {
    "topology_services": {
        "web": {
            "mode": "ndr",
            "vips": ["192.0.2.1"],
            "port": 80,
            "real_servers": [{"host": "web1"}],
        }
    },
    "ansible_connection": "local",
    "ansible_python_interpreter": "{{ ansible_playbook_python }}",
    "ansible_become": False,
}
INVENTORY = """\
[lvs_directors]
director

[lvs_real_servers]
web1

[lvs_clients]
client
"""
LISTED = "\nservice web:\n  - got mode: 'ndr'\n    expected one of "


class Core(NamedTuple):
    """A release of ansible-core, and the Pythons that it runs on, the newest first."""

    version: str
    pythons: tuple[str, ...]


OLDEST = Core("2.18", ("python3.13", "python3.12", "python3.11"))
NEWEST = Core("2.21", ("python3.14", "python3.13", "python3.12"))


def find(python: str) -> str:
    """Return the program of a Python, one of pyenv's too that is not the chosen one; or ""."""
    managed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for program in (shutil.which(python), *managed.glob(f"versions/*/bin/{python}")):
        # pyenv has names of all its versions in PATH, and those not chosen end with an error.
        if (
            program
            and not subprocess.run([program, "-c", ""], check=False, capture_output=True).returncode
        ):
            return str(program)
    return ""


def environment(core: Core) -> Path | None:
    """Return the core's virtual environment; None where this machine has no Python for it."""
    python = next(filter(None, map(find, core.pythons)), "")
    if not python:
        return None
    folder = CACHE / f"{core.version}-{Path(python).name}"
    stamp = folder / "complete"
    if not stamp.exists():
        shutil.rmtree(folder, ignore_errors=True)
        subprocess.run([python, "-m", "venv", folder], check=True)
        pinned = (ROOT / "tests/constraints.txt").read_text().splitlines()
        tools = [one for one in pinned if one.startswith(("pytest==", "hypothesis=="))]
        pip = (folder / "bin/python", "-m", "pip", "install", "-qq", "--disable-pip-version-check")
        subprocess.run([*pip, f"ansible-core=={core.version}.*", *tools], check=True)
        stamp.touch()
    return folder / "bin"


def problems(programs: Path) -> list[str]:
    """Run everything with one core, and return what went wrong."""
    given = {
        **os.environ,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(CACHE / "ansible.cfg"),  # the defaults, as a user has them
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    found = []

    def run(name: str, *arguments: str, status: int = 0) -> str:
        command = [str(programs / "python"), str(programs / name), *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=given, check=False, stdout=subprocess.PIPE, text=True
        )
        if done.returncode != status:
            found.append(f"{name} {' '.join(arguments)}: status {done.returncode}\n{done.stdout}")
        return done.stdout

    print(run("pytest", "-q", "-o", f"cache_dir={CACHE / 'pytest'}", *TESTS).splitlines()[-1])
    inventory = ("-i", str(CACHE / "hosts"), "-e", f"@{CACHE / 'declaration.json'}")
    names = [path.stem for path in sorted((ROOT / "playbooks").glob("*.yml"))]
    # rolling.yml includes a file of the user's, migrate.yml asks for a service.
    extra = ("-e", "rolling_tasks=tasks.yml", "-e", "service=web", "-e", "real_server=web1")
    playbooks = [f"lvs.topology.{name}" for name in names]
    run("ansible-playbook", "--syntax-check", *inventory, *extra, *playbooks)
    shown = run("ansible-playbook", *inventory, "lvs.topology.validate", status=2)
    if LISTED not in shown:
        found.append(f"validate does not list violations as lines:\n{shown}")
    return found


def main() -> int:
    """Try both cores."""
    declared = yaml.safe_load((ROOT / "meta/runtime.yml").read_text())["requires_ansible"]
    if declared != f">={OLDEST.version}.0":
        print(f"meta/runtime.yml says {declared}, and {OLDEST.version} is the oldest one tried")
        return 1
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / "ansible.cfg").touch()
    (CACHE / "hosts").write_text(INVENTORY)
    (CACHE / "declaration.json").write_text(json.dumps(DECLARATION))
    failed = False
    for core in (OLDEST, NEWEST):
        programs = environment(core)
        if programs is None:
            print(f"cores: {core.version} is not tried: it needs {core.pythons[-1]} or newer")
            continue
        found = problems(programs)
        print(*found, sep="\n")
        failed = failed or bool(found)
        print(f"cores: {core.version} in {programs.parent.name}: {'bad' if found else 'good'}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
