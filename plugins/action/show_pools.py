# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Show what health checks say of real servers. Contact no host."""

from __future__ import annotations

from typing import Any

from ..plugin_utils.local_action import LocalAction, Result
from ..plugin_utils.pools import is_ok, names_down, render, summary
from ..plugin_utils.screen import show


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {"directors": {"type": "dict", "required": True}}


class ActionModule(LocalAction):
    """The action plugin."""

    spec = staticmethod(argument_spec)

    def carry_out(self, given: Result) -> Result:
        """Print the table: in a result it would be one long quoted line."""
        directors = given["directors"]
        table = render(directors)
        sentence = summary(directors)
        show(f"\n{table}\n\n{sentence}")
        return {
            "table": table,
            "down": names_down(directors),
            "ok": is_ok(directors),
            "msg": sentence,
        }
