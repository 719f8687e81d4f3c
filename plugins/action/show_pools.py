# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show what health checks say of real servers. Contact no host."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ..plugin_utils.pools import is_ok, names_down, render, summary
from ..plugin_utils.screen import show


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {"directors": {"type": "dict", "required": True}}


class ActionModule(ActionBase):
    """The action plugin."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Print the table: in a result it would be one long quoted line."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        # ansible-core has no annotations here.
        _validation, given = self.validate_argument_spec(argument_spec())  # type: ignore[no-untyped-call]
        directors = given["directors"]
        table = render(directors)
        sentence = summary(directors)
        show(f"\n{table}\n\n{sentence}")
        return {
            **result,
            "changed": False,
            "table": table,
            "down": names_down(directors),
            "ok": is_ok(directors),
            "msg": sentence,
        }
