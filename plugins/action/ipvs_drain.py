# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Drains by the module of the same name, and waits."""

from __future__ import annotations

import time

from ansible.errors import AnsibleError

from ..module_utils.ipvs.wait import WAIT_SPEC, is_told, left
from ..plugin_utils.waiting_action import Result, WaitingAction, add_answer, read_options

_SPEC: Result = {"state": {"type": "str", "default": "drained"}, **WAIT_SPEC}


class ActionModule(WaitingAction):
    """The action plugin."""

    module = "lvs.topology.ipvs_drain"

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Run the module, and wait where that is asked for."""
        result: Result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        result |= self._ask(arguments, task_vars)
        if result.get("failed") or self._task.check_mode:
            return result
        options = read_options(arguments, _SPEC)
        if options["state"] != "drained" or not options["wait"]:
            return result
        if not is_told(result.get("connections")):
            raise AnsibleError("the answer has no connections that can be read; the weight is 0")

        def is_waiting(answer: Result) -> bool:
            return bool(left(answer["connections"], options["wait_for"]))

        start = time.monotonic()
        for answer in self._answers(arguments, options, result, is_waiting, task_vars):
            result["connections"] = answer["connections"]
        result["waited"] = round(time.monotonic() - start)
        result["timed_out"] = is_waiting(result)
        if result["timed_out"]:
            self._give_up(arguments, options, result, task_vars)
        return result

    def _give_up(
        self, arguments: Result, options: Result, result: Result, task_vars: Result | None
    ) -> None:
        """The time is over: do what was asked for in that case."""
        found = self._time_is_over(options, result["connections"])
        if options["on_timeout"] == "remove":
            add_answer(result, self._insist({**arguments, "state": "removed"}, options, task_vars))
            result.setdefault("warnings", []).append(f"{found}; removed all the same")
            return
        result["failed"] = True
        result["msg"] = f"{found}; the weight stays 0"
        if options["on_timeout"] == "restore":
            # Those that served do so again, with their declared weights.
            back = {**arguments, "state": "undrained", "real_servers": result["drained"]}
            undone = self._insist(back, options, task_vars)
            add_answer(result, undone)
            result["msg"] = f"{found}; the weights are as they were"
            if undone.get("failed"):
                result["msg"] = f"{found}; the weights could not be restored: {undone['msg']}"
