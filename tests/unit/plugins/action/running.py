# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Action plugins outside a play."""

from __future__ import annotations

from typing import Any, TypeVar

from ansible.parsing.dataloader import DataLoader
from ansible.playbook.play_context import PlayContext
from ansible.playbook.task import Task
from ansible.plugins.action import ActionBase
from ansible.plugins.loader import connection_loader
from ansible.template import Templar

Action = TypeVar("Action", bound=ActionBase)


def prepared(kind: type[Action], arguments: dict[str, Any], *, check_mode: bool = False) -> Action:
    """Return an action plugin of a task with these arguments, with its real run()."""
    task = Task()
    task.args = arguments
    task.check_mode = check_mode
    context, loader = PlayContext(), DataLoader()
    connection = connection_loader.get("local", context)
    return kind(task, connection, context, loader, Templar(loader), None)
