# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Records for every run of a playbook the changes of each task on each host.

The files are numbered in the order of the runs; test_check_mode.py compares them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path

from ansible import context
from ansible.executor.stats import AggregateStats
from ansible.executor.task_result import CallbackTaskResult
from ansible.playbook import Playbook
from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: outcomes
type: aggregate
short_description: Keep what each task did to each host
description: One JSON file for each run, in the scenario's ephemeral directory.
"""


class CallbackModule(CallbackBase):
    """Collects outcomes, and writes them when the run ends."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "outcomes"
    CALLBACK_NEEDS_ENABLED = True

    def __init__(self) -> None:
        super().__init__()
        self.playbook = ""
        self.outcomes: list[dict[str, object]] = []

    def _keep(self, result: CallbackTaskResult, *, failed: bool) -> None:
        data = result.result
        self.outcomes.append(
            {
                "host": result.host.get_name(),
                "task": result.task.get_name(),
                "changed": bool(data.get("changed")),
                "diff": data.get("diff"),
                "failed": failed,
                "message": data.get("msg", ""),
            }
        )

    def v2_playbook_on_start(self, playbook: Playbook) -> None:
        """Record the playbook's name."""
        self.playbook = Path(str(playbook._file_name)).stem

    def v2_runner_on_ok(self, result: CallbackTaskResult) -> None:
        """Record a success."""
        self._keep(result, failed=False)

    def v2_runner_on_failed(
        self,
        result: CallbackTaskResult,
        ignore_errors: bool = False,  # noqa: FBT001, FBT002  (Ansible's signature)
    ) -> None:
        """Record a failure that is not ignored."""
        self._keep(result, failed=not ignore_errors)

    def v2_runner_on_unreachable(self, result: CallbackTaskResult) -> None:
        """Record an unreachable host as a failure."""
        self._keep(result, failed=True)

    def v2_playbook_on_stats(self, stats: AggregateStats) -> None:  # noqa: ARG002
        """Write the file."""
        directory = Path(os.environ["MOLECULE_EPHEMERAL_DIRECTORY"], "outcomes")
        directory.mkdir(exist_ok=True)
        number = len(list(directory.iterdir()))
        run = {
            "playbook": self.playbook,
            "check": bool(context.CLIARGS.get("check")),
            "outcomes": self.outcomes,
        }
        (directory / f"{number:03}-{self.playbook}.json").write_text(json.dumps(run, indent=1))
