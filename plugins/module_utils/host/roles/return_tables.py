# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The numbers of routing tables for replies, one table for each gateway.

Tables of the two families are separate, and may have the same number.
"""

from __future__ import annotations

import ipaddress
from typing import Collection, Iterable

from ...net.addresses import HOST_PREFIX, family_of
from ..model import Desired, Resource, Route, Rule

# The distance from the first table within which a gateway keeps its table.
_REACH = 256


def numbered(gateways: Collection[str], first: int) -> dict[str, int]:
    """Return the tables of gateways: ``first``, ``first`` + 1, ... in each family."""
    numbers = {}
    for family in HOST_PREFIX:
        numbers.update({each: first + index for index, each in enumerate(_of(family, gateways))})
    return numbers


def as_before(desired: Desired, past: Desired) -> Desired:
    """Return the same, but let every gateway keep the table that it has.

    A new gateway in the table of an old one would divert its replies before the directors change.
    """
    tables, known = _tables(desired.resources), _tables(past.resources)
    changed: dict[tuple[str, int], int] = {}  # by family and table number
    for family in HOST_PREFIX:
        gateways = _of(family, tables)
        taken = {known[each] for each in _of(family, known)}
        first = min((tables[each] for each in gateways), default=0)
        free = (
            number for number in range(first, first + len(tables) + _REACH) if number not in taken
        )
        for gateway in gateways:
            stays = first <= known.get(gateway, 0) < first + _REACH
            changed[family, tables[gateway]] = known[gateway] if stays else next(free)

    def now(resource: Resource) -> Resource:
        if isinstance(resource, Route):
            return resource._replace(table=changed[family_of(resource.gateway), resource.table])
        if isinstance(resource, Rule):
            return resource._replace(table=changed[family_of(resource.source), resource.table])
        return resource

    return desired._replace(resources=frozenset(map(now, desired.resources)))


def _tables(resources: Iterable[Resource]) -> dict[str, int]:
    return {
        resource.gateway: resource.table for resource in resources if isinstance(resource, Route)
    }


def _of(family: str, gateways: Iterable[str]) -> list[str]:
    own = [each for each in gateways if family_of(each) == family]
    return sorted(own, key=lambda gateway: int(ipaddress.ip_address(gateway)))
