# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Returns the compiled paths to a real server. No host is contacted."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase

from ..plugin_utils.compiled import Compiled


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {"compiled": {"type": "str", "required": True}}


class ActionModule(ActionBase):
    """The action plugin."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Read them."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        # ansible-core has no annotations here.
        _validation, given = self.validate_argument_spec(argument_spec())  # type: ignore[no-untyped-call]
        host = (task_vars or {})["inventory_hostname"]
        return {**result, "changed": False, "paths": Compiled(given["compiled"]).paths_of(host)}
