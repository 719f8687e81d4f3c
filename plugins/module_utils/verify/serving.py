# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What a director's table does with the requests of an endpoint, whatever the weights are."""

from __future__ import annotations

from typing import Any, Mapping

from ..state.names import BOOT_UNIT
from .evidence import undecided

_OF_SERVICE = ("scheduler", "scheduler_flags", "persistence", "persistence_timeout", "one_packet")
_OF_DESTINATION = ("forwarding", "tunnel_type", "tunnel_port")


def served(service: Mapping[str, Any] | None) -> str:
    """Describe a service of ipvs_info; "" = there is none."""
    if service is None:
        return ""
    destinations = sorted(
        f"{one.get('address')}:{one.get('port')} ({_options(one, _OF_DESTINATION)})"
        for one in service.get("destinations", ())
    )
    listed = ", ".join(destinations) or "no real server"
    return f"{_options(service, _OF_SERVICE)}: {listed}"


def differs(director: str) -> str:
    """Explain why a director's table is another one."""
    return undecided(
        "it was changed there since",
        "the last run did not reach it, or failed there",
        ask=f"`systemctl status {BOOT_UNIT}; ipvsadm -Sn` on {director}",
    )


def _options(one: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return " ".join(str(one[name]) for name in names if one.get(name))
