# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The inventory's hosts and groups, as far as a topology asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Mapping, Sequence

DIRECTORS = "lvs_directors"
REAL_SERVERS = "lvs_real_servers"
ROUTERS = "lvs_routers"
_EVERY_HOST = "all"


@dataclass(frozen=True)
class Inventory:
    """Groups, each with the hosts of the groups below it."""

    groups: Mapping[str, tuple[str, ...]]
    hosts: frozenset[str]
    directors: tuple[str, ...]
    real_servers: dict[str, None]  # ordered, and quick to look up
    routers: tuple[str, ...]  # a director that routes as well is none of them

    def members(self, group: object) -> tuple[str, ...] | None:
        """A group's hosts; None when there is no such group."""
        return self.groups.get(group) if isinstance(group, str) else None


def parse_inventory(groups: Mapping[str, Sequence[str]]) -> Inventory:
    """The inventory from Ansible's own variable ``groups``."""
    plain = {str(name): tuple(map(str, hosts)) for name, hosts in groups.items()}
    directors = plain.get(DIRECTORS, ())
    return Inventory(
        groups=plain,
        hosts=frozenset(plain.get(_EVERY_HOST, ())),
        directors=directors,
        real_servers=dict.fromkeys(plain.get(REAL_SERVERS, ())),
        routers=tuple(host for host in plain.get(ROUTERS, ()) if host not in directors),
    )
