# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""keepalived.conf → what it says of services and directors."""

from __future__ import annotations

from ..source import Place, Reader, Remarks, Source
from .blocks import read_blocks
from .lines import Lines
from .pair import read_pair
from .servers import services_of
from .words import ignored

_READ = ("global_defs", "vrrp_instance", "vrrp_sync_group", "virtual_server_group")


def read_keepalived(path: str, reader: Reader, remarks: Remarks, config_id: str = "") -> Source:
    """Read a configuration."""
    statements = read_blocks(Lines(reader, remarks, config_id).read(path), remarks)
    for statement in statements:
        if statement.word not in (*_READ, "virtual_server"):
            ignored(statement, "the file", remarks)
    services = tuple(services_of(statements, remarks))
    pair = read_pair(statements, remarks)
    return Source(
        Place(path),
        services,
        pair.directors,
        pair.high_availability,
        pair.settings,
        pair.floating,
    )
