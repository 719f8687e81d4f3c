# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Plan captures, queries and requests of a verification. This contacts no host."""

from __future__ import annotations

import secrets
from typing import Any

from ..module_utils.verify.endpoints import read_endpoints
from ..module_utils.verify.hosts import read_hosts
from ..module_utils.verify.plan import DIRECTORS, Limits, PlanError, plan
from ..module_utils.verify.watched import with_decisions
from ..plugin_utils.compiled import Compiled
from ..plugin_utils.local_action import LocalAction, Result


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


class ActionModule(LocalAction):
    """The action plugin."""

    spec = staticmethod(argument_spec)

    def carry_out(self, given: Result) -> Result:
        """Plan; if verification is impossible, the task fails and says why."""
        limits = Limits(given["requests"], given["http"], given["size"])
        try:
            hosts = read_hosts(given["facts"])
            endpoints = with_decisions(
                read_endpoints(Compiled(given["compiled"]).paths()),
                hosts,
                given["groups"].get(DIRECTORS, ()),
            )
            planned = plan(endpoints, hosts, given["groups"], limits)
        except PlanError as error:
            return {"failed": True, "msg": str(error)}
        # Two verifications at the same time must not find each other's captures.
        return {**planned._asdict(), "name": secrets.token_hex(8)}
