# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""What each task of a run did to each host, as molecule's callback plugin "outcomes" wrote it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_PLUGINS = Path(__file__).resolve().parents[2] / "molecule/shared/callback_plugins"

Statement = tuple[str, str, str, str]
"""Host, side (before or after), what it is about, and the item as JSON."""


@dataclass(frozen=True)
class Outcomes:
    """A run of a playbook."""

    playbook: str
    check: bool
    tasks: tuple[Mapping[str, Any], ...]

    def having(self, key: str) -> list[tuple[str, str]]:
        """Name the tasks that changed something (`changed`) or failed (`failed`), and the host."""
        return sorted((each["host"], each["task"]) for each in self.tasks if each[key])

    def statements(self) -> set[Statement]:
        """What the diffs say of each host, one statement for each item, whichever task says it.

        Several tasks may need the same thing, such as the boot program. The first one to run brings
        it; in check mode it is still missing when the others look.
        """
        return {one for each in self.tasks for one in statements(each["host"], each["diff"] or {})}


def statements(host: str, diff: Mapping[str, Mapping[str, Any]]) -> set[Statement]:
    """Take a diff of a host apart."""
    return {
        (host, side, key, json.dumps(item, sort_keys=True))
        for side, content in diff.items()
        for key, value in content.items()
        for item in (value if isinstance(value, list) else [value])
    }


def environment(folder: Path) -> dict[str, str]:
    """Make Ansible write the outcomes of its next run below a folder."""
    return {
        "ANSIBLE_CALLBACK_PLUGINS": str(_PLUGINS),
        "ANSIBLE_CALLBACKS_ENABLED": "outcomes",
        "ANSIBLE_DIFF_ALWAYS": "true",
        "MOLECULE_EPHEMERAL_DIRECTORY": str(folder),
    }


def load(folder: Path) -> list[Outcomes]:
    """Read the runs so far, in their order."""
    found = [json.loads(file.read_text()) for file in sorted(folder.glob("outcomes/*.json"))]
    return [Outcomes(one["playbook"], one["check"], tuple(one["outcomes"])) for one in found]
