# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Hands the declaration and the hosts' facts to the compiler. No host is contacted."""

from __future__ import annotations

import json
from pathlib import Path

from ansible.errors import AnsibleActionFail

from ..module_utils.listing import count
from ..module_utils.topology.compile import Compiled, compile_topology
from ..module_utils.topology.declaration.inventory import ROUTERS
from ..module_utils.topology.declaration.schema import argument_spec
from ..module_utils.topology.violation import report, summary
from ..plugin_utils.compiled import RARE_CALLS, Calls, write
from ..plugin_utils.local_action import LocalAction, Result
from ..plugin_utils.screen import show
from ..plugin_utils.summary import services_of


def write_report(path: str, compiled: Compiled) -> None:
    """Write the outcome as JSON."""
    outcome = {
        "ok": not compiled.violations,
        "violations": [violation.as_dict() for violation in compiled.violations],
        "accepted": [violation.as_dict() for violation in compiled.accepted],
        "warnings": compiled.warnings,
    }
    try:
        Path(path).write_text(json.dumps(outcome, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise AnsibleActionFail(f"cannot write the report {path}: {error.strerror}") from error


class ActionModule(LocalAction):
    """The action plugin."""

    spec = staticmethod(argument_spec)

    def options(self) -> Result:
        """The task's options; a wrong one by the name that people know."""
        try:
            return super().options()
        except AnsibleActionFail as error:
            hint = "In an inventory, option NAME is the variable topology_NAME"
            raise AnsibleActionFail(f"{error}. {hint}") from error

    def carry_out(self, given: Result) -> Result:
        """Compile; with violations show them all."""
        compiled = compile_topology(given["services"], given["groups"], given["facts"], given)
        if given["report"]:
            write_report(given["report"], compiled)
        # A router that is not managed has nothing to do, and is no mistake.
        unmanaged: dict[str, Calls] = {router: {} for router in given["groups"].get(ROUTERS, ())}
        calls = {} if compiled.violations else {**unmanaged, **compiled.nodes}
        result: Result = {}
        if compiled.violations:
            result["msg"] = summary(compiled.violations, given["report"] or "")
            show(report(compiled.violations))
            if given["refuse"]:
                # Ansible's default output has all of a failed result on one line.
                return {**result, "failed": True}
        result["compiled"] = str(
            write(calls, compiled.paths, services_of(compiled.paths)).directory
        )
        result["violations"] = [violation.as_dict() for violation in compiled.violations]
        result["accepted"] = [violation.as_dict() for violation in compiled.accepted]
        if not compiled.violations:
            served = dict.fromkeys(path["host"] for path in compiled.paths if path["host"])
            result["real_servers"] = [*served]
            result["msg"] = _sound(compiled)
            result["longest_wait"] = max(map(_wait, compiled.nodes.values()), default=0)
            result["warnings"] = compiled.warnings
            result["notices"] = compiled.notices
            result["calls"] = {
                call: [host for host, its in compiled.nodes.items() if call in its]
                for call in RARE_CALLS
            }
            if compiled.notices:
                show("\n".join(compiled.notices))
        return result


def _sound(compiled: Compiled) -> str:
    """Say that nothing is wrong."""
    vips = {path["vip"] for path in compiled.paths}
    services = {path["service"] for path in compiled.paths}
    return (
        f"{count(len(services), 'service')} with {count(len(vips), 'VIP')} can work on "
        f"{count(len(compiled.nodes), 'host')}; no host was changed"
    )


def _wait(calls: Calls) -> int:
    """For how many seconds a host may wait for connections to end."""
    director = calls.get("director", {})
    waits = (director.get(option) for option in ("drain_removed", "wait"))
    return sum(wait["timeout"] for wait in waits if wait)
