# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Returns the compiled paths to a real server. No host is contacted."""

from __future__ import annotations

from typing import Any

from ..plugin_utils.compiled import Compiled
from ..plugin_utils.local_action import LocalAction, Result


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {"compiled": {"type": "str", "required": True}}


class ActionModule(LocalAction):
    """The action plugin."""

    spec = staticmethod(argument_spec)

    def carry_out(self, given: Result) -> Result:
        """Read them."""
        host = self.variables["inventory_hostname"]
        return {"paths": Compiled(given["compiled"]).paths_of(host)}
