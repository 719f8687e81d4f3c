# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Say at the end of a run what became of it, and what to type next."""

from __future__ import annotations

from typing import Any

from ..plugin_utils.acting_action import ActingAction
from ..plugin_utils.compiled import Compiled
from ..plugin_utils.screen import show
from ..plugin_utils.summary import command, render


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {
        "compiled": {"type": "str"},
        "result": {"type": "str"},
        "next": {"type": "str"},
        "why": {"type": "str"},
        "inventory": {"type": "path"},
        "unlock": {"type": "bool", "default": False},
    }


class ActionModule(ActingAction):
    """The action plugin."""

    TRANSFERS_FILES = False

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Print it: in a result, lines would be one long quoted one."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        # ansible-core has no annotations here.
        _validation, given = self.validate_argument_spec(argument_spec())  # type: ignore[no-untyped-call]
        if given["unlock"] and not self._task.check_mode:
            released = self._act("lvs.topology.lease", {"state": "released"}, task_vars)
            if released.get("failed"):
                return result | released
        parts = []
        if given["compiled"]:
            compiled = Compiled(given["compiled"])
            parts += [
                render(compiled.services(), compiled.done(), check_mode=self._task.check_mode)
            ]
        if given["result"]:
            parts.append(given["result"])
        if given["next"]:
            why = f"   # {given['why']}" if given["why"] else ""
            of_run = (task_vars or {}).get("ansible_inventory_sources", [])
            sources = [given["inventory"]] if given["inventory"] else of_run
            parts.append(f"Next: {command(sources, given['next'])}{why}")
        text = "\n".join(parts)
        show(f"{text}\n")
        return {**result, "changed": False, "text": text}
