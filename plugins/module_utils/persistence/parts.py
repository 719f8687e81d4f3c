# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The parts of a host, in the order in which the boot program applies them.

To add a part: write a function that makes the host what ``record.desired`` says (the module's own
code, if possible) and raises an exception whose text is a sentence; name it here; and add its
modules to ``install.MODULES`` (a test tells which are missing).
"""

from __future__ import annotations

from typing import Callable

from ansible_collections.lvs.topology.plugins.module_utils.ipvs import (
    converge,
    converge_settings,
    kept,
)
from ansible_collections.lvs.topology.plugins.module_utils.node import host
from ansible_collections.lvs.topology.plugins.module_utils.persistence.state_file import Record

PARTS: dict[str, Callable[[Record], None]] = {
    "real_server": host.apply,
    "router": host.apply,
    converge_settings.PART: converge_settings.apply,
    kept.PART: converge.apply,
    "director": host.apply,
}
