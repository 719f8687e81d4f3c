# SPDX-FileCopyrightText: the lvs.topology authors
# SPDX-License-Identifier: BSD-2-Clause
"""What is wrong with a topology: where, what it has got, and what was expected."""

from __future__ import annotations

import difflib
from itertools import groupby
from typing import Iterable, Iterator, NamedTuple


class Finding(NamedTuple):
    """What a check got, and what it expected."""

    got: str
    expected: str
    service: str = ""
    host: str = ""


class Violation(NamedTuple):
    """A finding and the check that it comes from."""

    id: str
    service: str  # "" = it is about no single service
    host: str  # "" = it is about no single host
    got: str
    expected: str

    @property
    def message(self) -> str:
        """The whole thing as a sentence."""
        places = [("service", self.service), ("host", self.host)]
        where = ", ".join(f"{kind} {name}" for kind, name in places if name)
        return f"{where or 'topology'}: got {self.got}; expected {self.expected} [{self.id}]"

    def as_dict(self) -> dict[str, str]:
        """As data."""
        return {**self._asdict(), "message": self.message}


def report(violations: Iterable[Violation]) -> str:
    """All violations for people, by service and host."""
    ordered = sorted(set(violations), key=lambda one: (one.service, one.host, one.id, one.got))
    count = f"{len(ordered)} violation{'' if len(ordered) == 1 else 's'}"
    return "\n".join([f"The topology has {count}; no host was changed.", *_lines(ordered)])


def _lines(ordered: list[Violation]) -> Iterator[str]:
    for service, of_service in groupby(ordered, key=lambda one: one.service):
        yield f"service {service}:" if service else "topology:"
        for host, of_host in groupby(of_service, key=lambda one: one.host):
            if host:
                yield f"  {host}:"
            indent = "    " if host else "  "
            for one in of_host:
                yield f"{indent}- got {one.got}"
                yield f"{indent}  expected {one.expected} [{one.id}]"


def did_you_mean(word: object, choices: Iterable[str]) -> str:
    """' (did you mean X?)' where one of the choices is close to the word, else ''."""
    close = difflib.get_close_matches(str(word), sorted(choices), n=1)
    return f" (did you mean {close[0]}?)" if close else ""
