# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan captures, queries and requests of a verification. This contacts no host."""

from __future__ import annotations

import secrets
from typing import Any

from ansible.plugins.action import ActionBase

from ..module_utils.verify.endpoints import read_endpoints
from ..module_utils.verify.hosts import read_hosts
from ..module_utils.verify.plan import DIRECTORS, Limits, PlanError, plan
from ..module_utils.verify.watched import with_decisions
from ..plugin_utils.compiled import Compiled


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {
        "compiled": {"type": "str", "required": True},
        "facts": {"type": "dict", "required": True},
        "groups": {"type": "dict", "required": True},
        "requests": {"type": "int", "default": 24},
        "http": {"type": "bool", "default": False},
        "size": {"type": "int", "default": 0},
    }


class ActionModule(ActionBase):
    """The action plugin."""

    TRANSFERS_FILES = False
    _requires_connection = False

    def run(
        self, tmp: str | None = None, task_vars: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Plan; if verification is impossible, the task fails and says why."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        # ansible-core has no annotations here.
        _validation, given = self.validate_argument_spec(argument_spec())  # type: ignore[no-untyped-call]
        limits = Limits(given["requests"], given["http"], given["size"])
        result["changed"] = False
        try:
            hosts = read_hosts(given["facts"])
            endpoints = with_decisions(
                read_endpoints(Compiled(given["compiled"]).paths()),
                hosts,
                given["groups"].get(DIRECTORS, ()),
            )
            planned = plan(endpoints, hosts, given["groups"], limits)
        except PlanError as error:
            return {**result, "failed": True, "msg": str(error)}
        # Two verifications at the same time must not find each other's captures.
        return {**result, **planned._asdict(), "name": secrets.token_hex(8)}
