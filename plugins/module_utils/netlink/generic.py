# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""Generic netlink: message headers, and a family's number by its name.

Layouts: include/uapi/linux/genetlink.h.
"""

from __future__ import annotations

import struct

from .connection import Connection, Request
from .message import GENERIC_HEADER, attributes, text

NETLINK_GENERIC = 16

_NUMBER = struct.Struct("=H")

_GENL_ID_CTRL = 16
_CTRL_CMD_GETFAMILY = 3
_CTRL_VERSION = 2
_CTRL_ATTR_FAMILY_ID = 1
_CTRL_ATTR_FAMILY_NAME = 2


def family_number(connection: Connection, name: str) -> int:
    """Return the running kernel's number of a family.

    The request makes the kernel load the family's module if it can. Raises NetlinkError with
    ENOENT for an unknown family.
    """
    header = GENERIC_HEADER.pack(_CTRL_CMD_GETFAMILY, _CTRL_VERSION, 0)
    request = Request(_GENL_ID_CTRL, header + text(_CTRL_ATTR_FAMILY_NAME, name))
    for data, start, end in connection.ask(request):
        where = attributes(data, start + GENERIC_HEADER.size, end)[_CTRL_ATTR_FAMILY_ID]
        return int(_NUMBER.unpack_from(data, where[0])[0])
    msg = f"the kernel gave no answer about the generic netlink family {name}"
    raise OSError(msg)
