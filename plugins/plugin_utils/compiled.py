# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands what was compiled to later tasks of a run: files on the controller, one for each host.

In a variable, all of it would be among the variables of every host, in each of its tasks. The files
are below Ansible's directory for temporary files: it is private, every run has its own, all
processes of a run share it, and Ansible removes it when the run ends.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from ansible import constants
from ansible.errors import AnsibleActionFail

from ..module_utils.verify.shape import fits
from .summary import Service

Calls = dict[str, dict[str, Any]]
"""A module, or a module and its phase, → the arguments."""

# Those that not every host of their kind has; the second one has routers forget.
RARE_CALLS = ("router", "router_finish", "standby")
_FOLDERS = ("calls", "paths", "notes", "done")
_SERVICES = "services"
_LOWERED = [{"service": {}, "destination": {"address": str}, "weight": int, "reason": str}]
_REMEDY = (
    "Run the role lvs.topology.topology first, in the same run and on this host too. "
    "The playbook lvs.topology.site does so"
)


class Compiled:
    """The directory with the result of one compilation, and with what hosts note afterwards."""

    def __init__(self, directory: str) -> None:
        """Take a directory by its name. Nothing is read yet."""
        self.directory = Path(directory)
        if not directory or not self.directory.is_dir():
            raise AnsibleActionFail(f"nothing was compiled in this run. {_REMEDY}")

    def calls(self, host: str) -> Calls:
        """What is to be called on a host."""
        file = self._file("calls", host)
        if not file.exists():
            raise AnsibleActionFail(f"nothing was compiled for {host}. {_REMEDY}")
        calls: Calls = json.loads(file.read_text(encoding="utf-8"))
        return calls

    def called_with(self, host: str, call: str) -> dict[str, Any]:
        """The arguments of one call; none for a host without it, and for all with a violation."""
        file = self._file("calls", host)
        calls: Calls = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        return calls.get(call, {})

    def paths(self) -> list[dict[str, Any]]:
        """Every path, in the order of the declaration."""
        files = (self.directory / "paths").iterdir()
        numbered = [one for file in files for one in _numbered(file)]
        return [path for _number, path in sorted(numbered, key=itemgetter(0))]

    def paths_of(self, host: str) -> list[dict[str, Any]]:
        """The paths to one host."""
        file = self._file("paths", host)
        return [path for _number, path in _numbered(file)] if file.exists() else []

    def note(self, what: str, host: str, *, holds: bool) -> None:
        """Note whether something holds for a host. A later note replaces an earlier one."""
        notes = self.directory / "notes" / what
        file = notes / _name(host)
        if holds:
            notes.mkdir(exist_ok=True)
            file.touch()
        else:
            file.unlink(missing_ok=True)

    def is_noted(self, what: str) -> bool:
        """Whether something holds for any host. The work does not grow with their number."""
        notes = self.directory / "notes" / what
        return notes.is_dir() and any(True for _file in notes.iterdir())

    def services(self) -> list[Service]:
        """What there is to tell people of each service."""
        told: list[Service] = json.loads((self.directory / _SERVICES).read_text(encoding="utf-8"))
        return told

    def keep(self, host: str, *, changed: bool, lowered: object) -> None:
        """Keep what became of a host. It has changed if one of several calls has changed it.

        What it tells of weights counts where it has the shape of what a director's module returns.
        """
        file = self._file("done", host)
        before = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
        done = {
            "host": host,
            "changed": changed or before.get("changed", False),
            "lowered": lowered if fits(lowered, _LOWERED) else before.get("lowered", []),
        }
        file.write_text(json.dumps(done), encoding="utf-8")

    def done(self) -> list[dict[str, Any]]:
        """What became of each host that was called, in the order of their names."""
        files = (self.directory / "done").iterdir()
        done = [json.loads(file.read_text(encoding="utf-8")) for file in files]
        return sorted(done, key=itemgetter("host"))

    def _file(self, folder: str, host: str) -> Path:
        return self.directory / folder / _name(host)


def write(
    calls: Mapping[str, Calls],
    paths: Iterable[Mapping[str, Any]],
    services: Sequence[Service] = (),
) -> Compiled:
    """Write everything into a new directory: who learns its name finds it complete."""
    # Made for each run, and of its user alone. Ansible adds its settings when it is imported.
    base = constants.DEFAULT_LOCAL_TMP  # type: ignore[attr-defined]
    compiled = Compiled(tempfile.mkdtemp(prefix="lvs-topology-", dir=base))
    for folder in _FOLDERS:
        (compiled.directory / folder).mkdir()
    for host, its_calls in calls.items():
        file = compiled.directory / "calls" / _name(host)
        file.write_text(json.dumps(its_calls), encoding="utf-8")
    by_host: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for number, path in enumerate(paths):
        by_host.setdefault(path["host"], []).append((number, path))
    for host, numbered in by_host.items():
        file = compiled.directory / "paths" / _name(host)
        file.write_text(json.dumps(numbered), encoding="utf-8")
    (compiled.directory / _SERVICES).write_text(json.dumps(services), encoding="utf-8")
    return compiled


def _name(host: str) -> str:
    """A file's name: hosts may have names with slashes."""
    return f"{quote(host, safe='')}.json"


def _numbered(file: Path) -> list[tuple[int, dict[str, Any]]]:
    """Paths, each behind its place in the declaration."""
    numbered: list[tuple[int, dict[str, Any]]] = json.loads(file.read_text(encoding="utf-8"))
    return numbered
