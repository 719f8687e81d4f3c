# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Names of network devices."""

from __future__ import annotations

import re

# The kernel's rule (dev_valid_name() in net/core/dev.c), in visible ASCII characters. In a line of
# `ip -batch`, # begins a comment, and a \ at the end joins the next line.
_NAME = re.compile(r"(?!\.{1,2}$)[!-\"$-.0-9;-\[\]-~]{1,15}")

# Folders below net/ipv4/conf, beside those of devices.
_OF_SYSCTLS = ("all", "default")


def is_device_name(value: object) -> bool:
    """Tell whether a device can have this name, and whether we can address it by it."""
    return isinstance(value, str) and bool(_NAME.fullmatch(value)) and value not in _OF_SYSCTLS
