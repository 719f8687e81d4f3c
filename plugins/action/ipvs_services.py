# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Manages the IPVS table by the module of the same name, and waits for what is to go."""

from __future__ import annotations

import time

from ..module_utils.converge.phases import FINISH
from ..module_utils.ipvs.wait import left, summary
from ..plugin_utils.waiting_action import Result, WaitingAction


class ActionModule(WaitingAction):
    """The action plugin."""

    module = "lvs.topology.ipvs_services"

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Run the module; where connections are waited for, again until it could delete."""
        result: Result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        first = self._ask(arguments, task_vars)
        options = first.get("invocation", {}).get("module_args", {}).get("drain_removed")
        result |= first
        if not options or first.get("failed") or self._task.check_mode:
            return result
        if not left(first["connections"], options["wait_for"]):
            return result
        start = time.monotonic()
        # Whoever drains a real server meanwhile has seen what this run declares.
        arguments["phase"] = FINISH
        connections = self._wait(arguments, options, first["connections"], task_vars)
        result["connections"] = connections
        result["waited"] = round(time.monotonic() - start)
        result["timed_out"] = bool(left(connections, options["wait_for"]))
        found = f"after {options['timeout']} s there still are {summary(connections)}"
        if result["timed_out"] and options["on_timeout"] == "fail":
            kept = (
                "their destinations are as they were, but for weight 0. Run this again to wait on"
            )
            return result | {"failed": True, "msg": f"{found}; {kept}"}
        if result["timed_out"]:
            last = self._ask({**arguments, "drain_removed": None}, task_vars)
            if last.get("failed"):
                return result | {"failed": True, "msg": last["msg"]}
            result.setdefault("warnings", []).append(f"{found}; removed all the same")
        return result
