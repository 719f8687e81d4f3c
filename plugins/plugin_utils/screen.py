# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: GPL-3.0-or-later
"""Text for people while a run goes on.

A result that has several lines is one long quoted line with Ansible's default output. Ansible
escapes what it prints of results, but not what a plugin prints itself.
"""

from __future__ import annotations

from ansible import constants
from ansible.utils.display import Display

from ..module_utils.printable import printable


def show(text: str) -> None:
    """Print text, of which any part may come from a host; its lines are the caller's own.

    It goes to standard error where the output is JSON for a program.
    """
    callback = constants.config.get_config_value("DEFAULT_STDOUT_CALLBACK")
    lines = map(printable, text.split("\n"))
    Display().display("\n".join(lines), stderr="json" in callback)
