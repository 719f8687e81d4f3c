# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that look again by their module until connections have ended."""

from __future__ import annotations

import time
from abc import abstractmethod
from typing import Any

from ansible.plugins.action import ActionBase
from ansible.utils.display import Display

from ..module_utils.ipvs.wait import left, summary

Result = dict[str, Any]

DRAINED = "drained"


class WaitingAction(ActionBase):
    """What the actions that wait have in common."""

    TRANSFERS_FILES = False
    _supports_async = False

    module: str

    def _wait(
        self,
        arguments: Result,
        options: Result,
        connections: list[Result],
        task_vars: Result | None,
    ) -> list[Result]:
        """Look again until nothing is left or the time is over; gives what was seen last."""
        deadline = time.monotonic() + options["timeout"]
        said = ""
        while left(connections, options["wait_for"]) and time.monotonic() < deadline:
            if summary(connections) != said:
                said = summary(connections)
                rest = round(deadline - time.monotonic())
                host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname", "")
                Display().display(f"waiting on {host}, up to {rest} s: {said}")
            time.sleep(min(options["poll_interval"], max(0.0, deadline - time.monotonic())))
            answer = self._ask(arguments, task_vars)
            # A director that does not answer once may do so the next time.
            connections = answer.get("connections", connections)
        return connections

    def _ask(self, arguments: Result, task_vars: Result | None) -> Result:
        answer: Result = self._execute_module(
            module_name=self.module, module_args=arguments, task_vars=task_vars
        )
        return answer


class DrainingAction(WaitingAction):
    """What the actions that drain have in common."""

    @abstractmethod
    def back(self, arguments: Result, drained: Result) -> Result:
        """The module's arguments that undo what it did."""

    @abstractmethod
    def away(self, arguments: Result) -> Result:
        """The module's arguments that remove what it drained."""

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Run the module, and wait where that is asked for."""
        result: Result = super().run(tmp, task_vars)
        arguments = dict(self._task.args)
        first = self._ask(arguments, task_vars)
        # What the module has read from the arguments: all of them, each of its type.
        options = first.get("invocation", {}).get("module_args", {})
        ended_here = first.get("failed") or self._task.check_mode
        if ended_here or options["state"] != DRAINED or not options["wait"]:
            return result | first
        start = time.monotonic()
        connections = self._wait(arguments, options, first["connections"], task_vars)
        result |= first
        result["connections"] = connections
        result["waited"] = round(time.monotonic() - start)
        result["timed_out"] = bool(left(connections, options["wait_for"]))
        if result["timed_out"]:
            self._give_up(arguments, options, first, result, task_vars)
        return result

    def _give_up(
        self,
        arguments: Result,
        options: Result,
        first: Result,
        result: Result,
        task_vars: Result | None,
    ) -> None:
        """The time is over: do what was asked for in that case."""
        found = f"after {options['timeout']} s there still are {summary(result['connections'])}"
        if options["on_timeout"] == "remove":
            self._finish(result, self._ask(self.away(arguments), task_vars))
            result.setdefault("warnings", []).append(f"{found}; removed all the same")
            return
        result["failed"] = True
        result["msg"] = f"{found}; the weight stays 0"
        if options["on_timeout"] == "restore":
            undone = self._ask(self.back(arguments, first), task_vars)
            self._finish(result, undone)
            result["msg"] = f"{found}; the weights are as they were"
            if undone.get("failed"):
                result["msg"] = f"{found}; the weights could not be put back: {undone['msg']}"

    def _finish(self, result: Result, last: Result) -> None:
        """Add what the last call did."""
        if last.get("failed"):
            result |= {"failed": True, "msg": last["msg"]}
        result["operations"] = [*result["operations"], *last.get("operations", [])]
