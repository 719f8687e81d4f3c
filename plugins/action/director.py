# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Makes a host a director by the module of the same name, and looks again at what it waits for."""

from __future__ import annotations

import time
from functools import partial

from ..module_utils.ipvs.wait import DRAIN_REMOVED_SPEC, ENDING_SPEC, is_told
from ..plugin_utils.waiting_action import Result, WaitingAction, add_answer, read_options

_SPEC = {"drain_removed": DRAIN_REMOVED_SPEC, "wait": ENDING_SPEC}
_KEPT = {
    "drain_removed": "what is to go has weight 0",
    "wait": "new connections are as declared, and these go on as they began",
}


class ActionModule(WaitingAction):
    """The action plugin."""

    module = "lvs.topology.director"

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Run the module; where something waits for connections, again until nothing does."""
        result: Result = super().run(tmp, task_vars)
        answer = self._ask(dict(self._task.args), task_vars)
        result |= answer
        if self._task.check_mode or not answer.get("waiting"):
            return result
        options = read_options(self._task.args, _SPEC)
        arguments = _resumed(self._task.args, options, answer.get("staying", []))
        start, result["timed_out"] = time.monotonic(), False
        while answer.get("waiting"):
            option = answer["waiting"]
            if not options.get(option) or not is_told(answer.get("connections")):
                sentence = f"the director waits for {option}, which nobody has asked for any more"
                result |= {"failed": True, "msg": sentence}
                break
            waits = partial(_waits_for, option)
            for latest in self._answers(arguments, options[option], answer, waits, task_vars):
                answer = latest
                _add(result, answer)
            if not waits(answer):
                continue
            result["timed_out"] = True
            found = self._time_is_over(options[option], answer["connections"])
            if options[option]["on_timeout"] == "fail":
                sentence = f"{found}; {_KEPT[option]}. Run this again to wait on"
                result |= {"failed": True, "msg": sentence}
                break
            arguments[option] = None
            answer = self._insist(arguments, options[option], task_vars)
            options[option] = None
            _add(result, answer)
            if not answer.get("failed"):
                result.setdefault("warnings", []).append(f"{found}; they are cut")
        result["waited"] = round(time.monotonic() - start)
        return result


def _waits_for(option: str, answer: Result) -> bool:
    return bool(answer.get("waiting") == option)


def _resumed(arguments: Result, options: Result, staying: list[str]) -> Result:
    """The arguments of all later calls."""
    wait = options["wait"]
    if wait:
        # Services that have switched meanwhile would count as ones that stay.
        services = [service for service in wait["services"] if service in staying]
        wait = {**wait, "services": services} if services else None
    return {**arguments, "wait": wait, "resume": True, "reannounce": False}


def _add(result: Result, answer: Result) -> None:
    """Add what a later call did, and where it stands."""
    add_answer(result, answer)
    for name in ("connections", "pending", "waiting"):
        result[name] = answer.get(name, result[name])
