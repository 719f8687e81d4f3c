# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that look again by their module until connections have ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

from ..module_utils.ipvs.wait import summary
from ..module_utils.printable import printable
from .screen import show

Result = dict[str, Any]


def add_answer(result: Result, answer: Result) -> None:
    """Add what a later call did, and whether it failed."""
    result["operations"] = [*result["operations"], *answer.get("operations", [])]
    result["changed"] = result["changed"] or answer.get("changed", False)
    if answer.get("failed"):
        result |= {"failed": True, "msg": answer["msg"]}


class WaitingAction(ActionBase):
    """What the actions that wait have in common."""

    TRANSFERS_FILES = False
    _supports_async = False

    module: str
    last_failure = ""

    def _answers(
        self,
        arguments: Result,
        options: Result,
        answer: Result,
        is_waiting: Callable[[Result], bool],
        task_vars: Result | None,
    ) -> Iterator[Result]:
        """Look again until nothing is waited for or the time is over; gives each answer.

        A look may fail: the next one may not. The time being over, ``last_failure`` says why.
        """
        deadline = time.monotonic() + options["timeout"]
        said = self.last_failure = ""
        while is_waiting(answer) and time.monotonic() < deadline:
            if summary(answer["connections"]) != said:
                said = summary(answer["connections"])
                rest = round(deadline - time.monotonic())
                host = self._task.delegate_to or (task_vars or {}).get("inventory_hostname", "")
                show(printable(f"waiting on {host}, up to {rest} s: {said}"))
            time.sleep(min(options["poll_interval"], max(0.0, deadline - time.monotonic())))
            latest = self._look(arguments, task_vars)
            self.last_failure = latest["msg"] if latest.get("failed") else ""
            if "operations" in latest:
                answer = latest
                yield answer
            if "operations" in latest and self.last_failure:
                return  # it has begun, and cannot go on

    def _look(self, arguments: Result, task_vars: Result | None) -> Result:
        try:
            return self._ask(arguments, task_vars)
        except AnsibleConnectionFailure as error:
            return {"failed": True, "msg": str(error)}

    def _ask(self, arguments: Result, task_vars: Result | None) -> Result:
        answer: Result = self._execute_module(
            module_name=self.module, module_args=arguments, task_vars=task_vars
        )
        return answer

    def _time_is_over(self, options: Result, connections: list[Result]) -> str:
        """Say what is left."""
        failure = f" (and the last look failed: {self.last_failure})" if self.last_failure else ""
        return f"after {options['timeout']} s there still are {summary(connections)}{failure}"
