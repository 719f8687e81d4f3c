# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The boot program: makes this host what its state files say, without Ansible."""

from __future__ import annotations

import sys
from pathlib import Path

from ansible_collections.lvs.topology.plugins.module_utils.persistence import places
from ansible_collections.lvs.topology.plugins.module_utils.persistence.errors import (
    PersistenceError,
)
from ansible_collections.lvs.topology.plugins.module_utils.persistence.lock import host_lock
from ansible_collections.lvs.topology.plugins.module_utils.persistence.parts import PARTS
from ansible_collections.lvs.topology.plugins.module_utils.persistence.state_file import (
    Saved,
    Values,
    load,
    save,
)


def main() -> int:
    """Apply every part; systemd shows what is written to stderr, and starts us again."""
    try:
        with host_lock():
            failures = [_apply(part) for part in PARTS]
    except PersistenceError as error:
        failures = [str(error)]
    for failure in filter(None, failures):
        sys.stderr.write(f"{failure}\n")
    return 1 if any(failures) else 0


class _FileRecord:
    """A state file as the parts see it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._saved = load(path)

    @property
    def desired(self) -> Values:
        return self._saved.desired

    @property
    def found(self) -> Values:
        return self._saved.found

    def record(self, desired: Values, found: Values) -> None:
        saved = Saved(desired, found)
        if saved != self._saved:
            save(self._path, saved)
            self._saved = saved


def _apply(part: str) -> str:
    """Apply one part; gives the reason when that failed."""
    path = places.state_file(part, persist=True)
    if not path.exists():
        return ""
    try:
        PARTS[part](_FileRecord(path))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are tried
        return f"{part}: {str(error) or type(error).__name__}"
    return ""
