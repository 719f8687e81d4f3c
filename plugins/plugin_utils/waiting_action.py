# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that look again by their module until connections have ended."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any

from ansible.errors import AnsibleError
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.plugins.action import ActionBase

from ..module_utils.ipvs.wait import is_told, problems, summary
from .screen import show

Result = dict[str, Any]

# What is done at the end is tried so often: nothing comes after it that could.
_LAST_TRIES = 5
_LAST_PAUSE = 10


def add_answer(result: Result, answer: Result) -> None:
    """Add what a later call did, and whether it failed."""
    result["operations"] = [*result.get("operations", []), *answer.get("operations", [])]
    result["changed"] = result.get("changed", False) or answer.get("changed", False)
    if answer.get("failed"):
        result |= {"failed": True, "msg": answer["msg"]}


def read_options(arguments: Result, spec: Result) -> Result:
    """The task's own options, each of its type and in its range; raises AnsibleError.

    Not what the answer says that they were: a director sets no limits here.
    """
    given = {name: arguments[name] for name in spec if name in arguments}
    validated = ArgumentSpecValidator(spec).validate(given)
    options: Result = validated.validated_parameters
    waits = [one for one in (options, *options.values()) if isinstance(one, dict)]
    wrong = [*validated.error_messages]
    wrong += [each for one in waits if "timeout" in one for each in problems(one)]
    if wrong:
        raise AnsibleError("\n".join(wrong))
    return options


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
                show(f"waiting on {host}, up to {rest} s: {said}")
            time.sleep(min(options["poll_interval"], max(0.0, deadline - time.monotonic())))
            latest = self._look(arguments, task_vars)
            self.last_failure = latest["msg"] if latest.get("failed") else ""
            if "operations" in latest:
                answer = latest
                yield answer
            if "operations" in latest and self.last_failure:
                return  # it has begun, and cannot go on

    def _look(self, arguments: Result, task_vars: Result | None) -> Result:
        """Ask once more; what is lost on the way, or no answer, is a failure like others."""
        try:
            answer = self._ask(arguments, task_vars)
        except AnsibleError as error:
            return {"failed": True, "msg": str(error)}
        if not answer.get("failed") and not is_told(answer.get("connections")):
            return {"failed": True, "msg": "the answer has no connections that can be read"}
        return answer

    def _insist(self, arguments: Result, options: Result, task_vars: Result | None) -> Result:
        """Do what comes last, several times where the director does not answer."""
        for _time in range(_LAST_TRIES - 1):
            answer = self._look(arguments, task_vars)
            if "operations" in answer or not answer.get("failed"):
                return answer
            time.sleep(min(options["poll_interval"], _LAST_PAUSE))
        return self._look(arguments, task_vars)

    def _ask(self, arguments: Result, task_vars: Result | None) -> Result:
        answer: Result = self._execute_module(
            module_name=self.module, module_args=arguments, task_vars=task_vars
        )
        return answer

    def _time_is_over(self, options: Result, connections: list[Result]) -> str:
        """Say what is left."""
        failure = f" (and the last look failed: {self.last_failure})" if self.last_failure else ""
        return f"after {options['timeout']} s there still are {summary(connections)}{failure}"
