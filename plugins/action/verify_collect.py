# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Collect what a host has captured, and what may have kept requests from an answer there."""

from __future__ import annotations

from typing import Any

from ansible.errors import AnsibleConnectionFailure
from ansible.plugins.action import ActionBase

Result = dict[str, Any]


def argument_spec() -> Result:
    """Return the options."""
    return {
        "name": {"type": "str", "required": True},
        "obstacles": {"type": "bool", "default": False},
    }


class ActionModule(ActionBase):
    """The action plugin: a task of its own would show where there is nothing to read."""

    TRANSFERS_FILES = False

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Collect; a host that does not tell its obstacles costs nobody the report."""
        result: Result = super().run(tmp, task_vars)
        # ansible-core has no annotations here.
        _validation, given = self.validate_argument_spec(argument_spec())  # type: ignore[no-untyped-call]
        asked = {"state": "collected", "name": given["name"]}
        answer = self._call("lvs.topology.capture", asked, task_vars)
        if given["obstacles"] and not answer.get("failed"):
            try:
                told = self._call("lvs.topology.obstacles_info", {}, task_vars)
            except AnsibleConnectionFailure:
                told = {}
            answer["obstacles"] = told.get("obstacles") or {}
        return result | answer

    def _call(self, module: str, arguments: Result, task_vars: Result | None) -> Result:
        answer: Result = self._execute_module(
            module_name=module, module_args=arguments, task_vars=task_vars
        )
        return answer
