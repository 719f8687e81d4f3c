# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drains by the module of the same name, and waits."""

from __future__ import annotations

from ..plugin_utils.waiting_action import DrainingAction, Result


class ActionModule(DrainingAction):
    """The action plugin."""

    module = "lvs.topology.ipvs_drain"

    def back(self, arguments: Result, drained: Result) -> Result:
        """Those that served do so again, with their declared weights."""
        return {**arguments, "state": "serving", "real_servers": drained["drained"]}

    def away(self, arguments: Result) -> Result:
        """They are no longer in the table."""
        return {**arguments, "state": "removed"}
