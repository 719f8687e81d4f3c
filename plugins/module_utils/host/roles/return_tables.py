# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""The numbers of the routing tables by which replies leave, one table for each gateway.

The families' tables are apart, and may have the same number.
"""

from __future__ import annotations

import ipaddress
from typing import Collection, Iterable

from ...net.addresses import HOST_PREFIX, family_of
from ..model import Desired, Resource, Route, Rule

# How far behind the first table a gateway keeps the one that it has had.
_REACH = 256


def numbered(gateways: Collection[str], first: int) -> dict[str, int]:
    """The tables of gateways, by their addresses: ``first``, ``first`` + 1, ... in each family."""
    numbers = {}
    for family in HOST_PREFIX:
        numbers.update({each: first + index for index, each in enumerate(_of(family, gateways))})
    return numbers


def as_before(wanted: Desired, past: Desired) -> Desired:
    """The same, but a gateway that had a table keeps it, and no other one gets it meanwhile.

    A new gateway in the table of an old one would take its replies away before the directors know.
    """
    tables, known = _tables(wanted.resources), _tables(past.resources)
    changed: dict[tuple[str, int], int] = {}  # by the family and the table's number
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

    return wanted._replace(resources=frozenset(map(now, wanted.resources)))


def _tables(resources: Iterable[Resource]) -> dict[str, int]:
    return {one.gateway: one.table for one in resources if isinstance(one, Route)}


def _of(family: str, gateways: Iterable[str]) -> list[str]:
    own = [each for each in gateways if family_of(each) == family]
    return sorted(own, key=lambda gateway: int(ipaddress.ip_address(gateway)))
