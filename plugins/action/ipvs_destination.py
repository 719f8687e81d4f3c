# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manages a destination by the module of the same name, and waits for one that is drained."""

from __future__ import annotations

from ..plugin_utils.waiting_action import DrainingAction, Result


class ActionModule(DrainingAction):
    """The action plugin."""

    module = "lvs.topology.ipvs_destination"

    def back(self, arguments: Result, drained: Result) -> Result:
        """It is as it was."""
        return {**arguments, "state": "present", "destination": drained["destination_before"]}

    def away(self, arguments: Result) -> Result:
        """It is gone."""
        return {**arguments, "state": "absent"}
