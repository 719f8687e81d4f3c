# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""From what another program is told, to a declaration with its inventory and its remarks."""

from __future__ import annotations

import re
from itertools import chain
from typing import Any, Mapping, NamedTuple, Sequence

from ..ipvs.model import Table
from ..listing import few
from .compare import differences, without_fallbacks
from .declare import Declared, Options, declare
from .files import grouped
from .keepalived.read import read_keepalived
from .ldirectord import read_ldirectord
from .live import table_of
from .rules import read_rules
from .settle import settle, table_in
from .sound import sound, with_common_health
from .source import Line, Place, Reader, Remark, Remarks, Source, SourceError

KEEPALIVED, LDIRECTORD, RULES = "keepalived", "ldirectord", "ipvsadm"
FORMATS = (KEEPALIVED, LDIRECTORD, RULES)

_RULE = re.compile(r"(\S*/?ipvsadm\s+)?(-[AaCt]|--add-service|--add-server)\b")
_VIRTUAL = re.compile(r"(virtual6?|checktimeout|checkinterval|autoreload|quiescent)\s*=")


class Converted(NamedTuple):
    """The outcome."""

    declared: Declared
    remarks: list[Remark]
    differences: list[str]  # between the table that was read and the compiled one
    live: (
        list[str] | None
    )  # between a director's table and the compiled one; None = it was not read
    services: int  # of the table that was read
    destinations: int


def source_of_file(
    path: str, kind: str, reader: Reader, remarks: Remarks, config_id: str = ""
) -> Source:
    """Read a file of a kind; "" = the kind that it looks like."""
    lines = reader.lines(path)
    if lines[0].text.startswith("#!"):
        raise SourceError(
            lines[0].place, "a script, which is not run: let it fill the table, and import that"
        )
    kind = kind or _kind_of(lines)
    if kind == LDIRECTORD:
        return Source(Place(path), read_ldirectord(lines, remarks))
    if kind == RULES:
        return Source(Place(path), read_rules(lines, remarks))
    return read_keepalived(path, reader, remarks, config_id)


def _kind_of(lines: Sequence[Line]) -> str:
    for line in lines:
        text = line.text.strip()
        if _RULE.match(text):
            return RULES
        if _VIRTUAL.match(text):
            return LDIRECTORD
    return KEEPALIVED


def convert(
    source: Source, options: Options, remarks: Remarks, live: Mapping[str, Any] | None = None
) -> Converted:
    """Declare what was read, compile that, and compare the tables."""
    settled = settle(source.services, remarks)
    if not settled:
        # Nothing is like nothing: that would be no proof.
        raise SourceError(source.place, _nothing(remarks))
    table = table_in(settled)
    # The same again with addresses alone: what is to be said of it has been said.
    by_address = declare(source, settled, options._replace(managed=False), Remarks())
    declared, by_address, made = sound(
        declare(source, settled, options, remarks), by_address, remarks
    )
    of_live = None
    if live is not None:
        there = table_of(live, options.director)
        of_live = _different(there, made, by_address)
    of_file = _different(table, made, by_address)
    return Converted(
        with_common_health(declared),
        remarks.found,
        of_file,
        of_live,
        len(table),
        sum(len(entry.destinations) for entry in table.values()),
    )


def _nothing(remarks: Remarks) -> str:
    what = "no virtual server found: is it keepalived.conf, ldirectord.cf or ipvsadm --save?"
    lost = few([*grouped(remarks.found)], "; ")
    return f"{what} Not carried over: {lost}" if lost else what


def _different(given: Table, made: Sequence[Table], declared: Declared) -> list[str]:
    """The differences of any director's table, each once."""
    found = (differences(given, without_fallbacks(one, given, declared)) for one in made or ({},))
    return [*dict.fromkeys(chain.from_iterable(found))]
