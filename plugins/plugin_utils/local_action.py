# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that work on the controller alone."""

from __future__ import annotations

from typing import Any, ClassVar

from ansible.plugins.action import ActionBase

Result = dict[str, Any]


class LocalAction(ActionBase):
    """What the actions that contact no host have in common: they read their options first."""

    TRANSFERS_FILES = False
    _requires_connection = False

    constraints: ClassVar[Result] = {}  # of several options
    variables: Result  # of the task's host

    @staticmethod
    def spec() -> Result:
        """Give the argument spec."""
        raise NotImplementedError

    def run(self, tmp: str | None = None, task_vars: Result | None = None) -> Result:
        """Carry it out. Nothing has changed, unless the action says so."""
        result: Result = super().run(tmp, task_vars)
        self.variables = task_vars or {}
        return {**result, "changed": False, **self.carry_out(self.options())}

    def options(self) -> Result:
        """The task's options, each of its type. Raises AnsibleActionFail."""
        # ansible-core has no annotations here.
        _validation, given = self.validate_argument_spec(self.spec(), **self.constraints)  # type: ignore[no-untyped-call]
        options: Result = given
        return options

    def carry_out(self, given: Result) -> Result:
        """Do what the options ask for."""
        raise NotImplementedError
