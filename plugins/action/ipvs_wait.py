# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Waits for the end of connections, asking by the module of the same name."""

from __future__ import annotations

import time

from ..module_utils.ipvs.wait import left, summary
from ..plugin_utils.waiting_action import Result, WaitingAction


class ActionModule(WaitingAction):
    """The action plugin."""

    module = "lvs.topology.ipvs_wait"

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Remember which connections there are, and look until they have ended."""
        result: Result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        first = self._ask(arguments, task_vars)
        options = first.get("invocation", {}).get("module_args", {})
        result |= first
        if first.get("failed") or self._task.check_mode:
            return result
        start = time.monotonic()
        known = {**arguments, "name": result.pop("name")}
        connections = self._wait(
            {**known, "phase": "look"}, options, first["connections"], task_vars
        )
        self._ask({**known, "phase": "end"}, task_vars)
        result["connections"] = connections
        result["waited"] = round(time.monotonic() - start)
        result["timed_out"] = bool(left(connections, options["wait_for"]))
        if result["timed_out"]:
            found = f"after {options['timeout']} s there still are {summary(connections)}"
            if options["on_timeout"] == "fail":
                result |= {"failed": True, "msg": found}
            else:
                result.setdefault("warnings", []).append(found)
        return result
