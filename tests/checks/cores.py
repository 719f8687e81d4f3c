# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Tries the oldest and the newest supported ansible-core.

Each gets a virtual environment below .cache/cores, with the newest Python here that it runs on.
With that: the tests of the action plugins, the syntax of every playbook, and ``validate`` on this
machine with a bad declaration, whose violations have to be lines of their own in the default
output. The newest core is left out, and that is said, where no Python is new enough for it; without
the oldest one, this fails.
"""

from __future__ import annotations

import hashlib
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

    name: str
    version: str
    pythons: tuple[str, ...]


OLDEST = Core("oldest", "2.18", ("python3.13", "python3.12", "python3.11"))
NEWEST = Core("newest", "2.21", ("python3.14", "python3.13", "python3.12"))
CORES = (
    OLDEST,
    Core("", "2.19", ("python3.13", "python3.12", "python3.11")),
    Core("", "2.20", ("python3.14", "python3.13", "python3.12")),
    NEWEST,
)

OWN_SETTINGS = ("ANSIBLE_", "PYTEST_")  # of the user, which would count here too


class CannotTryError(Exception):
    """No environment could be made."""


def works(program: object, code: str) -> bool:
    """Tell whether a Python runs some code."""
    try:
        done = subprocess.run([str(program), "-c", code], check=False, capture_output=True)
    except OSError:
        return False
    return not done.returncode


def find(python: str) -> str:
    """Return the program of a Python, one of pyenv's too that is not the chosen one; or ""."""
    managed = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    for program in (shutil.which(python), *managed.glob(f"versions/*/bin/{python}")):
        # pyenv has names of all its versions in PATH, and those not chosen end with an error.
        # Debian has ensurepip in a package of its own, without which there is no pip.
        if program and works(program, "import ensurepip, venv"):
            return str(program)
    return ""


def environment(core: Core) -> Path | None:
    """Return the core's virtual environment; None where this machine has no Python for it."""
    python = next(filter(None, map(find, core.pythons)), "")
    if not python:
        return None
    folder = CACHE / f"{core.version}-{Path(python).name}"
    pinned = (ROOT / "tests/constraints.txt").read_text().splitlines()
    tools = [one.split()[0] for one in pinned if one.startswith(("pytest==", "hypothesis=="))]
    wanted = [f"ansible-core=={core.version}.*", *tools]
    stamp, made_of = folder / "complete", _hash(python, wanted)
    is_fresh = stamp.exists() and stamp.read_text() == made_of
    if not (is_fresh and works(folder / "bin/python", "")):
        shutil.rmtree(folder, ignore_errors=True)
        _make("a virtual environment", python, "-m", "venv", str(folder))
        pip = ("-m", "pip", "install", "-qq", "--disable-pip-version-check")
        _make(", ".join(wanted), str(folder / "bin/python"), *pip, *wanted)
        stamp.write_text(made_of)
    return folder / "bin"


def _hash(python: str, wanted: list[str]) -> str:
    asked = [python, "-c", "import sys; print(sys.version)"]
    version = subprocess.run(asked, check=True, capture_output=True, text=True).stdout
    return hashlib.sha256("\n".join((version, *wanted)).encode()).hexdigest()


def _make(what: str, *command: str) -> None:
    done = subprocess.run(command, check=False, capture_output=True, text=True)
    if done.returncode:
        *_before, last = ["no reason given", *(done.stdout + done.stderr).strip().splitlines()]
        raise CannotTryError(f"{command[0]} cannot make or get {what}: {last}")


def settings() -> dict[str, str]:
    """Return the variables for one core: this collection, and the defaults that a user has."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_SETTINGS)}
    return {
        **kept,
        "ANSIBLE_COLLECTIONS_PATH": str(COLLECTIONS),
        "ANSIBLE_CONFIG": str(CACHE / "ansible.cfg"),
        "ANSIBLE_NOCOLOR": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def problems(programs: Path) -> list[str]:
    """Run everything with one core, and return what went wrong."""
    given = settings()
    found = []

    def run(name: str, *arguments: str, status: int = 0) -> str:
        command = [str(programs / "python"), str(programs / name), *arguments]
        done = subprocess.run(
            command, cwd=ROOT, env=given, check=False, stdout=subprocess.PIPE, text=True
        )
        if done.returncode != status:
            found.append(f"{name} {' '.join(arguments)}: status {done.returncode}\n{done.stdout}")
        return done.stdout

    print(
        run("pytest", "-q", "-o", f"cache_dir={CACHE / 'pytest'}", *TESTS)
        .strip()
        .rpartition("\n")[2]
    )
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
    if not shutil.which("ip", path=f"{os.environ.get('PATH', os.defpath)}:/usr/sbin:/sbin"):
        print("cores: bad: this machine has no program ip: install iproute2")
        return 1
    CACHE.mkdir(parents=True, exist_ok=True)
    (CACHE / "ansible.cfg").touch()
    (CACHE / "hosts").write_text(INVENTORY)
    (CACHE / "declaration.json").write_text(json.dumps(DECLARATION))
    tried = [attempt(core) for core in (OLDEST, NEWEST)]
    return int(not all(tried))


def attempt(core: Core) -> bool:
    """Try a core, say how it went, and tell whether that is good enough."""
    said = f"cores: {core.name}, {core.version}"
    try:
        programs = environment(core)
    except CannotTryError as error:
        print(f"{said}: bad: {error}")
        return False
    if programs is None:
        needed = f"it needs {core.pythons[-1]} or newer, with ensurepip"
        print(f"{said} is not tried: {needed}" if core == NEWEST else f"{said}: bad: {needed}")
        return core == NEWEST
    found = problems(programs)
    print(*found, sep="\n")
    print(f"{said} in {programs.parent.name}: {'bad' if found else 'good'}")
    return not found


if __name__ == "__main__":
    sys.exit(main())
