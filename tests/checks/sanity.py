# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Runs every test of ``ansible-test sanity`` on a copy of the checkout.

Without an argument it uses the ansible-core of .venv; with one (``2.21``), that core, in a virtual
environment of its own (cores.py).

ansible-test needs a path ``ansible_collections/lvs/topology``, so it gets a copy under
.cache/sanity, with all files that git tracks or would add. Its home is beside that. There it keeps
virtual environments with ansible-core's pinned versions between runs; ``make clean`` removes them.
"""

from __future__ import annotations

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from ansible.release import __version__ as core_version
from ansible_test._internal.host_configs import NativePythonConfig
from ansible_test._internal.python_requirements import get_venv_packages

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / ".cache/collections"))

from ansible_collections.lvs.topology.tests.checks import cores

ROOT = Path(__file__).resolve().parents[2]
CORE = ".".join(core_version.split(".")[:2])
CACHE = ROOT / f".cache/sanity/{CORE}"
COPY = CACHE / "ansible_collections/lvs/topology"
HOME = CACHE / "home"
SHELLCHECK = ROOT / ".venv/bin"
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"

# The lab is a separate program, with an interpreter line, which sanity forbids. ruff, mypy and
# shellcheck check it.
LEFT_OUT = ("lab/", ".ci/")

# ansible-test runs this in an empty virtual environment to install pip. It would download the
# original from the project's server; Python's own pip works too.
GET_PIP = """\
import ensurepip
ensurepip.bootstrap(default_pip=True)
"""

FOUND = re.compile(r"^(?:ERROR|FATAL): .*$", re.MULTILINE)
RAN = re.compile(r"^Running sanity test \"([^\"]+)\"", re.MULTILINE)
SKIPPED = re.compile(r"^WARNING: (.*\b(?:[Ss]kipped|[Ss]kipping|not found)\b.*)$", re.MULTILINE)


def copy_checkout() -> None:
    """Replace the copy, so that ansible-test sees no deleted file."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True)
    shutil.rmtree(COPY, ignore_errors=True)
    for name in filter(None, listed.stdout.split("\0")):
        source, target = ROOT / name, COPY / name
        if name.startswith(LEFT_OUT) or not os.path.lexists(source):
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source, target, follow_symlinks=False)
    # Without its own repository, the copy would be an ignored part of the checkout.
    subprocess.run(["git", "init", "--quiet"], cwd=COPY, check=True)


def prepare_home() -> None:
    """Give ansible-test a pip installer, and pip the configuration of user and environment."""
    pip = get_venv_packages(NativePythonConfig(version=VERSION))["pip"]
    cached = HOME / f".ansible/test/cache/get_pip_{pip.replace('.', '_')}.py"
    cached.parent.mkdir(parents=True, exist_ok=True)
    cached.write_text(GET_PIP)

    # ansible-test hides PIP_* variables from pip, and the changed home hides the user's pip.conf.
    listing = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(listing, check=True, capture_output=True, text=True)
    settings = {
        key: ast.literal_eval(value)
        for key, value in re.findall(
            r"^(?:global|install|:env:)\.([\w-]+)=('.*')$", listed.stdout, re.MULTILINE
        )
    }
    settings["quiet"] = "2"
    lines = [f"{key} = {value}".replace("\n", "\n  ") for key, value in settings.items()]
    config = HOME / ".config/pip/pip.conf"
    config.parent.mkdir(parents=True, exist_ok=True)
    config.touch(mode=0o600)  # an index's URL may contain a password
    config.write_text("\n".join(["[global]", *lines, ""]))


def with_core(version: str) -> int:
    """Run all tests with another core."""
    core = next((one for one in cores.CORES if one.version == version), None)
    if core is None:
        print(f"got {version!r}, expected one of {', '.join(one.version for one in cores.CORES)}")
        return 1
    programs = cores.environment(core)
    if programs is None:
        print(f"ansible-core {version} needs {core.pythons[-1]} or newer, with ensurepip")
        return 1
    command = [str(programs / "python"), __file__]
    return subprocess.run(command, check=False).returncode


def main() -> int:
    """Run all tests; nothing may be skipped."""
    copy_checkout()
    prepare_home()
    program = str(Path(sys.executable).parent / "ansible-test")
    process = subprocess.Popen(
        [program, "sanity", "--python", VERSION, "--color", "no"],
        cwd=COPY,
        env={**os.environ, "HOME": str(HOME), "PATH": f"{os.environ['PATH']}:{SHELLCHECK}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    output = ""
    for line in process.stdout or ():
        print(line, end="", flush=True)
        output += line
    if process.wait() != 0:
        print("\nsanity: all problems", *FOUND.findall(output), sep="\n")
        return 1
    if skipped := SKIPPED.findall(output):
        print("sanity: not everything ran:", *skipped, sep="\n  ")
        return 1
    print(f"sanity: {len(set(RAN.findall(output)))} tests passed with ansible-core {CORE}")
    return 0


if __name__ == "__main__":
    sys.exit(with_core(sys.argv[1]) if sys.argv[1:] else main())
