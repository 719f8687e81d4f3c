# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Whether systemd fails to start the guard, as in a container that may have no namespaces.

Nothing else would say so: whatever the guard is for has not happened yet. The boot program has the
same sandbox, and starts with the next boot.
"""

from __future__ import annotations

import os

from .. import execute
from ..state import paths
from ..state.lock import is_held
from ..state.names import BOOT_UNIT, GUARD_UNIT

# systemd.exec(5), and sysexits(3).
_NAMESPACE = "226"


def guard_failure() -> str:
    """A sentence where it fails; "" where it runs, is being started, or was stopped by somebody."""
    name = GUARD_UNIT
    is_wanted = paths.systemd_is_running() and os.path.lexists(paths.enabled_unit(name))
    if not is_wanted or is_held(paths.guard_lock_file()):
        return ""
    state = _show(name)
    waits = state.get("SubState", "").startswith("auto-restart")
    if not waits and state.get("ActiveState") != "failed":
        return ""
    status = state.get("ExecMainStatus", "")
    hint = ""
    if status == _NAMESPACE:
        hint = " This host refuses it a namespace: docs/operations.md, Reboot, has a way out."
    return (
        f"{name} fails (Result={state.get('Result', '')}, status={status}): nobody puts back what "
        f"others take from this host, and {BOOT_UNIT} may fail at the next boot, too. "
        f"`systemctl status {name}` tells more.{hint}"
    )


def _show(name: str) -> dict[str, str]:
    """What systemd says of a unit."""
    properties = "--property=ActiveState,SubState,Result,ExecMainStatus"
    lines = execute.run(["systemctl", "show", properties, name]).stdout.splitlines()
    return {key: value for key, _equals, value in (line.partition("=") for line in lines)}
