# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Actions that run another action plugin in their place."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class ActingAction(ActionBase):
    """What the actions that run another one have in common."""

    def _act(
        self, name: str, arguments: dict[str, Any], task_vars: dict[str, Any] | None
    ) -> dict[str, Any]:
        """Run another action plugin with these arguments, on the host of this task."""
        task = self._task.copy()
        task.args = arguments
        action = self._shared_loader_obj.action_loader.get(
            name,
            task=task,
            connection=self._connection,
            play_context=self._play_context,
            loader=self._loader,
            templar=self._templar,
            shared_loader_obj=self._shared_loader_obj,
        )
        answer: dict[str, Any] = action.run(task_vars=task_vars)
        return answer
