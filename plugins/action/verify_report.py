# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Compare captures with the demands of each mode, and show the result. Contact no host."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from ansible.errors import AnsibleActionFail

from ..module_utils.listing import few
from ..module_utils.state import files
from ..module_utils.state.errors import PersistenceError
from ..module_utils.topology.violation import Violation, in_short
from ..module_utils.verify.endpoints import read_endpoints
from ..module_utils.verify.hosts import read_hosts
from ..module_utils.verify.report import RED, Observed, report
from ..module_utils.verify.table import render
from ..module_utils.verify.told import as_told
from ..module_utils.verify.watched import with_decisions
from ..plugin_utils.about import about
from ..plugin_utils.compiled import Compiled
from ..plugin_utils.local_action import LocalAction, Result
from ..plugin_utils.page import Verified, page, sentence
from ..plugin_utils.screen import show
from ..plugin_utils.summary import command

DIRECTORS = "lvs_directors"


def argument_spec() -> dict[str, Any]:
    """Return the options."""
    return {
        "compiled": {"type": "str", "required": True},
        "facts": {"type": "dict", "required": True},
        "groups": {"type": "dict", "required": True},
        "client": {"type": "str", "required": True},
        "captures": {"type": "dict", "required": True},
        "queries": {"type": "dict", "required": True},
        "neighbour_replies": {"type": "dict", "required": True},
        "targets": {"type": "list", "elements": "dict", "required": True},
        "results": {"type": "list", "elements": "dict", "required": True},
        "tables": {"type": "dict", "required": True},
        "sync_daemons": {"type": "dict", "default": {}},
        "obstacles": {"type": "dict", "default": {}},
        "violations": {"type": "list", "elements": "str", "default": []},
        "accepted": {"type": "list", "elements": "dict", "default": []},
        "path": {"type": "path", "default": ""},
    }


def write(path: str, told: dict[str, Any], drawn: str) -> None:
    """Write a report's two files. Raises AnsibleActionFail."""
    whole = Path(path).absolute()
    data = json.dumps(told, indent=4, sort_keys=True) + "\n"
    try:
        for ending, content in (("json", data), ("html", drawn)):
            files.write(whole.with_name(f"{whole.name}.{ending}"), content.encode())
    except PersistenceError as error:
        raise AnsibleActionFail(f"the report cannot be written: {error}") from error


class ActionModule(LocalAction):
    """The action plugin."""

    spec = staticmethod(argument_spec)

    def carry_out(self, given: Result) -> Result:
        """Compare, and print the table: in a result it would be one long quoted line."""
        hosts, compiled = read_hosts(given["facts"]), Compiled(given["compiled"])
        directors = given["groups"].get(DIRECTORS, [])
        endpoints = with_decisions(read_endpoints(compiled.paths()), hosts, directors)
        seen = Observed(
            client=given["client"],
            directors=directors,
            captures=given["captures"],
            queries=given["queries"],
            neighbour_replies=given["neighbour_replies"],
            targets=given["targets"],
            results=given["results"],
            tables=given["tables"],
            pairs={name: compiled.called_with(name, "director").get("vrrp") for name in directors},
            sync_daemons=given["sync_daemons"],
            obstacles=given["obstacles"],
        )
        observed, odd = as_told(seen)
        verdicts = report(endpoints, hosts, observed)
        for verdict in verdicts:
            verdict["notes"] += odd
        violations = given["violations"]
        accepted = [
            Violation(*(str(one.get(name, "")) for name in Violation._fields))
            for one in given["accepted"]
        ]
        shown = [*in_short(accepted)]
        table = render(verdicts, violations, shown)
        red = [verdict["address"] for verdict in verdicts if verdict["verdict"] == RED]
        msg = (
            f"red: {few(red)}; the findings are listed above"
            if red
            else f"all green: {sentence(verdicts)}"
        )
        show("\n".join(["", table, "", *_ending(msg, red, given["path"], self.variables)]))
        told = {
            "verdicts": verdicts,
            "violations": violations,
            "accepted": [one.message for one in accepted],
            "table": table,
        }
        drawn = page(
            Verified(endpoints, hosts, given["groups"], verdicts),
            about(
                self.variables.get("ansible_inventory_sources", []),
                given["client"],
                {name: host.facts.get("kernel") for name, host in hosts.by_name.items()},
                verdicts,
            ),
            [*violations, *(f"accepted: {one}" for one in shown)],
        )
        if given["path"]:
            write(given["path"], told, drawn)
        return {
            "report": told,
            "page": drawn,
            "red": red,
            "msg": msg,
        }


def _ending(msg: str, red: Sequence[str], path: str, task_vars: dict[str, Any]) -> Iterator[str]:
    """Say what was found, and what to type next; a red one's sentence follows as a failure."""
    if not red:
        yield msg
    if path:
        yield f"The page with pictures is {Path(path).absolute()}.html"
    following = "site --check --diff" if red else "" if path else "verify -e verify_report=report"
    why = "shows what is not as declared" if red else "writes a page with pictures"
    if following:
        sources = task_vars.get("ansible_inventory_sources", [])
        yield f"Next: {command(sources, following)}   # {why}"
