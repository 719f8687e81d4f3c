# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The parts of a host, in the order in which the boot program and the guard apply them.

To add a part: write a function that makes the host what ``record.desired`` says (the module's own
code, if possible) and raises an exception whose text is a sentence; name it here; and add its
modules to ``install.MODULES`` (a test tells which are missing).
"""

from __future__ import annotations

import os
from typing import Callable, NamedTuple, Sequence

from ..converge import director, host, settings, table, table_state
from ..converge.outcome import Outcome
from ..errors import HalfwayError
from ..state import paths
from ..state.part import Part
from ..state.record import Record

Apply = Callable[[Record], Outcome]

AT_BOOT: dict[str, Apply] = {
    "real_server": host.apply,
    "router": host.apply,
    # What was done by hand comes before what a topology declares, and gives way to it.
    settings.PART: settings.apply,
    table_state.PART: table.apply,
    director.PART: director.apply,
}

BY_GUARD: dict[str, Apply] = {
    "real_server": host.apply,
    "router": host.apply,
    # Without settings that were made by hand: those of the director, which come later, would change
    # back and forth.
    director.PART: director.put_back,
}


class Applied(NamedTuple):
    """What came of a part."""

    operations: Sequence[object] = ()
    failure: str = ""  # the reason, if it failed


def attempt(part: str, apply: Apply) -> Applied:
    """Apply what is kept of a part."""
    if not os.path.lexists(paths.state_file(part, persist=True)):
        return Applied()
    try:
        return Applied(apply(Part(part, persist=True, check_mode=False)).operations)
    except HalfwayError as error:
        return Applied(error.operations, f"{part}: {error}")
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one, the others are tried
        return Applied(failure=f"{part}: {str(error) or type(error).__name__}")
