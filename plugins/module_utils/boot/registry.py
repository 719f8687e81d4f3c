# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The parts of a host, in the order in which the boot program applies them.

To add a part: write a function that makes the host what ``record.desired`` says (the module's own
code, if possible) and raises an exception whose text is a sentence; name it here; and add its
modules to ``install.MODULES`` (a test tells which are missing).
"""

from __future__ import annotations

from typing import Callable

from ..converge import director, host, settings, table, table_state
from ..state.record import Record

PARTS: dict[str, Callable[[Record], None]] = {
    "real_server": host.apply,
    "router": host.apply,
    # What was done by hand comes before what a topology declares, and gives way to it.
    settings.PART: settings.apply,
    table_state.PART: table.apply,
    director.PART: director.apply,
}
