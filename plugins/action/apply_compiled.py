# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Calls a host's module with the arguments that were compiled for it."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleActionFail

from ..plugin_utils.acting_action import ActingAction
from ..plugin_utils.compiled import Compiled

Result = dict[str, Any]

_MODULES = {
    "router": "lvs.topology.router",
    "real_server": "lvs.topology.real_server",
    "director": "lvs.topology.director",
    "standby": "lvs.topology.director",
    "router_finish": "lvs.topology.router",
}
# Real servers tell directors; option of the director → what is noted of real servers.
_TOLD = {"pending_elsewhere": "pending", "reannounce": "arp_changed"}


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {
        "compiled": {"type": "str", "required": True},
        "call": {"type": "str", "required": True, "choices": [*_MODULES]},
        "phase": {"type": "str", "choices": ["all", "prepare", "finish"]},
    }


class ActionModule(ActingAction):
    """The action plugin."""

    TRANSFERS_FILES = False
    _supports_async = False

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Call the module; or skip the host, if it needs no such call."""
        result: Result = super().run(tmp, task_vars)
        # ansible-core has no annotations here.
        _validation, given = self.validate_argument_spec(argument_spec())  # type: ignore[no-untyped-call]
        call, host = given["call"], (task_vars or {})["inventory_hostname"]
        if given["phase"] and call != "real_server":
            raise AnsibleActionFail(f"phase: got {given['phase']}; expected none for call {call}")
        compiled = Compiled(given["compiled"])
        arguments = compiled.calls(host).get(call)
        if arguments is None:
            return {**result, "skipped": True, "skip_reason": f"{host} needs no call of {call}"}
        if given["phase"]:
            arguments["phase"] = given["phase"]
        module = _MODULES[call]
        if module == _MODULES["director"]:
            arguments |= {option: compiled.is_noted(what) for option, what in _TOLD.items()}
        if call == "director":
            # Its action waits for connections to end.
            answer = self._act(module, arguments, task_vars)
        else:
            answer = self._execute_module(
                module_name=module, module_args=arguments, task_vars=task_vars
            )
        if call == "real_server":
            for what in _TOLD.values():
                compiled.note(what, host, holds=bool(answer.get(what)))
        if not answer.get("failed"):
            changed = bool(answer.get("changed"))
            compiled.keep(host, changed=changed, lowered=answer.get("lowered"))
        # A director's whole table; the result stays in memory until the run ends.
        answer.pop("invocation", None)
        return result | answer
