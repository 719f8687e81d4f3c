# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for people while a run goes on.

A result that has several lines is one long quoted line with Ansible's default output.
"""

from __future__ import annotations

from ansible import constants
from ansible.utils.display import Display


def show(text: str) -> None:
    """Print text as it is; beside the output where that is JSON for a program."""
    callback = constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")
    Display().display(text, stderr="json" in callback)
